"""What a week of the roster would look like some weeks later, shift by shift."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import Membership
from clinic.common import clock
from clinic.common.errors import Invalid, Problem
from clinic.facilities.models import Closure, Shift, Site, StaffLeave
from clinic.facilities.rules.opening import Range, without
from clinic.facilities.rules.roster import breaks_of, taken_problem

MOST_WEEKS = 4


@dataclass(frozen=True, slots=True)
class PlannedCopy:
    """One shift in its new week: its times, or why it is left out.

    Attributes:
        week: how many weeks later.
        problem: None where it can be copied.
    """

    source: Shift
    week: int
    time: Range
    breaks: tuple[Range, ...]
    problem: Problem | None


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def shifts_of_week(site: Site, monday: date) -> list[Shift]:
    """Standing shifts that begin in the week of the site's calendar."""
    start, _end = clock.day_range(monday, site.time_zone)
    _start, end = clock.day_range(monday + timedelta(days=6), site.time_zone)
    found = Shift.objects.filter(site=site, starts_at__gte=start, starts_at__lt=end).standing()
    return list(found.select_related("user").prefetch_related("breaks"))


def planned_copies(site: Site, monday: date, *, weeks: int) -> list[PlannedCopy]:
    """Every shift of the week, for each of the weeks after it. A fixed number of queries.

    A shift keeps the times on the wall, whatever the clocks do in between. Left out is what cannot stand: the person
    is away or the site closed for all of it, they have a shift then, or do not work here any more.
    """
    sources = shifts_of_week(site, monday)
    start = clock.day_range(monday, site.time_zone)[0]
    around = (start, start + timedelta(days=7 * (weeks + 2)))
    known = _Known.read(site, {shift.user_id for shift in sources}, around)
    return [_planned(shift, week, site, known) for week in range(1, weeks + 1) for shift in sources]


@dataclass(frozen=True, slots=True)
class _Known:
    """What can stand in the way, read once."""

    here: frozenset[int]
    away: dict[int, list[Range]]
    taken: dict[int, list[Range]]
    closed: list[Sequence[Any]]

    @classmethod
    def read(cls, site: Site, people: Iterable[int], around: Range) -> "_Known":
        users = list(people)
        here = Membership.objects.filter(site=site, user__in=users).of_active_people()
        leave = StaffLeave.objects.filter(user__in=users).standing().overlapping(*around)
        shifts = Shift.objects.filter(user__in=users).standing().overlapping(*around)
        closures = Closure.objects.filter(site=site).standing().overlapping(*around)
        return cls(
            here=frozenset(here.values_list("user_id", flat=True)),
            away=_by_person(leave.values_list("user_id", "starts_at", "ends_at")),
            taken=_by_person(shifts.values_list("user_id", "starts_at", "ends_at")),
            closed=list(closures.values_list("starts_at", "ends_at", "reason")),
        )


def id_of_copy(key: uuid.UUID, copy: PlannedCopy) -> uuid.UUID:
    """The id that a copied shift takes: a repeated request finds by it what the first one made."""
    return uuid.uuid5(key, f"{copy.source.public_id} {copy.week}")


def _by_person(rows: Iterable[tuple[int, datetime, datetime]]) -> dict[int, list[Range]]:
    found: dict[int, list[Range]] = {}
    for user_id, starts_at, ends_at in rows:
        found.setdefault(user_id, []).append((starts_at, ends_at))
    return found


def _planned(shift: Shift, week: int, site: Site, known: _Known) -> PlannedCopy:
    whole = (shift.starts_at, shift.ends_at)
    try:
        time, *breaks = (_later(each, week, site) for each in (whole, *breaks_of(shift)))
    except Invalid as error:
        return PlannedCopy(shift, week, whole, (), error.problem)
    return PlannedCopy(shift, week, time, tuple(breaks), _in_the_way(shift, time, site, known))


def _in_the_way(shift: Shift, time: Range, site: Site, known: _Known) -> Problem | None:
    start, end = time
    params = {"name": shift.user.display_name, "day": start.astimezone(site.zone).strftime("%a %d %b")}
    if shift.user_id not in known.here:
        return Problem("copy.not_here", _("%(name)s does not work here any more."), params)
    taken = known.taken.get(shift.user_id, [])
    if other := next((each for each in taken if each[0] < end and each[1] > start), None):
        return taken_problem(shift.user, site, other)
    if not without([time], known.away.get(shift.user_id, [])):
        return Problem("copy.away", _("%(name)s is away on %(day)s."), params)
    if not without([time], known.closed):
        return Problem("copy.closed", _("The site is closed on %(day)s."), params)
    return None


def _later(span: Range, week: int, site: Site) -> Range:
    start, end = (_week_later(at, week, site) for at in span)
    if end <= start:
        message = _("The clocks change that night, and nothing of this shift is left. Add it by hand.")
        raise Invalid({"": Problem("copy.clocks", message)})
    return start, end


def _week_later(at: datetime, week: int, site: Site) -> datetime:
    local = at.astimezone(site.zone)
    wall = local.replace(tzinfo=None, fold=0) + timedelta(days=7 * week)
    return clock.from_local(wall, site.time_zone, fold=local.fold)
