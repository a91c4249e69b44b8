"""A busy room: thirty infusions at once, each with the readings of most of an hour."""

from datetime import datetime, timedelta

from clinic.accounts.models import Membership, Role, User
from clinic.facilities.models import Chair, Site
from sessions.models import Booking, Course, InfusionSession, VitalSigns
from sessions.states import Status

RUNNING = 30
READINGS = 20


def fill_running(courses: list[Course], nurse: User, now: datetime) -> Site:
    """Write the rows; the site."""
    site = Site.objects.create(name="Running clinic", code="running", time_zone="UTC", is_demo=True)
    Membership.objects.create(user=nurse, site=site, role=Role.objects.get(code="nurse"))
    # Never across a midnight: the board is of one day.
    begun = max(now.replace(hour=0, minute=0, second=0), now - timedelta(minutes=40))
    for number, course in enumerate(courses[-RUNNING:], start=1):
        chair = Chair.objects.create(site=site, name=f"Chair {number}", position=number)
        told = {"site": site, "patient": course.patient, "course": course, "chair": chair}
        booking = Booking.objects.create(
            **told,
            starts_at=begun,
            ends_at=begun + timedelta(minutes=130),
            local_date=begun.date(),
            is_live=False,
            booked_by=nurse,
            booked_at=begun,
        )
        session = InfusionSession.objects.create(
            **told,
            booking=booking,
            nurse=nurse,
            status=Status.INFUSING,
            local_date=begun.date(),
            scheduled_start=begun,
            scheduled_end=booking.ends_at,
            arrived_at=begun,
            infusion_started_at=begun + (now - begun) / 8,
            running_since=begun + (now - begun) / 8,
        )
        _readings(session, nurse, now)
    return site


def _readings(session: InfusionSession, nurse: User, now: datetime) -> None:
    step = (now - session.scheduled_start) / READINGS
    rows = []
    for number in range(1, READINGS + 1):
        at = session.scheduled_start + step * number
        by = {"taken_at": at, "taken_by": nurse, "entered_at": at, "entered_by": nurse}
        pressure = {"systolic": 118 + number, "diastolic": 74, "heart_rate": 70, "oxygen_saturation": 98}
        rows.append(VitalSigns(session=session, **pressure, **by))
    VitalSigns.objects.bulk_create(rows)
