"""What does a day, or a week, of a site look like: by chair or by nurse, with what is open and who is on duty?

Positions are minutes from the left edge of a day's axis, real ones: on the two nights on which the clocks change the
hours are labelled as the wall shows them, and a visit is as long as it lasts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.common import clock
from clinic.facilities.models import Chair, Site
from clinic.facilities.rules.duty import Duty, duties
from clinic.facilities.rules.opening import OpenTimes, Range, open_times, without
from sessions.reports.axis import Axis, Span, axis_of
from sessions.reports.staffing import Staffing, staffing
from sessions.reports.visits import Visit, read_visits

CHAIR, NURSE = "chair", "nurse"


@dataclass(frozen=True, slots=True)
class Block:
    """A visit at its place on the axis; those that overlap in one row lie in lanes below each other."""

    visit: Visit
    span: Span
    lane: int


@dataclass(frozen=True, slots=True)
class Shade:
    """A stretch in which nothing is planned: ``Shade("closure", span, "12:00–14:00, Training day")``."""

    kind: str
    span: Span
    words: str = ""


@dataclass(frozen=True, slots=True)
class Lead:
    """Whose row it is: a chair or a nurse; without either, visits that no nurse is named for.

    Attributes:
        key: public id, empty for nobody's.
        most: for a nurse, how many patients one may have at a time; 0 where that is not checked.
    """

    key: str
    label: str
    is_out: bool = False
    most: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A chair's or a nurse's day."""

    lead: Lead
    blocks: tuple[Block, ...]
    shades: tuple[Shade, ...] = ()

    @property
    def lanes(self) -> int:
        return max((block.lane for block in self.blocks), default=0) + 1

    @property
    def is_crowded(self) -> bool:
        """More patients at a time than one nurse may have."""
        return bool(self.lead.most and self.lanes > self.lead.most)


@dataclass(frozen=True, slots=True)
class Day:
    """The answer for a day.

    Attributes:
        open: the site's hours on this day, as the wall shows them; None where it keeps none.
        staffing: empty where no roster is kept.
        now: None on another day.
    """

    axis: Axis
    open: tuple[tuple[str, str], ...] | None
    rows: tuple[Row, ...]
    shades: tuple[Shade, ...]
    staffing: tuple[Staffing, ...]
    off: tuple[Visit, ...]
    now: Span | None

    @property
    def visits(self) -> list[Visit]:
        return sorted({b.visit.id: b.visit for r in self.rows for b in r.blocks}.values(), key=_by_time)


@dataclass(frozen=True, slots=True)
class WeekDay:
    """The head of a column: ``is_open`` is None where the site keeps no hours."""

    day: date
    is_today: bool
    is_open: bool | None
    closures: tuple[str, ...]
    nurses: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class WeekRow:
    """One chair's or nurse's visits, day by day."""

    lead: Lead
    cells: tuple[tuple[WeekDay, tuple[Visit, ...]], ...]


@dataclass(frozen=True, slots=True)
class Week:
    """The answer for seven days, beginning on Monday."""

    days: tuple[WeekDay, ...]
    rows: tuple[WeekRow, ...]
    off: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """What the database knows of the stretch, read once."""

    site: Site
    by: str
    visits: list[Visit]
    off: list[Visit]
    chairs: list[Chair]
    times: OpenTimes
    duties: list[Duty]
    people: dict[int, User]

    def during(self, start: datetime, end: datetime) -> "_Read":
        """What of it shares an instant with a part of the stretch."""
        return replace(
            self,
            visits=[visit for visit in self.visits if visit.is_during(start, end)],
            off=[visit for visit in self.off if visit.is_during(start, end)],
            duties=[duty for duty in self.duties if duty.starts_at < end and duty.ends_at > start],
        )


def day_schedule(site: Site, *, day: date, by: str, actor: Actor, now: datetime) -> Day:
    """A site's day, in a number of queries that does not grow with what is on it.

    Raises:
        Refused: without a right that opens the schedule of the site.
    """
    return day_schedules(site, days=[day], by=by, actor=actor, now=now)[0]


def day_schedules(site: Site, *, days: Sequence[date], by: str, actor: Actor, now: datetime) -> list[Day]:
    """Several days on end, in as many queries as one. Raises as :func:`day_schedule`."""
    ranges = [clock.day_range(day, site.time_zone) for day in days]
    read = _read(site, ranges[0][0], ranges[-1][1], by=by, actor=actor)
    return [_day(day, read.during(*bounds), now) for day, bounds in zip(days, ranges, strict=True)]


def _day(day: date, read: "_Read", now: datetime) -> Day:
    axis = axis_of(read.times, day, busy=[(visit.starts_at, visit.ends_at) for visit in read.visits])
    return Day(
        axis=axis,
        open=_open(read.times, axis),
        rows=tuple(_row(lead, found, read, axis) for lead, found in _by_row(read)),
        shades=tuple(_closed(read.times, axis)),
        staffing=tuple(
            staffing(
                axis,
                known=read.duties,
                nursed=[(visit.starts_at, visit.ends_at) for visit in read.visits if visit.is_nursed],
                names={pk: user.short_name for pk, user in read.people.items()},
                most=read.site.rules.patients_per_nurse,
            )
        ),
        off=tuple(read.off),
        now=axis.span(now, now) if axis.opens <= now < axis.closes else None,
    )


