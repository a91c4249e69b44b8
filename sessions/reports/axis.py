"""A day from left to right: which hours are shown, and where on them something stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from clinic.common import clock
from clinic.facilities.rules.opening import OpenTimes, Range

OPENS, CLOSES = time(7), time(19)
"""What is shown of a day at a site that keeps no hours."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the axis in minutes from its left edge: ``Span(150, 130)``."""

    begins: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Axis:
    """Whole hours from ``opens`` to ``closes`` of one day at a place."""

    day: date
    opens: datetime
    closes: datetime
    zone: ZoneInfo

    @property
    def length(self) -> int:
        """How many hours are shown."""
        return (self.closes - self.opens) // HOUR

    @property
    def hours(self) -> list[Range]:
        return [(self.opens + n * HOUR, self.opens + (n + 1) * HOUR) for n in range(self.length)]

    @property
    def labels(self) -> list[tuple[Span, str]]:
        """Each hour with what the clocks show at its beginning; on a night of change one is missing, or comes twice."""
        return [(self.span(*hour), self.clock_at(hour[0])) for hour in self.hours]

    def clock_at(self, at: datetime) -> str:
        """``14:05``; the midnight that ends the day reads ``24:00``."""
        local = at.astimezone(self.zone)
        return "24:00" if local.date() > self.day and local.time() == time.min else local.strftime("%H:%M")

    def span(self, start: datetime, end: datetime) -> Span:
        """Where a range stands, cut to what is shown."""
        start, end = max(start, self.opens), min(end, self.closes)
        begins = clock.whole_minutes(start - self.opens)
        return Span(begins, clock.whole_minutes(end - self.opens) - begins)


def axis_of(times: OpenTimes, day: date, *, busy: Iterable[Range]) -> Axis:
    """The hours that a site opens on any day of the week, so that its days look alike, and whatever is busy."""
    midnight, end = clock.day_range(day, times.site.time_zone)
    zone = times.site.zone
    earliest = min((opens for _day, opens, _closes in times.hours), default=OPENS)
    latest = max((closes for _day, _opens, closes in times.hours), default=CLOSES)
    closes = end if latest == time.max else _at(day, latest, zone)
    # What goes on from another day, or into one, is cut off and does not widen the day.
    edges = [at for stretch in busy for at in stretch if midnight <= at <= end]
    first, last = min([_at(day, earliest, zone), *edges]), max([closes, *edges])
    # Counted from midnight in whole hours; the last one may reach over the edge of a day of 23 and a half.
    return Axis(
        day, midnight + (first - midnight) // HOUR * HOUR, midnight - (midnight - last) // HOUR * HOUR, zone
    )


def _at(day: date, at: time, zone: Any) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
