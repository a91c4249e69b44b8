"""Which limits of the protocol a reading breaches. A missing limit means "not checked", never "normal"."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from sessions.models import InfusionSession, VitalSigns
from sessions.rules.plausibility import RANGES
from sessions.rules.protocols import COMPARE, Limit, LimitLevel, limits

URGENCY = list(LimitLevel)
PRESSURES = frozenset({"systolic", "diastolic"})
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
        unit = "%" if self.limit.in_percent else known.unit
        parts = (str(known.label), f"{round(self.value, 1):g} {unit}".strip(), compared)
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


def breaches(
    reading: VitalSigns,
    *,
    session: InfusionSession,
    baseline: VitalSigns | None,
    usual: Mapping[str, float] | None = None,
) -> list[Breach]:
    """Breached limits of the session's protocol, the most urgent first.

    Args:
        usual: the patient's usual values (:func:`usual_values`), which a percentage is counted from where the
            baseline itself was over the hold limit; without them that percentage is not checked.
    """
    phase = session.phase_at(reading.taken_at)
    known = limits(session.course.protocol_version.limits)
    before = references(known, baseline=baseline, usual=usual or {})
    found = []
    for limit in known:
        value = value_of(reading, limit.parameter)
        if limit.phase != phase or value is None:
            continue
        compared = limit.compared(value, before(limit))
        if compared is not None and COMPARE[limit.comparator](compared, limit.value):
            found.append(Breach(limit, compared))
    return sorted(found, key=lambda breach: URGENCY.index(breach.level), reverse=True)


def references(
    known: Iterable[Limit], *, baseline: VitalSigns | None, usual: Mapping[str, float]
) -> Callable[[Limit], float | None]:
    """What each limit counts a change from: the baseline; for a percentage the usual value, where the baseline
    itself was over the hold limit and would hide the rise."""
    held = over_hold(known, baseline)
    measured = {name: value_of(baseline, name) for name in RANGES} if baseline else {}

    def before(limit: Limit) -> float | None:
        if limit.in_percent and limit.parameter in held:
            return usual.get(limit.parameter)
        return measured.get(limit.parameter)

    return before


def over_hold(known: Iterable[Limit], baseline: VitalSigns | None) -> frozenset[str]:
    """Parameters whose baseline breaches a limit for starting; one pressure takes the other along."""
    if baseline is None:
        return frozenset()
    found = set()
    for limit in known:
        value = value_of(baseline, limit.parameter)
        is_hold = limit.level is LimitLevel.HOLD_START and not limit.relative_to_baseline
        if is_hold and value is not None and limit.is_breached(value, None):
            found.add(limit.parameter)
    return frozenset(found | PRESSURES if found & PRESSURES else found)


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
