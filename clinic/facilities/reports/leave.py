"""Which leave is there, and which shifts does it take away?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.facilities.models import Shift, Site, StaffLeave
from clinic.facilities.reports.roster import clock_words
from clinic.facilities.rules.leave import may_see_kind, people_planned_by


@dataclass(frozen=True, slots=True)
class LeaveRow:
    """One leave of a list. ``kind`` and ``note`` are empty for those who may not know why.

    ``LeaveRow(UUID("…"), "Ana Ruiz, RN", datetime(…), datetime(…), "Sick leave", "", may_open=True)``
    """

    leave_id: UUID
    name: str
    starts_at: datetime
    ends_at: datetime
    kind: str
    note: str
    may_open: bool


@dataclass(frozen=True, slots=True)
class LostShift:
    """A shift that a leave takes away, all of it or a part."""

    site_name: str
    starts_at: datetime
    words: str
    zone: Any


def leave_at(site: Site, *, actor: Actor, asked: Mapping[str, Any], now: datetime) -> Any:
    """Standing leave of the site's people, the next first; what is over only where days are asked for."""
    rows = StaffLeave.objects.for_user(actor).standing().filter(user__memberships__site=site).distinct()
    first, last = asked.get("first"), asked.get("last")
    start = clock.day_range(first, site.time_zone)[0] if first else (None if last else now)
    if start:
        rows = rows.filter(ends_at__gt=start)
    if last:
        rows = rows.filter(starts_at__lt=clock.day_range(last, site.time_zone)[1])
    if asked.get("user"):
        rows = rows.filter(user__public_id=asked["user"])
    return rows.select_related("user").order_by("starts_at", "pk")


def leave_rows(leave: Iterable[StaffLeave], *, actor: Actor) -> tuple[LeaveRow, ...]:
    """A page of leave as the reader may see it."""
    planned = people_planned_by(actor)
    return tuple(_row(each, may_see_kind(actor, each, planned=planned)) for each in leave)


def _row(leave: StaffLeave, may_know: bool) -> LeaveRow:
    return LeaveRow(
        leave_id=leave.public_id,
        name=leave.user.printed_name,
        starts_at=leave.starts_at,
        ends_at=leave.ends_at,
        kind=leave.get_kind_display() if may_know else "",
        note=leave.note if may_know else "",
        may_open=may_know,
    )


def shifts_lost(leave: StaffLeave, *, actor: Actor) -> tuple[LostShift, ...]:
    """The person's shifts in a leave, of those at the reader's sites."""
    shifts = Shift.objects.for_user(actor).filter(user=leave.user).standing()
    found = shifts.overlapping(leave.starts_at, leave.ends_at).select_related("site")
    return tuple(
        LostShift(
            site_name=shift.site.name,
            starts_at=shift.starts_at,
            words=clock_words((shift.starts_at, shift.ends_at), shift.site),
            zone=shift.site,
        )
        for shift in found
    )
