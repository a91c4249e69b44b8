"""How many nurses are on duty: shifts, less their breaks and their owners' leave."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from clinic.accounts.models import Membership
from clinic.accounts.permissions import Permission
from clinic.facilities.models import Shift, Site, StaffLeave
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
    found = []
    for shift in shifts.prefetch_related("breaks"):
        breaks = [(pause.starts_at, pause.ends_at) for pause in shift.breaks.all()]
        whole = [(shift.starts_at, shift.ends_at)]
        for begins, ends in without(whole, [*breaks, *away.get(shift.user_id, ())]):
            found.append(Duty(shift.user_id, begins, ends))
    return found


def on_duty(known: Iterable[Duty], at: datetime) -> frozenset[int]:
    """Who is on duty at an instant, by inner key."""
    return frozenset(duty.user_id for duty in known if duty.starts_at <= at < duty.ends_at)


def steps(known: Sequence[Duty], ranges: Sequence[Range], start: datetime, end: datetime) -> list[Range]:
    """The stretches of a range within which neither duty nor any of the other ranges begins or ends."""
    edges = {start, end}
    for begins, ends in (*((duty.starts_at, duty.ends_at) for duty in known), *ranges):
        edges |= {edge for edge in (begins, ends) if start < edge < end}
    return list(pairwise(sorted(edges)))
