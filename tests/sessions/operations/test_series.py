"""Several sessions of a course at once: all or none, and everything that is in the way is said with its day."""

import uuid
from datetime import timedelta

import pytest

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused, Stale
from sessions.models import Booking, InfusionSession
from sessions.operations import arriving, booking
from sessions.operations.series import (
    MOST,
    Relocation,
    Slot,
    book_series,
    cancel_series,
    move_series,
)
from sessions.rules.planning import ids_of_series
from sessions.states import Status
from tests.refusals import refused
from tests.sessions.operations.duty import hours, on_duty, set_rules
from tests.sessions.scenes import NOON, make_course

BEFORE = NOON - timedelta(days=3)


@pytest.fixture
def course(clinic):
    return make_course(clinic, now=BEFORE)


def days(*numbers, chair=None, hour=0):
    return [Slot(NOON + timedelta(days=number, hours=hour), chair) for number in numbers]


def book(clinic, course, slots, **told):
    return book_series(**{"course": course, "slots": slots, "by": clinic.desk, "now": BEFORE} | told)


def move(clinic, course, pairs, **told):
    moves = [Relocation(session, session.revision, slot) for session, slot in pairs]
    return move_series(**{"course": course, "moves": moves, "by": clinic.desk, "now": BEFORE} | told)


def block(clinic, number, chair=None):
    """Somebody else at noon of that day."""
    told = {"course": make_course(clinic, now=BEFORE), "chair": chair or clinic.chair}
    return booking.book(starts_at=NOON + timedelta(days=number), by=clinic.desk, now=BEFORE, **told)


def stored(course):
    rows = InfusionSession.objects.filter(course=course).order_by("scheduled_start")
    return [((row.scheduled_start - NOON).days, row.chair.name, row.status) for row in rows]


# Booking


def test_book_series(clinic, course):
    key, slots = uuid.uuid4(), [*days(7, chair=clinic.chairs[1]), *days(0, 3)]
    booked = book(clinic, course, slots, public_id=key)
    assert stored(course) == [
        (0, "Chair 1", "scheduled"),
        (3, "Chair 1", "scheduled"),
        (7, "Chair 2", "scheduled"),
    ]
    assert [session.public_id for session in booked] == ids_of_series(key, 3)
    assert [session.booking.is_chair_provisional for session in booked] == [True, True, False]
    assert AuditEvent.objects.filter(verb="session.booked").count() == 3


def test_book_series_all_or_none_and_every_sentence(clinic, course):
    block(clinic, 3)
    block(clinic, 10)
    with refused(Conflict) as refusal:
        book(clinic, course, days(0, 3, 7, 10, 11, chair=clinic.chair))
    assert [(problem.code, str(problem)) for problem in refusal.value.problems] == [
        (
            "booking.chair_taken",
            "Fri 13 Mar 12:00: Chair 1 is taken from 12:00 to 14:10. Choose another time or chair.",
        ),
        (
            "booking.chair_taken",
            "Fri 20 Mar 12:00: Chair 1 is taken from 12:00 to 14:10. Choose another time or chair.",
        ),
    ]
    assert stored(course) == []


def test_book_series_each_counts_for_the_next(clinic):
    course = make_course(clinic, now=BEFORE, planned_infusions=2)
    with refused(Conflict) as refusal:
        book(clinic, course, days(0, 1, 3, 5))
    assert [problem.code for problem in refusal.value.problems] == ["booking.gap", "course.full"]
    set_rules(clinic.site, patients_per_nurse=1)
    on_duty(clinic, clinic.nurse, hours(-4, 100))
    with refused(Conflict, "booking.nurse_capacity"):
        block(clinic, 2)
        book(clinic, course, days(0, 2))


def test_book_series_moves_provisional_ones_aside_on_each_day(clinic, course):
    other = make_course(clinic, now=BEFORE)
    book(clinic, other, days(0, 3, 7))
    book(clinic, course, days(0, 3, 7, chair=clinic.chair))
    assert {chair for _day, chair, _status in stored(other)} == {"Chair 2"}
    assert {chair for _day, chair, _status in stored(course)} == {"Chair 1"}


