"""Booking and moving: the database refuses a second claim on a chair or on a patient's time, and says which."""

import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused, Stale
from patients.operations.registering import record_death
from sessions.models import Booking, InfusionSession
from sessions.operations import arriving, booking, leaving, planning
from sessions.states import Status
from tests.refusals import refused
from tests.scenes import make_site
from tests.sessions.scenes import NOON, make_chair, make_clinic, make_course, session_at

BEFORE = NOON - timedelta(days=3)
LENGTH = timedelta(minutes=30 + 40 + 60)
"""Preparation, infusion and recovery of the scenes' protocol."""


@pytest.fixture
def course(clinic):
    return make_course(clinic, now=BEFORE)


def book(clinic, course, at=NOON, **told):
    return booking.book(
        **{"course": course, "chair": clinic.chair, "starts_at": at, "by": clinic.desk, "now": BEFORE} | told
    )


def another(clinic):
    return make_course(clinic, now=BEFORE)


def fresh(session):
    return InfusionSession.objects.select_related("booking", "chair").get(pk=session.pk)


def test_book_claims_chair_and_patient_for_the_whole_visit(clinic, course):
    key = uuid.uuid4()
    session = fresh(book(clinic, course, public_id=key))
    assert (session.public_id, session.state, session.patient) == (key, Status.SCHEDULED, course.patient)
    assert (session.scheduled_start, session.scheduled_end) == (NOON, NOON + LENGTH)
    held = session.booking
    assert (held.starts_at, held.ends_at, held.is_live) == (NOON, NOON + LENGTH, True)
    assert (held.booked_by, held.booked_at, held.chair) == (clinic.desk.user, BEFORE, clinic.chair)
    assert held.history.get().history_date == BEFORE
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.subject_id) == ("session.booked", key)


def test_book_with_an_id_that_is_taken_is_no_question_of_chairs(clinic, course):
    session = book(clinic, course)
    with pytest.raises(IntegrityError), transaction.atomic():
        book(clinic, another(clinic), NOON + timedelta(days=1), public_id=session.public_id)
    assert Booking.objects.count() == 1


# Overlaps


@pytest.mark.parametrize("minutes", [-129, -1, 0, 1, 129])
def test_book_chair_taken(clinic, course, minutes):
    book(clinic, course)
    with refused(Conflict, "booking.chair_taken") as refusal:
        book(clinic, another(clinic), NOON + timedelta(minutes=minutes))
    # The reader's own wall clock, and nobody's name.
    assert str(refusal.value) == "Chair 1 is taken from 12:00 to 14:10. Choose another time or chair."
    assert InfusionSession.objects.count() == Booking.objects.count() == 1


@pytest.mark.parametrize("minutes", [-130, 130])
def test_book_half_open_ranges_touch(clinic, course, minutes):
    book(clinic, course)
    book(clinic, another(clinic), NOON + timedelta(minutes=minutes))


@pytest.mark.parametrize("minutes", [-129, 0, 129])
def test_book_patient_taken(clinic, course, minutes):
    book(clinic, course)
    second = make_course(clinic, patient=course.patient, now=BEFORE)
    with refused(Conflict, "booking.patient_taken") as refusal:
        book(clinic, second, NOON + timedelta(minutes=minutes), chair=clinic.chairs[1])
    sentence = "This patient is booked from 12:00 to 14:10 already. Choose another time."
    assert str(refusal.value) == sentence


def test_book_another_chair_at_the_same_time(clinic, course):
    book(clinic, course)
    book(clinic, another(clinic), chair=clinic.chairs[1])


def test_a_cancelled_visit_frees_chair_and_patient(clinic, course):
    first = book(clinic, course)
    arriving.cancel(session=first, by=clinic.desk, reason="Has a cold", now=BEFORE)
    book(clinic, another(clinic))
    book(clinic, course, chair=clinic.chairs[1])


def test_a_visit_that_is_over_frees_the_rest_of_its_time(clinic):
    left = session_at(Status.LEFT, clinic=clinic, now=NOON)
    assert left.scheduled_end > NOON
    later = NOON + timedelta(minutes=1)
    book(clinic, make_course(clinic, now=NOON), later, now=NOON)


def test_a_visit_under_way_keeps_its_chair(clinic):
    session_at(Status.RECOVERING, clinic=clinic, now=NOON)
    with refused(Conflict, "booking.chair_taken"):
        book(clinic, make_course(clinic, now=NOON), NOON + timedelta(minutes=1), now=NOON)


# What else a booking refuses


def test_book_who_may(clinic, course):
    with refused(Refused, "permission.missing"):
        book(clinic, course, by=clinic.prescriber)


