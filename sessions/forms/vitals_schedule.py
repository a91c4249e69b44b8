"""The schedule of readings in a draft: one line for each parameter, one place for each phase."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.common.forms import Text, Whole
from sessions.rules.vitals_schedule import MOST_MINUTES, ONCE, PARAMETERS, PHASES


class ScheduleForm(forms.Form):
    """Once before the start and at the end; every so many minutes, or at these minutes, during and after.

    Field names are ``plan-PARAMETER-PHASE``, with ``-every`` or ``-at`` where a phase is more than a moment.
    """

    def __init__(self, data: Any = None, *, stored: Iterable[Mapping[str, Any]] = ()) -> None:
        super().__init__(data, initial=_initial(stored))
        for code, (label, _column) in PARAMETERS.items():
            for phase, words in PHASES.items():
                named: dict[str, Any] = {"label": f"{label}, {words}", "required": False}
                if phase in ONCE:
                    self.fields[f"plan-{code}-{phase}"] = forms.BooleanField(**named)
                    continue
                every = Whole(min_value=1, max_value=MOST_MINUTES, **named)
                self.fields[f"plan-{code}-{phase}-every"] = every
                self.fields[f"plan-{code}-{phase}-at"] = Text(max_length=80, **named)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        for name in [name for name in typed if name.endswith("-at")]:
            try:
                typed[name] = [int(minute) for minute in typed[name].replace(",", " ").split()]
            except ValueError:
                self.add_error(name, _("Write minutes with commas between, such as 20, 40."))
                continue
            if not all(0 < minute <= MOST_MINUTES for minute in typed[name]):
                self.add_error(name, _("Minutes are from 1 to 1440."))
        return typed

    @property
    def lines(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """For each parameter its fields, in the order of the phases."""
        return [
            (label, [self[name] for name in self.fields if name.startswith(f"plan-{code}-")])
            for code, (label, _column) in PARAMETERS.items()
        ]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The schedule as a version stores it."""
        typed, found = self.cleaned_data, []
        for code in PARAMETERS:
            for phase in PHASES:
                row = {"parameter": code, "phase": phase}
                if phase in ONCE:
                    found += [row] if typed.get(f"plan-{code}-{phase}") else []
                    continue
                if every := typed.get(f"plan-{code}-{phase}-every"):
                    found.append(row | {"every_minutes": every})
                if at := typed.get(f"plan-{code}-{phase}-at"):
                    found.append(row | {"at_minutes": at})
        return found


def _initial(stored: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    initial: dict[str, Any] = {}
    for row in stored:
        name = f"plan-{row['parameter']}-{row['phase']}"
        if row["phase"] in ONCE:
            initial[name] = True
        if row.get("every_minutes"):
            initial[f"{name}-every"] = row["every_minutes"]
        if row.get("at_minutes"):
            initial[f"{name}-at"] = ", ".join(map(str, row["at_minutes"]))
    return initial
