"""A free time that a cancellation opens, people who wait, and what disturbs a plan: opening hours, shifts and leave."""

from datetime import datetime, time, timedelta
from typing import Any

from clinic.accounts.actor import Actor
from clinic.facilities.models import Chair, Closure, OpeningHours, Shift, Site, StaffLeave
from sessions.models import Course, InfusionSession, WaitingEntry
from sessions.operations.arriving import cancel
from sessions.operations.booking import book
from sessions.operations.waiting import add_to_waiting_list
from tests.remembered import remembered
from tests.sessions.scenes import NOON, Clinic, make_course

FRIDAY_MORNING = NOON + timedelta(days=2, hours=21, minutes=30)
"""Friday 13 March, 09:30 in New York."""
LENGTH = timedelta(minutes=130)


@remembered
def booked(
    clinic: Clinic, at: datetime, *, chair: Chair | None = None, now: datetime = NOON, **told: Any
) -> InfusionSession:
    """A session of somebody new."""
    return book(
        **{
            "course": make_course(clinic, now=now),
            "chair": chair or clinic.chair,
            "starts_at": at,
            "by": clinic.desk,
            "now": now,
        }
        | told
    )


def called_off(
    clinic: Clinic, at: datetime = FRIDAY_MORNING, *, chair: Chair | None = None, now: datetime = NOON
) -> InfusionSession:
    """A session that was booked and cancelled: its time is free."""
    session = booked(clinic, at, chair=chair, now=now)
    return cancel(session=session, by=clinic.desk, reason="Has a cold", now=now)


def waits(
    clinic: Clinic, *, course: Course | None = None, now: datetime = NOON, **wishes: Any
) -> WaitingEntry:
    """Somebody who waits, for any time unless told otherwise."""
    course = course or make_course(clinic, now=now)
    return add_to_waiting_list(course=course, wishes=wishes, by=clinic.desk, now=now)


def open_from(site: Site, opens: time, closes: time) -> None:
    """The same hours on every day of the week."""
    for weekday in range(7):
        OpeningHours.objects.create(site=site, weekday=weekday, opens_at=opens, closes_at=closes)


def closed(site: Site, start: datetime, end: datetime) -> Closure:
    return Closure.objects.create(site=site, reason="Water damage", starts_at=start, ends_at=end)


def on_shift(nurse: Actor, site: Site, start: datetime, end: datetime) -> Shift:
    return Shift.objects.create(site=site, user=nurse.user, starts_at=start, ends_at=end)


def away(nurse: Actor, start: datetime, end: datetime, kind: str = StaffLeave.Kind.SICK) -> StaffLeave:
    return StaffLeave.objects.create(user=nurse.user, kind=kind, starts_at=start, ends_at=end)
