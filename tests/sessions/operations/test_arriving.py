"""Arrival, clearance, and every way in which a visit does not come about: what each refuses, by name."""

from datetime import timedelta
from decimal import Decimal

import pytest

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict
from patients.operations.consenting import revoke_consent
from patients.operations.registering import record_death
from sessions.demo.check_details import ready_answer
from sessions.models import Booking, CheckAnswer, Departure, InfusionSession, StatusChange
from sessions.operations import arriving, booking, checking, monitoring, planning
from sessions.states import Status
from tests.refusals import refused
from tests.sessions.operations.duty import set_rules
from tests.sessions.scenes import (
    NOON,
    NORMAL,
    booked_session,
    complete_check,
    make_course,
    session_at,
)


@pytest.fixture
def scheduled(clinic):
    """Booked for noon."""
    return booked_session(clinic, starts_at=NOON)


@pytest.fixture
def arrived(clinic):
    return session_at(Status.ARRIVED, clinic=clinic, now=NOON)


def fresh(session):
    return InfusionSession.objects.select_related("booking").get(pk=session.pk)


def die(patient, clinic, *, now=NOON):
    record_death(
        patient=patient,
        deceased_on=now.date(),
        by=clinic.desk,
        expected_revision=patient.revision,
        now=now,
    )
    patient.refresh_from_db()


# Arrive


@pytest.mark.parametrize(
    ("hours", "same_day"),
    [(-12, True), (-12.02, False), (11.98, True), (12, False), (24, False), (-24, False)],
)
def test_arrive_is_for_the_booked_day_at_the_site(clinic, scheduled, hours, same_day):
    """Noon in New York is 16:00 UTC: the day that counts is the site's, from midnight to midnight."""
    now = NOON + timedelta(hours=hours)
    if same_day:
        assert arriving.arrive(session=scheduled, by=clinic.desk, now=now).arrived_at == now
        return
    with refused(Conflict, "session.another_day") as refusal:
        arriving.arrive(session=scheduled, by=clinic.desk, now=now)
    assert "Tue 10 Mar 2026" in str(refusal.value)


def test_arrive_patient_deceased(clinic, scheduled):
    die(scheduled.patient, clinic)
    with refused(Conflict, "patient.deceased"):
        arriving.arrive(session=scheduled, by=clinic.desk, now=NOON)


def test_arrive_all_obstacles_are_listed_and_a_departure_notes_them(clinic, scheduled):
    die(scheduled.patient, clinic)
    tomorrow = NOON + timedelta(days=1)
    with refused(Conflict) as refusal:
        arriving.arrive(session=scheduled, by=clinic.desk, now=tomorrow)
    codes = ["session.another_day", "patient.deceased"]
    assert [problem.code for problem in refusal.value.problems] == codes

    arriving.arrive(
        session=scheduled, by=clinic.desk, now=tomorrow, departure_reason=" Recorded as dead by mistake "
    )
    departure = Departure.objects.get(session=scheduled)
    assert [obstacle["code"] for obstacle in departure.obstacles] == codes
    assert (departure.action, departure.reason) == ("arrive", "Recorded as dead by mistake")
    assert (departure.taken_at, departure.taken_by) == (tomorrow, clinic.desk.user)
    assert AuditEvent.objects.latest("pk").details["after"]["departure"] == codes


def test_arrive_at_the_moment_given(clinic, scheduled):
    arrived = arriving.arrive(session=scheduled, by=clinic.desk, now=NOON, at=NOON - timedelta(minutes=4))
    assert fresh(arrived).arrived_at == NOON - timedelta(minutes=4)
    step = StatusChange.objects.get(session=scheduled)
    assert (step.taken_at, step.entered_at) == (NOON - timedelta(minutes=4), NOON)


def test_arrive_after_a_no_show_takes_the_chair_again(clinic):
    missed = session_at(Status.NO_SHOW, clinic=clinic, now=NOON)
    assert not fresh(missed).booking.is_live
    arriving.arrive(session=missed, by=clinic.desk, now=NOON)
    assert fresh(missed).state is Status.ARRIVED
    assert fresh(missed).booking.is_live


def test_arrive_after_a_no_show_is_recorded_though_the_chair_was_given_away(clinic):
    missed = session_at(Status.NO_SHOW, clinic=clinic, now=NOON)
    booking.book(
        course=make_course(clinic, now=NOON),
        chair=clinic.chair,
        starts_at=NOON + timedelta(minutes=5),
        by=clinic.desk,
        now=NOON,
    )
    arriving.arrive(session=missed, by=clinic.desk, now=NOON)
    assert fresh(missed).state is Status.ARRIVED
    assert not fresh(missed).booking.is_live