def test_book_series_with_a_reason_keeps_it_only_where_it_was_needed(clinic, course):
    block(clinic, 3)
    told = {"by": clinic.nurse, "override_reason": "Works in turns"}
    booked = book(clinic, course, days(0, 3, chair=clinic.chair), **told)
    assert [session.booking.override_reason for session in booked] == ["", "Works in turns"]
    assert [session.booking.is_overbooked for session in booked] == [False, True]


@pytest.mark.parametrize(
    ("slots", "told", "error", "code"),
    [
        ([], {}, Invalid, "series.number"),
        (days(*range(MOST + 1)), {}, Invalid, "series.number"),
        (days(-4, -9), {}, Invalid, "booking.past"),
        (days(-4, 0, 1), {}, Conflict, "booking.gap"),
        (days(0), {"who": "prescriber"}, Refused, "permission.missing"),
    ],
)
def test_book_series_what_it_refuses(clinic, course, slots, told, error, code):
    with refused(error, code):
        book(clinic, course, slots, by=getattr(clinic, told.get("who", "desk")))
    assert stored(course) == []


def test_book_series_an_override_without_the_right(clinic, course):
    block(clinic, 3)
    with refused(Refused, "permission.missing"):
        book(clinic, course, days(0, 3, chair=clinic.chair), override_reason="Works in turns")
    assert stored(course) == []


# Moving


def test_move_series_by_less_than_the_gap(clinic, course):
    """Each takes a day that another gives up, or one that is too near to where the next one stood."""
    sessions = book(clinic, course, days(0, 2, 4, chair=clinic.chair))
    for shift in (1, 2, -1):
        now_at = [day for day, _chair, _status in stored(course)]
        pairs = zip(sessions, days(*[day + shift for day in now_at], chair=clinic.chair), strict=True)
        sessions = move(clinic, course, pairs)
    assert stored(course) == [(day, "Chair 1", "scheduled") for day in (2, 4, 6)]


def test_move_series_swaps_two(clinic, course):
    first, second = book(clinic, course, days(0, 5, chair=clinic.chair))
    pairs = [
        (first, Slot(second.scheduled_start, second.chair)),
        (second, Slot(first.scheduled_start, first.chair)),
    ]
    move(clinic, course, pairs)
    moved = InfusionSession.objects.get(pk=first.pk)
    assert (moved.scheduled_start, moved.booking.starts_at) == (second.scheduled_start,) * 2
    assert Booking.objects.live().count() == 2


def test_move_series_all_or_none_and_where_they_stood(clinic, course):
    sessions = book(clinic, course, days(0, 3, 7, chair=clinic.chair))
    block(clinic, 4)
    block(clinic, 8)
    before, history = stored(course), Booking.history.count()
    with refused(Conflict) as refusal:
        move(clinic, course, zip(sessions, days(1, 4, 8, chair=clinic.chair), strict=True))
    assert [str(problem)[:16] for problem in refusal.value.problems] == [
        "Sat 14 Mar 12:00",
        "Wed 18 Mar 12:00",
    ]
    assert (stored(course), Booking.history.count()) == (before, history)
    assert all(row.is_live for row in Booking.objects.filter(course=course))


def test_move_series_tells_history_and_audit_of_the_move_alone(clinic, course):
    (session,) = book(clinic, course, days(0, chair=clinic.chair))
    move(clinic, course, [(session, days(1, chair=clinic.chair)[0])], reason="School holidays")
    held = Booking.objects.get(course=course)
    assert [(row.is_live, row.revision) for row in held.history.order_by("history_id")] == [
        (True, 1),
        (True, 2),
    ]
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.reason) == ("session.moved", "School holidays")
    assert (event.details["before"]["is_live"], event.details["before"]["local_date"]) == (True, "2026-03-10")
    assert event.details["after"]["local_date"] == "2026-03-11"