def test_book_a_time_that_has_passed_or_is_too_far(clinic, course):
    with refused(Invalid, "booking.past") as refusal:
        book(clinic, course, BEFORE - timedelta(seconds=1))
    assert set(refusal.value.fields) == {"starts_at"}
    with refused(Invalid, "booking.too_far"):
        book(clinic, course, BEFORE + timedelta(days=366, seconds=1))
    book(clinic, course, BEFORE)
    book(clinic, course, BEFORE + timedelta(days=366))


def test_book_patient_deceased(clinic, course):
    bury(course.patient, clinic)
    with refused(Conflict, "patient.deceased"):
        book(clinic, course)


def bury(patient, clinic):
    record_death(
        patient=patient,
        deceased_on=BEFORE.date(),
        by=clinic.desk,
        expected_revision=patient.revision,
        now=BEFORE,
    )


def test_book_course_closed(clinic, course):
    told = {"course": course, "by": clinic.prescriber, "now": BEFORE}
    planning.close_course(state="stopped", code="moved", reason="Moved away", **told)
    with refused(Conflict, "order.inactive"):
        book(clinic, course)


def test_book_all_planned_infusions_are_booked(clinic):
    course = make_course(clinic, now=BEFORE, planned_infusions=2)
    first = book(clinic, course)
    book(clinic, course, NOON + timedelta(days=2))
    with refused(Conflict, "course.full") as refusal:
        book(clinic, course, NOON + timedelta(days=4))
    assert "All 2 planned" in str(refusal.value)
    arriving.cancel(session=first, by=clinic.desk, reason="Has a cold", now=BEFORE)
    book(clinic, course, NOON + timedelta(days=4))


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_book_nearer_than_the_protocols_gap(clinic, course, days):
    book(clinic, course)
    with refused(Conflict, "booking.gap") as refusal:
        book(clinic, course, NOON + timedelta(days=days, hours=3), chair=clinic.chairs[1])
    assert "at least 2 days" in str(refusal.value)
    assert "Tue 10 Mar" in str(refusal.value)


@pytest.mark.parametrize("days", [-2, 2])
def test_book_just_at_the_gap_counted_in_days_of_the_site(clinic, course, days):
    book(clinic, course)
    book(clinic, course, NOON + timedelta(days=days), chair=clinic.chairs[1])


@pytest.mark.parametrize("leave", [False, True])
def test_a_visit_without_an_infusion_is_neither_planned_for_nor_in_the_way(clinic, leave):
    """Nothing was given, so it may be made up for on the next day."""
    course = make_course(clinic, now=BEFORE, planned_infusions=1)
    session = book(clinic, course)
    arriving.arrive(session=session, by=clinic.desk, now=NOON)
    if leave:
        leaving.leave(session=session, by=clinic.desk, now=NOON)
    else:
        arriving.do_not_start(session=session, by=clinic.nurse, reason="Fever", now=NOON)
    book(clinic, course, NOON + timedelta(days=1), now=NOON)


def test_book_a_chair_that_cannot_be_used(clinic, course):
    elsewhere = make_chair(make_site("south"), "Chair 1")
    with refused(Conflict, "chair.other_site"):
        book(clinic, course, chair=elsewhere)
    broken = clinic.chairs[1]
    broken.is_in_service = False
    broken.save()
    with refused(Conflict, "chair.out_of_service"):
        book(clinic, course, chair=broken)


# Nights on which the clocks change


def at_place(*parts):
    return datetime(*parts, tzinfo=ZoneInfo("America/New_York"))


@pytest.mark.parametrize(
    ("local", "ends"),
    [
        # Forward at 2:00 on 8 March 2026: 130 minutes after 0:30 it is 3:40 by the clock.
        (at_place(2026, 3, 8, 0, 30), datetime(2026, 3, 8, 7, 40, tzinfo=UTC)),
        # Back at 2:00 on 1 November 2026: 130 minutes after 0:30 it is 1:40, for the second time.
        (at_place(2026, 11, 1, 0, 30), datetime(2026, 11, 1, 6, 40, tzinfo=UTC)),
    ],
)
def test_book_lasts_as_long_on_the_night_of_a_clock_change(clinic, local, ends):
    session = fresh(book(clinic, make_course(clinic, now=BEFORE), local))
    assert session.scheduled_end - session.scheduled_start == LENGTH
    assert session.scheduled_end == ends
    assert session.local_date == local.date()
    moved = booking.move_booking(
        session=session,
        chair=clinic.chairs[1],
        starts_at=local + timedelta(minutes=20),
        by=clinic.desk,
        expected_revision=session.revision,
        now=BEFORE,
    )
    assert fresh(moved).booking.ends_at - fresh(moved).booking.starts_at == LENGTH


