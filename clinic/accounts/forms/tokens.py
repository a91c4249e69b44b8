"""Making an API token."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.accounts.permissions import Permission
from clinic.common.forms import Text


class TokenForm(forms.Form):
    """A name, what the token may do, and for how long."""

    name = Text(
        label=_("Name"),
        max_length=80,
        help_text=_("Which system uses it, so that you know later what you revoke."),
    )
    days = forms.TypedChoiceField(
        label=_("Valid for"),
        coerce=int,
        choices=[(30, _("30 days")), (90, _("90 days")), (180, _("180 days")), (366, _("366 days"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how long the token is valid.")},
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one: a token without any opens nothing.")},
    )

    def __init__(self, *args: Any, rights: tuple[Permission, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes: Any = self.fields["scopes"]
        scopes.choices = [(right.value, right.label) for right in rights]