def test_move_series_based_on_an_older_revision(clinic, course):
    known, other = book(clinic, course, days(0, 3))
    told = {"chair": None, "by": clinic.desk, "expected_revision": 1, "now": BEFORE}
    booking.move_booking(session=known, starts_at=NOON + timedelta(hours=1), **told)
    with refused(Stale, "revision.stale"):
        moves = [Relocation(one, 1, slot) for one, slot in zip((known, other), days(1, 4), strict=True)]
        move_series(course=course, moves=moves, by=clinic.desk, now=BEFORE)
    assert [day for day, _chair, _status in stored(course)] == [0, 3]


def test_move_series_of_one_course_only(clinic, course):
    stranger = block(clinic, 0)
    with refused(Conflict, "series.other_course"):
        move(clinic, course, [(stranger, days(1)[0])])


def test_move_series_to_one_time_each(clinic, course):
    (session,) = book(clinic, course, days(0))
    with refused(Invalid, "series.twice"):
        move(clinic, course, [(session, slot) for slot in days(1, 3)])


def test_move_series_what_has_begun_stays(clinic, course):
    first, second = book(clinic, course, days(0, 3))
    first = arriving.arrive(session=first, by=clinic.desk, now=NOON)
    with refused(Conflict, "session.status"):
        move(clinic, course, zip((first, second), days(1, 4), strict=True))


# Calling off


def test_cancel_series_this_one_and_all_later(clinic, course):
    _kept, second, _third = book(clinic, course, days(0, 3, 7))
    told = {"by": clinic.desk, "reason": "New job", "code": "patient", "now": BEFORE}
    called_off = cancel_series(session=second, **told)
    assert [status for _day, _chair, status in stored(course)] == ["scheduled", "cancelled", "cancelled"]
    assert {(row.cancel_code, row.is_late_cancel) for row in called_off} == {("patient", False)}
    assert Booking.objects.live().count() == 1
    assert AuditEvent.objects.filter(verb="session.cancelled", reason="New job").count() == 2


def test_cancel_series_leaves_what_is_over_and_other_courses(clinic, course):
    other = make_course(clinic, now=BEFORE)
    book(clinic, other, days(5))
    first, second, third = book(clinic, course, days(0, 3, 7))
    arriving.cancel(session=third, by=clinic.desk, reason="Holiday", now=BEFORE)
    assert cancel_series(session=second, by=clinic.desk, reason="Moved", now=BEFORE)[0].pk == second.pk
    third.refresh_from_db()
    assert third.status_changes.get().reason == "Holiday"
    assert stored(other)[0][2] == "scheduled"
    assert InfusionSession.objects.get(pk=first.pk).state is Status.SCHEDULED


@pytest.mark.parametrize(
    ("told", "error", "code"),
    [
        ({"reason": " "}, Invalid, "reason.missing"),
        ({"code": "weather"}, Invalid, "cancel.code"),
        ({"by": "prescriber"}, Refused, "permission.missing"),
    ],
)
def test_cancel_series_what_it_refuses(clinic, course, told, error, code):
    first, _second = book(clinic, course, days(0, 3))
    told = {"reason": "Moved", **told, "by": getattr(clinic, told.get("by", "desk"))}
    with refused(error, code):
        cancel_series(session=first, now=BEFORE, **told)
    assert [status for _day, _chair, status in stored(course)] == ["scheduled"] * 2


# How late a visit was called off


@pytest.mark.parametrize(
    ("notice", "cut_off", "is_late"),
    [
        (timedelta(hours=24), 24, False),
        (timedelta(hours=24, seconds=-1), 24, True),
        (timedelta(minutes=-5), 24, True),
        (timedelta(hours=24), 48, True),
        (timedelta(minutes=1), 0, False),
    ],
)
def test_cancel_late_by_the_sites_cut_off(clinic, course, notice, cut_off, is_late):
    set_rules(clinic.site, late_cancel_hours=cut_off)
    (session,) = book(clinic, course, days(0))
    told = {"by": clinic.desk, "reason": "Has a cold", "code": "patient"}
    cancelled = arriving.cancel(session=session, now=NOON - notice, **told)
    assert (cancelled.is_late_cancel, cancelled.cancel_code) == (is_late, "patient")
