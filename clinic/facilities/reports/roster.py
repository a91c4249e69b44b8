"""Who is on duty in a week at a site, day by day, and where nobody is?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.facilities.models import Shift, Site, StaffLeave
from clinic.facilities.reports.people import Person, roster_people
from clinic.facilities.rules.duty import Duty, duties, on_duty
from clinic.facilities.rules.leave import may_see_kind, people_planned_by
from clinic.facilities.rules.opening import OpenTimes, Range, open_times, without
from clinic.facilities.rules.roster import breaks_of

DAY = 24 * 60
USUAL = (8 * 60, 18 * 60)
"""The part of a day that the bars show at least, in minutes on the site's clocks."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a day's bar, in minutes from where the bars begin: ``Bar("shift", 60, 480)``."""

    kind: str
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class ShiftLine:
    """A shift in a cell: ``ShiftLine(UUID("…"), "22:00–06:00", ("02:00–02:30",), is_rest=False, counts=True)``.

    Attributes:
        is_rest: it began the day before.
        counts: its owner is there for some of it.
    """

    shift_id: UUID
    words: str
    breaks: tuple[str, ...]
    is_rest: bool
    counts: bool


@dataclass(frozen=True, slots=True)
class AwayLine:
    """Leave in a cell. ``kind`` and ``leave_id`` only for those who may know why."""

    words: str
    kind: str = ""
    leave_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One person's day."""

    day: date
    shifts: tuple[ShiftLine, ...]
    away: tuple[AwayLine, ...]
    bars: tuple[Bar, ...]

    @property
    def is_empty(self) -> bool:
        return not self.shifts and not self.away


@dataclass(frozen=True, slots=True)
class Row:
    """One person's week; ``on_duty`` is their time less breaks and leave."""

    person: Person
    cells: tuple[Cell, ...]
    on_duty: timedelta

    @property
    def is_idle(self) -> bool:
        """Neither on duty nor away in the whole week."""
        return all(cell.is_empty for cell in self.cells)


@dataclass(frozen=True, slots=True)
class DayCover:
    """The nurses of a day: how many at most, and when the site is open without any.

    ``DayCover(date(2026, 3, 10), ("08:00–17:00",), "", 2, ("12:00–12:30",))``
    """

    day: date
    hours: tuple[str, ...]
    closure: str
    nurses: int
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """The answer. ``width`` and ``marks`` (noon and the like) are those of every bar."""

    monday: date
    days: tuple[DayCover, ...]
    rows: tuple[Row, ...]
    width: int
    marks: tuple[int, ...]
    has_hours: bool
    has_shifts: bool


def roster_week(site: Site, monday: date, *, actor: Actor) -> Week:
    """One week from Monday to Sunday on the site's calendar. A fixed number of queries."""
    days = [monday + timedelta(days=number) for number in range(7)]
    start, end = clock.day_range(days[0], site.time_zone)[0], clock.day_range(days[-1], site.time_zone)[1]
    shifts = list(
        Shift.objects.filter(site=site)
        .standing()
        .overlapping(start, end)
        .select_related("user")
        .prefetch_related("breaks")
    )
    people = _with_former(roster_people(site), shifts)
    leave = StaffLeave.objects.filter(user__in=[person.user.pk for person in people]).standing()
    known = _Known(site, actor, shifts, list(leave.overlapping(start, end)), people_planned_by(actor))
    times, on = open_times(site, start, end), duties(site, start, end)
    frame = _frame(times, shifts, days)
    return Week(
        monday=monday,
        days=tuple(_cover(day, times, on) for day in days),
        rows=tuple(_row(person, days, known, frame) for person in people),
        width=frame[1] - frame[0],
        marks=tuple(range(0, frame[1] - frame[0], 120)),
        has_hours=times.is_set,
        has_shifts=bool(shifts),
    )


@dataclass(frozen=True, slots=True)
class _Known:
    site: Site
    actor: Actor
    shifts: Sequence[Shift]
    leave: Sequence[StaffLeave]
    planned: frozenset[int]


def _with_former(people: list[Person], shifts: Iterable[Shift]) -> list[Person]:
    """Those too who have a shift and do not work here any more: somebody must take it over."""
    here = {person.user.pk for person in people}
    former = {shift.user_id: shift.user for shift in shifts if shift.user_id not in here}
    return [*people, *(Person(user, is_nurse=False, is_here=False) for user in former.values())]


def _row(person: Person, days: Sequence[date], known: _Known, frame: tuple[int, int]) -> Row:
    shifts = [shift for shift in known.shifts if shift.user_id == person.user.pk]
    leave = [each for each in known.leave if each.user_id == person.user.pk]
    away = [(each.starts_at, each.ends_at) for each in leave]
    spent = timedelta()
    for shift in shifts:
        for begins, ends in without([(shift.starts_at, shift.ends_at)], [*breaks_of(shift), *away]):
            spent += ends - begins
    cells = tuple(_cell(day, shifts, leave, away, known, frame) for day in days)
    return Row(person, cells, spent)


