"""Setting a PIN, trusting a device, and entering with a PIN."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.accounts.rules.pins import LONGEST
from clinic.common.forms import Text


def _digits(**attrs: str) -> forms.PasswordInput:
    shape = {"inputmode": "numeric", "maxlength": str(LONGEST), "autocomplete": "off"}
    return forms.PasswordInput(attrs=shape | attrs)


class PinForm(forms.Form):
    """A new PIN, twice, confirmed by the password."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    pin = forms.CharField(
        label=_("New PIN"),
        widget=_digits(),
        help_text=_("4 to 6 digits, without a pattern and not a year."),
    )
    pin_again = forms.CharField(label=_("The same PIN again"), widget=_digits())

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if "pin" in typed and "pin_again" in typed and typed["pin"] != typed["pin_again"]:
            self.add_error("pin_again", forms.ValidationError(_("The two PINs differ."), code="pin.differ"))
        return typed


class TrustForm(forms.Form):
    """A name by which people tell the device from the others."""

    name = Text(
        label=_("Name of the device"),
        max_length=80,
        help_text=_("Where it stands, such as Tablet at chair 3."),
    )
    site = forms.ChoiceField(label=_("Site"))

    def __init__(self, *args: Any, sites: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["site"]
        chosen.choices = [(key, site.name) for key, site in sites.items()]


class EnterForm(forms.Form):
    """Who, and their PIN. What a PIN must be like is not asked here: a wrong one is wrong."""

    person = forms.UUIDField()
    pin = forms.CharField(max_length=20)
