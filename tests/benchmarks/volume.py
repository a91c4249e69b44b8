"""A clinic of some size: rows written in bulk, since what is measured is reading and adding to them."""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from django.db import connection

from clinic.accounts.models import Membership, Role, User
from clinic.common import clock
from clinic.common.text import search_key, sort_key
from clinic.facilities.models import Chair, Site
from patients.models import Consent, ConsentDocument, Patient, Registration
from sessions.demo.protocols import DEPRESSION
from sessions.models import Booking, Course, InfusionSession, Protocol, ProtocolVersion, VitalSigns
from sessions.states import Status
from tests.benchmarks.full_year import fill_year
from tests.benchmarks.long_course import fill_long_course
from tests.benchmarks.running import fill_running

FAMILIES = [
    "Abara",
    "Bianchi",
    "Clarke",
    "Dubois",
    "Eriksen",
    "Ferreira",
    "García",
    "Haddad",
    "Ivanova",
    "Jensen",
    "Kowalski",
    "Lindholm",
    "Müller",
    "Novák",
]
GIVEN = [
    "Ana",
    "Beatriz",
    "Chiara",
    "Daria",
    "Elif",
    "Freja",
    "Grace",
    "Haruka",
    "Ida",
    "Jonas",
    "Karim",
    "Lucía",
    "Minh",
    "Ngozi",
    "Olu",
    "Piotr",
    "Rui",
    "Siobhán",
]


@dataclass(frozen=True, slots=True)
class Size:
    patients: int = 5_000
    sessions: int = 30_000
    readings: int = 300_000
    bookings: int = 100_000


