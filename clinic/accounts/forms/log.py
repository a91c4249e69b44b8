"""What the pages of the audit can be asked for."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Day, Text


class LogForm(forms.Form):
    """Days, a person, and what was opened or done to which patient."""

    first = Day(label=_("From"), required=False)
    last = Day(label=_("To"), required=False)
    person = forms.ChoiceField(label=_("Person"), required=False)
    patient = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: Iterable[Any], sites: Iterable[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            # Everything in a filter is optional, so that no label says it.
            field.quiet = True  # type: ignore[attr-defined]
        names = [(str(user.public_id), user.printed_name) for user in people]
        _offer(self.fields["person"], _("Everybody"), names)
        if "site" in self.fields:
            _offer(self.fields["site"], _("All sites"), [(str(site.public_id), site.name) for site in sites])

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        first, last = found.get("first"), found.get("last")
        if first and last and first > last:
            self.add_error("last", _("The period ends before it begins. Exchange the dates."))
        return found


class ActsForm(LogForm):
    """Also by what was done, and where."""

    field_order = ["first", "last", "person", "verb", "site"]

    verb = Text(
        label=_("What was done"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": "session", "autocapitalize": "none"}),
    )
    site = forms.ChoiceField(label=_("Site"), required=False)


def _offer(field: Any, nothing: Any, offered: list[tuple[str, str]]) -> None:
    field.choices = [("", nothing), *offered]
