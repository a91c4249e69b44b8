"""What was done about an alert, and a limit for one patient."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common import clock
from clinic.common.forms import Day, DecimalNumber, Text
from sessions.models import Alert, AlertEntry, InfusionSession
from sessions.rules.plausibility import RANGES
from sessions.rules.protocol_words import COMPARATOR_WORDS, LEVEL_WORDS, PHASE_WORDS

ActionTaken = AlertEntry.ActionTaken
AT_THE_PUMP = frozenset({ActionTaken.SLOWED, ActionTaken.PAUSED, ActionTaken.STOPPED})
"""What cannot have been done before the start."""


class AcknowledgeForm(forms.Form):
    """What was done, by taps; a note where one is needed."""

    actions = forms.MultipleChoiceField(
        label=_("What was done"),
        choices=ActionTaken.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    note = Text(
        label=_("Note"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs={"placeholder": _("Note, if one is needed")}),
    )

    def __init__(self, data: Any = None, *, alert: Alert) -> None:
        super().__init__(data, auto_id=f"ack-{alert.public_id}-%s")
        self.alert = alert
        left_out = AT_THE_PUMP if alert.rule["phase"] == "pre" else {ActionTaken.NOT_STARTED}
        offered = [choice for choice in ActionTaken.choices if choice[0] not in left_out]
        self.fields["actions"].choices = offered  # type: ignore[attr-defined]


class PatientLimitForm(forms.Form):
    """A limit of one patient; nothing in it is filled in beforehand."""

    phase = forms.ChoiceField(label=_("When"), choices=[("", "–"), *PHASE_WORDS.items()])
    parameter = forms.ChoiceField(
        label=_("Parameter"), choices=[("", "–"), *((code, of.label) for code, of in RANGES.items())]
    )
    comparator = forms.ChoiceField(label=_("Is"), choices=[("", "–"), *COMPARATOR_WORDS.items()])
    value = DecimalNumber(label=_("Number"), decimal_places=1, max_digits=5)
    level = forms.ChoiceField(label=_("Then"), choices=[("", "–"), *LEVEL_WORDS.items()])
    last_day = Day(label=_("Until the end of"))
    reason = Text(label=_("Why this patient"), max_length=2000)

    def __init__(self, data: Any = None, *, session: InfusionSession) -> None:
        super().__init__(data, auto_id="limit_%s")
        self.session = session

    @property
    def content(self) -> dict[str, Any]:
        """What was typed, as the operation takes it."""
        names = ("phase", "parameter", "comparator", "level", "reason")
        typed = {name: self.cleaned_data[name] for name in names}
        return typed | {"value": float(self.cleaned_data["value"]), "valid_until": self.valid_until}

    @property
    def valid_until(self) -> datetime:
        """The midnight after the last day on the site's clocks."""
        day, zone = self.cleaned_data["last_day"], self.session.site.time_zone
        return clock.day_range(day, zone)[1]


class RevokeForm(forms.Form):
    """Why a limit is taken back."""

    reason = Text(label=_("Why"), max_length=2000)


def forms_of(lines: Iterable[Any], refused: AcknowledgeForm | None) -> list[tuple[Any, AcknowledgeForm]]:
    """A form for each alert; the one that was turned down with what was typed in it."""
    return [
        (
            line,
            refused
            if refused is not None and refused.alert.pk == line.alert.pk
            else AcknowledgeForm(alert=line.alert),
        )
        for line in lines
    ]