def test_a_visit_without_a_chair_of_its_own_ends_as_any_other(clinic):
    missed = session_at(Status.NO_SHOW, clinic=clinic, now=NOON)
    start = NOON + timedelta(minutes=5)
    told = {"chair": clinic.chair, "starts_at": start, "by": clinic.desk, "now": NOON}
    other = booking.book(course=make_course(clinic, now=NOON), **told)
    arriving.arrive(session=missed, by=clinic.desk, now=NOON)
    arriving.do_not_start(session=missed, by=clinic.nurse, reason="No chair left", now=NOON)
    assert fresh(missed).state is Status.NOT_STARTED
    assert fresh(other).booking.is_live


# Undo arrive


def test_undo_arrive_leaves_a_scheduled_session_as_before(clinic, arrived):
    undone = arriving.undo_arrive(session=arrived, by=clinic.desk, now=NOON, reason="Wrong patient")
    assert (fresh(undone).state, fresh(undone).arrived_at) == (Status.SCHEDULED, None)
    assert StatusChange.objects.latest("pk").reason == "Wrong patient"
    arriving.arrive(session=arrived, by=clinic.desk, now=NOON + timedelta(minutes=2))


BEGUN = {
    "an answer": lambda **told: checking.answer_check_item(
        item="identity", **ready_answer("identity", at=NOON), **told
    ),
    "a weight": lambda **told: checking.record_weight(value=Decimal(70), **told),
    "a reading": lambda **told: monitoring.record_vital_signs(values=NORMAL, **told),
    "a note": lambda **told: monitoring.write_note(text="Tired", **told),
    "a side effect": lambda **told: monitoring.report_side_effect(term="nausea", grade=1, **told),
    "a question": monitoring.ask_about_side_effects,
}


@pytest.mark.parametrize("begun", BEGUN)
def test_undo_arrive_once_the_check_has_begun(clinic, arrived, begun):
    BEGUN[begun](session=arrived, by=clinic.nurse, now=NOON)
    with refused(Conflict, "check.begun"):
        arriving.undo_arrive(session=arrived, by=clinic.desk, now=NOON)
    assert fresh(arrived).state is Status.ARRIVED


def test_undo_arrive_goes_back_to_the_booked_chair(clinic, arrived):
    booking.change_chair(session=arrived, chair=clinic.chairs[1], by=clinic.desk, now=NOON)
    arriving.undo_arrive(session=arrived, by=clinic.desk, now=NOON)
    assert fresh(arrived).chair == fresh(arrived).booking.chair == clinic.chair


def test_undo_arrive_is_a_no_show_again_where_the_chair_was_given_away(clinic):
    """A scheduled session that holds no chair would stand on the board without one."""
    missed = session_at(Status.NO_SHOW, clinic=clinic, now=NOON)
    other = make_course(clinic, now=NOON)
    start = NOON + timedelta(minutes=5)
    booking.book(course=other, chair=clinic.chair, starts_at=start, by=clinic.desk, now=NOON)
    arriving.arrive(session=missed, by=clinic.desk, now=NOON)
    arriving.undo_arrive(session=missed, by=clinic.desk, now=NOON)
    assert fresh(missed).state is Status.NO_SHOW
    step = StatusChange.objects.latest("pk")
    assert (step.source, step.target) == (Status.ARRIVED, Status.NO_SHOW)


# Clear


@pytest.fixture
def checked(clinic, arrived):
    complete_check(arrived, by=clinic.nurse, now=NOON)
    return arrived


def codes_of(refusal):
    return {problem.code for problem in refusal.value.problems}


def test_clear_required_item_open(clinic, arrived):
    with refused(Conflict) as refusal:
        arriving.clear(session=arrived, by=clinic.nurse, now=NOON)
    items = arrived.course.protocol_version.checklist
    # Consent is in date, and of a man nobody asks the other.
    required = {f"#check-{item['code']}" for item in items if item["requirement"] == "required"}
    required -= {"#check-consent", "#check-pregnancy"}
    assert codes_of(refusal) == {"check.open"}
    assert {problem.link for problem in refusal.value.problems} == required


@pytest.mark.parametrize(
    ("outcome", "possible"),
    [("stop", False), ("advise", False), ("overridden", True), ("not_applicable", True), ("ok", True)],
)
def test_clear_takes_the_last_answer_to_a_required_item(clinic, checked, outcome, possible):
    later = NOON + timedelta(minutes=1)
    details = ready_answer("fasting", at=NOON)["details"]
    checking.answer_check_item(
        session=checked,
        item="fasting",
        outcome=outcome,
        details=details,
        note="Ate at 8",
        by=clinic.nurse,
        now=later,
    )
    if possible:
        arriving.clear(session=checked, by=clinic.nurse, now=later)
        return
    with refused(Conflict) as refusal:
        arriving.clear(session=checked, by=clinic.nurse, now=later)
    assert [problem.link for problem in refusal.value.problems] == ["#check-fasting"]


