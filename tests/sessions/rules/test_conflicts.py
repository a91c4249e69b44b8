"""Reality over the plan: whatever happens is recorded, and opens the conflicts that it causes."""

from datetime import time, timedelta

import pytest
import time_machine

from clinic.facilities.models import StaffLeave
from clinic.facilities.operations.chairs import take_out_of_service
from sessions.models import Handover, HandoverSession
from sessions.operations import arriving, running
from sessions.operations.blocks import block_chair
from sessions.operations.booking import book, change_chair, move_booking
from sessions.operations.overriding import keep_as_planned
from sessions.rules.conflicts import (
    CHAIR_OUT,
    GIVEN_AWAY,
    LATE,
    NURSE_AWAY,
    OVERRUN,
    clashes,
)
from sessions.rules.presence import expected_end
from sessions.states import Status
from tests.scenes import staff
from tests.sessions.operations.duty import set_rules
from tests.sessions.scenes import NOON, booked_session, complete_check, make_clinic, make_course, session_at
from tests.sessions.waiting_scene import (
    FRIDAY_MORNING,
    LENGTH,
    away,
    booked,
    closed,
    on_shift,
    open_from,
)

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
CLOSED, HOURS, NURSES = "booking.site_closed", "booking.outside_hours", "booking.nurse_capacity"


@pytest.fixture
def clinic(db):
    return make_clinic(now=NOON - timedelta(days=9))


def found(clinic, now=NOON, days=14):
    return clashes(clinic.site, now=now, until=now + timedelta(days=days))


def told(clinic, now=NOON):
    """(kind, session) of every conflict."""
    return [(clash.kind, clash.session) for clash in found(clinic, now)]


def test_a_quiet_day_has_none(clinic):
    for status, chair in zip(
        (Status.ARRIVED, Status.INFUSING, Status.RECOVERING), clinic.chairs, strict=True
    ):
        session_at(status, clinic=clinic, now=NOON, chair=chair)
    booked(clinic, FRIDAY_MORNING)
    assert told(clinic) == []


# When a visit will be over


@pytest.mark.parametrize(
    ("status", "minutes"),
    [
        # Came a minute ago: 30 minutes of preparation, 40 of infusion, 60 of recovery.
        (Status.ARRIVED, 29 + 40 + 60 - 0),
        (Status.READY, 40 + 60),
        # Started 12 minutes ago.
        (Status.INFUSING, 28 + 60),
        # Started 18 minutes ago and paused for the last 3.
        (Status.PAUSED, 25 + 60),
        # Ended 10 minutes ago.
        (Status.RECOVERING, 50),
    ],
)
def test_when_a_visit_will_be_over(clinic, status, minutes):
    session = session_at(status, clinic=clinic, now=NOON)
    assert expected_end(session, now=NOON) == NOON + minutes * MINUTE


def test_it_is_never_over_before_now(clinic):
    session = session_at(Status.RECOVERING, clinic=clinic, now=NOON)
    assert expected_end(session, now=NOON + 3 * HOUR) == NOON + 3 * HOUR


# What happens, and what it disturbs


def test_an_overrun_disturbs_the_next_booking_of_its_chair_by_the_servers_clock(clinic):
    running_late = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    after = booked(clinic, running_late.scheduled_end, now=NOON)
    assert told(clinic) == []
    # The pump still runs when recovery should have begun: nothing was written, only time has passed.
    later = NOON + 2 * HOUR
    (clash,) = found(clinic, later)
    assert (clash.kind, clash.session, clash.booking) == (OVERRUN, after, after.booking)
    until = later + HOUR
    assert clash.minutes == (until - after.scheduled_start) / MINUTE
    assert "Chair 1 is in use until about 15:00, 92 min into this booking." in str(clash.problem)
    # A recorded end makes it shorter.
    running.end(session=running_late, kind="completed", by=clinic.nurse, at=NOON + HOUR, now=later)
    assert [clash.minutes for clash in found(clinic, later)] == [32]


def test_a_late_arrival_is_recorded_and_disturbs_the_next_booking(clinic):
    late = booked_session(clinic, starts_at=NOON - HOUR)
    after = booked(clinic, NOON + 70 * MINUTE)
    arriving.arrive(session=late, by=clinic.desk, now=NOON)
    ((kind, session),) = told(clinic)
    assert (kind, session) == (LATE, after)
    (clash,) = found(clinic)
    assert clash.minutes == 60
    assert "came to Chair 1 at 12:00 and stays until about 14:10, 60 min into" in str(clash.problem)
    # Seated elsewhere, the patient is in nobody's way.
    change_chair(session=late, chair=clinic.chairs[1], by=clinic.nurse, now=NOON)
    assert told(clinic) == []


