"""How many nurses are on duty: shifts, less their breaks and their owners' leave."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from clinic.accounts.models import Membership
from clinic.accounts.permissions import Permission
from clinic.facilities.models import Shift, ShiftBreak, Site, StaffLeave
from clinic.facilities.rules.opening import Range, without


@dataclass(frozen=True, slots=True)
class Duty:
    """One person's time with patients: ``[starts_at, ends_at)``."""

    user_id: int
    starts_at: datetime
    ends_at: datetime


def duties(
    site: Site, start: datetime, end: datetime, *, besides_leave: StaffLeave | None = None
) -> list[Duty]:
    """Everybody's time on duty at a site that shares an instant with the range, in four queries.

    Counted are people who may run infusions there; a shift at the front desk looks after nobody.

    Args:
        besides_leave: a leave that is left out of account: how it would be without it.
    """
    nurses = set(
        Membership.objects.filter(site=site)
        .of_active_people()
        .that_give(Permission.RUN_INFUSION)
        .values_list("user_id", flat=True)
    )
    shifts = Shift.objects.filter(site=site, user__in=nurses).standing().overlapping(start, end)
    leave = StaffLeave.objects.filter(user__in=nurses).standing().overlapping(start, end)
    leave = leave.exclude(pk=besides_leave.pk) if besides_leave else leave
    away: dict[int, list[Range]] = {}
    for user_id, begins, ends in leave.values_list("user_id", "starts_at", "ends_at"):
        away.setdefault(user_id, []).append((begins, ends))
    pauses: dict[int, list[Range]] = {}
    # Plain values: a series is planned from a year of shifts.
    breaks = ShiftBreak.objects.filter(shift__in=shifts)
    for shift_id, begins, ends in breaks.values_list("shift", "starts_at", "ends_at"):
        pauses.setdefault(shift_id, []).append((begins, ends))
    return [
        Duty(user_id, begins, ends)
        for shift_id, user_id, starts_at, ends_at in shifts.values_list("pk", "user", "starts_at", "ends_at")
        for begins, ends in without(
            [(starts_at, ends_at)], [*pauses.get(shift_id, ()), *away.get(user_id, ())]
        )
    ]


def on_duty(known: Iterable[Duty], at: datetime) -> frozenset[int]:
    """Who is on duty at an instant, by inner key."""
    return frozenset(duty.user_id for duty in known if duty.starts_at <= at < duty.ends_at)


def steps(known: Sequence[Duty], ranges: Sequence[Range], start: datetime, end: datetime) -> list[Range]:
    """The stretches of a range within which neither duty nor any of the other ranges begins or ends."""
    edges = {start, end}
    for begins, ends in (*((duty.starts_at, duty.ends_at) for duty in known), *ranges):
        edges |= {edge for edge in (begins, ends) if start < edge < end}
    return list(pairwise(sorted(edges)))