def week_schedule(site: Site, *, day: date, by: str, actor: Actor, now: datetime) -> Week:
    """The week of a day, Monday to Sunday; in as many queries as a day. Raises as :func:`day_schedule`."""
    monday = day - timedelta(days=day.weekday())
    dates = [monday + timedelta(days=number) for number in range(7)]
    ranges = [clock.day_range(each, site.time_zone) for each in dates]
    read = _read(site, ranges[0][0], ranges[-1][1], by=by, actor=actor)
    today = clock.local_date(now, site.time_zone)
    days = tuple(_week_day(each, bounds, read, today) for each, bounds in zip(dates, ranges, strict=True))
    rows = tuple(
        WeekRow(
            lead,
            tuple(
                (head, tuple(visit for visit in found if visit.is_during(*bounds)))
                for head, bounds in zip(days, ranges, strict=True)
            ),
        )
        for lead, found in _by_row(read)
    )
    return Week(days, rows, tuple(read.off))


def _read(site: Site, start: datetime, end: datetime, *, by: str, actor: Actor) -> _Read:
    every = read_visits(site, start=start, end=end, actor=actor)
    chairs = list(Chair.objects.filter(site=site))
    known = duties(site, start, end)
    visits = [visit for visit in every if not visit.is_off]
    people = User.objects.in_bulk({duty.user_id for duty in known})
    people |= {visit.nurse.pk: visit.nurse for visit in visits if visit.nurse}
    times = open_times(site, start, end)
    return _Read(site, by, visits, [visit for visit in every if visit.is_off], chairs, times, known, people)


def _by_row(read: _Read) -> list[tuple[Lead, list[Visit]]]:
    """The rows in their order with the visits of each."""
    if read.by == NURSE:
        return _by_nurse(read)
    found: dict[int, list[Visit]] = {chair.pk: [] for chair in read.chairs}
    for visit in read.visits:
        found[visit.chair.pk].append(visit)
    leads = ((c, Lead(str(c.public_id), c.name, is_out=not c.is_in_service)) for c in read.chairs)
    # A chair that left service stays in sight while something is booked into it.
    return [(lead, found[chair.pk]) for chair, lead in leads]


def _by_nurse(read: _Read) -> list[tuple[Lead, list[Visit]]]:
    found: dict[int | None, list[Visit]] = {pk: [] for pk in read.people}
    for visit in read.visits:
        if visit.is_nursed:
            found.setdefault(visit.nurse.pk if visit.nurse else None, []).append(visit)
    nobody = [(Lead("", ""), found.pop(None))] if None in found else []
    named = sorted(read.people.values(), key=lambda user: (user.display_name.casefold(), user.pk))
    most = read.site.rules.patients_per_nurse
    return nobody + [(Lead(str(u.public_id), u.short_name, most=most), found[u.pk]) for u in named]


def _row(lead: Lead, visits: Sequence[Visit], read: _Read, axis: Axis) -> Row:
    return Row(lead, tuple(in_lanes(visits, axis)), tuple(_off_duty(lead, read, axis)))


def in_lanes(visits: Sequence[Visit], axis: Axis) -> Iterable[Block]:
    """Each visit in the first lane in which nothing is in its way; as many lanes as visits at one time."""
    free_from: list[datetime] = []
    for visit in sorted(visits, key=_by_time):
        lane = next((n for n, until in enumerate(free_from) if until <= visit.starts_at), len(free_from))
        free_from[lane : lane + 1] = [visit.ends_at]
        yield Block(visit, axis.span(visit.starts_at, visit.ends_at), lane)


def _off_duty(lead: Lead, read: _Read, axis: Axis) -> Iterable[Shade]:
    if read.by != NURSE or not lead.key or not read.duties:
        return
    own = [(d.starts_at, d.ends_at) for d in read.duties if str(read.people[d.user_id].public_id) == lead.key]
    for start, end in without([(axis.opens, axis.closes)], own):
        yield Shade("off-duty", axis.span(start, end))


def _closed(times: OpenTimes, axis: Axis) -> Iterable[Shade]:
    """Outside the hours, and closures with their reasons."""
    closures = [c for c in times.closures if c[0] < axis.closes and c[1] > axis.opens]
    if times.is_set:
        open_or_told: list[Any] = [*times.on(axis.day), *closures]
        for start, end in without([(axis.opens, axis.closes)], open_or_told):
            yield Shade("closed", axis.span(start, end))
    for start, end, reason in closures:
        told = f"{axis.clock_at(max(start, axis.opens))}–{axis.clock_at(min(end, axis.closes))}, {reason}"
        yield Shade("closure", axis.span(start, end), told)


def _open(times: OpenTimes, axis: Axis) -> tuple[tuple[str, str], ...] | None:
    if not times.is_set:
        return None
    return tuple((axis.clock_at(start), axis.clock_at(end)) for start, end in times.on(axis.day))


def _week_day(day: date, bounds: Range, read: _Read, today: date) -> WeekDay:
    start, end = bounds
    here = {duty.user_id for duty in read.duties if duty.starts_at < end and duty.ends_at > start}
    closures = [reason for begins, until, reason in read.times.closures if begins < end and until > start]
    return WeekDay(
        day=day,
        is_today=day == today,
        is_open=bool(read.times.on(day)) if read.times.is_set else None,
        closures=tuple(closures),
        nurses=tuple(sorted(read.people[pk].short_name for pk in here)),
        count=sum(visit.is_during(start, end) for visit in read.visits),
    )


def _by_time(visit: Visit) -> tuple[datetime, datetime, str]:
    return visit.starts_at, visit.ends_at, str(visit.id)
