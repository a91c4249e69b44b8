"""What is settled before the day, and calls: who may, until when, and what is written."""

import uuid
from datetime import timedelta

import pytest

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused
from sessions.models import CallAttempt, InfusionSession, ReadinessAnswer
from sessions.operations.readiness import answer_readiness, log_call
from sessions.states import PRESENT, Status
from tests.refusals import refused
from tests.scenes import staff
from tests.sessions.scenes import NOON, booked_session, make_clinic, session_at

BEFORE = NOON - timedelta(days=1)


@pytest.fixture
def session(clinic):
    return booked_session(clinic, starts_at=NOON)


def answer(session, by, **told):
    usual = {"item": "ride", "outcome": "settled", "now": BEFORE}
    return answer_readiness(session=session, by=by, **usual | told)


def call(session, by, **told):
    return log_call(session=session, by=by, **{"outcome": "no_answer", "now": BEFORE} | told)


def test_answer_is_appended_and_the_latest_stands(clinic, session):
    key = uuid.uuid4()
    answer(session, clinic.desk, outcome="open", note=" Asks her brother ", public_id=key)
    answer(session, clinic.nurse, note="Brother drives", now=BEFORE + timedelta(hours=1))
    first, second = session.readiness_answers.all()
    assert (first.public_id, first.outcome, first.note) == (key, "open", "Asks her brother")
    assert (second.outcome, second.taken_by, second.entered_at) == (
        "settled",
        clinic.nurse.user,
        BEFORE + timedelta(hours=1),
    )
    event = AuditEvent.objects.get(subject_id=key)
    assert (event.verb, event.patient_id) == ("readiness.answered", session.patient.public_id)


def test_call_with_what_came_of_it(clinic, session):
    key = uuid.uuid4()
    earlier = BEFORE - timedelta(minutes=20)
    call(session, clinic.desk, outcome="left_message", note="Voicemail", taken_at=earlier, public_id=key)
    row = CallAttempt.objects.get(public_id=key)
    assert (row.purpose, row.outcome, row.note) == ("readiness", "left_message", "Voicemail")
    assert (row.taken_at, row.entered_at) == (earlier, BEFORE)
    assert AuditEvent.objects.get(subject_id=key).verb == "call.logged"


@pytest.mark.parametrize(
    ("write", "told", "code"),
    [
        (answer, {"item": "weather"}, "readiness.item"),
        (answer, {"outcome": "perhaps"}, "readiness.outcome"),
        (answer, {"outcome": "not_needed", "note": " "}, "readiness.note"),
        (answer, {"note": "x" * 301}, "field.max_length"),
        (answer, {"taken_at": BEFORE + timedelta(minutes=1)}, "time.future"),
        (call, {"outcome": "shouted"}, "field.invalid_choice"),
        (call, {"purpose": "gossip"}, "field.invalid_choice"),
        (call, {"taken_at": BEFORE + timedelta(minutes=1)}, "time.future"),
    ],
)
def test_what_cannot_be_is_refused(clinic, session, write, told, code):
    with refused(Invalid, code):
        write(session, clinic.desk, **told)
    assert not ReadinessAnswer.objects.exists() and not CallAttempt.objects.exists()


@pytest.mark.parametrize("write", [answer, call])
@pytest.mark.parametrize(
    ("role", "may"), [("front_desk", True), ("nurse", True), ("prescriber", False), ("manager", False)]
)
def test_whoever_books_or_checks_in_may(clinic, session, write, role, may):
    by = staff(role, clinic.site)
    if may:
        write(session, by)
        return
    with refused(Refused, "permission.missing"):
        write(session, by)


@pytest.mark.parametrize("status", Status)
def test_from_booking_until_the_visit_is_over_and_calls_after_a_no_show_too(clinic, status):
    found = session_at(status, clinic=clinic, now=NOON)
    open_still = status is Status.SCHEDULED or status in PRESENT
    for write, allowed, code in (
        (answer, open_still, "readiness.over"),
        (call, open_still or status is Status.NO_SHOW, "call.over"),
    ):
        if allowed:
            write(found, clinic.desk, now=NOON)
        else:
            with refused(Conflict, code):
                write(found, clinic.desk, now=NOON)


def test_both_are_reached_at_their_site_only(clinic, session):
    answer(session, clinic.desk)
    call(session, clinic.desk)
    stranger = make_clinic("south").nurse
    for model in (ReadinessAnswer, CallAttempt):
        assert model.objects.for_user(clinic.nurse).count() == 1
        assert not model.objects.for_user(stranger).exists()
    assert InfusionSession.objects.get(pk=session.pk).revision == session.revision, "a fact is no edit"
