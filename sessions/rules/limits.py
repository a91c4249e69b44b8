"""Which limits hold for a patient at a moment, and which of them a reading breaches.

They are the protocol's, with the patient's own in the place of theirs. A missing limit means "not checked", never
"normal".
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from sessions.models import InfusionSession, PatientLimit, VitalSigns
from sessions.rules.plausibility import RANGES
from sessions.rules.protocols import COMPARE, Limit, LimitLevel, limits_of

URGENCY = list(LimitLevel)
Before = Callable[[Limit], float | None]
"""What a limit's change is counted from; None where nothing is known."""
Place = tuple[str, str, LimitLevel, str]
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


def place_of(limit: Limit) -> Place:
    """What a limit of a patient replaces: the absolute one of the same parameter, phase, level and side."""
    return limit.parameter, limit.phase, limit.level, limit.side


def limit_of(own: PatientLimit) -> Limit:
    """A patient's own limit as the rules read it."""
    return Limit(
        parameter=own.parameter,
        phase=own.phase,
        comparator=own.comparator,
        value=own.value,
        level=LimitLevel(own.level),
        patient_limit=own.pk,
    )


def in_force(known: Sequence[Limit], own: Iterable[PatientLimit], at: datetime) -> tuple[Limit, ...]:
    """The limits at a moment. A change from baseline is never replaced, and neither is another level's ceiling."""
    standing = [limit_of(one) for one in own if one.is_in_force(at)]
    if not standing:
        return tuple(known)
    replaced = {place_of(limit) for limit in standing}
    kept = [limit for limit in known if limit.relative_to_baseline or place_of(limit) not in replaced]
    return (*kept, *standing)


def breaches(
    reading: VitalSigns,
    *,
    session: InfusionSession,
    baseline: VitalSigns | None,
    own: Iterable[PatientLimit] = (),
) -> list[Breach]:
    """Breached limits that were in force when a reading was taken, the most urgent first.

    A percentage whose baseline was itself over the hold limit is not checked here: an alert knows what is usual.

    Args:
        own: every limit ever set for the patient (:func:`limits_of_patient`); without them the protocol's alone.
    """
    known, phase = limits_of(session.protocol_version), session.phase_at(reading.taken_at)
    there = [limit for limit in in_force(known, own, reading.taken_at) if limit.phase == phase]
    found = breached(reading, there, references(known, baseline=baseline, usual={})) or []
    return sorted((Breach(*each) for each in found), key=lambda one: URGENCY.index(one.level), reverse=True)


def breached(reading: VitalSigns, known: Iterable[Limit], before: Before) -> list[tuple[Limit, float]] | None:
    """Limits that a reading is beyond, each with what was compared; None where none of them could be checked."""
    found, is_checked = [], False
    for limit in known:
        measured = value_of(reading, limit.parameter)
        compared = None if measured is None else limit.compared(measured, before(limit))
        if compared is None:
            continue
        is_checked = True
        if COMPARE[limit.comparator](compared, limit.value):
            found.append((limit, compared))
    return found if is_checked else None


def references(known: Iterable[Limit], *, baseline: VitalSigns | None, usual: Mapping[str, float]) -> Before:
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
