"""The assessment before discharge, one criterion at a time, and the small forms of going."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Text, Whole
from sessions.models import EarlyLeaving, InfusionSession
from sessions.rules.discharge_values import ALDRETE, WHOLE
from sessions.rules.discharging import criterion_states

MET = [("yes", _("Met")), ("no", _("Not met"))]
WIDE = {"class": "wide"}


class AssessmentForm(forms.Form):
    """Every criterion of the session's protocol; what is left alone stays as it was assessed before."""

    escort_name = Text(label=_("Goes home with"), required=False, max_length=120)
    note = Text(label=_("Remark"), required=False, max_length=2000)

    def __init__(self, *args: Any, session: InfusionSession, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.states = criterion_states(session)
        for state in self.states:
            if state.code == "aldrete":
                for part in ALDRETE:
                    points = [(str(2 - index), words) for index, words in enumerate(part.words)]
                    self._choice(f"aldrete-{part.code}", part.label, points)
                continue
            self._choice(f"met-{state.code}", state.label, MET)
            if state.code in WHOLE:
                label, most = WHOLE[state.code]
                self.fields[f"value-{state.code}"] = Whole(label=label, required=False, max_value=most)

    def _choice(self, name: str, label: Any, choices: Any) -> None:
        self.fields[name] = forms.ChoiceField(
            label=label, choices=choices, required=False, widget=forms.RadioSelect
        )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each criterion with the fields that assess it."""
        return [
            {
                "state": state,
                "met": self[f"met-{state.code}"] if f"met-{state.code}" in self.fields else None,
                "value": self[f"value-{state.code}"] if f"value-{state.code}" in self.fields else None,
                "parts": [self[f"aldrete-{part.code}"] for part in ALDRETE]
                if state.code == "aldrete"
                else [],
            }
            for state in self.states
        ]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        parts = [typed.get(f"aldrete-{part.code}") for part in ALDRETE]
        if any(parts) and not all(parts):
            message = _("The modified Aldrete score needs all five parts.")
            missing = next(part.code for part, given in zip(ALDRETE, parts, strict=True) if not given)
            self.add_error(f"aldrete-{missing}", message)
        if not self.errors and not (self.assessed() or self.seen() or typed.get("escort_name")):
            self.add_error(None, _("Assess at least one criterion before you record."))
        return typed

    def assessed(self) -> dict[str, bool]:
        """The criteria that were chosen now."""
        chosen = {state.code: self.cleaned_data.get(f"met-{state.code}") for state in self.states}
        return {code: said == "yes" for code, said in chosen.items() if said}

    def seen(self) -> dict[str, Any]:
        """The values that were entered now."""
        typed = self.cleaned_data
        found: dict[str, Any] = {
            code: typed[f"value-{code}"] for code in WHOLE if typed.get(f"value-{code}") is not None
        }
        parts = {part.code: typed.get(f"aldrete-{part.code}") for part in ALDRETE}
        if all(parts.values()):
            found["aldrete"] = {code: int(points) for code, points in parts.items() if points}
        return found


class ReadyForm(forms.Form):
    """Ready to leave; with words where open criteria are set aside."""

    override_reason = Text(
        label=_("Why, although criteria are open"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs=WIDE),
    )


class LeavingForm(forms.Form):
    """How and why the patient went, said afterwards."""

    leaving = forms.ChoiceField(
        label=_("How the patient left"), choices=EarlyLeaving.Kind.choices, widget=forms.RadioSelect
    )
    note = Text(label=_("What happened"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
