"""What is to be said of a series as it stands on the page: its windows, what is in the way, and why not elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from clinic.common.errors import Problem
from clinic.facilities.models import Chair, Weekday
from sessions.models import Course
from sessions.reports.free_times import CourseTimes
from sessions.rules.capacity import OVERRIDABLE
from sessions.rules.proposing import Proposal, Window, Wishes, propose, window_after
from sessions.rules.proposing_words import late_problem, note_of, reason_of, times_of
from sessions.rules.slot_check import Chosen, obstacles
from sessions.rules.wishes import stored

WORKING_DAYS = range(Weekday.MONDAY, Weekday.SATURDAY)


@dataclass(frozen=True, slots=True)
class WhyNot:
    """``WhyNot(date(2026, 3, 5), "09:00–11:45", Problem("booking.no_chair", "every chair is taken"))``"""

    day: date
    times: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Line:
    """What is said of one row.

    Attributes:
        number: the infusion's place in the course; None while the row has no time.
        until: when the visit is over.
        problems: what a booking would be refused for; warnings: what is only to be known.
        note: what gave way, where the row stands as it was proposed.
    """

    number: int | None
    window: Window
    until: datetime | None = None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    note: Problem | None = None
    why_not: tuple[WhyNot, ...] = ()

    @property
    def can_be_overridden(self) -> bool:
        return bool(self.problems) and OVERRIDABLE.issuperset(problem.code for problem in self.problems)


def wishes_to_begin_with(course: Course, times: CourseTimes) -> dict[str, Any]:
    """The wishes that a course remembers; before it does, from tomorrow on, on days on which clinics work."""
    tomorrow = times.known.today + timedelta(days=1)
    if not course.wishes:
        weekdays = () if times.known.times.is_set else WORKING_DAYS
        return stored(weekdays=weekdays, first_day=tomorrow)
    first_day = course.wishes.get("first_day", "")
    # A day that has passed is no wish any more.
    return course.wishes | {"first_day": first_day if first_day >= tomorrow.isoformat() else ""}


def proposals(
    times: CourseTimes, wishes: Wishes, *, number: int, kept: Sequence[Chosen | None] = ()
) -> list[Proposal]:
    """The next infusions of a series, after the rows that are kept."""
    before = [day for day in _days_of(times, kept) if day is not None]
    previous = max([*before, *([times.previous] if times.previous else [])], default=None)
    return propose(
        times.known,
        number=number,
        spacing=times.spacing,
        wishes=wishes,
        previous=previous,
        days=(*times.days, *before),
    )


def proposal_between(
    times: CourseTimes, wishes: Wishes, rows: Sequence[Chosen | None], place: int
) -> Proposal:
    """Another time for one row, that suits those before and after it."""
    days = _days_of(times, rows)
    others = [day for n, day in enumerate(days) if n != place and day is not None]
    before = [day for day in days[:place] if day is not None]
    (found,) = propose(
        times.known,
        number=1,
        spacing=times.spacing,
        wishes=wishes,
        previous=max([*before, *([times.previous] if times.previous else [])], default=None),
        days=(*times.days, *others),
    )
    return found


def lines(times: CourseTimes, wishes: Wishes, rows: Sequence[Chosen | None]) -> list[Line]:
    """What is said of each row; None is a row without a time."""
    return [_line(times, wishes, rows, place) for place in range(len(rows))]


@dataclass(frozen=True, slots=True)
class Passed:
    """Moments that were not offered, as another system reads them."""

    day: date
    first: datetime | None
    last: datetime | None
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Told:
    """A proposal as another system reads it."""

    number: int
    window: Window
    starts_at: datetime | None
    ends_at: datetime | None
    chair: Any
    chair_name: str
    is_late: bool
    gave_way: str
    note: str
    not_offered: tuple[Passed, ...]


@dataclass(frozen=True, slots=True)
class ToldSeries:
    """The series of a course as another system reads it."""

    course: UUID
    to_book: int
    results: Sequence[Told]


def told(proposal: Proposal, times: CourseTimes, chairs: Mapping[int, Chair]) -> Told:
    """A proposal with its chair and its reasons by name."""
    chair, start = chairs.get(proposal.chair or 0), proposal.starts_at
    return Told(
        number=proposal.number,
        window=proposal.window,
        starts_at=start,
        ends_at=start and start + times.known.length,
        chair=chair and chair.public_id,
        chair_name=chair.name if chair else "",
        is_late=proposal.is_late,
        gave_way=proposal.yielded.value,
        note=str(note_of(proposal) or ""),
        not_offered=tuple(
            Passed(
                passed.day,
                passed.first,
                passed.last,
                passed.cause.value,
                str(reason_of(passed, times.spacing)),
            )
            for passed in proposal.declined
        ),
    )


def _line(times: CourseTimes, wishes: Wishes, rows: Sequence[Chosen | None], place: int) -> Line:
    chosen, days = rows[place], _days_of(times, rows)
    day = days[place]
    known = [other for n, other in enumerate(days) if n != place and other is not None]
    every = sorted([*times.days, *known])
    before = [other for other in every if day is None or other < day]
    previous = max(before, default=None)
    proposal = _as_proposed(times, wishes, previous, before)
    why_not = tuple(
        WhyNot(declined.day, times_of(declined, times.known), reason_of(declined, times.spacing))
        for declined in proposal.declined
    )
    window = window_after(previous, times.spacing, start=times.known.today, wishes=wishes)
    if chosen is None or day is None:
        return Line(None, window, note=note_of(proposal), why_not=why_not)
    is_as_proposed = (proposal.starts_at, proposal.chair) == (chosen.starts_at, chosen.chair)
    others = [row.starts_at for n, row in enumerate(rows) if n != place and row is not None]
    return Line(
        number=len(before) + 1,
        window=window,
        until=chosen.starts_at + times.known.length,
        problems=tuple(obstacles(times.known, chosen, spacing=times.spacing, others=others, days=times.days)),
        warnings=(late_problem(window),) if window.is_late(day) else (),
        note=note_of(proposal) if is_as_proposed else None,
        why_not=why_not,
    )


def _as_proposed(
    times: CourseTimes, wishes: Wishes, previous: date | None, before: Sequence[date]
) -> Proposal:
    told: dict[str, Any] = {"spacing": times.spacing, "wishes": wishes, "previous": previous}
    return propose(times.known, number=1, days=before, **told)[0]


def _days_of(times: CourseTimes, rows: Sequence[Chosen | None]) -> list[date | None]:
    return [times.known.local(row.starts_at).date() if row else None for row in rows]