@pytest.mark.parametrize("item", ["weight", "baseline-vitals"])
def test_clear_stops_at_an_item_that_answers_itself_when_the_nurse_says_stop(clinic, checked, item):
    """The record says that there is a reading; only a person says that it is too high."""
    checking.answer_check_item(
        session=checked,
        item=item,
        outcome=CheckAnswer.Outcome.STOP,
        note="Far from last week's",
        by=clinic.nurse,
        now=NOON,
    )
    with refused(Conflict, "check.open"):
        arriving.clear(session=checked, by=clinic.nurse, now=NOON)


def test_clear_no_active_order(clinic, scheduled):
    planning.close_course(
        course=scheduled.course,
        state="stopped",
        code="moved",
        reason="Moved away",
        by=clinic.prescriber,
        now=NOON,
    )
    arriving.arrive(session=scheduled, by=clinic.desk, now=NOON)
    complete_check(fresh(scheduled), by=clinic.nurse, now=NOON)
    with refused(Conflict) as refusal:
        arriving.clear(session=scheduled, by=clinic.nurse, now=NOON)
    assert codes_of(refusal) == {"order.inactive"}


def test_clear_protocol_not_usable_at_the_site_any_more(clinic, checked):
    clinic.site.is_demo = False
    clinic.site.save()
    with refused(Conflict) as refusal:
        arriving.clear(session=checked, by=clinic.nurse, now=NOON)
    assert codes_of(refusal) == {"order.protocol"}


def test_clear_without_a_consent(clinic):
    course = make_course(clinic, consented=False, now=NOON)
    session = session_at(Status.ARRIVED, clinic=clinic, now=NOON, course=course)
    complete_check(session, by=clinic.nurse, now=NOON)
    with refused(Conflict) as refusal:
        arriving.clear(session=session, by=clinic.nurse, now=NOON)
    assert codes_of(refusal) == {"consent.not_in_date"}
    assert str(session.patient.public_id) in refusal.value.problems[0].link


def test_clear_consent_revoked(clinic, checked):
    revoke_consent(consent=checked.course.consent, reason="Changed his mind", by=clinic.nurse, now=NOON)
    with refused(Conflict) as refusal:
        arriving.clear(session=checked, by=clinic.nurse, now=NOON)
    assert codes_of(refusal) == {"consent.not_in_date"}


# Withdraw clearance, do not start


def test_withdraw_clearance_goes_back_to_the_check(clinic):
    ready = session_at(Status.READY, clinic=clinic, now=NOON)
    arriving.withdraw_clearance(session=ready, by=clinic.prescriber, now=NOON, reason="Drank wine")
    assert fresh(ready).state is Status.ARRIVED
    arriving.clear(session=ready, by=clinic.nurse, now=NOON + timedelta(minutes=1))


@pytest.mark.parametrize("status", [Status.ARRIVED, Status.READY])
def test_do_not_start_closes_the_visit_and_frees_the_chair(clinic, status):
    session = session_at(status, clinic=clinic, now=NOON)
    arriving.do_not_start(session=session, by=clinic.prescriber, reason="  Fever ", now=NOON)
    closed = fresh(session)
    assert (closed.state, closed.closed_at, closed.booking.is_live) == (Status.NOT_STARTED, NOON, False)
    assert StatusChange.objects.latest("pk").reason == "Fever"


# Cancel, no-show


def test_cancel_frees_the_chair(clinic, scheduled):
    arriving.cancel(session=scheduled, by=clinic.desk, reason="Has a cold", now=NOON)
    assert (fresh(scheduled).closed_at, fresh(scheduled).booking.is_live) == (NOON, False)
    again = booked_session(clinic, starts_at=NOON, course=scheduled.course)
    assert again.chair == scheduled.chair


def test_a_released_booking_remembers_when_and_by_whom_it_was_released(clinic, scheduled):
    arriving.cancel(session=scheduled, by=clinic.desk, reason="Has a cold", now=NOON)
    latest = Booking.history.filter(id=scheduled.booking_id).latest()
    assert (latest.history_date, latest.is_live) == (NOON, False)
    assert latest.history_user == clinic.desk.user


def test_no_show_before_the_grace_time(clinic, scheduled):
    grace = clinic.site.rules.no_show_grace_minutes
    until = NOON + timedelta(minutes=grace)
    with refused(Conflict, "no_show.too_early") as refusal:
        arriving.no_show(
            session=scheduled, by=clinic.desk, reason="No answer", now=until - timedelta(microseconds=1)
        )
    assert "12:15" in str(refusal.value)
    arriving.no_show(session=scheduled, by=clinic.desk, reason="No answer", now=until)
    assert fresh(scheduled).state is Status.NO_SHOW


def test_no_show_waits_as_long_as_the_site_says(clinic, scheduled):
    set_rules(clinic.site, no_show_grace_minutes=45)
    with refused(Conflict, "no_show.too_early") as refusal:
        arriving.no_show(session=scheduled, by=clinic.desk, reason="x", now=NOON + timedelta(minutes=44))
    assert "45 minutes" in str(refusal.value)
    arriving.no_show(session=scheduled, by=clinic.desk, reason="x", now=NOON + timedelta(minutes=45))
