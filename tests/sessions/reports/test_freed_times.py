"""Times that cancellations and no-shows have opened, and whom they suit."""

from datetime import time, timedelta

import pytest

from sessions.operations.arriving import no_show
from sessions.operations.blocks import block_chair
from sessions.operations.waiting import book_from_waiting_list
from sessions.reports.freed_times import free_times, opened_by
from tests.sessions.scenes import NOON, booked_session, make_clinic, make_course
from tests.sessions.waiting_scene import (
    FRIDAY_MORNING,
    LENGTH,
    at_most,
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
    at_most(clinic.site, 1)
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


def test_other_sites_and_readers_without_the_right_see_nothing(clinic):
    far = make_clinic("far")
    called_off(clinic)
    waits(far)
    assert found(clinic)[0].matches == ()
    assert found(far) == [] and found(clinic, by=far.desk) == []


def test_the_number_of_queries_does_not_grow(clinic, django_assert_max_num_queries):
    at_most(clinic.site, 9)
    on_shift(clinic.nurse, clinic.site, NOON, NOON + timedelta(days=9))
    for number in range(6):
        called_off(clinic, FRIDAY_MORNING + number * 24 * HOUR)
        waits(clinic)
    with django_assert_max_num_queries(12):
        free = found(clinic)
    assert [len(each.matches) for each in free] == [6] * 6
