"""Which times a course's next infusions should be booked at. Pure: what is known of the site is given.

A time is looked for inside the window that the infusion before it opens. Where none there is as the patient wishes,
the wishes give way in this order: the chair, the time of the day, the day of the week; and at last the window.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sessions.rules.free_times import Cause, ChairTimes, FreeTimes, at_wall

REACH = 7
"""Days after the one aimed at that are looked at first, where a protocol sets no longest gap."""
FIRST_REACH = 13
"""The same for the first infusion of a course, which nothing comes before."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What suits the patient; nothing said is nothing asked for.

    Attributes:
        weekdays: as :meth:`datetime.date.weekday` counts them; none: any.
        starts_from, starts_until: the visit begins between them, both included, on the site's clocks.
        chair: the inner key of the chair that is preferred.
        leaves_chair_open: the chair is assigned at check-in.
        first_day: not before it.
        spacing: days from one infusion to the next that are aimed at, in place of the protocol's.
    """

    weekdays: frozenset[int] = frozenset()
    starts_from: time | None = None
    starts_until: time | None = None
    chair: int | None = None
    leaves_chair_open: bool = False
    first_day: date | None = None
    spacing: int | None = None

    def likes(self, day: date) -> bool:
        return not self.weekdays or day.weekday() in self.weekdays

    @property
    def has_times(self) -> bool:
        return bool(self.starts_from or self.starts_until)


@dataclass(frozen=True, slots=True)
class Spacing:
    """What a protocol asks for between two infusions, in days; ``latest`` None: lateness is not checked."""

    least: int
    target: int
    latest: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """The days on which an infusion belongs.

    Attributes:
        after: the day of the infusion before; None for the first.
        latest: the last day; None: lateness is not checked.
    """

    after: date | None
    earliest: date
    target: date
    latest: date | None

    @property
    def reach(self) -> date:
        """The last day that is looked at before the window gives way."""
        return self.latest or self.target + timedelta(days=REACH if self.after else FIRST_REACH)

    def is_late(self, day: date) -> bool:
        return self.latest is not None and day > self.latest


class Yielded(StrEnum):
    """Which of the wishes had to give way for a proposal."""

    NOTHING = "nothing"
    CHAIR = "chair"
    TIME = "time"
    DAY = "day"
    WINDOW = "window"
    ALL = "all"
    """Nothing is proposed."""


@dataclass(frozen=True, slots=True)
class Declined:
    """Moments of a wished day that are not offered, the first to the last of them; both None for a whole day."""

    day: date
    cause: Cause
    first: datetime | None = None
    last: datetime | None = None
    word: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where one infusion should go.

    Attributes:
        number: its place in the series, from 1.
        starts_at: None where nothing is free.
        chair: the inner key; None where it is left open.
    """

    number: int
    window: Window
    yielded: Yielded
    starts_at: datetime | None = None
    chair: int | None = None
    is_late: bool = False
    declined: tuple[Declined, ...] = ()


def window_after(previous: date | None, spacing: Spacing, *, start: date, wishes: Wishes) -> Window:
    """The window of an infusion.

    Args:
        previous: the day of the one before; None: there is none, and any day from ``start`` on will do.
    """
    if previous is None:
        first = max(start, wishes.first_day or start)
        return Window(None, first, first, None)
    aimed = max(wishes.spacing or spacing.target, spacing.least)
    latest = None if spacing.latest is None else previous + timedelta(days=spacing.latest)
    target = previous + timedelta(days=aimed)
    return Window(
        after=previous,
        earliest=previous + timedelta(days=spacing.least),
        target=min(target, latest) if latest else target,
        latest=latest,
    )


