"""Many people at the same moment: real processes on a real database, where check-then-write would not hold."""

import uuid
from datetime import timedelta
from functools import partial
from itertools import combinations

import pytest

from clinic.audit.models import AuditChain, AuditEvent
from clinic.audit.verify import broken_links
from clinic.common import clock
from clinic.common.errors import Conflict
from sessions.demo.protocols import DEPRESSION
from sessions.models import Booking, ChairStay, InfusionSession, ProtocolVersion, Signature, VitalSigns
from sessions.operations import arriving, booking, monitoring, protocols, running, signing
from sessions.rules.signing import digest_of_chart
from sessions.states import RUNNING, Status
from tests.patients.api.client import Api
from tests.sessions.races.processes import DONE, at_once, tally
from tests.sessions.scenes import NOON, NORMAL, make_clinic, make_course, session_at

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 8
BEFORE = NOON - timedelta(days=1)


@pytest.fixture
def clinic(transactional_db):
    return make_clinic(now=BEFORE)


def fresh(session):
    return InfusionSession.objects.select_related("chair", "site").get(pk=session.pk)


def test_many_book_one_chair_and_each_time_is_given_once(clinic):
    """Everybody wants every time of the day, each beginning with another one."""
    slots = [NOON + timedelta(minutes=130 * number) for number in range(3)]
    wishes = [(make_course(clinic, now=BEFORE), slots[n % 3 :] + slots[: n % 3]) for n in range(MANY)]

    def book_all(course, wanted):
        refused = []
        for starts_at in wanted:
            told = {"course": course, "chair": clinic.chair, "starts_at": starts_at}
            try:
                booking.book(by=clinic.desk, now=BEFORE, **told)
            except Conflict as refusal:
                refused.append(refusal.code)
        # Who got a time is refused the others by the protocol's gap between infusions.
        assert set(refused) <= {"booking.chair_taken", "booking.gap"}, refused

    assert tally([partial(book_all, *wish) for wish in wishes]) == {DONE: MANY}
    assert sorted(Booking.objects.live().values_list("starts_at", flat=True)) == slots
    assert InfusionSession.objects.count() == 3
    assert AuditEvent.objects.filter(verb="session.booked").count() == 3
    assert [link for chain in AuditChain.objects.all() for link in broken_links(chain)] == []


def test_overlapping_times_of_one_chair_are_never_both_given(clinic):
    """Half an hour apart and two hours long: whoever wins, nobody lies on anybody's lap."""
    starts = [NOON + timedelta(minutes=30 * number) for number in range(MANY)]
    acts = [
        partial(
            booking.book,
            course=make_course(clinic, now=BEFORE),
            chair=clinic.chair,
            starts_at=starts_at,
            by=clinic.desk,
            now=BEFORE,
        )
        for starts_at in starts
    ]
    outcomes = tally(acts)
    assert outcomes.keys() == {DONE, "booking.chair_taken"}
    held = list(Booking.objects.live())
    assert len(held) == outcomes[DONE] >= 1
    for one, other in combinations(held, 2):
        assert one.ends_at <= other.starts_at or other.ends_at <= one.starts_at


def test_one_patient_is_booked_once_whatever_the_chair(clinic):
    first = make_course(clinic, now=BEFORE)
    courses = [first] + [make_course(clinic, patient=first.patient, now=BEFORE) for _ in range(2)]
    acts = [
        partial(booking.book, course=course, chair=chair, starts_at=NOON, by=clinic.desk, now=BEFORE)
        for course, chair in zip(courses, clinic.chairs, strict=True)
    ]
    assert tally(acts) == {DONE: 1, "booking.patient_taken": 2}


def test_the_last_planned_infusion_is_booked_once(clinic):
    course = make_course(clinic, now=BEFORE, planned_infusions=1)
    acts = [
        partial(
            booking.book,
            course=course,
            chair=clinic.chairs[number % 3],
            starts_at=NOON + timedelta(days=3 * number),
            by=clinic.desk,
            now=BEFORE,
        )
        for number in range(4)
    ]
    assert tally(acts) == {DONE: 1, "course.full": 3}


def test_two_move_onto_one_time(clinic):
    sessions = [
        booking.book(
            course=make_course(clinic, now=BEFORE),
            chair=chair,
            starts_at=NOON,
            by=clinic.desk,
            now=BEFORE,
        )
        for chair in clinic.chairs[:2]
    ]
    acts = [
        partial(
            booking.move_booking,
            session=session,
            chair=clinic.chairs[2],
            starts_at=NOON,
            by=clinic.desk,
            expected_revision=1,
            now=BEFORE,
        )
        for session in sessions
    ]
    assert tally(acts) == {DONE: 1, "booking.chair_taken": 1}


