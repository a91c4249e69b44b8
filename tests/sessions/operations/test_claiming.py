"""A chair that is decided at check-in: the capacity is held, and who wants a chair of one's own gets it."""

from datetime import timedelta

import pytest

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused, Stale
from sessions.models import Booking, InfusionSession
from sessions.operations import arriving, blocks, booking
from sessions.states import Status
from tests.refusals import refused
from tests.scenes import make_site
from tests.sessions.scenes import NOON, make_chair, make_clinic, make_course, session_at

BEFORE = NOON - timedelta(days=3)
LENGTH = timedelta(minutes=130)


@pytest.fixture
def clinic(db):
    return make_clinic(chairs=2)


def book(clinic, at=NOON, chair=None, **told):
    usual = {"by": clinic.desk, "now": BEFORE, "course": make_course(clinic, now=BEFORE)}
    return fresh(booking.book(starts_at=at, chair=chair, **usual | told))


def move(session, clinic, at=NOON, chair=None):
    told = {"by": clinic.desk, "now": BEFORE, "expected_revision": session.revision}
    return fresh(booking.move_booking(session=session, starts_at=at, chair=chair, **told))


def assign(session, clinic, chair, **told):
    usual = {"by": clinic.desk, "now": NOON}
    return fresh(booking.assign_chair(session=session, chair=chair, **usual | told))


def fresh(session):
    return InfusionSession.objects.select_related("booking", "chair", "site").get(pk=session.pk)


def seats(*sessions):
    """In which chair each is said to be, by its number, in the booking and in the session alike."""
    found = []
    for session in map(fresh, sessions):
        assert session.booking.chair_id == session.chair_id
        found.append(int(session.chair.name.removeprefix("Chair ")))
    return found


def test_book_without_a_chair_holds_one_provisionally(clinic):
    session = book(clinic)
    assert (session.booking.is_chair_provisional, session.chair) == (True, clinic.chair)
    assert seats(book(clinic)) == [2]


def test_book_no_more_than_there_are_chairs(clinic):
    for _ in clinic.chairs:
        book(clinic)
    with refused(Conflict, "booking.no_chair") as refusal:
        book(clinic, NOON + LENGTH / 2)
    assert str(refusal.value) == "No chair is free from 13:05 to 15:15. Choose another time."
    with refused(Conflict, "booking.no_chair"):
        book(clinic, by=clinic.nurse, override_reason="Urgent")
    book(clinic, NOON + LENGTH)


def test_book_counts_chairs_in_service_only(clinic):
    broken = clinic.chair
    broken.is_in_service = False
    broken.save()
    assert seats(book(clinic)) == [2]
    with refused(Conflict, "booking.no_chair"):
        book(clinic)


def test_a_fixed_booking_takes_the_chair_of_a_provisional_one(clinic):
    waiting, revision = book(clinic), 1
    fixed = book(clinic, chair=clinic.chair)
    assert seats(waiting, fixed) == [2, 1]
    moved = fresh(waiting)
    assert (moved.booking.is_chair_provisional, moved.revision) == (True, revision + 1)
    event = AuditEvent.objects.get(verb="session.chair_exchanged")
    assert (event.subject_id, event.patient_id) == (waiting.public_id, waiting.patient.public_id)
    assert event.details["before"] == {"chair": clinic.chairs[0].pk}
    assert event.details["after"] == {"chair": clinic.chairs[1].pk}


def test_a_fixed_booking_waits_where_the_provisional_one_has_nowhere_to_go(clinic):
    waiting = book(clinic)
    book(clinic, chair=clinic.chairs[1])
    with refused(Conflict, "booking.chair_taken"):
        book(clinic, chair=clinic.chair)
    assert seats(waiting) == [1]
    over = book(clinic, chair=clinic.chair, by=clinic.nurse, override_reason="Urgent")
    assert over.booking.is_overbooked
    assert seats(waiting) == [1], "nobody is moved for one that has to share anyhow"


def test_several_provisional_ones_make_room_or_none_does(clinic):
    early, late = book(clinic), book(clinic, NOON + LENGTH)
    assert seats(early, late) == [1, 1]
    between = NOON + LENGTH / 2
    fixed = book(clinic, between, chair=clinic.chair)
    assert seats(early, late, fixed) == [2, 2, 1]
    with refused(Conflict, "booking.chair_taken"):
        book(clinic, between, chair=clinic.chairs[1])
    assert seats(early, late) == [2, 2]


def test_a_gap_in_each_chair_is_made_one(clinic):
    """Neither chair is free throughout, but one is when the other takes its provisional booking."""
    book(clinic, chair=clinic.chair)
    late = book(clinic, NOON + LENGTH, chair=clinic.chairs[1])
    late = move(late, clinic, NOON + LENGTH)
    assert (late.booking.is_chair_provisional, seats(late)) == (True, [2])
    between = book(clinic, NOON + LENGTH / 2)
    assert seats(late, between) == [1, 2]