def propose(
    known: FreeTimes,
    *,
    number: int,
    spacing: Spacing,
    wishes: Wishes,
    previous: date | None = None,
    days: Sequence[date] = (),
) -> list[Proposal]:
    """A time for each of several infusions, one after another.

    Args:
        previous: the day of the infusion after which they are to come.
        days: those of the course's sessions that stay as they are; none is proposed too near to one.
    """
    found: list[Proposal] = []
    while len(found) < number:
        window = window_after(previous, spacing, start=known.today, wishes=wishes)
        search = _Search(known, window, spacing, wishes, tuple(days))
        proposal = search.proposal(len(found) + 1)
        found.append(proposal)
        if proposal.starts_at is None:
            # Nothing can come after what has no time.
            found += [replace(proposal, number=n) for n in range(len(found) + 1, number + 1)]
            break
        previous = known.local(proposal.starts_at).date()
        days = (*days, previous)
        known = _with_visit(known, proposal.starts_at)
    return found


def _with_visit(known: FreeTimes, start: datetime) -> FreeTimes:
    # Of one's own visit only the patient's time is less: no other visit of the same patient overlaps it, so that it
    # takes neither a chair nor a nurse from one.
    end = start + known.length
    return known.also_for_the_patient(start, end)


@dataclass(frozen=True, slots=True)
class _Search:
    """One infusion's search."""

    known: FreeTimes
    window: Window
    spacing: Spacing
    wishes: Wishes
    days: tuple[date, ...]

    def proposal(self, number: int) -> Proposal:
        for yielded, day, starts, picked in self._attempts():
            for at in starts(day):
                if self._is_open(at) and (chair := picked(self.known.fit(at).chairs)):
                    return Proposal(
                        number=number,
                        window=self.window,
                        yielded=yielded,
                        starts_at=at,
                        chair=None if self.wishes.leaves_chair_open else chair.key,
                        is_late=self.window.is_late(day),
                        declined=tuple(self._declined(besides=at)),
                    )
        return Proposal(number, self.window, Yielded.ALL, declined=tuple(self._declined()))

    def _attempts(self) -> Iterator[tuple[Yielded, date, "Starts", "Pick"]]:
        """Where to look, and what gives way there; the first that is free is taken."""
        inside = self._inside()
        wished = [day for day in inside if self.wishes.likes(day)]
        others = [day for day in inside if not self.wishes.likes(day)]
        yield from ((Yielded.NOTHING, day, self.wished_starts, self._preferred) for day in wished)
        if self.known.chair(self.wishes.chair):
            yield from ((Yielded.CHAIR, day, self.wished_starts, self._any) for day in wished)
        if self.wishes.has_times:
            yield from ((Yielded.TIME, day, self.nearest_starts, self._any) for day in wished)
        yield from ((Yielded.DAY, day, self.nearest_starts, self._any) for day in others)
        yield from ((Yielded.WINDOW, day, self.nearest_starts, self._any) for day in self._beyond())

    def _inside(self) -> list[date]:
        """The days of the window, the nearest to the one aimed at first."""
        first = max(self.window.earliest, self.wishes.first_day or self.window.earliest, self.known.today)
        days = self._far_enough(_days(first, self.window.reach))
        return sorted(days, key=lambda day: (abs(day - self.window.target), day))

    def _beyond(self) -> Iterator[date]:
        first = max(self.window.reach + DAY, self.wishes.first_day or self.window.earliest, self.known.today)
        return self._far_enough(_days(first, self.known.last_day))

    def _far_enough(self, days: Iterable[date]) -> Iterator[date]:
        return (day for day in days if self.nearest_session(day) is None)

    def nearest_session(self, day: date) -> date | None:
        """A session of the course that is too near to a day."""
        near = (other for other in self.days if abs((other - day).days) < self.spacing.least)
        return next(near, None)

    def wished_starts(self, day: date) -> list[datetime]:
        """The moments of a day that are offered and wished for."""
        return [at for at in self.known.starts(day) if self._off_by(at) == timedelta()]

    def nearest_starts(self, day: date) -> list[datetime]:
        """Every moment of a day that is offered, those nearest to what is wished for first."""
        return sorted(self.known.starts(day), key=lambda at: (self._off_by(at), at))

    def _off_by(self, at: datetime) -> timedelta:
        """How far a moment is from the wished times."""
        wall = self.known.local(at).time()
        if self.wishes.starts_from and wall < self.wishes.starts_from:
            return _of_day(self.wishes.starts_from) - _of_day(wall)
        if self.wishes.starts_until and wall > self.wishes.starts_until:
            return _of_day(wall) - _of_day(self.wishes.starts_until)
        return timedelta()

    def _is_open(self, at: datetime) -> bool:
        return self.known.fit(at).cause is None and not self._patient_is_taken(at)

    def _patient_is_taken(self, at: datetime) -> bool:
        return bool(self.known.patient.overlapping(at, at + self.known.length))

    def _preferred(self, free: Sequence[ChairTimes]) -> ChairTimes | None:
        if self.wishes.leaves_chair_open or self.known.chair(self.wishes.chair) is None:
            return free[0]
        return next((chair for chair in free if chair.key == self.wishes.chair), None)

    def _any(self, free: Sequence[ChairTimes]) -> ChairTimes | None:
        return self._preferred(free) or free[0]

    def _declined(self, besides: datetime | None = None) -> Iterator[Declined]:
        """Why the wished days, from the infusion before until the window is over, are not offered."""
        after = self.window.after
        first = max(after + DAY if after else self.window.earliest, self.known.today)
        for day in filter(self.wishes.likes, _days(first, self.window.reach)):
            if day < self.window.earliest or self.nearest_session(day):
                yield Declined(day, Cause.TOO_NEAR)
            elif not (self.wishes.first_day and day < self.wishes.first_day):
                yield from self._declined_on(day, besides)
        beyond = filter(self.wishes.likes, _days(self.window.reach + DAY, self.window.reach + 7 * DAY))
        if self.window.latest and (late := next(beyond, None)):
            yield Declined(late, Cause.LATE)

    def _declined_on(self, day: date, besides: datetime | None) -> Iterator[Declined]:
        """The moments of one day, those next to each other that have one cause as one."""
        moments = self._asked_for(day)
        if not moments:
            yield self._closed(day)
        open_one: Declined | None = None
        for at in moments:
            cause, word = (None, "") if at == besides else self._cause(at)
            if open_one and (open_one.cause, open_one.word) == (cause, word):
                open_one = replace(open_one, last=at)
                continue
            if open_one:
                yield open_one
            open_one = Declined(day, cause, at, at, word) if cause else None
        if open_one:
            yield open_one

    def _asked_for(self, day: date) -> list[datetime]:
        """What is offered of the wished times, and their edges where the site is not open then."""
        moments = self.wished_starts(day)
        if not self.known.stretches(day):
            return []
        edges = (self.wishes.starts_from, self.wishes.starts_until)
        zone = self.known.times.site.time_zone
        typed = [at for wall in edges if wall and (at := at_wall(day, wall, zone))]
        return sorted({*moments, *typed})

    def _closed(self, day: date) -> Declined:
        word = next((reason for _b, _e, reason in self._closures(day)), "")
        return Declined(day, Cause.CLOSED if word else Cause.OUTSIDE_HOURS, word=word)

    def _closures(self, day: date) -> Iterator[tuple[datetime, datetime, str]]:
        for begins, ends, reason in self.known.times.closures:
            if self.known.local(begins).date() <= day <= self.known.local(ends - timedelta.resolution).date():
                yield begins, ends, reason

    def _cause(self, at: datetime) -> tuple[Cause | None, str]:
        fit = self.known.fit(at)
        if fit.cause in {None, Cause.NO_CHAIR, Cause.NURSES} and self._patient_is_taken(at):
            return Cause.PATIENT, ""
        if fit.cause is None and self._preferred(fit.chairs) is None:
            wanted = self.known.chair(self.wishes.chair)
            return Cause.CHAIR_TAKEN, wanted.name if wanted else ""
        return fit.cause, fit.word


Starts = Callable[[date], Sequence[datetime]]
Pick = Callable[[Sequence[ChairTimes]], ChairTimes | None]


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _of_day(wall: time) -> timedelta:
    return timedelta(hours=wall.hour, minutes=wall.minute)
