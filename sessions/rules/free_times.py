"""Whether one more visit of a course fits a site at a moment: asked many times of plain data that was read once."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from clinic.common import clock
from clinic.common.errors import Invalid
from clinic.facilities.rules.duty import Duty
from clinic.facilities.rules.opening import OpenTimes, Range, without
from sessions.rules import capacity

GRAIN = timedelta(minutes=15)
"""Visits are offered at every quarter of an hour, and as soon as another one ends."""
OFFERED = (time(7), time(19))
"""The part of a day that is offered where a site has not set its hours."""


class Cause(StrEnum):
    """Why a moment is not offered; the codes are those with which a booking there would be refused."""

    PAST = "booking.past"
    TOO_FAR = "booking.too_far"
    CLOSED = capacity.CLOSED
    OUTSIDE_HOURS = capacity.OUTSIDE_HOURS
    PATIENT = "booking.patient_taken"
    NO_CHAIR = "booking.no_chair"
    CHAIR_TAKEN = capacity.CHAIR_TAKEN
    NURSES = capacity.NURSES
    TOO_NEAR = "booking.gap"
    LATE = "booking.late"


class Taken:
    """Ranges in the order of their starts, asked which of them share an instant with another range."""

    def __init__(self, ranges: Iterable[Range]) -> None:
        self._ranges = sorted(ranges)
        self._starts = [start for start, _end in self._ranges]
        self._longest = max((end - start for start, end in self._ranges), default=timedelta())

    def also(self, start: datetime, end: datetime) -> "Taken":
        return Taken([*self._ranges, (start, end)])

    def overlapping(self, start: datetime, end: datetime) -> list[Range]:
        first = bisect_left(self._starts, start - self._longest)
        last = bisect_left(self._starts, end)
        return [known for known in self._ranges[first:last] if known[1] > start]


@dataclass(frozen=True, slots=True)
class ChairTimes:
    """One chair in service.

    Attributes:
        taken: bookings whose chair was asked for; one that was booked upon another is in the way of a third.
        provisional: bookings that hold this chair only until one is assigned at check-in.
    """

    key: int
    name: str
    taken: Taken
    provisional: Taken

    def is_free(self, start: datetime, end: datetime) -> bool:
        return not self.taken.overlapping(start, end) and not self.provisional.overlapping(start, end)


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether the site has room for a visit at a moment.

    Attributes:
        chairs: the free ones, in the site's order; whatever else is in the way.
        word: what a cause needs to be understood, such as the name of a holiday.
    """

    cause: Cause | None
    chairs: tuple[ChairTimes, ...] = ()
    word: str = ""


@dataclass(frozen=True)
class FreeTimes:
    """A site's time from ``now`` to ``until``, for visits of one length.

    Attributes:
        length: what a visit takes of a chair, from preparation to the end of recovery.
        most: patients for each nurse; 0: the site does not check.
        nursed: when nurses look after patients already.
        patient: other bookings of the patient.
        until: bookings end here, or what is known of them does.
    """

    times: OpenTimes
    chairs: Sequence[ChairTimes]
    length: timedelta
    now: datetime
    until: datetime
    most: int = 0
    duties: Sequence[Duty] = ()
    nursed: Taken = field(default_factory=lambda: Taken(()))
    patient: Taken = field(default_factory=lambda: Taken(()))
    _fits: dict[datetime, Fit] = field(default_factory=dict, init=False, repr=False, compare=False)
    _days: dict[date, tuple[datetime, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def also_for_the_patient(self, start: datetime, end: datetime) -> "FreeTimes":
        """The same with one more visit of the patient; what the site says of a moment is not asked again."""
        other = replace(self, patient=self.patient.also(start, end))
        other._fits.update(self._fits)
        other._days.update(self._days)
        return other

    @property
    def today(self) -> date:
        return self.local(self.now).date()

    @property
    def last_day(self) -> date:
        return self.local(self.until).date()

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.times.site.zone)

    def chair(self, key: int | None) -> ChairTimes | None:
        return next((chair for chair in self.chairs if chair.key == key), None)

    def stretches(self, day: date) -> list[Range]:
        """When the site is open on a day."""
        if self.times.is_set:
            return self.times.on(day)
        opens, closes = (at_wall(day, wall, self.times.site.time_zone) for wall in OFFERED)
        return without([(opens, closes)], self.times.closures) if opens and closes else []

    def starts(self, day: date) -> tuple[datetime, ...]:
        """The moments of a day that are offered before anything is asked about them."""
        if day not in self._days:
            found = {at for begins, ends in self.stretches(day) for at in self._within(begins, ends)}
            self._days[day] = tuple(at for at in sorted(found) if self._can_be_typed(at))
        return self._days[day]

    def _within(self, begins: datetime, ends: datetime) -> Iterable[datetime]:
        last = ends - self.length
        quarter = begins + (datetime.min.replace(tzinfo=UTC) - begins) % GRAIN
        yield from (at for at in (begins,) if at <= last)
        while quarter <= last:
            yield quarter
            quarter += GRAIN
        for chair in self.chairs:
            for taken in (chair.taken, chair.provisional):
                yield from (end for _start, end in taken.overlapping(begins, ends) if end <= last)

    def _can_be_typed(self, at: datetime) -> bool:
        """Whether the site's clocks show it once: nobody is offered the hour that comes twice."""
        local = self.local(at)
        return at_wall(local.date(), local.time(), self.times.site.time_zone) == at

    def fit(self, at: datetime) -> Fit:
        """What the site says of a visit that begins then. The patient's own bookings are asked for apart."""
        if at not in self._fits:
            self._fits[at] = self._fit(at, at + self.length)
        return self._fits[at]

    def _fit(self, start: datetime, end: datetime) -> Fit:
        free = tuple(chair for chair in self.chairs if chair.is_free(start, end))
        if start < self.now:
            return Fit(Cause.PAST, free)
        if start > self.until:
            return Fit(Cause.TOO_FAR, free)
        if closed := self.times.closure_in(start, end):
            return Fit(Cause.CLOSED, free, closed)
        if not self.times.covers(start, end):
            return Fit(Cause.OUTSIDE_HOURS, free)
        if not free:
            return Fit(Cause.NO_CHAIR)
        return Fit(Cause.NURSES if self.load(start, end).too_much(start, end) else None, free)

    def load(self, start: datetime, end: datetime) -> capacity.NurseLoad:
        """What nurses have to do in a range."""
        if not self.most:
            return capacity.NurseLoad(0, (), ())
        on = [duty for duty in self.duties if duty.starts_at < end and duty.ends_at > start]
        return capacity.NurseLoad(self.most, on, self.nursed.overlapping(start, end))

    def keeper(self, chair: ChairTimes, start: datetime, end: datetime) -> Range | None:
        """The booking that keeps a chair: the first firm one, else one that no other free chair would do for."""
        if fixed := chair.taken.overlapping(start, end):
            return fixed[0]
        for kept in chair.provisional.overlapping(start, end):
            if not any(other.is_free(*kept) for other in self.chairs if other is not chair):
                return kept
        return None


def at_wall(day: date, wall: time, zone: str) -> datetime | None:
    """The instant of a day at which a site's clocks show a time; None where they skip it or show it twice."""
    try:
        return clock.from_local(datetime.combine(day, wall), zone)
    except Invalid:
        return None
