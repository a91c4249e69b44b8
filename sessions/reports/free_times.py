"""When has a site room for one more visit of a course? Read once, for :mod:`sessions.rules.proposing` to search."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from clinic.facilities.models import Chair
from clinic.facilities.rules.duty import duties
from clinic.facilities.rules.opening import Range, open_times
from sessions.models import Booking, Course, InfusionSession
from sessions.rules.free_times import ChairTimes, FreeTimes, Taken
from sessions.rules.planning import BOOKING_HORIZON, sessions_taking_place
from sessions.rules.proposing import Spacing


@dataclass(frozen=True, slots=True)
class CourseTimes:
    """What a series of a course is planned from.

    Attributes:
        days: of the sessions that stay as they are, in order.
        previous: the day of the one after which the series comes.
        to_book: how many the order still leaves; sessions that are to be moved count among them.
    """

    known: FreeTimes
    spacing: Spacing
    days: tuple[date, ...]
    previous: date | None
    to_book: int


def course_times(course: Course, *, now: datetime, besides: Sequence[InfusionSession] = ()) -> CourseTimes:
    """Everything that is asked for, in the same few queries whatever the book holds.

    Args:
        besides: sessions that are to be moved, in order; what they hold now is in nobody's way.
    """
    days = sessions_taking_place(course).exclude(pk__in=[session.pk for session in besides])
    staying = tuple(days.order_by("local_date").values_list("local_date", flat=True))
    before = [day for day in staying if not besides or day < besides[0].local_date]
    return CourseTimes(
        known=free_times(course, now=now, besides=[session.booking_id for session in besides]),
        spacing=spacing_of(course),
        days=staying,
        previous=max(before, default=None),
        to_book=max(0, course.planned_infusions - len(staying)),
    )


def spacing_of(course: Course) -> Spacing:
    """The protocol's gaps; one below the least would be no target."""
    version: Any = course.protocol_version
    target = max(version.target_gap_days, version.min_gap_days)
    return Spacing(version.min_gap_days, target, version.max_gap_days)


def free_times(course: Course, *, now: datetime, besides: Sequence[int] = ()) -> FreeTimes:
    """A site's time for a course's visits, until as far ahead as anything can be booked.

    Args:
        besides: inner keys of bookings that are in nobody's way.
    """
    site, length = course.site, timedelta(minutes=course.chair_minutes)
    until = now + BOOKING_HORIZON
    end = until + length
    live = Booking.objects.live().overlapping(now, end).exclude(pk__in=besides).order_by()
    most = site.rules.patients_per_nurse
    claims = list(
        live.filter(site=site).values_list("chair", "starts_at", "ends_at", "kind", "is_chair_provisional")
    )
    own = live.filter(patient=course.patient_id).values_list("starts_at", "ends_at")
    return FreeTimes(
        times=open_times(site, now, end),
        chairs=_chairs(course, claims),
        length=length,
        now=now,
        until=until,
        most=most,
        duties=duties(site, now, end) if most else (),
        nursed=Taken((claim[1], claim[2]) for claim in claims if claim[3] in Booking.NURSED),
        patient=Taken(own),
    )


def _chairs(course: Course, claims: Sequence[tuple[Any, ...]]) -> list[ChairTimes]:
    """The chairs in service, in the site's order, each with the bookings that keep it."""
    taken: dict[tuple[int, bool], list[Range]] = {}
    for chair, starts_at, ends_at, _kind, is_provisional in claims:
        taken.setdefault((chair, is_provisional), []).append((starts_at, ends_at))
    chairs = Chair.objects.filter(site=course.site).in_service().order_by("position", "name")
    return [
        ChairTimes(key, name, Taken(taken.get((key, False), ())), Taken(taken.get((key, True), ())))
        for key, name in chairs.values_list("pk", "name")
    ]