def _cell(
    day: date,
    shifts: Iterable[Shift],
    leave: Iterable[StaffLeave],
    away: Sequence[Range],
    known: _Known,
    frame: tuple[int, int],
) -> Cell:
    site, span = known.site, clock.day_range(day, known.site.time_zone)
    here = [shift for shift in shifts if shift.starts_at < span[1] and shift.ends_at > span[0]]
    gone = [each for each in leave if each.starts_at < span[1] and each.ends_at > span[0]]
    bars = [_bar("shift", (shift.starts_at, shift.ends_at), span, site, frame) for shift in here]
    bars += [_bar("break", pause, span, site, frame) for shift in here for pause in breaks_of(shift)]
    bars += [_bar("away", (each.starts_at, each.ends_at), span, site, frame) for each in gone]
    return Cell(
        day=day,
        shifts=tuple(_shift_line(shift, span, site, away) for shift in here),
        away=tuple(_away_line(each, span, known) for each in gone),
        bars=tuple(bar for bar in bars if bar and bar.width > 0) if here else (),
    )


def _shift_line(shift: Shift, day: Range, site: Site, away: Sequence[Range]) -> ShiftLine:
    is_rest = shift.starts_at < day[0]
    words = (
        _("until %(time)s") % {"time": _clock(shift.ends_at, site)}
        if is_rest
        else clock_words((shift.starts_at, shift.ends_at), site)
    )
    breaks = tuple(clock_words(pause, site) for pause in breaks_of(shift))
    counts = bool(without([(shift.starts_at, shift.ends_at)], away))
    return ShiftLine(shift.public_id, words, () if is_rest else breaks, is_rest, counts)


def _away_line(leave: StaffLeave, day: Range, known: _Known) -> AwayLine:
    begins, ends = max(leave.starts_at, day[0]), min(leave.ends_at, day[1])
    whole = (begins, ends) == day
    words = _("away") if whole else _("away %(times)s") % {"times": clock_words((begins, ends), known.site)}
    if not may_see_kind(known.actor, leave, planned=known.planned):
        return AwayLine(words)
    return AwayLine(words, leave.get_kind_display(), leave.public_id)


def _cover(day: date, times: OpenTimes, on: Sequence[Duty]) -> DayCover:
    site = times.site
    span = clock.day_range(day, site.time_zone)
    open_ranges = times.on(day)
    here = [duty for duty in on if duty.starts_at < span[1] and duty.ends_at > span[0]]
    begun = {max(duty.starts_at, span[0]) for duty in here}
    gaps = without(open_ranges, [(duty.starts_at, duty.ends_at) for duty in here])
    return DayCover(
        day=day,
        hours=tuple(clock_words(each, site) for each in open_ranges),
        closure=times.closure_in(*span),
        nurses=max((len(on_duty(here, at)) for at in begun), default=0),
        gaps=tuple(clock_words(gap, site) for gap in gaps),
    )


def clock_words(span: Range, site: Site) -> str:
    """``08:00–16:30`` on the site's clocks; midnight as the end reads ``24:00``."""
    start, end = (at.astimezone(site.zone) for at in span)
    is_day_end = end.time() == time.min and end.date() > start.date()
    return f"{start:%H:%M}–{'24:00' if is_day_end else end.strftime('%H:%M')}"


def _clock(at: datetime, site: Site) -> str:
    return at.astimezone(site.zone).strftime("%H:%M")


def _frame(times: OpenTimes, shifts: Iterable[Shift], days: Sequence[date]) -> tuple[int, int]:
    """From which minute of the day to which one the bars reach, in whole hours."""
    spans = [span for day in days for span in _minutes_of(day, times, shifts)]
    first = min([USUAL[0], *(start for start, _end in spans)]) // 60 * 60
    last = -(-max([USUAL[1], *(end for _start, end in spans)]) // 60) * 60
    return first, last


def _minutes_of(day: date, times: OpenTimes, shifts: Iterable[Shift]) -> list[tuple[int, int]]:
    span = clock.day_range(day, times.site.time_zone)
    ranges = [*times.on(day), *((shift.starts_at, shift.ends_at) for shift in shifts)]
    return [found for each in ranges if (found := _within(each, span, times.site))]


def _within(each: Range, day: Range, site: Site) -> tuple[int, int] | None:
    """The minutes on the wall that a range takes of a day."""
    begins, ends = max(each[0], day[0]), min(each[1], day[1])
    if ends <= begins:
        return None
    return _minute(begins, site), DAY if ends == day[1] else _minute(ends, site)


def _minute(at: datetime, site: Site) -> int:
    local: Any = at.astimezone(site.zone)
    minutes: int = local.hour * 60 + local.minute
    return minutes


def _bar(kind: str, each: Range, day: Range, site: Site, frame: tuple[int, int]) -> Bar | None:
    found = _within(each, day, site)
    if found is None:
        return None
    start, end = max(found[0], frame[0]), min(found[1], frame[1])
    return Bar(kind, start - frame[0], end - start)