def test_book_falls_on_the_day_of_the_site(db):
    clinic = make_clinic(zone="Pacific/Auckland")
    session = book(clinic, make_course(clinic, now=BEFORE), datetime(2026, 3, 10, 11, 30, tzinfo=UTC))
    assert str(session.local_date) == "2026-03-11"


# Moving


def move(session, clinic, at=NOON, **told):
    usual = {"chair": clinic.chair, "by": clinic.desk, "now": BEFORE, "expected_revision": session.revision}
    return booking.move_booking(session=session, starts_at=at, **usual | told)


def test_move_takes_the_claim_along(clinic, course):
    session = book(clinic, course)
    moved = fresh(move(session, clinic, NOON + timedelta(days=1), chair=clinic.chairs[1]))
    assert moved.revision == session.revision + 1
    assert (moved.chair, moved.booking.chair) == (clinic.chairs[1], clinic.chairs[1])
    assert moved.scheduled_start == moved.booking.starts_at == NOON + timedelta(days=1)
    assert moved.local_date == moved.booking.local_date == (NOON + timedelta(days=1)).date()
    assert moved.scheduled_end - moved.scheduled_start == LENGTH
    assert AuditEvent.objects.latest("pk").verb == "session.moved"
    book(clinic, another(clinic))


@pytest.mark.parametrize("minutes", [-60, 0, 60])
def test_move_onto_its_own_time(clinic, course, minutes):
    session = book(clinic, course)
    assert move(session, clinic, NOON + timedelta(minutes=minutes)).chair == clinic.chair


def test_move_onto_another_is_refused_and_leaves_it_where_it_was(clinic, course):
    session = book(clinic, course)
    book(clinic, another(clinic), chair=clinic.chairs[1])
    with refused(Conflict, "booking.chair_taken") as refusal:
        move(session, clinic, NOON + timedelta(minutes=30), chair=clinic.chairs[1])
    assert "Chair 2" in str(refusal.value)
    stored = fresh(session)
    assert (stored.chair, stored.scheduled_start, stored.revision) == (clinic.chair, NOON, session.revision)


def test_move_based_on_an_older_revision(clinic, course):
    session = book(clinic, course)
    move(session, clinic, NOON + timedelta(hours=1))
    with refused(Stale, "revision.stale") as refusal:
        move(session, clinic, NOON + timedelta(hours=2))
    assert refusal.value.current["scheduled_start"] == NOON + timedelta(hours=1)


def test_move_what_it_refuses(clinic, course):
    session = book(clinic, course)
    with refused(Refused, "permission.missing"):
        move(session, clinic, by=clinic.prescriber)
    with refused(Invalid, "booking.past"):
        move(session, clinic, BEFORE - timedelta(hours=1))
    other = book(clinic, course, NOON + timedelta(days=3))
    with refused(Conflict, "booking.gap"):
        move(other, clinic, NOON + timedelta(days=1))
    bury(course.patient, clinic)
    with refused(Conflict, "patient.deceased"):
        move(session, clinic, NOON + timedelta(hours=1))


def test_move_to_another_chair_after_its_time_has_come(clinic, course):
    session = book(clinic, course)
    late = NOON + timedelta(minutes=10)
    assert move(session, clinic, NOON, chair=clinic.chairs[2], now=late).chair == clinic.chairs[2]


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.SCHEDULED])
def test_move_only_what_is_scheduled(clinic, status):
    session = session_at(status, clinic=clinic, now=NOON)
    with refused(Conflict, "session.status"):
        move(session, clinic, NOON + timedelta(hours=5), now=NOON)


# Another chair on the day


@pytest.mark.parametrize("status", Status)
def test_change_chair_between_arrival_and_start(clinic, status):
    session = session_at(status, clinic=clinic, now=NOON)
    told = {"session": session, "chair": clinic.chairs[2], "by": clinic.desk, "now": NOON}
    if status in {Status.ARRIVED, Status.READY}:
        changed = fresh(booking.change_chair(**told))
        assert (changed.chair, changed.booking.chair) == (clinic.chairs[2], clinic.chair)
        assert changed.revision == session.revision + 1
        assert AuditEvent.objects.latest("pk").verb == "session.chair_changed"
        return
    with refused(Conflict, "session.status"):
        booking.change_chair(**told)


def test_change_chair_what_it_refuses(clinic):
    session = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    told = {"session": session, "chair": clinic.chairs[2], "by": clinic.desk, "now": NOON}
    with refused(Refused, "permission.missing"):
        booking.change_chair(**told | {"by": clinic.prescriber})
    with refused(Conflict, "chair.other_site"):
        booking.change_chair(**told | {"chair": make_chair(make_site("south"), "Chair 1")})
