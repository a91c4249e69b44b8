"""What a booking looks up before it claims a chair is found by an index, however full the book is."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions.models import Booking
from sessions.operations import booking
from tests.sessions.operations.duty import hours, on_duty, set_rules
from tests.sessions.scenes import NOON, make_clinic, make_course

BEFORE = NOON - timedelta(days=3)
ROWS = 4_000
INDEXES = ("booking_of_chair", "booking_of_patient", "booking_chair_once", "booking_patient_once")
"""Those of the model, and those of PostgreSQL's exclusion constraints, which serve as well."""


@pytest.fixture
def clinic(db):
    """With years of bookings of one chair and one patient, over or called off, and some of them live."""
    clinic = make_clinic(now=BEFORE - timedelta(days=1))
    course = make_course(clinic, now=BEFORE)
    common = {"site": clinic.site, "patient": course.patient, "course": course, "booked_by": clinic.desk.user}
    Booking.objects.bulk_create(
        Booking(
            **common,
            chair=clinic.chairs[number % 3],
            starts_at=NOON + timedelta(hours=3 * (100 - number)),
            ends_at=NOON + timedelta(hours=3 * (100 - number), minutes=130),
            local_date=NOON.date(),
            is_live=number < 50,
            booked_at=BEFORE,
        )
        for number in range(ROWS)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return clinic


def plan_of(sql):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{sql}")
        return "\n".join(str(row) for row in cursor.fetchall())


def looked_up(queries):
    """The statements that ask for bookings in a range of time."""
    asked = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
    return [sql for sql in asked if '"sessions_booking"."starts_at" <' in sql]


@pytest.mark.parametrize("is_open", [False, True])
def test_the_conflict_check_uses_the_indexes(clinic, is_open):
    """The very statements of a booking, explained by the database that ran them."""
    set_rules(clinic.site, patients_per_nurse=2)
    on_duty(clinic, clinic.nurse, hours(-4, 6, day=NOON + timedelta(days=40)))
    course = make_course(clinic, now=BEFORE, patient=Booking.objects.first().patient)
    chair = None if is_open else clinic.chair
    with CaptureQueriesContext(connection) as queries:
        told = {"starts_at": NOON + timedelta(days=40), "by": clinic.desk, "now": BEFORE}
        booking.book(course=course, chair=chair, **told)
    statements = looked_up(queries.captured_queries)
    # The patient's other visits, the nurses' patients, and the chair's, or every chair's with the provisional ones.
    assert len(statements) == (4 if is_open else 3)
    for sql in statements:
        plan = plan_of(sql)
        assert any(name in plan for name in INDEXES), f"{sql}\n{plan}"