def test_a_booking_that_was_made_over_another_deliberately_is_no_conflict(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    told_of = {"course": make_course(clinic), "chair": clinic.chair, "by": clinic.nurse, "now": NOON}
    book(**told_of, starts_at=NOON + 30 * MINUTE, override_reason="Short visit, shares the chair")
    assert session.scheduled_end > NOON + 30 * MINUTE
    assert told(clinic) == []


def test_a_no_show_who_comes_after_all_finds_the_chair_given_away(clinic):
    missed = session_at(Status.NO_SHOW, clinic=clinic, now=NOON)
    booked(clinic, NOON + 10 * MINUTE)
    arriving.arrive(session=missed, by=clinic.desk, now=NOON)
    (clash,) = found(clinic)
    assert (clash.kind, clash.session) == (GIVEN_AWAY, missed)
    assert "Chair 1 is given to somebody else from 12:10" in str(clash.problem)
    change_chair(session=missed, chair=clinic.chairs[1], by=clinic.nurse, now=NOON)
    assert told(clinic) == []


def test_a_chair_out_of_order_disturbs_all_that_is_booked_into_it(clinic):
    upcoming = booked(clinic, FRIDAY_MORNING)
    here = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    booked(clinic, FRIDAY_MORNING, chair=clinic.chairs[1])
    take_out_of_service(
        chair=clinic.chair, reason="Broken", by=staff("administrator", clinic.site), expected_revision=1
    )
    assert told(clinic) == [(CHAIR_OUT, here), (CHAIR_OUT, upcoming)]
    # Out of the chair, out of the conflict.
    change_chair(session=here, chair=clinic.chairs[2], by=clinic.nurse, now=NOON)
    move_booking(
        session=upcoming,
        chair=clinic.chairs[2],
        starts_at=FRIDAY_MORNING,
        by=clinic.desk,
        expected_revision=1,
        now=NOON,
    )
    assert told(clinic) == []


def test_maintenance_of_a_chair_out_of_order_is_no_conflict(clinic):
    block_chair(
        chair=clinic.chair,
        kind="maintenance",
        title="Repair",
        starts_at=FRIDAY_MORNING,
        ends_at=FRIDAY_MORNING + HOUR,
        by=clinic.desk,
        now=NOON,
    )
    clinic.chair.is_in_service = False
    clinic.chair.save()
    closed(clinic.site, FRIDAY_MORNING, FRIDAY_MORNING + HOUR)
    assert told(clinic) == []


def test_hours_and_closures_disturb_what_was_booked_before(clinic):
    early = booked(clinic, FRIDAY_MORNING)
    later = booked(clinic, FRIDAY_MORNING + 3 * HOUR)
    open_from(clinic.site, time(10), time(18))
    assert told(clinic) == [(HOURS, early)]
    closed(clinic.site, FRIDAY_MORNING + 4 * HOUR, FRIDAY_MORNING + 5 * HOUR)
    assert told(clinic) == [(HOURS, early), (CLOSED, later)]


def test_what_was_booked_against_a_rule_is_flagged_and_not_listed(clinic):
    open_from(clinic.site, time(10), time(18))
    set_rules(clinic.site, patients_per_nurse=1)
    session = booked(clinic, FRIDAY_MORNING, by=clinic.nurse, override_reason="Comes from far")
    assert set(session.booking.overrides) == {HOURS, NURSES}
    assert told(clinic) == []
    closed(clinic.site, FRIDAY_MORNING, FRIDAY_MORNING + HOUR)
    assert told(clinic) == [(CLOSED, session)]


# Nurses


@pytest.fixture
def two_nurses(clinic):
    """Each may have one patient, and both are on duty on Friday."""
    other = staff("nurse", clinic.site)
    set_rules(clinic.site, patients_per_nurse=1)
    for nurse in (clinic.nurse, other):
        on_shift(nurse, clinic.site, FRIDAY_MORNING - HOUR, FRIDAY_MORNING + 6 * HOUR)
    return clinic.nurse, other


def test_sick_leave_disturbs_as_many_bookings_as_are_too_many(clinic, two_nurses):
    first = booked(clinic, FRIDAY_MORNING, now=NOON - 2 * HOUR)
    second = booked(clinic, FRIDAY_MORNING + HOUR, chair=clinic.chairs[1], now=NOON - HOUR)
    assert told(clinic) == []
    leave = away(two_nurses[0], FRIDAY_MORNING - HOUR, FRIDAY_MORNING + 9 * HOUR)
    (clash,) = found(clinic)
    assert (clash.kind, clash.session) == (NURSES, second)
    assert "At 10:30 there are 2 patients for 1 nurses on duty; each may have 1." in str(clash.problem)
    away(two_nurses[1], FRIDAY_MORNING - HOUR, FRIDAY_MORNING + 30 * MINUTE)
    assert told(clinic) == [(NURSES, first), (NURSES, second)]
    leave.is_withdrawn = True
    leave.save()
    assert told(clinic) == []


def test_whoever_is_here_stays_and_who_was_booked_last_gives_way(clinic, two_nurses):
    first = booked(clinic, FRIDAY_MORNING, now=NOON - 2 * HOUR)
    here = booked(clinic, FRIDAY_MORNING, chair=clinic.chairs[1], now=NOON)
    arriving.arrive(session=here, by=clinic.desk, now=FRIDAY_MORNING)
    away(two_nurses[0], FRIDAY_MORNING, FRIDAY_MORNING + 9 * HOUR)
    assert told(clinic, FRIDAY_MORNING) == [(NURSES, first)]


def test_a_nurse_called_away_to_an_emergency_opens_it_too(clinic, two_nurses):
    booked(clinic, FRIDAY_MORNING)
    second = booked(clinic, FRIDAY_MORNING, chair=clinic.chairs[1])
    now = FRIDAY_MORNING + 20 * MINUTE
    away(two_nurses[1], now, now + HOUR, StaffLeave.Kind.OTHER)
    assert told(clinic, now) == [(NURSES, second)]


def test_an_emergency_in_a_taken_chair_is_recorded_and_flagged(clinic, two_nurses):
    planned = booked(clinic, FRIDAY_MORNING)
    booked(clinic, FRIDAY_MORNING, chair=clinic.chairs[1])
    block = block_chair(
        chair=clinic.chair,
        kind="other_treatment",
        title="Emergency",
        starts_at=FRIDAY_MORNING,
        ends_at=FRIDAY_MORNING + HOUR,
        by=clinic.nurse,
        override_reason="Brought in by ambulance",
        now=NOON,
    )
    assert set(block.overrides) == {"booking.chair_taken", NURSES}
    assert (told(clinic), planned.booking.overrides) == ([], [])


def test_the_nurse_of_a_running_visit_goes_home(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    assert told(clinic) == [], "no roster says who is on duty"
    shift = on_shift(clinic.nurse, clinic.site, NOON - 3 * HOUR, NOON + HOUR)
    assert told(clinic) == []
    assert told(clinic, NOON + HOUR) == [(NURSE_AWAY, session)]
    away(clinic.nurse, NOON - MINUTE, shift.ends_at)
    assert told(clinic) == [(NURSE_AWAY, session)]


@pytest.mark.parametrize(
    ("state", "until", "is_away"),
    [
        ("accepted", None, False),
        ("accepted", 30 * MINUTE, False),
        ("accepted", -MINUTE, True),
        ("offered", None, True),
    ],
)
def test_a_handover_that_was_accepted_covers_the_absence(clinic, state, until, is_away):
    session, other = session_at(Status.INFUSING, clinic=clinic, now=NOON), staff("nurse", clinic.site)
    on_shift(other, clinic.site, NOON - HOUR, NOON + HOUR)
    handover = Handover.objects.create(
        site=clinic.site,
        from_nurse=clinic.nurse.user,
        to_nurse=other.user,
        state=state,
        until=NOON + until if until else None,
        offered_at=NOON,
        answered_at=NOON if state == "accepted" else None,
    )
    HandoverSession.objects.create(handover=handover, session=session)
    assert bool(told(clinic)) == is_away


# Kept as planned, and how much is read


def test_what_is_kept_is_listed_no_more_and_a_move_asks_anew(clinic):
    session = booked(clinic, FRIDAY_MORNING)
    shut = closed(clinic.site, FRIDAY_MORNING, FRIDAY_MORNING + HOUR)
    keep_as_planned(
        booking=session.booking,
        kind=CLOSED,
        reason="The side door is open",
        by=clinic.nurse,
        expected_revision=1,
        now=NOON,
    )
    assert told(clinic) == []
    shut.is_withdrawn = True
    shut.save()
    moved = move_booking(
        session=session,
        chair=clinic.chairs[1],
        starts_at=FRIDAY_MORNING,
        by=clinic.desk,
        expected_revision=1,
        now=NOON,
    )
    assert (moved.booking.overrides, moved.booking.override_reason) == ([], "")


def test_the_number_of_queries_does_not_grow(clinic, django_assert_max_num_queries):
    set_rules(clinic.site, patients_per_nurse=1)
    on_shift(clinic.nurse, clinic.site, FRIDAY_MORNING - 9 * HOUR, FRIDAY_MORNING + 9 * HOUR)
    for number in range(4):
        booked(clinic, FRIDAY_MORNING + number * LENGTH)
    away(clinic.nurse, FRIDAY_MORNING, FRIDAY_MORNING + 9 * HOUR)
    closed(clinic.site, FRIDAY_MORNING, FRIDAY_MORNING + 9 * HOUR)
    with time_machine.travel(NOON, tick=False), django_assert_max_num_queries(11):
        assert len(found(clinic)) == 8


def test_two_at_once_with_complete_checks_are_read_alike(clinic):
    """A confirmed dose of another length than the order's counts, as it is what the pump was set to."""
    session = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    complete_check(session, by=clinic.nurse, now=NOON)
    arriving.clear(session=session, by=clinic.nurse, now=NOON)
    session.refresh_from_db()
    assert expected_end(session, now=NOON) == NOON + 100 * MINUTE
