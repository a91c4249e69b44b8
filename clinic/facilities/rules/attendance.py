"""Whether somebody is there now by the roster; where a site has planned no shift for the day, nothing is known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from clinic.common import clock
from clinic.facilities.models import Shift, Site, StaffLeave
from clinic.facilities.rules.opening import Range


class Away(StrEnum):
    """Why somebody looks after nobody at the moment. Which kind of leave it is, is nobody's business here."""

    BREAK = "break"
    LEAVE = "leave"
    OFF_SHIFT = "off_shift"


@dataclass(frozen=True, slots=True)
class Attendance:
    """A site's roster of one day, by the inner keys of the people asked about.

    Attributes:
        is_planned: anybody at all has a shift that day.
    """

    is_planned: bool
    shifts: Mapping[int, Sequence[Range]]
    breaks: Mapping[int, Sequence[Range]]
    leave: Mapping[int, Sequence[Range]]

    def away(self, user_id: int, at: datetime) -> tuple[Away, datetime | None] | None:
        """Why a person is not there, and until when where that is known; None: there, or nothing is planned."""
        if not self.is_planned:
            return None
        if until := _end_of(self.leave.get(user_id, ()), at):
            return Away.LEAVE, until
        if until := _end_of(self.breaks.get(user_id, ()), at):
            return Away.BREAK, until
        shifts = self.shifts.get(user_id, ())
        if _end_of(shifts, at):
            return None
        return Away.OFF_SHIFT, min((start for start, _end in shifts if start > at), default=None)

    def next_change(self, at: datetime) -> datetime | None:
        """The next moment at which an answer may be another one."""
        kinds = (self.shifts, self.breaks, self.leave) if self.is_planned else ()
        edges = (edge for kind in kinds for ranges in kind.values() for pair in ranges for edge in pair)
        return min((edge for edge in edges if edge > at), default=None)


def attendance(site: Site, *, now: datetime, people: Iterable[int]) -> Attendance:
    """The roster of the day as it stands at a site, in at most three queries."""
    start, end = clock.day_range(clock.local_date(now, site.time_zone), site.time_zone)
    wanted = set(people)
    shifts: dict[int, list[Range]] = {}
    breaks: dict[int, list[Range]] = {}
    found = list(
        Shift.objects.filter(site=site).standing().overlapping(start, end).prefetch_related("breaks")
    )
    for shift in found:
        if shift.user_id in wanted:
            shifts.setdefault(shift.user_id, []).append((shift.starts_at, shift.ends_at))
            pauses = [(pause.starts_at, pause.ends_at) for pause in shift.breaks.all()]
            breaks.setdefault(shift.user_id, []).extend(pauses)
    leave: dict[int, list[Range]] = {}
    if found:
        rows = StaffLeave.objects.filter(user__in=wanted).standing().overlapping(start, end)
        for user_id, begins, ends in rows.values_list("user_id", "starts_at", "ends_at"):
            leave.setdefault(user_id, []).append((begins, ends))
    return Attendance(bool(found), shifts, breaks, leave)


def _end_of(ranges: Sequence[Range], at: datetime) -> datetime | None:
    return max((end for start, end in ranges if start <= at < end), default=None)
