"""Which bookings are more than the nurses on duty can look after."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from clinic.facilities.rules.duty import Duty, steps
from sessions.models import Booking
from sessions.rules.capacity import NURSES
from sessions.states import PRESENT

Excess = tuple[Any, datetime, int, int]
"""A booking, the first moment at which it is one too many, the patients and the nurses there are then."""


def beyond_the_nurses(
    held: Sequence[Any], on: Sequence[Duty], *, most: int, now: datetime
) -> Iterable[Excess]:
    """Bookings that are more than ``most`` for each nurse on duty, once each.

    Whoever is here stays, and whoever was booked first has the first claim: two patients too many are two bookings,
    not all that share the hour. Bookings against this rule count nowhere: they were accepted with a reason.
    """
    counted = [
        booking for booking in held if booking.kind in Booking.NURSED and NURSES not in booking.overrides
    ]
    for day in _by_day(counted):
        yield from _of_day(day, on, most=most, now=now)


def _by_day(counted: Sequence[Any]) -> Iterable[list[Any]]:
    """Bookings in groups that share no instant with one another, so that a year is not compared with itself."""
    group: list[Any] = []
    end: datetime | None = None
    for booking in sorted(counted, key=lambda booking: booking.starts_at):
        if end is not None and booking.starts_at >= end:
            yield group
            group, end = [], None
        group.append(booking)
        end = max(end or booking.ends_at, booking.ends_at)
    if group:
        yield group


def _of_day(group: Sequence[Any], on: Sequence[Duty], *, most: int, now: datetime) -> Iterable[Excess]:
    start = max(now, min(booking.starts_at for booking in group))
    end = max(booking.ends_at for booking in group)
    if end <= start:
        return
    near = [duty for duty in on if duty.starts_at < end and duty.ends_at > start]
    ranges = [(booking.starts_at, booking.ends_at) for booking in group]
    told: set[int] = set()
    for at, _until in steps(near, ranges, start, end):
        there = sorted((b for b in group if b.starts_at <= at < b.ends_at), key=_claim)
        nurses = len({duty.user_id for duty in near if duty.starts_at <= at < duty.ends_at})
        for booking in there[nurses * most :]:
            if booking.pk not in told:
                told.add(booking.pk)
                yield booking, at, len(there), nurses


def _claim(booking: Any) -> tuple[bool, datetime, int]:
    session = getattr(booking, "session", None)
    is_here = session is not None and session.state in PRESENT
    return not is_here, booking.booked_at, booking.pk
