"""A site whose book is full for a year, and a course that is to be planned in what is left of it."""

import random
from datetime import datetime, time, timedelta

from clinic.accounts.models import Membership, Role, User
from clinic.facilities.models import Chair, OpeningHours, Shift, Site
from patients.models import Patient
from sessions.models import Booking, Course, ProtocolVersion

CODE = "full-year"


def fill_year(patient: Patient, version: ProtocolVersion, nurse: User, now: datetime) -> Course:
    """Eight chairs with four visits a day, but for one place in twenty; three nurses for four patients each."""
    site = Site.objects.create(
        name="Full clinic", code=CODE, time_zone="UTC", is_demo=True, policy={"patients_per_nurse": 4}
    )
    chairs = Chair.objects.bulk_create(Chair(site=site, name=f"Chair {n}", position=n) for n in range(1, 9))
    hours = (OpeningHours(site=site, weekday=n, opens_at=time(8), closes_at=time(18)) for n in range(6))
    OpeningHours.objects.bulk_create(hours)
    midnight = now.replace(hour=0, minute=0, second=0)
    mornings = [midnight + timedelta(days=n, hours=8) for n in range(1, 366)]
    _shifts(site, nurse, mornings)
    _visits(site, chairs, nurse, mornings, now)
    return Course.objects.create(
        patient=patient,
        site=site,
        protocol_version=version,
        diagnosis_code="F33.2",
        dose_micrograms_per_kg=500,
        cap_micrograms=60_000,
        duration_minutes=40,
        planned_infusions=12,
        ordered_by=nurse,
        ordered_at=now,
    )


def _shifts(site: Site, nurse: User, mornings: list[datetime]) -> None:
    colleagues = [User.objects.create_user(f"full{n}", None, display_name=f"Full Nurse {n}") for n in (2, 3)]
    role = Role.objects.get(code="nurse")
    Membership.objects.bulk_create(
        Membership(user=user, site=site, role=role) for user in (nurse, *colleagues)
    )
    Shift.objects.bulk_create(
        Shift(site=site, user=user, starts_at=start, ends_at=start + timedelta(hours=10))
        for start in mornings
        for user in (nurse, *colleagues)
    )


def _visits(site: Site, chairs: list[Chair], nurse: User, mornings: list[datetime], now: datetime) -> None:
    chance = random.Random(11)
    starts = [
        (chair, start + timedelta(minutes=135 * n))
        for start in mornings
        for chair in chairs
        for n in range(4)
    ]
    rows = (
        Booking(
            site=site,
            kind=Booking.Kind.OTHER_TREATMENT,
            title="Measured",
            chair=chair,
            starts_at=start,
            ends_at=start + timedelta(minutes=130),
            local_date=start.date(),
            booked_by=nurse,
            booked_at=now,
        )
        for chair, start in starts
        if chance.random() < 0.95
    )
    Booking.objects.bulk_create(rows, batch_size=2000)
