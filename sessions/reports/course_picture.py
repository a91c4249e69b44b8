"""How does a course go? Planned against given, what each session was like, side effects, scores over time.

Eight queries, whatever the length of the course.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from clinic.accounts.actor import Actor
from clinic.common import clock
from sessions.models import Course, InfusionSession, SideEffect
from sessions.reports.course_scores import ScoreTable, score_tables
from sessions.reports.sessions_list import chart_state
from sessions.rules.checking import confirmed_dose
from sessions.rules.corrections import standing
from sessions.rules.delivery import given_micrograms
from sessions.rules.limits import baseline_of
from sessions.rules.windows import Window, window_after
from sessions.states import OFF, EndKind, EventKind, Status


@dataclass(frozen=True, slots=True)
class EffectCell:
    """One side effect in one session: its grade as last entered, and at worst."""

    term: str
    label: str
    grade: int
    worst: int
    resolved: bool


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session of the course. Quantities in whole units; None where nothing was recorded.

    Attributes:
        number: its place among the sessions that took or take place; None for one called off or missed.
        rise: highest systolic after the start against the baseline.

    Example: ``SessionLine(UUID(…), 4, date(2026, 3, 24), …, 38_500, 38_500, 500, 40, (118, 74), (152, 88), 34, …)``
    """

    session_id: UUID
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
    side_effects: tuple[EffectCell, ...]
    asked: bool
    end_kind: str
    stop_reason: str
    signed: str

    @property
    def is_given(self) -> bool:
        """An infusion was begun, whatever became of it."""
        return self.minutes is not None


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One kind of side effect across the course: a cell for each given infusion, None where it was not reported."""

    term: str
    label: str
    cells: tuple[EffectCell | None, ...]


@dataclass(frozen=True, slots=True)
class CoursePicture:
    """The answer. Counts are of sessions; ``to_come`` are booked and not yet begun."""

    course: Course
    today: date
    planned: int
    given: int
    completed: int
    stopped_early: int
    missed: int
    cancelled: int
    to_come: int
    next_due: Window | None
    next_booked: SessionLine | None
    sessions: tuple[SessionLine, ...]
    effects: tuple[EffectRow, ...]
    scores: tuple[ScoreTable, ...]

    @property
    def days_late(self) -> int:
        """By how many days the next booking, or today where nothing is booked, comes after the window."""
        if self.next_due is None:
            return 0
        return self.next_due.days_late(self.next_booked.day if self.next_booked else self.today)

    @property
    def infusions(self) -> tuple[SessionLine, ...]:
        """Sessions in which an infusion was begun: the columns of the matrix of side effects."""
        return tuple(line for line in self.sessions if line.is_given)


def course_picture(course: Course, *, actor: Actor, now: datetime) -> CoursePicture:
    """Everything that the course's page shows. ``course`` was loaded through the scope."""
    sessions = list(_sessions(course, actor))
    numbers = _numbers(sessions)
    lines = tuple(_line(session, numbers.get(session.pk), course, now) for session in sessions)
    today = clock.local_date(now, course.site.time_zone)
    coming = [line for line in lines if line.status == Status.SCHEDULED and line.day >= today]
    counts = {status: sum(1 for line in lines if line.status == status) for status in Status}
    return CoursePicture(
        course=course,
        today=today,
        planned=course.planned_infusions,
        given=sum(1 for line in lines if line.is_given),
        completed=sum(1 for line in lines if line.end_kind == EndKind.COMPLETED),
        stopped_early=sum(1 for line in lines if line.end_kind == EndKind.STOPPED_EARLY),
        missed=counts[Status.NO_SHOW],
        cancelled=counts[Status.CANCELLED],
        to_come=len(coming),
        next_due=_next_due(course, lines),
        next_booked=min(coming, key=lambda line: line.starts_at, default=None),
        sessions=lines,
        effects=tuple(_matrix(lines)),
        scores=score_tables(course, actor=actor),
    )


