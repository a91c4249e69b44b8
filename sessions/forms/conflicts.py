"""What the list of conflicts can be asked for, in the address, and the reason for which a booking stays."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid
from clinic.common.forms import LongText
from clinic.facilities.models import Chair
from sessions.rules.conflicts import KINDS

AHEAD = (("today", _("Today")), ("", _("The next two weeks")), ("year", _("As far as is booked")))


class ConflictForm(forms.Form):
    """How far ahead, of which kind, in which chair. :meth:`refuse` shows what the report refused."""

    ahead = forms.ChoiceField(label=_("Days"), required=False, choices=AHEAD)
    kind = forms.ChoiceField(label=_("Conflict"), required=False, choices=[("", _("Any")), *KINDS.items()])
    chair = forms.ChoiceField(label=_("Chair"), required=False)

    def __init__(self, asked: Mapping[str, Any], *, chairs: Iterable[Chair]) -> None:
        super().__init__(asked)
        offered = [(str(chair.public_id), chair.name) for chair in chairs]
        self.fields["chair"].choices = [("", _("Any")), *offered]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.quiet = True  # type: ignore[attr-defined]

    def refuse(self, error: Invalid) -> None:
        self.errors.clear()
        for name, problems in error.fields.items():
            for problem in problems:
                self.add_error(name, str(problem))


class KeepForm(forms.Form):
    """Why a booking stays as it was planned."""

    reason = LongText(label=_("Why does it stay as it is?"), rows=3, max_length=2000)
    kind = forms.CharField(widget=forms.HiddenInput, max_length=40)
    revision = forms.IntegerField(widget=forms.HiddenInput)