def test_two_start_in_one_chair(clinic):
    mine = session_at(Status.READY, clinic=clinic, now=NOON)
    other = session_at(Status.READY, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    # Both clients know the second session in the chair in which it was booked.
    known = fresh(other)
    booking.change_chair(session=other, chair=clinic.chair, by=clinic.nurse, now=NOON)
    acts = [partial(running.start, session=one, by=clinic.nurse, now=NOON) for one in (mine, known)]
    assert tally(acts) == {DONE: 1, "chair.in_use": 1}
    assert InfusionSession.objects.filter(status__in=RUNNING, chair=clinic.chair).count() == 1


def test_a_start_and_a_change_of_chair_in_the_same_moment(clinic):
    """The one starts in the chair into which the other is just being moved, and starts there, too."""
    mine = session_at(Status.READY, clinic=clinic, now=NOON)
    other = session_at(Status.READY, clinic=clinic, now=NOON, chair=clinic.chairs[1])

    def move_over_and_start():
        booking.change_chair(session=other, chair=clinic.chair, by=clinic.nurse, now=NOON)
        running.start(session=fresh(other), by=clinic.nurse, now=NOON)

    outcomes = tally([partial(running.start, session=mine, by=clinic.nurse, now=NOON), move_over_and_start])
    assert outcomes == {DONE: 1, "chair.in_use": 1}
    assert ChairStay.objects.filter(chair=clinic.chair).count() == 1


@pytest.mark.parametrize("_again", range(4))
def test_a_start_while_its_own_chair_is_changed(clinic, _again):
    """Whichever comes first, the infusion runs in the chair in which the session is said to be."""
    mine = session_at(Status.READY, clinic=clinic, now=NOON)
    change = partial(booking.change_chair, session=mine, chair=clinic.chairs[1], by=clinic.nurse, now=NOON)
    started, changed = at_once([partial(running.start, session=mine, by=clinic.nurse, now=NOON), change])
    assert (started, changed) in {(DONE, DONE), (DONE, "session.status"), ("revision.stale", DONE)}
    assert all(stay.chair_id == fresh(mine).chair_id for stay in mine.chair_stays.all())


def test_a_step_is_taken_once_though_two_press_the_button(clinic):
    ready = session_at(Status.READY, clinic=clinic, now=NOON)
    acts = [partial(running.start, session=ready, by=clinic.nurse, now=NOON)] * 3
    assert tally(acts) == {DONE: 1, "session.status": 2}
    assert ready.infusion_events.count() == 1


def test_one_key_sent_twice_records_one_reading(clinic):
    # The API takes its own clock's now.
    session = session_at(Status.INFUSING, clinic=clinic, now=clock.now())
    before, key = VitalSigns.objects.count(), uuid.uuid4()
    clients = [Api(clinic.nurse) for _ in range(4)]

    def send(client):
        answer = client.post(f"sessions/{session.public_id}/vital-signs/", NORMAL, key=key)
        assert answer.status_code in {200, 201}, answer.content
        assert answer.json()["id"] == str(key)

    assert tally([partial(send, client) for client in clients]) == {DONE: 4}
    assert VitalSigns.objects.count() == before + 1
    assert AuditEvent.objects.filter(subject_id=key).count() == 1


def test_one_reading_is_corrected_once(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    reading = monitoring.record_vital_signs(session=session, values=NORMAL, by=clinic.nurse, now=NOON)
    told = {"reading": reading, "by": clinic.nurse, "reason": "Digits swapped", "now": NOON}
    acts = [
        partial(monitoring.correct_vital_signs, values=NORMAL | {"heart_rate": rate}, **told)
        for rate in (71, 72)
    ]
    acts.append(partial(monitoring.retract_vital_signs, **told))
    assert tally(acts) == {DONE: 1, "correction.taken": 2}


def test_two_signers(clinic):
    session = session_at(Status.DISCHARGED, clinic=clinic, now=NOON)
    people = (clinic.nurse, clinic.prescriber, clinic.director)
    acts = [partial(signing.sign, session=session, by=by, now=NOON) for by in people]
    assert tally(acts) == {DONE: 1, "chart.signed": 2}
    assert Signature.objects.get(session=session).meaning == "author"


@pytest.mark.parametrize("_again", range(4))
def test_a_fact_and_a_signature_in_the_same_moment(clinic, _again):
    """Either the note came first and is signed for, or it came too late: never under a signature that misses it."""
    session = session_at(Status.DISCHARGED, clinic=clinic, now=NOON)
    note = partial(monitoring.write_note, session=session, text="Calm", by=clinic.nurse, now=NOON)
    written, signed = at_once([note, partial(signing.sign, session=session, by=clinic.nurse, now=NOON)])
    assert signed == DONE
    assert written in {DONE, "chart.signed"}
    assert Signature.objects.get(session=session).digest == digest_of_chart(session)
    assert session.notes.count() == (written == DONE)


def test_a_chair_given_away_while_the_missed_patient_arrives(clinic):
    missed = session_at(Status.NO_SHOW, clinic=clinic, now=NOON)
    again = {"course": make_course(clinic, now=BEFORE), "chair": clinic.chair, "by": clinic.desk}
    booked, arrived = at_once(
        [
            partial(booking.book, starts_at=NOON + timedelta(minutes=1), now=NOON, **again),
            partial(arriving.arrive, session=missed, by=clinic.desk, now=NOON),
        ]
    )
    assert arrived == DONE
    assert booked in {DONE, "booking.chair_taken"}
    assert Booking.objects.live().filter(chair=clinic.chair).count() == 1


def test_two_drafts_approved_at_once_leave_one_in_force(clinic):
    told = {"protocol": clinic.version.protocol, "content": DEPRESSION, "by": clinic.director, "now": NOON}
    drafts = [protocols.draft_version(**told) for _ in range(2)]
    acts = [
        partial(protocols.approve_version, version=draft, by=clinic.director, now=NOON) for draft in drafts
    ]
    assert tally(acts) == {DONE: 2}
    approved = ProtocolVersion.objects.filter(protocol=clinic.version.protocol, state="approved")
    assert approved.count() == 1