def _sessions(course: Course, actor: Actor) -> Any:
    """The sessions with the facts that the picture reads, each kind in one query."""
    return (
        InfusionSession.objects.for_user(actor)
        .filter(course=course)
        .with_chart_state()
        .prefetch_related(
            "doses",
            "infusion_events",
            "vital_signs",
            "baseline_choices",
            "side_effects__entries",
            "side_effect_inquiries",
        )
        .order_by("scheduled_start", "pk")
    )


def _numbers(sessions: Iterable[InfusionSession]) -> dict[int, int]:
    taking_place = [session.pk for session in sessions if session.state not in OFF]
    return {pk: place for place, pk in enumerate(taking_place, 1)}


def _line(session: Any, number: int | None, course: Course, now: datetime) -> SessionLine:
    dose = confirmed_dose(session)
    begun = session.infusion_started_at is not None
    infused = session.infused(now)
    baseline, highest = _pressures(session)
    return SessionLine(
        session_id=session.public_id,
        number=number,
        day=session.local_date,
        starts_at=session.scheduled_start.astimezone(course.site.zone),
        status=session.status,
        status_label=session.state.label,
        dose_micrograms=dose.dose_micrograms if dose else None,
        given_micrograms=given_micrograms(session, at=now),
        micrograms_per_kg=dose.dose_micrograms_per_kg if dose else None,
        minutes=clock.whole_minutes(infused) if begun else None,
        baseline=baseline,
        highest=highest,
        rise=highest[0] - baseline[0] if highest and baseline else None,
        side_effects=tuple(_cell(effect) for effect in session.side_effects.all()),
        asked=bool(session.side_effects.all() or session.side_effect_inquiries.all()),
        end_kind=session.end_kind,
        stop_reason=_stop_reason(session),
        signed=chart_state(session),
    )


def _pressures(session: InfusionSession) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    """The baseline, and the reading with the highest systolic after the start."""
    readings = [reading for reading in standing(session.vital_signs.all()) if reading.systolic]
    baseline = baseline_of(session, readings)
    after = [reading for reading in readings if session.phase_at(reading.taken_at) != "pre"]
    highest = max(after, key=lambda reading: (reading.systolic, reading.diastolic), default=None)
    return _pressure(baseline), _pressure(highest)


def _pressure(reading: Any) -> tuple[int, int] | None:
    return (reading.systolic, reading.diastolic) if reading else None


def _stop_reason(session: InfusionSession) -> str:
    if session.end_kind != EndKind.STOPPED_EARLY:
        return ""
    events = standing(session.infusion_events.all())
    return next((str(event.reason) for event in events if event.kind == EventKind.END), "")


def _cell(effect: SideEffect) -> EffectCell:
    entries = list(effect.entries.all())
    last = entries[-1]
    return EffectCell(
        term=effect.term,
        label=str(effect.get_term_display()),
        grade=last.grade,
        worst=max(entry.grade for entry in entries),
        resolved=last.resolved_at is not None,
    )


def _next_due(course: Course, lines: Sequence[SessionLine]) -> Window | None:
    """None before the first infusion, when all are given, and once the course is closed."""
    given = [line for line in lines if line.is_given]
    if not given or len(given) >= course.planned_infusions or course.state != Course.State.ACTIVE:
        return None
    return window_after(max(line.day for line in given), course.protocol_version)


def _matrix(lines: Sequence[SessionLine]) -> Iterable[EffectRow]:
    """Kinds in the order in which they were first reported; of two reports in one session the worse one is shown."""
    infusions = [line for line in lines if line.is_given]
    terms = {cell.term: cell.label for line in infusions for cell in line.side_effects}
    for term, label in terms.items():
        cells = [[cell for cell in line.side_effects if cell.term == term] for line in infusions]
        shown = (max(found, key=lambda cell: (cell.grade, cell.worst), default=None) for found in cells)
        yield EffectRow(term, label, tuple(shown))
