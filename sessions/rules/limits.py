"""Which limits of the protocol a reading breaches. A missing limit means "not checked", never "normal"."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from sessions.models import InfusionSession, VitalSigns
from sessions.rules.plausibility import RANGES
from sessions.rules.protocols import Limit, LimitLevel, limits

URGENCY = list(LimitLevel)
SIGNS = {">": ">", ">=": "≥", "<": "<", "<=": "≤"}


@dataclass(frozen=True, slots=True)
class Breach:
    """One breached limit with what breached it: the value, or its change from baseline."""

    limit: Limit
    value: float

    @property
    def level(self) -> LimitLevel:
        return self.limit.level

    def __str__(self) -> str:
        known = RANGES[self.limit.parameter]
        compared = _("change from baseline") if self.limit.relative_to_baseline else ""
        parts = (str(known.label), f"{self.value:g} {known.unit}".strip(), compared)
        found = " ".join(part for part in parts if part)
        limit = f"{SIGNS[self.limit.comparator]} {self.limit.value:g}"
        return _("%(found)s, limit %(limit)s") % {"found": found, "limit": limit}


def value_of(reading: VitalSigns, parameter: str) -> float | None:
    """A parameter of a reading in the unit of its range."""
    if parameter == "temperature":
        tenths = reading.temperature_decicelsius
        return None if tenths is None else tenths / 10
    value: Any = getattr(reading, parameter)
    return value


def breaches(reading: VitalSigns, *, session: InfusionSession, baseline: VitalSigns | None) -> list[Breach]:
    """Breached limits of the session's protocol, the most urgent first."""
    phase = session.phase_at(reading.taken_at)
    found = []
    for limit in limits(session.course.protocol_version.limits):
        value = value_of(reading, limit.parameter)
        if limit.phase != phase or value is None:
            continue
        before = value_of(baseline, limit.parameter) if baseline else None
        if limit.is_breached(value, before):
            change = value - before if limit.relative_to_baseline and before is not None else value
            found.append(Breach(limit, change))
    return sorted(found, key=lambda breach: URGENCY.index(breach.level), reverse=True)


def baseline_of(session: InfusionSession, readings: list[VitalSigns]) -> VitalSigns | None:
    """The reading before the start that a nurse has named; without one the last of the candidates."""
    before = baseline_candidates(session, readings)
    choices = list(session.baseline_choices.all()) if session.pk else []
    named = [reading for reading in before if choices and reading.pk == choices[-1].reading_id]
    return next(iter(named), max(before, key=lambda reading: reading.taken_at, default=None))


def baseline_candidates(session: InfusionSession, readings: list[VitalSigns]) -> list[VitalSigns]:
    """Complete readings before the start: blood pressure and heart rate at least."""
    return [
        reading
        for reading in readings
        if session.phase_at(reading.taken_at) == "pre" and reading.systolic and reading.heart_rate
    ]