def fill(size: Size) -> tuple[User, InfusionSession]:
    """Write the rows; the nurse who measures, and a running session of today."""
    now = clock.now().replace(microsecond=0)
    chance = random.Random(7)
    site = Site.objects.create(name="Measured clinic", code="measured", time_zone="UTC", is_demo=True)
    chairs = [
        Chair.objects.create(site=site, name=f"Chair {number}", position=number) for number in range(1, 9)
    ]
    nurse = User.objects.create_user("measured", "not used", display_name="Measured Nurse", credential="RN")
    Membership.objects.create(user=nurse, site=site, role=Role.objects.get(code="nurse"))
    patients = _patients(size.patients, site, now, chance)
    courses = _courses(patients, site, nurse, now)
    sessions = _sessions(size.sessions, courses, chairs, nurse, now)
    _readings(size.readings, sessions, nurse, chance)
    fill_year(patients[0], courses[0].protocol_version, nurse, now)
    fill_long_course(patients[1], courses[0].protocol_version, nurse, now)
    _bookings(size.bookings - size.sessions, patients, chairs, nurse, now)
    fill_running(courses, nurse, now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    running = InfusionSession.objects.filter(status=Status.INFUSING).order_by("pk").first()
    assert running is not None
    return nurse, running


def _patients(count: int, site: Site, now: datetime, chance: random.Random) -> list[Patient]:
    rows = []
    for number in range(count):
        family, given = (
            f"{chance.choice(FAMILIES)}",
            f"{chance.choice(GIVEN)} {chance.choice('ABCDEFGH')}{number}",
        )
        rows.append(
            Patient(
                family_name=family,
                given_name=given,
                birth_date=date(1940 + number % 60, 1 + number % 12, 1 + number % 28),
                phone=f"555 {number:07}",
                phone_key=f"555{number:07}",
                search_key=search_key(family, given),
                sort_key=sort_key(family, given),
                updated_at=now,
            )
        )
    Patient.objects.bulk_create(rows, batch_size=1000)
    registrations = (
        Registration(patient=patient, site=site, record_number=str(100_001 + number), registered_at=now)
        for number, patient in enumerate(rows)
    )
    Registration.objects.bulk_create(registrations, batch_size=1000)
    return rows


def _courses(patients: list[Patient], site: Site, nurse: User, now: datetime) -> list[Course]:
    protocol = Protocol.objects.create(code="measured", name="Measured", indication="Depression")
    content = {
        **DEPRESSION,
        "state": ProtocolVersion.State.APPROVED,
        "approved_by": nurse,
        "approved_at": now,
    }
    version = ProtocolVersion.objects.create(
        protocol=protocol, number=1, drafted_by=nurse, drafted_at=now, **content
    )
    document = ConsentDocument.objects.create(
        code="measured", version=1, title="Measured", body="-", published_at=now
    )
    rows = []
    consents = [
        Consent(patient=patient, document=document, given_on=date(2020, 1, 1), taken_by=nurse, updated_at=now)
        for patient in patients
    ]
    Consent.objects.bulk_create(consents, batch_size=1000)
    for patient, consent in zip(patients, consents, strict=True):
        rows.append(
            Course(
                patient=patient,
                site=site,
                protocol_version=version,
                consent=consent,
                diagnosis_code="F33.2",
                dose_micrograms_per_kg=500,
                cap_micrograms=60_000,
                duration_minutes=40,
                planned_infusions=40,
                ordered_by=nurse,
                ordered_at=now,
            )
        )
    return Course.objects.bulk_create(rows, batch_size=1000)


TODAY = 40
"""Visits on today's board."""
FULL = 60
"""Visits on the fullest day of the schedule."""
FULL_DAY = timedelta(days=30)
"""How far ahead that day lies."""


def _sessions(
    count: int, courses: list[Course], chairs: list[Chair], nurse: User, now: datetime
) -> list[InfusionSession]:
    bookings, sessions = [], []
    for number, (course, chair, start, status) in enumerate(_visits(count, courses, chairs, now)):
        end = start + timedelta(minutes=130)
        common: dict[str, Any] = {
            "site": course.site,
            "patient": course.patient,
            "course": course,
            "chair": chair,
        }
        booking = Booking(
            **common,
            starts_at=start,
            ends_at=end,
            local_date=start.date(),
            is_live=False,
            booked_by=nurse,
            booked_at=start - timedelta(days=5),
        )
        bookings.append(booking)
        begun = start + timedelta(minutes=30)
        started = status not in {Status.SCHEDULED, Status.ARRIVED, Status.READY}
        ended = status in {Status.RECOVERING, Status.DISCHARGED}
        sessions.append(
            InfusionSession(
                **common,
                public_id=uuid.UUID(int=number + 1),
                booking=booking,
                nurse=nurse,
                status=status,
                local_date=start.date(),
                scheduled_start=start,
                scheduled_end=end,
                arrived_at=None if status == Status.SCHEDULED else start,
                infusion_started_at=begun if started else None,
                infusion_ended_at=begun + timedelta(minutes=40) if ended else None,
                running_since=begun if status == Status.INFUSING else None,
                infused_seconds=2400 if ended else 0,
                end_kind="completed" if ended else "",
                closed_at=end if status == Status.DISCHARGED else None,
            )
        )
    Booking.objects.bulk_create(bookings, batch_size=2000)
    return InfusionSession.objects.bulk_create(sessions, batch_size=2000)


def _visits(
    count: int, courses: list[Course], chairs: list[Chair], now: datetime
) -> Iterator[tuple[Course, Chair, datetime, Status]]:
    board = [
        Status.INFUSING,
        Status.RECOVERING,
        Status.ARRIVED,
        Status.READY,
        Status.DISCHARGED,
        Status.SCHEDULED,
    ]
    midnight = now.replace(hour=0, minute=0, second=0)
    for number in range(count):
        course, chair = courses[number % len(courses)], chairs[number % len(chairs)]
        if number < TODAY:
            start = max(midnight, now - timedelta(minutes=50 + number))
            yield course, chair, start, board[number % len(board)]
        elif number < TODAY + FULL:
            start = midnight + FULL_DAY + timedelta(hours=7, minutes=10 * (number - TODAY))
            yield course, chair, start, Status.SCHEDULED
        else:
            day = midnight - timedelta(days=1 + number // TODAY)
            yield course, chair, day + timedelta(hours=9, minutes=10 * (number % TODAY)), Status.DISCHARGED


AHEAD = 90
"""Days for which every chair is booked all day."""


def _bookings(count: int, patients: list[Patient], chairs: list[Chair], nurse: User, now: datetime) -> None:
    """Visits of years, and those to come: no patient has two at a time, and no chair."""
    midnight = now.replace(hour=0, minute=0, second=0)
    starts = (
        (day, hour, chair)
        for day in range(AHEAD, AHEAD - count, -1)
        for hour in (8, 11, 14, 17)
        for chair in chairs
    )
    rows = (
        Booking(
            site=chair.site,
            kind=Booking.Kind.CONSULTATION,
            title="Measured",
            patient=patients[number % len(patients)],
            chair=chair,
            starts_at=midnight + timedelta(days=day, hours=hour),
            ends_at=midnight + timedelta(days=day, hours=hour, minutes=130),
            local_date=(midnight + timedelta(days=day)).date(),
            is_live=day > 0,
            booked_by=nurse,
            booked_at=now,
        )
        for number, (day, hour, chair) in enumerate(islice(starts, count))
    )
    Booking.objects.bulk_create(rows, batch_size=2000)


def _readings(count: int, sessions: list[InfusionSession], nurse: User, chance: random.Random) -> None:
    each = count // len(sessions)
    batch: list[VitalSigns] = []
    for session in sessions:
        for number in range(each):
            at = session.scheduled_start + timedelta(minutes=5 * number)
            batch.append(
                VitalSigns(
                    session=session,
                    systolic=chance.randrange(105, 138),
                    diastolic=chance.randrange(60, 90),
                    heart_rate=chance.randrange(60, 100),
                    oxygen_saturation=chance.randrange(94, 100),
                    taken_at=at,
                    taken_by=nurse,
                    entered_at=at,
                    entered_by=nurse,
                )
            )
        if len(batch) >= 20_000:
            VitalSigns.objects.bulk_create(batch, batch_size=2000)
            batch.clear()
    VitalSigns.objects.bulk_create(batch, batch_size=2000)
