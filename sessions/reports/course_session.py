"""What was one session of a course like? Its line in every table, from rows that are loaded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from clinic.common import clock
from sessions.models import InfusionSession, SideEffect, SideEffectEntry
from sessions.models.side_effect_terms import SIDE_EFFECT_TERMS
from sessions.reports.course_vitals import Extremes, extremes_of
from sessions.reports.sessions_list import chart_state
from sessions.rules.checking import confirmed_dose
from sessions.rules.corrections import standing
from sessions.rules.delivery import given_micrograms
from sessions.rules.limits import baseline_of
from sessions.states import EndKind, EventKind

# Django's get_term_display() translates every choice for each row.
TERM_LABELS: dict[str, Any] = {term.code: term.label for term in SIDE_EFFECT_TERMS}
GRADE_LABELS: dict[int, Any] = dict(SideEffectEntry.Grade.choices)


@dataclass(frozen=True, slots=True)
class EffectCell:
    """One side effect in one session: its grade as last entered, and at worst."""

    term: str
    label: str
    grade: int
    worst: int
    resolved: bool
    is_serious: bool = False

    @property
    def word(self) -> Any:
        """The worst grade in words."""
        return GRADE_LABELS.get(self.worst, self.worst)


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session of the course. Quantities in whole units; None where nothing was recorded.

    Attributes:
        course_id: the course's key: a line of the episode may be another course's.
        number: its place among the sessions that took or take place; None for one called off or missed.
        rise: highest systolic after the start against the baseline.
        dose_reasons: why the dose departed from the order, why the rate was changed, why it was stopped.
        is_capped: the dose was held at the order's cap.

    Example: ``SessionLine(UUID(…), 7, 4, date(2026, 3, 24), …, 38_500, 38_500, 500, 40, (118, 74), (152, 88), 34, …)``
    """

    session_id: UUID
    course_id: int
    number: int | None
    day: date
    starts_at: datetime
    status: str
    status_label: Any
    dose_micrograms: int | None
    given_micrograms: int | None
    micrograms_per_kg: int | None
    minutes: int | None
    baseline: tuple[int, int] | None
    highest: tuple[int, int] | None
    rise: int | None
    vitals: Extremes
    side_effects: tuple[EffectCell, ...]
    asked: bool
    end_kind: str
    stop_reason: str
    dose_reasons: tuple[str, ...]
    is_capped: bool
    signed: str

    def __hash__(self) -> int:
        # A line is compared whole and found by its session: a picture is looked up by some forty of them at a time.
        return hash(self.session_id)

    @property
    def is_given(self) -> bool:
        """An infusion was begun, whatever became of it."""
        return self.minutes is not None

    @property
    def worst(self) -> EffectCell | None:
        """The worst side effect of the session."""
        return max(self.side_effects, key=lambda cell: cell.worst, default=None)

    @property
    def has_serious(self) -> bool:
        return any(cell.is_serious for cell in self.side_effects)


def line_of(
    session: Any, readings: Sequence[Any], number: int | None, zone: Any, now: datetime
) -> SessionLine:
    """The line of a session whose doses, events, baseline choices and side effects are loaded, and ``is_asked`` with
    it: whether side effects were asked about. ``readings`` are all rows of its vital signs in the order of their times.
    """
    dose = confirmed_dose(session)
    begun = session.infusion_started_at is not None
    readings = standing(readings)
    start = baseline_of(session, readings)
    after = [reading for reading in readings if session.phase_at(reading.taken_at) != "pre"]
    with_pressure = (reading for reading in after if reading.systolic)
    highest = max(with_pressure, key=lambda reading: (reading.systolic, reading.diastolic), default=None)
    effects = session.side_effects.all()
    return SessionLine(
        session_id=session.public_id,
        course_id=session.course_id,
        number=number,
        day=session.local_date,
        starts_at=session.scheduled_start.astimezone(zone),
        status=session.status,
        status_label=session.state.label,
        dose_micrograms=dose.dose_micrograms if dose else None,
        given_micrograms=given_micrograms(session, at=now),
        micrograms_per_kg=dose.dose_micrograms_per_kg if dose else None,
        minutes=clock.whole_minutes(session.infused(now)) if begun else None,
        baseline=_pressure(start),
        highest=_pressure(highest),
        rise=highest.systolic - start.systolic if highest and start else None,
        vitals=extremes_of(after, start),
        side_effects=tuple(_cell(effect) for effect in effects),
        asked=bool(effects) or session.is_asked,
        end_kind=session.end_kind,
        stop_reason=_stop_reason(session),
        dose_reasons=tuple(_dose_reasons(session, dose)),
        is_capped=bool(dose and dose.is_capped),
        signed=chart_state(session),
    )


def _pressure(reading: Any) -> tuple[int, int] | None:
    return (reading.systolic, reading.diastolic) if reading else None


def _stop_reason(session: InfusionSession) -> str:
    if session.end_kind != EndKind.STOPPED_EARLY:
        return ""
    events = standing(session.infusion_events.all())
    return next((str(event.reason) for event in events if event.kind == EventKind.END), "")


def _dose_reasons(session: InfusionSession, dose: Any) -> Iterable[str]:
    if dose and dose.reason:
        yield str(dose.reason)
    for event in standing(session.infusion_events.all()):
        if event.reason and (event.kind == EventKind.RATE or event.end_kind == EndKind.STOPPED_EARLY):
            yield str(event.reason)


def _cell(effect: SideEffect) -> EffectCell:
    entries = list(effect.entries.all())
    last = entries[-1]
    return EffectCell(
        term=effect.term,
        label=str(TERM_LABELS.get(effect.term, effect.term)),
        grade=last.grade,
        worst=max(entry.grade for entry in entries),
        resolved=last.resolved_at is not None,
        is_serious=effect.is_serious,
    )
