"""Times that cancellations and no-shows have opened, and whom they suit."""

from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions.operations.arriving import cancel, no_show
from sessions.operations.blocks import block_chair
from sessions.operations.booking import move_booking
from sessions.operations.waiting import book_from_waiting_list
from sessions.reports.freed_times import free_times, opened_by
from tests.scenes import staff
from tests.sessions.operations.duty import set_rules
from tests.sessions.scenes import NOON, booked_session, make_clinic, make_course
from tests.sessions.waiting_scene import (
    FRIDAY_MORNING,
    LENGTH,
    booked,
    called_off,
    closed,
    on_shift,
    open_from,
    waits,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def clinic(db):
    return make_clinic()


def found(clinic, now=NOON, by=None):
    return free_times(clinic.site, actor=by or clinic.desk, now=now)


def ranges(clinic, now=NOON):
    return [(free.chair.name, free.gap.starts_at, free.gap.ends_at) for free in found(clinic, now)]


def test_a_cancelled_visit_is_offered_and_a_booked_one_is_not(clinic):
    booked(clinic, FRIDAY_MORNING, chair=clinic.chairs[1])
    session = called_off(clinic)
    (free,) = found(clinic)
    assert ranges(clinic) == [("Chair 1", FRIDAY_MORNING, FRIDAY_MORNING + LENGTH)]
    assert opened_by(session, [free]) == free
    assert opened_by(booked(clinic, FRIDAY_MORNING + 24 * HOUR), [free]) is None


def test_only_what_is_free_still(clinic):
    called_off(clinic)
    booked(clinic, FRIDAY_MORNING + timedelta(minutes=60))
    # An hour is left of it, and then the chair is taken.
    (free,) = found(clinic)
    assert free.gap.ends_at == free.gap.free_until == FRIDAY_MORNING + HOUR
    block_chair(
        chair=clinic.chair,
        kind="maintenance",
        title="Cleaning",
        starts_at=FRIDAY_MORNING + timedelta(minutes=20),
        ends_at=FRIDAY_MORNING + timedelta(minutes=60),
        by=clinic.desk,
        now=NOON,
    )
    assert found(clinic) == []


def test_one_time_called_off_twice_is_one_and_two_that_touch_are_two(clinic):
    called_off(clinic)
    called_off(clinic, FRIDAY_MORNING + timedelta(minutes=30))
    called_off(clinic, FRIDAY_MORNING + timedelta(minutes=30) + LENGTH)
    later = FRIDAY_MORNING + timedelta(minutes=30) + LENGTH
    assert ranges(clinic) == [
        ("Chair 1", FRIDAY_MORNING, later),
        ("Chair 1", later, later + LENGTH),
    ]
    assert len(found(clinic)[0].session_ids) == 2


def test_a_no_show_opens_what_is_left_of_its_time_in_whole_five_minutes(clinic):
    session = booked_session(clinic, starts_at=NOON)
    now = NOON + timedelta(minutes=21, seconds=30)
    no_show(session=session, by=clinic.desk, reason="No answer", now=now)
    assert ranges(clinic, now) == [("Chair 1", NOON + timedelta(minutes=25), NOON + LENGTH)]
    assert found(clinic, NOON + LENGTH) == []


@pytest.mark.parametrize("days", [13, 14, 15])
def test_two_weeks_are_looked_ahead(clinic, days):
    called_off(clinic, NOON + timedelta(days=days))
    assert len(found(clinic)) == (days <= 14)


def test_within_hours_and_not_on_a_closure(clinic):
    called_off(clinic)
    open_from(clinic.site, time(8), time(10, 30))
    (free,) = found(clinic)
    assert free.gap.free_until == FRIDAY_MORNING + HOUR
    closed(clinic.site, FRIDAY_MORNING - HOUR, FRIDAY_MORNING + 3 * HOUR)
    assert found(clinic) == []


def test_only_in_a_chair_that_is_in_service(clinic):
    called_off(clinic)
    clinic.chair.is_in_service = False
    clinic.chair.save()
    assert found(clinic) == []


def test_only_with_a_nurse_for_it(clinic):
    on_shift(clinic.nurse, clinic.site, FRIDAY_MORNING - HOUR, FRIDAY_MORNING + 6 * HOUR)
    set_rules(clinic.site, patients_per_nurse=1)
    called_off(clinic)
    assert len(found(clinic)) == 1
    booked(clinic, FRIDAY_MORNING + HOUR, chair=clinic.chairs[1])
    assert found(clinic) == []


def test_those_whom_it_suits_are_offered_the_oldest_first(clinic):
    called_off(clinic)
    second = waits(clinic, now=NOON - HOUR)
    first = waits(clinic, now=NOON - 2 * HOUR, not_before=time(10))
    waits(clinic, weekdays=[0, 1])
    third = waits(clinic, is_starred=True)
    (free,) = found(clinic)
    assert [match.waiting.entry for match in free.matches] == [first, second, third]
    assert free.matches[0].starts_at == FRIDAY_MORNING + timedelta(minutes=30)
    assert free.matches[1].ends_at == FRIDAY_MORNING + LENGTH


def test_nobody_is_offered_what_could_not_be_booked(clinic):
    """Each has one thing in the way, and each offer that is made can be booked."""
    called_off(clinic)
    near, busy = make_course(clinic), make_course(clinic)
    booked(clinic, FRIDAY_MORNING - 24 * HOUR, course=near, chair=clinic.chairs[1])
    other = make_course(clinic, patient=busy.patient)
    booked(clinic, FRIDAY_MORNING, course=other, chair=clinic.chairs[1])
    full = make_course(clinic, planned_infusions=1)
    entries = [waits(clinic, course=course) for course in (near, busy, full)]
    booked(clinic, FRIDAY_MORNING + 72 * HOUR, course=full)
    good = waits(clinic)
    (free,) = found(clinic)
    assert [match.waiting.entry for match in free.matches] == [good]
    assert len(entries) == 3
    (match,) = free.matches
    book_from_waiting_list(entry=good, chair=free.chair, starts_at=match.starts_at, by=clinic.desk, now=NOON)
    assert found(clinic) == []


def moved_to(session, days=0, *, chair=None, hours=0, now=NOON):
    """The session so much later, in its own chair unless another is given."""
    return move_booking(
        session=session,
        chair=chair or session.chair,
        starts_at=session.scheduled_start + timedelta(days=days, hours=hours),
        by=staff("nurse", session.site),
        expected_revision=session.revision,
        now=now,
    )


def test_a_time_that_a_visit_was_moved_away_from_is_offered(clinic):
    session = booked(clinic, FRIDAY_MORNING)
    waits(clinic)
    assert found(clinic) == []
    moved = moved_to(session, 7)
    (free,) = found(clinic)
    assert ranges(clinic) == [("Chair 1", FRIDAY_MORNING, FRIDAY_MORNING + LENGTH)]
    assert len(free.matches) == 1 and opened_by(moved, [free]) is None
    booked(clinic, FRIDAY_MORNING)
    assert found(clinic) == []


def test_every_place_that_a_visit_has_left_and_where_it_was_called_off_at_last(clinic):
    session = moved_to(moved_to(booked(clinic, FRIDAY_MORNING), 3), 3)
    places = [FRIDAY_MORNING + timedelta(days=days) for days in (0, 3, 6)]
    assert [start for _chair, start, _end in ranges(clinic)] == places[:2]
    cancel(session=session, by=clinic.desk, reason="Ill", now=NOON)
    free = found(clinic)
    assert [each.gap.starts_at for each in free] == places
    assert opened_by(session, free) == free[2]


def test_what_a_move_does_not_open(clinic):
    """Another chair at the same time, a few minutes, and what the visit came back to."""
    moved_to(booked(clinic, FRIDAY_MORNING), chair=clinic.chairs[2])
    moved_to(booked(clinic, FRIDAY_MORNING + 3 * HOUR), hours=0.5)
    away = moved_to(booked(clinic, FRIDAY_MORNING, chair=clinic.chairs[1]), 14)
    assert len(found(clinic)) == 1
    moved_to(away, -14)
    assert found(clinic) == []


@pytest.mark.parametrize(("days", "offered"), [(59, 1), (61, 0)])
def test_a_move_is_remembered_for_two_months(clinic, days, offered):
    moved_to(
        booked(clinic, FRIDAY_MORNING, now=NOON - timedelta(days=days)), 7, now=NOON - timedelta(days=days)
    )
    assert len(found(clinic)) == offered


def test_other_sites_and_readers_without_the_right_see_nothing(clinic):
    far = make_clinic("far")
    called_off(clinic)
    waits(far)
    assert found(clinic)[0].matches == ()
    assert found(far) == [] and found(clinic, by=far.desk) == []


def test_the_number_of_queries_does_not_grow(clinic, django_assert_max_num_queries):
    for number in range(6):
        moved_to(booked(clinic, FRIDAY_MORNING + number * 24 * HOUR, chair=clinic.chairs[1]), 7)
    set_rules(clinic.site, patients_per_nurse=9)
    on_shift(clinic.nurse, clinic.site, NOON, NOON + timedelta(days=9))
    for number in range(6):
        called_off(clinic, FRIDAY_MORNING + number * 24 * HOUR)
        waits(clinic)
    with django_assert_max_num_queries(13):
        free = found(clinic)
    assert [len(each.matches) for each in free] == [6] * 12


def test_the_history_is_read_by_when_it_was_written(clinic):
    """Whatever was booked over the years: by the index of dates, then by the bookings that it names."""
    moved_to(booked(clinic, FRIDAY_MORNING), 7)
    with CaptureQueriesContext(connection) as asked:
        found(clinic)
    (sql,) = [each["sql"] for each in asked if "booking_history" in each["sql"]]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = " ".join(str(row[3]) for row in cursor.fetchall())
        assert "SCAN" not in plan and "history_date>" in plan, plan
