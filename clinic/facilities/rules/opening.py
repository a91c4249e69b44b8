"""When a site is open: the week's hours, less closures, as half-open ranges of instants."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from clinic.facilities.models import Closure, OpeningHours, Site

Range = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class OpenTimes:
    """Read once, asked for many days.

    Attributes:
        hours: ``(weekday, opens, closes)`` on the site's clocks; empty: the site has not set any, so that they are
            not checked.
        closures: ranges in which the site is closed all the same, each with its reason.
    """

    site: Site
    hours: tuple[tuple[int, time, time], ...]
    closures: tuple[tuple[datetime, datetime, str], ...]

    @property
    def is_set(self) -> bool:
        return bool(self.hours)

    def on(self, day: date) -> list[Range]:
        """The open stretches of a day, in order, closures taken out. A skipped hour of the night shortens them."""
        stretches = [
            (_instant(day, opens, self.site), _instant(day, closes, self.site))
            for weekday, opens, closes in self.hours
            if weekday == day.weekday()
        ]
        return without([(start, end) for start, end in stretches if start < end], self.closures)

    def covers(self, start: datetime, end: datetime) -> bool:
        """Whether the site is open from start to end; hours that are not set forbid nothing, closures do."""
        if self.closure_in(start, end):
            return False
        return not self.is_set or self._open_until(start, end) >= end

    def _open_until(self, start: datetime, end: datetime) -> datetime:
        """How far the site is open from ``start`` on without a break; midnight is none where both days go on."""
        day, at = start.astimezone(self.site.zone).date(), start
        while day <= end.astimezone(self.site.zone).date():
            for opens, closes in self.on(day):
                if opens <= at < closes:
                    at = closes
            day += timedelta(days=1)
        return at

    def closure_in(self, start: datetime, end: datetime) -> str:
        """The reason of the first closure that shares an instant with the range; empty where there is none."""
        return next((reason for begins, ends, reason in self.closures if begins < end and ends > start), "")


def open_times(site: Site, start: datetime, end: datetime) -> OpenTimes:
    """What is known of a site's opening between two instants, in two queries."""
    hours = OpeningHours.objects.filter(site=site).values_list("weekday", "opens_at", "closes_at")
    closures = Closure.objects.filter(site=site).standing().overlapping(start, end)
    return OpenTimes(site, tuple(hours), tuple(closures.values_list("starts_at", "ends_at", "reason")))


def joined(ranges: Iterable[Range]) -> list[Range]:
    """Ranges as those that they make together: what overlaps or touches is one; half open, and in order."""
    found: list[Range] = []
    for start, end in sorted(ranges):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def without(ranges: Iterable[Range], taken: Iterable[Sequence[Any]]) -> list[Range]:
    """What is left of ranges when others are cut out; both half open, and the result in order."""
    left = sorted(ranges)
    for begins, ends, *_rest in taken:
        pieces = ((start, min(end, begins)) for start, end in left)
        after = ((max(start, ends), end) for start, end in left)
        left = sorted({piece for piece in (*pieces, *after) if piece[0] < piece[1]})
    return left


def _instant(day: date, at: time, site: Site) -> datetime:
    # Midnight closes the day that it ends. A time that the clocks skip becomes the one after the leap.
    day = day + timedelta(days=1) if at == time.max else day
    at = time.min if at == time.max else at
    return datetime.combine(day, at, site.zone).astimezone(UTC)
