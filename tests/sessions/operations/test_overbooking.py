"""Booking against a rule: only with the right and a reason, flagged, and never two ordinary ones in one chair."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Refused
from sessions.models import Booking, InfusionSession
from sessions.operations import arriving, booking
from tests.refusals import refused
from tests.sessions.operations.duty import hours, on_duty, set_rules
from tests.sessions.scenes import NOON, make_course

BEFORE = NOON - timedelta(days=3)
REASON = "Her only day off"


def book(clinic, at=NOON, **told):
    usual = {"chair": clinic.chair, "by": clinic.desk, "now": BEFORE, "starts_at": at}
    course = told.pop("course", None) or make_course(clinic, now=BEFORE)
    return fresh(booking.book(course=course, **usual | told))


def upon(clinic, at=NOON, **told):
    """A booking made deliberately upon another."""
    return book(clinic, at, by=clinic.nurse, override_reason=REASON, **told)


def move(session, clinic, at=NOON, **told):
    usual = {"chair": clinic.chair, "by": clinic.desk, "now": BEFORE, "expected_revision": session.revision}
    return fresh(booking.move_booking(session=session, starts_at=at, **usual | told))


def fresh(session):
    return InfusionSession.objects.select_related("booking", "chair", "site").get(pk=session.pk)


def told(session):
    held = session.booking
    return held.is_overbooked, held.overrides, held.override_reason


@pytest.mark.parametrize(
    ("who", "reason", "error", "code"),
    [
        ("nurse", "", Conflict, "booking.chair_taken"),
        ("nurse", " \n", Conflict, "booking.chair_taken"),
        ("desk", "", Conflict, "booking.chair_taken"),
        ("desk", REASON, Refused, "permission.missing"),
    ],
)
def test_overbook_needs_the_right_and_a_reason(clinic, who, reason, error, code):
    book(clinic)
    with refused(error, code):
        book(clinic, by=getattr(clinic, who), override_reason=reason)
    assert Booking.objects.count() == 1


def test_overbook_is_flagged_and_says_why(clinic):
    first, second = book(clinic), upon(clinic, NOON + timedelta(minutes=30))
    assert told(first) == (False, [], "")
    assert told(second) == (True, ["booking.chair_taken"], REASON)
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.reason) == ("session.booked", REASON)
    assert event.details["after"]["overrides"] == ["booking.chair_taken"]
    assert second.booking.history.get().override_reason == REASON


def test_overbook_without_need_is_an_ordinary_booking(clinic):
    assert told(upon(clinic)) == (False, [], "")


def test_the_database_admits_what_is_flagged_and_refuses_two_ordinary_ones(clinic):
    """By another path than the operations."""
    book(clinic)
    second = upon(clinic)
    third = upon(clinic)
    for row in (second.booking, third.booking):
        row.is_overbooked = False
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()
    second.booking.is_overbooked, second.booking.override_reason = True, ""
    with pytest.raises(IntegrityError), transaction.atomic():
        second.booking.save()


def test_nobody_is_booked_twice_at_a_time_whatever_the_reason(clinic):
    first = book(clinic)
    again = make_course(clinic, patient=first.patient, now=BEFORE)
    with refused(Conflict, "booking.patient_taken"):
        upon(clinic, course=again, chair=clinic.chairs[1])


def test_what_cannot_be_overridden(clinic):
    full = make_course(clinic, now=BEFORE, planned_infusions=1)
    book(clinic, course=full)
    with refused(Conflict, "course.full"):
        upon(clinic, NOON + timedelta(days=5), course=full)
    near = make_course(clinic, now=BEFORE)
    book(clinic, chair=clinic.chairs[1], course=near)
    with refused(Conflict, "booking.gap"):
        upon(clinic, NOON + timedelta(days=1), course=near)


def test_every_rule_that_is_overridden_is_recorded(clinic):
    set_rules(clinic.site, patients_per_nurse=1)
    both = ["booking.nurse_capacity", "booking.chair_taken"]
    assert told(upon(clinic)) == (False, both[:1], REASON)
    with refused(Conflict) as refusal:
        book(clinic)
    assert [problem.code for problem in refusal.value.problems] == both
    assert told(upon(clinic)) == (True, both, REASON)


def test_who_is_left_in_a_chair_is_in_the_way_of_the_next(clinic):
    first, second = book(clinic), upon(clinic)
    arriving.cancel(session=first, by=clinic.desk, reason="Has a cold", now=BEFORE)
    with refused(Conflict, "booking.chair_taken"):
        book(clinic, NOON + timedelta(minutes=10))
    assert book(clinic, chair=None).chair != clinic.chair
    assert fresh(second).chair == clinic.chair


# Moving


def test_move_the_first_one_in_its_own_chair(clinic):
    """What was booked upon it knew of it."""
    first, _second = book(clinic), upon(clinic, NOON + timedelta(hours=1))
    first = move(first, clinic)
    first = move(first, clinic, NOON + timedelta(minutes=5))
    assert told(first) == (False, [], "")


@pytest.mark.parametrize(
    ("minutes", "chair", "expected"),
    [
        # Where it stands nothing is asked anew, of nobody.
        (0, 0, (True, ["booking.chair_taken"], REASON)),
        # A free chair makes an ordinary booking of it.
        (0, 1, (False, [], "")),
        (130, 0, (False, [], "")),
    ],
)
def test_move_an_overbooked_one(clinic, minutes, chair, expected):
    book(clinic)
    second = upon(clinic)
    moved = move(second, clinic, NOON + timedelta(minutes=minutes), chair=clinic.chairs[chair])
    assert told(moved) == expected


def test_move_an_overbooked_one_to_another_time_in_the_way(clinic):
    book(clinic)
    second = upon(clinic)
    with refused(Conflict, "booking.chair_taken"):
        move(second, clinic, NOON + timedelta(minutes=5))
    moved = move(second, clinic, NOON + timedelta(minutes=5), by=clinic.nurse, override_reason="Her bus")
    assert told(moved) == (True, ["booking.chair_taken"], "Her bus")


def test_move_to_another_chair_keeps_what_was_accepted_for_the_time(clinic):
    set_rules(clinic.site, patients_per_nurse=1)
    session = upon(clinic)
    moved = move(session, clinic, chair=clinic.chairs[1])
    assert told(moved) == (False, ["booking.nurse_capacity"], REASON)
    with refused(Conflict, "booking.nurse_capacity"):
        move(moved, clinic, NOON + timedelta(minutes=1), chair=clinic.chairs[1])
    set_rules(clinic.site, patients_per_nurse=0)
    assert told(move(moved, clinic, chair=clinic.chairs[1])) == (False, [], "")


def test_move_nowhere_is_asked_for_nothing_though_somebody_came_beside(clinic):
    """One nurse for two: the third was booked with a reason, and it was the third's."""
    set_rules(clinic.site, patients_per_nurse=2)
    on_duty(clinic, clinic.nurse, hours(-4, 6))
    first, _second, third = (
        book(clinic),
        book(clinic, chair=clinic.chairs[1]),
        upon(clinic, chair=clinic.chairs[2]),
    )
    assert told(third) == (False, ["booking.nurse_capacity"], REASON)
    assert told(move(first, clinic)) == (False, [], "")
    with refused(Conflict, "booking.nurse_capacity"):
        move(fresh(first), clinic, NOON + timedelta(minutes=1))


def test_move_says_both_reasons_in_the_audit(clinic):
    session = book(clinic, chair=clinic.chairs[1])
    book(clinic)
    move(session, clinic, by=clinic.nurse, override_reason=REASON, reason="Wants the window")
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.reason) == ("session.moved", f"Wants the window; {REASON}")
    before, after = event.details["before"], event.details["after"]
    assert (before["chair"], before["is_overbooked"]) == (clinic.chairs[1].pk, False)
    assert (after["chair"], after["is_overbooked"]) == (clinic.chair.pk, True)
    assert before["is_live"] and after["is_live"]


def test_assign_a_free_chair_to_an_overbooked_one(clinic):
    book(clinic)
    second = upon(clinic)
    told_now = {"session": second, "by": clinic.desk, "now": NOON}
    with refused(Conflict, "booking.chair_taken"):
        booking.assign_chair(chair=clinic.chair, **told_now)
    booking.assign_chair(chair=clinic.chairs[2], **told_now)
    assert told(fresh(second)) == (False, [], "")
