"""A second look at a course: who may, what is counted, and what it does not do."""

import uuid
from datetime import timedelta

import pytest

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused
from sessions.models import Course, Reevaluation
from sessions.operations.planning import close_course
from sessions.operations.reevaluating import record_reevaluation
from sessions.states import Status
from tests.refusals import refused
from tests.sessions.scenes import NOON, make_clinic, make_course, session_at


@pytest.fixture
def clinic(db):
    return make_clinic(now=NOON - timedelta(days=60))


@pytest.fixture
def course(clinic):
    """Two given, one missed."""
    course = make_course(clinic, now=NOON - timedelta(days=30))
    for days, status in ((12, Status.DISCHARGED), (8, Status.NO_SHOW), (4, Status.LEFT)):
        session_at(status, clinic=clinic, now=NOON - timedelta(days=days), course=course)
    return course


def look(course, clinic, decision="continue", **told):
    return record_reevaluation(
        course=course, decision=decision, **{"by": clinic.prescriber, "now": NOON} | told
    )


def test_reevaluation_counts_what_was_given_by_then(clinic, course):
    key = uuid.uuid4()
    look(course, clinic, "change", note=" Every second week ", public_id=key)
    row = Reevaluation.objects.get(public_id=key)
    assert (row.delivered, row.decision, row.note) == (2, "change", "Every second week")
    assert (row.taken_by, row.taken_at, row.entered_at) == (clinic.prescriber.user, NOON, NOON)
    event = AuditEvent.objects.get(subject_id=key)
    assert (event.verb, event.reason) == ("course.reevaluated", "Every second week")
    earlier = look(course, clinic, taken_at=NOON - timedelta(days=6))
    assert earlier.delivered == 1


def test_a_decision_to_stop_does_not_close(clinic, course):
    look(course, clinic, "stop", note="No response")
    assert Course.objects.get(pk=course.pk).state == "active"


@pytest.mark.parametrize(
    ("decision", "told", "code"),
    [
        ("perhaps", {}, "reevaluation.decision"),
        ("change", {"note": " "}, "reason.missing"),
        ("stop", {}, "reason.missing"),
        ("continue", {"taken_at": NOON + timedelta(minutes=1)}, "time.future"),
        ("continue", {"taken_at": NOON - timedelta(days=31)}, "time.before_order"),
    ],
)
def test_what_cannot_be_is_refused(clinic, course, decision, told, code):
    with refused(Invalid, code):
        look(course, clinic, decision, **told)
    assert not Reevaluation.objects.exists()


def test_prescribers_only_and_of_active_courses(clinic, course):
    for by in (clinic.nurse, clinic.desk):
        with refused(Refused, "permission.missing"):
            look(course, clinic, by=by)
    close_course(course=course, state="completed", reason="", by=clinic.prescriber, now=NOON)
    with refused(Conflict, "order.inactive"):
        look(course, clinic)


def test_it_is_reached_at_its_site_only(clinic, course):
    look(course, clinic)
    assert Reevaluation.objects.for_user(clinic.nurse).count() == 1
    assert not Reevaluation.objects.for_user(make_clinic("south").prescriber).exists()