def test_a_block_takes_the_chair_of_a_provisional_one(clinic):
    waiting = book(clinic)
    blocks.block_chair(
        chair=clinic.chair,
        kind="maintenance",
        title="New wheels",
        starts_at=NOON,
        ends_at=NOON + LENGTH,
        by=clinic.desk,
        now=BEFORE,
    )
    assert seats(waiting) == [2]


def test_move_into_the_chair_of_a_provisional_one_swaps_them(clinic):
    waiting, fixed = book(clinic), book(clinic, chair=clinic.chairs[1])
    move(fixed, clinic, chair=clinic.chair)
    assert seats(waiting, fixed) == [2, 1]


def test_move_may_leave_the_chair_open_and_decide_it(clinic):
    session = book(clinic, chair=clinic.chairs[1])
    session = move(session, clinic)
    assert (session.booking.is_chair_provisional, seats(session)) == (True, [2]), (
        "it keeps its chair if it can"
    )
    session = move(session, clinic, chair=clinic.chair)
    assert (session.booking.is_chair_provisional, seats(session)) == (False, [1])


def test_a_missed_or_cancelled_one_holds_nothing(clinic):
    first, _second = book(clinic), book(clinic)
    arriving.cancel(session=first, by=clinic.desk, reason="Has a cold", now=BEFORE)
    assert seats(book(clinic)) == [1]


# At check-in


def test_arrival_settles_the_chair(clinic):
    session = book(clinic)
    arriving.arrive(session=session, by=clinic.desk, now=NOON)
    held = fresh(session).booking
    assert (held.is_chair_provisional, held.is_live, held.sequence) == (False, True, 1)
    with refused(Conflict, "booking.chair_taken"):
        book(clinic, NOON + timedelta(minutes=1), clinic.chair, now=NOON)


def test_assign_chair_settles_it(clinic):
    session = assign(book(clinic), clinic, clinic.chairs[1])
    assert (session.booking.is_chair_provisional, seats(session), session.revision) == (False, [2], 2)
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.subject_id) == ("session.chair_assigned", session.public_id)
    assert session.booking.history.latest().history_user == clinic.desk.user


def test_assign_chair_swaps_with_one_that_is_still_open(clinic):
    """At check-in every chair is usually held by somebody."""
    first, second = book(clinic), book(clinic)
    assign(second, clinic, clinic.chair)
    assert seats(first, second) == [2, 1]
    with refused(Conflict, "booking.chair_taken"):
        assign(first, clinic, clinic.chair)
    assert seats(first, second) == [2, 1]


def test_assign_chair_what_it_refuses(clinic):
    session = book(clinic)
    with refused(Refused, "permission.missing"):
        assign(session, clinic, clinic.chair, by=clinic.prescriber)
    with refused(Conflict, "chair.other_site"):
        assign(session, clinic, make_chair(make_site("south"), "Chair 1"))
    broken = clinic.chairs[1]
    broken.is_in_service = False
    broken.save()
    with refused(Conflict, "chair.out_of_service"):
        assign(session, clinic, broken)
    known = fresh(session)
    move(session, clinic, NOON + timedelta(hours=1))
    with refused(Stale, "revision.stale"):
        assign(known, clinic, clinic.chair)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.SCHEDULED])
def test_assign_chair_before_arrival_only(clinic, status):
    session = session_at(status, clinic=clinic, now=NOON)
    with refused(Conflict, "session.status"):
        assign(session, clinic, clinic.chair)


# Sentences


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (0, "Chair 1 is taken from 12:00 to 17:00. Choose another time or chair."),
        (2, "Chair 1 is taken from Tue 10 Mar 12:00 to Thu 12 Mar 17:00. Choose another time or chair."),
    ],
)
def test_what_is_in_the_way_is_named_by_its_time(clinic, days, sentence):
    blocks.block_chair(
        chair=clinic.chair,
        kind="maintenance",
        title="New wheels",
        starts_at=NOON,
        ends_at=NOON + timedelta(days=days, hours=5),
        by=clinic.desk,
        now=BEFORE,
    )
    with refused(Conflict, "booking.chair_taken") as refusal:
        book(clinic, NOON + timedelta(hours=1), clinic.chair)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize("field", ["reason", "override_reason"])
def test_a_reason_that_no_database_can_store(clinic, field):
    session = book(clinic, chair=clinic.chair)
    book(clinic, chair=clinic.chairs[1])
    told = {"by": clinic.nurse, "now": BEFORE, "expected_revision": 1, "override_reason": "Urgent"}
    with refused(Invalid) as refusal:
        booking.move_booking(session=session, chair=clinic.chairs[1], starts_at=NOON, **told | {field: "a\0"})
    assert set(refusal.value.fields) == {field}
    assert Booking.objects.filter(is_overbooked=True).count() == 0
