"""The infusion: what start, pause, resume and end refuse by name, what they write, and putting a time right."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid
from patients.models import SuicideReview
from patients.operations.assessing import record_assessment
from patients.operations.suicide_reviews import close_review
from sessions.models import ChairStay, Departure, InfusionEvent, InfusionSession
from sessions.operations import arriving, booking, checking, running
from sessions.states import EndKind, Status
from tests.refusals import refused
from tests.sessions.scenes import NOON, complete_check, make_course, session_at


@pytest.fixture
def ready(clinic):
    return session_at(Status.READY, clinic=clinic, now=NOON)


def minute(number: float) -> datetime:
    return NOON + timedelta(minutes=number)


def fresh(session):
    return InfusionSession.objects.select_related("chair", "site").get(pk=session.pk)


def ready_too(clinic, *, chair=None, course=None):
    """Another session that is ready at noon."""
    return session_at(Status.READY, clinic=clinic, now=NOON, chair=chair or clinic.chairs[1], course=course)


# Start


def test_start_takes_chair_nurse_and_time(clinic, ready):
    running.start(session=ready, by=clinic.nurse, now=minute(3), at=minute(2))
    begun = fresh(ready)
    assert begun.state is Status.INFUSING
    assert (begun.infusion_started_at, begun.running_since) == (minute(2), minute(2))
    assert begun.nurse == clinic.nurse.user
    stay = ChairStay.objects.get(session=ready)
    assert (stay.chair, stay.taken_at, stay.entered_at) == (clinic.chair, minute(2), minute(3))
    event = InfusionEvent.objects.get(session=ready)
    assert (event.kind, event.taken_at, event.entered_at) == ("start", minute(2), minute(3))


def test_start_dose_not_confirmed(clinic):
    arrived = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    for item in arrived.course.protocol_version.checklist:
        told = {"session": arrived, "item": item["code"], "by": clinic.nurse, "now": NOON}
        checking.answer_check_item(outcome="overridden", note="Prescriber agrees", **told)
    arriving.clear(session=arrived, by=clinic.nurse, now=NOON)
    with refused(Conflict, "dose.not_confirmed") as refusal:
        running.start(session=arrived, by=clinic.nurse, now=NOON)
    assert refusal.value.problems[0].link == "#dose"


def test_start_order_does_not_stand_any_more(clinic, ready):
    clinic.site.is_demo = False
    clinic.site.save()
    with refused(Conflict, "order.protocol"):
        running.start(session=ready, by=clinic.nurse, now=NOON)


def test_start_chair_in_use(clinic, ready):
    other = ready_too(clinic)
    running.start(session=ready, by=clinic.nurse, now=minute(1))
    booking.change_chair(session=other, chair=clinic.chair, by=clinic.nurse, now=minute(1))
    with refused(Conflict, "chair.in_use") as refusal:
        running.start(session=fresh(other), by=clinic.nurse, now=minute(2))
    assert "Chair 1" in str(refusal.value)
    booking.change_chair(session=other, chair=clinic.chairs[2], by=clinic.nurse, now=minute(3))
    running.start(session=fresh(other), by=clinic.nurse, now=minute(3))


@pytest.mark.parametrize("status", [Status.PAUSED, Status.RECOVERING])
def test_start_chair_in_use_by_somebody_paused_or_recovering(clinic, status):
    session_at(status, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    other = session_at(Status.READY, clinic=clinic, now=NOON)
    booking.change_chair(session=other, chair=clinic.chairs[1], by=clinic.nurse, now=NOON)
    with refused(Conflict, "chair.in_use"):
        running.start(session=fresh(other), by=clinic.nurse, now=NOON)


@pytest.mark.parametrize("status", [Status.DISCHARGED, Status.LEFT, Status.NOT_STARTED, Status.ARRIVED])
def test_start_chair_free_when_nobody_lies_in_it(clinic, status):
    session_at(status, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    other = session_at(Status.READY, clinic=clinic, now=NOON)
    booking.change_chair(session=other, chair=clinic.chairs[1], by=clinic.nurse, now=NOON)
    assert running.start(session=fresh(other), by=clinic.nurse, now=NOON).state is Status.INFUSING


def second_visit(clinic, session):
    """The same patient, ready for a second infusion of another course on the same day."""
    hour = NOON + timedelta(hours=3)
    course = make_course(clinic, patient=session.patient, now=NOON - timedelta(days=1))
    told = {"course": course, "chair": clinic.chairs[1], "starts_at": hour, "by": clinic.desk}
    second = booking.book(now=NOON - timedelta(days=1), **told)
    arriving.arrive(session=second, by=clinic.desk, now=minute(5))
    complete_check(second, by=clinic.nurse, now=minute(6))
    arriving.clear(session=second, by=clinic.nurse, now=minute(7))
    return second


def test_start_patient_already_infusing(clinic, ready):
    second = second_visit(clinic, ready)
    running.start(session=ready, by=clinic.nurse, now=minute(8))
    with refused(Conflict, "patient.infusing"):
        running.start(session=second, by=clinic.nurse, now=minute(9))
    running.end(session=ready, by=clinic.nurse, kind=EndKind.COMPLETED, now=minute(48))
    running.start(session=second, by=clinic.nurse, now=minute(50))


def test_start_against_everything_is_recorded_with_all_that_stood_in_the_way(clinic):
    busy = session_at(Status.INFUSING, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    arrived = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    booking.change_chair(session=arrived, chair=busy.chair, by=clinic.nurse, now=NOON)
    with refused(Conflict, "session.status"):
        running.start(session=fresh(arrived), by=clinic.nurse, now=minute(1))

    running.start(
        session=fresh(arrived), by=clinic.nurse, now=minute(1), departure_reason="Pump was started by mistake"
    )
    departure = Departure.objects.get(session=arrived)
    codes = ["session.status", "dose.not_confirmed", "chair.in_use"]
    assert [obstacle["code"] for obstacle in departure.obstacles] == codes
    assert all(obstacle["sentence"] for obstacle in departure.obstacles)
    assert AuditEvent.objects.latest("pk").details["after"]["departure"] == codes
    assert str(departure) == f"start although {', '.join(codes)}"


def test_a_dose_that_was_not_confirmed_before_a_start_can_be_confirmed_afterwards(clinic):
    """What has happened opens what must follow: the chart asks for the dose, so there is a way to give it."""
    arrived = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    running.start(session=arrived, by=clinic.nurse, now=minute(1), departure_reason="By mistake")
    checking.record_weight(session=arrived, value=Decimal(70), by=clinic.nurse, now=minute(2))
    checking.confirm_dose(session=arrived, by=clinic.nurse, now=minute(2))
    with refused(Conflict, "check.over"):
        checking.confirm_dose(session=arrived, by=clinic.nurse, now=minute(3))


def test_start_with_a_chair_that_was_changed_meanwhile(clinic, ready):
    """The chair that counts is the one that is stored, not the one that the caller has seen."""
    seen = fresh(ready)
    session_at(Status.INFUSING, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    booking.change_chair(session=ready, chair=clinic.chairs[1], by=clinic.desk, now=NOON)
    with refused(Conflict, "chair.in_use"):
        running.start(session=seen, by=clinic.nurse, now=minute(1))
    booking.change_chair(session=ready, chair=clinic.chairs[2], by=clinic.desk, now=NOON)
    running.start(session=seen, by=clinic.nurse, now=minute(1))
    assert ChairStay.objects.get(session=ready).chair == clinic.chairs[2]


# Pause, resume, end


@pytest.fixture
def infusing(clinic, ready):
    """Infusing since minute 0."""
    return running.start(session=ready, by=clinic.nurse, now=NOON)


def test_pauses_do_not_count(clinic, infusing):
    told = {"session": infusing, "by": clinic.nurse}
    running.pause(now=minute(10), reason="Nausea", **told)
    assert fresh(infusing).running_since is None
    running.resume(now=minute(14), **told)
    running.pause(now=minute(30), **told)
    running.resume(now=minute(31), **told)
    session = fresh(infusing)
    assert (session.state, session.running_since) == (Status.INFUSING, minute(31))
    assert session.infused(minute(33)) == timedelta(minutes=10 + 16 + 2)
    running.end(now=minute(45), kind=EndKind.COMPLETED, **told)
    session = fresh(infusing)
    assert (session.infusion_ended_at, session.end_kind) == (minute(45), "completed")
    assert session.infused_seconds == 40 * 60
    assert session.running_since is None


@pytest.mark.parametrize(
    ("act", "at"),
    [
        ("pause", 0),
        ("pause", -1),
        ("end", -1),
    ],
)
def test_nothing_comes_before_the_start(clinic, infusing, act, at):
    told = {"session": infusing, "by": clinic.nurse, "now": minute(20), "at": minute(at)}
    with refused(Conflict, "timeline.order"):
        running.pause(**told) if act == "pause" else running.end(kind=EndKind.COMPLETED, **told)
    assert fresh(infusing).state is Status.INFUSING
    assert InfusionEvent.objects.filter(session=infusing).count() == 1


@pytest.mark.parametrize("at", [9, 10])
def test_resume_and_end_out_of_order_in_time(clinic, infusing, at):
    told = {"session": infusing, "by": clinic.nurse}
    running.pause(now=minute(10), **told)
    with refused(Conflict, "timeline.order"):
        running.resume(now=minute(20), at=minute(at), **told)
    running.resume(now=minute(20), at=minute(11), **told)
    with refused(Conflict, "timeline.order"):
        running.end(now=minute(20), at=minute(at), kind=EndKind.COMPLETED, **told)


def test_end_from_a_pause(clinic, infusing):
    running.pause(session=infusing, by=clinic.nurse, now=minute(10))
    running.end(
        session=infusing, by=clinic.nurse, now=minute(25), kind=EndKind.STOPPED_EARLY, reason="Nausea"
    )
    session = fresh(infusing)
    assert (session.state, session.end_kind) == (Status.RECOVERING, "stopped_early")
    assert (session.infused_seconds, session.infusion_ended_at) == (600, minute(25))


def test_end_says_how(clinic, infusing):
    told = {"session": infusing, "by": clinic.nurse, "now": minute(20)}
    with refused(Invalid, "end.kind"):
        running.end(kind="finished", **told)
    running.end(kind=EndKind.STOPPED_EARLY, reason="Wanted to stop", **told)
    assert InfusionEvent.objects.get(session=infusing, kind="end").reason == "Wanted to stop"


def test_an_end_in_the_minute_of_the_event_before_it(clinic, infusing):
    """Times typed to the minute coincide; who stops in the minute of a resume has stopped after it."""
    told = {"session": infusing, "by": clinic.nurse}
    running.pause(now=minute(10), **told)
    running.resume(now=minute(15), at=minute(12), **told)
    running.end(now=minute(15), at=minute(12), kind=EndKind.COMPLETED, **told)
    assert fresh(infusing).state is Status.RECOVERING
    assert fresh(infusing).infused_seconds == 600


def test_an_open_review_of_answers_on_suicide_stands_before_the_start(clinic):
    session = session_at(Status.READY, clinic=clinic, now=NOON)
    record_assessment(
        patient=session.patient, instrument="phq9", answers={"phq9_9": 2}, by=clinic.nurse, now=NOON
    )
    with refused(Conflict, "suicide_review.open"):
        running.start(session=session, by=clinic.nurse, now=NOON)
    review = SuicideReview.objects.get()
    close_review(review=review, outcome="safe_to_proceed", text="Seen", by=clinic.prescriber, now=NOON)
    assert running.start(session=session, by=clinic.nurse, now=NOON).state is Status.INFUSING
