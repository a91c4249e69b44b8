"""How does a course go? Planned against given, what each session was like, side effects, scores over time.

As many queries for forty infusions as for one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from clinic.accounts.actor import Actor
from clinic.common import clock
from sessions.models import Course
from sessions.reports.course_lines import session_lines
from sessions.reports.course_scores import ScoreTable, score_tables
from sessions.reports.course_session import EffectCell, SessionLine
from sessions.reports.episodes import Episode, episode_of
from sessions.rules.windows import Window, window_after
from sessions.states import EndKind, Status


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One kind of side effect across the course: a cell for each given infusion, None where it was not reported."""

    term: str
    label: str
    cells: tuple[EffectCell | None, ...]


@dataclass(frozen=True, slots=True)
class EpisodeInfusion:
    """One infusion of the episode, whoever gave it.

    Attributes:
        number: its place in the episode, those given elsewhere counted.
        is_own: of the course that is looked at; ``is_outside``: given elsewhere.
        line: the session; None for one given elsewhere.
    """

    number: int
    day: date
    micrograms: int | None
    is_own: bool
    is_outside: bool
    place: str
    line: SessionLine | None


@dataclass(frozen=True, slots=True)
class CoursePicture:
    """The answer. Counts are of the course's own sessions; ``to_come`` are booked and not yet begun.

    Attributes:
        all_infusions: of the whole episode, in the order of their days.
    """

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
    episode: Episode
    all_infusions: tuple[EpisodeInfusion, ...]

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

    @property
    def days(self) -> list[date]:
        """The days of all infusions of the episode."""
        return [infusion.day for infusion in self.all_infusions]

    @property
    def episode_numbers(self) -> dict[Any, int]:
        """Of the course's own infusions by session, the number in the episode where it differs from the course's."""
        own = ((infusion.line, infusion.number) for infusion in self.all_infusions if infusion.is_own)
        return {line.session_id: number for line, number in own if line and line.number != number}

    @property
    def next_part_begins(self) -> date | None:
        """The first infusion of a course that goes on from this one: later scores speak of that one."""
        place = [part.course.pk for part in self.episode.parts].index(self.course.pk)
        later = {part.course.pk for part in self.episode.parts[place + 1 :]}
        lines = (infusion.line for infusion in self.all_infusions)
        return min((line.day for line in lines if line and line.course_id in later), default=None)


def course_picture(course: Course, *, actor: Actor, now: datetime) -> CoursePicture:
    """Everything that the course's page shows. ``course`` was loaded through the scope."""
    episode = episode_of(course, actor=actor)
    courses = [part.course.pk for part in episode.parts]
    every = session_lines(courses, actor=actor, zone=course.site.zone, now=now)
    lines = tuple(line for line in every if line.course_id == course.pk)
    infusions = tuple(_infusions(episode, every))
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
        scores=score_tables(
            course, actor=actor, episode=episode, infusions=[infusion.day for infusion in infusions]
        ),
        episode=episode,
        all_infusions=infusions,
    )


def _infusions(episode: Episode, lines: Iterable[SessionLine]) -> Iterable[EpisodeInfusion]:
    own = episode.course.pk
    outside: list[Any] = [(infusion.given_on, 0, 0.0, infusion) for infusion in episode.outside]
    here: list[Any] = [(line.day, 1, line.starts_at.timestamp(), line) for line in lines if line.is_given]
    ordered = sorted([*outside, *here], key=lambda entry: entry[:3])
    for number, (day, _kind, _at, found) in enumerate(ordered, 1):
        if isinstance(found, SessionLine):
            given, is_own = found.given_micrograms, found.course_id == own
            yield EpisodeInfusion(number, day, given, is_own, False, "", found)
        else:
            yield EpisodeInfusion(number, day, found.micrograms, False, True, found.place, None)


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
