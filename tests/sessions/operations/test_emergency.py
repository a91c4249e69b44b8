"""Emergencies, leaving early, ready to leave, the day's lists: facts are never refused for being unwelcome."""

import uuid
from datetime import timedelta

import pytest

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused
from sessions.demo.protocols import STEADY
from sessions.models import EarlyLeaving, EmergencyStep, InfusionEvent, InfusionSession
from sessions.operations import arriving, discharging, leaving, signing
from sessions.operations.day_list import answer_day_list
from sessions.operations.emergency import log_emergency_step, strike_emergency_step
from sessions.reports.day_list import DaySignals, day_lists
from sessions.rules.day_list import DAY_ITEMS
from sessions.rules.discharging import criterion_states, not_before, open_criteria, ready_since
from sessions.states import PRESENT, RUNNING, Status
from tests.refusals import refused
from tests.scenes import staff
from tests.sessions.scenes import NOON, assess, session_at

Kind = EmergencyStep.Kind


def fresh(session):
    return InfusionSession.objects.select_related("booking", "site").get(pk=session.pk)


@pytest.mark.parametrize("status", sorted(PRESENT))
@pytest.mark.parametrize("role", ["nurse", "prescriber", "desk"])
def test_an_emergency_is_logged_at_every_stage_by_anybody_of_the_floor(clinic, status, role):
    session = session_at(status, clinic=clinic, now=NOON)
    by = getattr(clinic, role)
    alarm = log_emergency_step(session=session, kind=Kind.ALARM, by=by, now=NOON)
    joined = log_emergency_step(session=session, kind=Kind.ALARM, by=clinic.nurse, now=NOON)
    assert joined == alarm
    log_emergency_step(session=session, kind=Kind.CALLED, by=by, now=NOON)
    log_emergency_step(session=session, kind=Kind.OVER, by=by, now=NOON + timedelta(minutes=9))
    again = log_emergency_step(session=session, kind=Kind.ALARM, by=by, now=NOON + timedelta(minutes=20))
    assert again != alarm
    assert AuditEvent.objects.filter(verb="emergency.logged").count() == 4


@pytest.mark.parametrize("status", [Status.INFUSING, Status.PAUSED])
def test_pump_stopped_is_also_the_end_of_the_infusion(clinic, status):
    session = session_at(status, clinic=clinic, now=NOON)
    log_emergency_step(session=session, kind=Kind.PUMP_STOPPED, by=clinic.nurse, now=NOON)
    ended = fresh(session)
    assert (ended.state, ended.end_kind, ended.infusion_ended_at) == (
        Status.RECOVERING,
        "stopped_early",
        NOON,
    )
    log_emergency_step(session=session, kind=Kind.PUMP_STOPPED, by=clinic.nurse, now=NOON)
    assert InfusionEvent.objects.filter(session=session, kind="end").count() == 1


def test_who_may_not_run_an_infusion_still_records_that_the_pump_was_stopped(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    log_emergency_step(session=session, kind=Kind.PUMP_STOPPED, by=clinic.desk, now=NOON)
    assert fresh(session).state is Status.INFUSING
    assert session.emergency_steps.get().kind == Kind.PUMP_STOPPED


def test_a_stop_typed_later_for_a_time_before_the_last_pause_leaves_the_timeline_alone(clinic):
    session = session_at(Status.PAUSED, clinic=clinic, now=NOON)
    early = NOON - timedelta(minutes=10)
    log_emergency_step(session=session, kind=Kind.PUMP_STOPPED, by=clinic.nurse, taken_at=early, now=NOON)
    assert fresh(session).state is Status.PAUSED


def test_what_the_log_refuses(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    told = {"session": session, "by": clinic.nurse, "now": NOON}
    with refused(Invalid, "emergency.kind"):
        log_emergency_step(kind="panic", **told)
    with refused(Invalid, "emergency.words"):
        log_emergency_step(kind=Kind.OTHER, note=" ", **told)
    with refused(Invalid, "time.future"):
        log_emergency_step(kind=Kind.OXYGEN, taken_at=NOON + timedelta(minutes=1), **told)
    with refused(Refused, "emergency.right"):
        log_emergency_step(kind=Kind.ALARM, **{**told, "by": staff("manager", clinic.site)})
    booked = session_at(Status.SCHEDULED, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    day = timedelta(days=1)
    for other, now in ((booked, NOON - day), (booked, NOON + day)):
        with refused(Conflict, "session.not_present"):
            log_emergency_step(kind=Kind.ALARM, **{**told, "session": other, "now": now})
    with refused(Invalid, "time.before_visit"):
        log_emergency_step(kind=Kind.OXYGEN, taken_at=NOON - day, **told)
    assert not EmergencyStep.objects.exists()


# Before the check-in: somebody collapses in the waiting room.


@pytest.mark.parametrize("status", [Status.SCHEDULED, Status.NO_SHOW])
def test_before_the_check_in_an_emergency_stands_in_the_visit_and_is_no_arrival(clinic, status):
    session = session_at(status, clinic=clinic, now=NOON)
    now = max(NOON, session.scheduled_start)
    step = log_emergency_step(session=session, kind=Kind.ALARM, by=clinic.desk, now=now)
    seen = fresh(session)
    assert (seen.state, seen.arrived_at) == (status, None)
    arriving.arrive(session=seen, by=clinic.desk, now=now + timedelta(minutes=3))
    # What was tapped before, without network say, is no less true after the check-in.
    told = {"session": session, "by": clinic.nurse, "now": now + timedelta(minutes=5)}
    log_emergency_step(kind=Kind.OXYGEN, taken_at=now + timedelta(minutes=1), **told)
    strike_emergency_step(step=step, reason="Fainted only", by=clinic.desk, now=told["now"])
    assert [row.kind for row in session.emergency_steps.current()] == [Kind.OXYGEN]


def test_who_was_here_in_an_emergency_is_neither_a_no_show_nor_cancelled_nor_sent_back(clinic):
    session = session_at(Status.SCHEDULED, clinic=clinic, now=NOON)
    now = session.scheduled_start + timedelta(hours=2)
    log_emergency_step(session=session, kind=Kind.CALLED, by=clinic.desk, now=now)
    told = {"session": session, "by": clinic.desk, "now": now}
    for step in (arriving.no_show, arriving.cancel):
        with refused(Conflict, "emergency.was_here"):
            step(reason="Not seen", **told)
    arriving.arrive(**told)
    with refused(Conflict, "check.begun"):
        arriving.undo_arrive(**told)
    leaving.leave(leaving="ambulance", **told)
    assert fresh(session).state is Status.LEFT


def test_a_mistaken_tap_is_struck_and_stays_readable(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    shock = log_emergency_step(session=session, kind=Kind.SHOCK, by=clinic.nurse, now=NOON)
    strike_emergency_step(step=shock, reason="Wrong button", by=clinic.nurse, now=NOON)
    assert not session.emergency_steps.current().exists()
    assert session.emergency_steps.count() == 2
    with refused(Conflict, "correction.taken"):
        strike_emergency_step(step=shock, reason="Again", by=clinic.nurse, now=NOON)


# Leaving


@pytest.mark.parametrize("status", sorted(PRESENT))
@pytest.mark.parametrize("kind", EarlyLeaving.Kind.values)
def test_leaving_is_never_refused_and_keeps_what_was_unmet(clinic, status, kind):
    session = session_at(status, clinic=clinic, now=NOON)
    leaving.leave(session=session, by=clinic.desk, now=NOON, leaving=kind)
    row = session.early_leavings.get()
    codes = {item["code"] for item in row.unmet}
    assert (fresh(session).state, row.kind) == (Status.LEFT, kind)
    assert ("leaving.running" in codes) is (status in RUNNING)
    assert ("discharge.criterion" in codes) is (status in {*RUNNING, Status.RECOVERING})


def test_words_about_a_leaving_come_afterwards_as_a_row_of_their_own(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    with refused(Conflict, "leaving.none"):
        leaving.describe_leaving(session=session, note="?", by=clinic.nurse, now=NOON)
    leaving.transfer_out(session=session, by=clinic.nurse, now=NOON)
    later = NOON + timedelta(minutes=30)
    described = leaving.describe_leaving(session=session, note="Chest pain", by=clinic.nurse, now=later)
    first = session.early_leavings.first()
    assert (first.kind, first.note, described.kind) == ("ambulance", "", "ambulance")
    assert (described.taken_at, described.entered_at, described.unmet) == (NOON, later, first.unmet)
    with refused(Invalid, "leaving.words"):
        leaving.describe_leaving(session=session, note=" ", by=clinic.nurse, now=later)
    with refused(Invalid, "leaving.kind"):
        leaving.describe_leaving(session=session, note="x", leaving="flew", by=clinic.nurse, now=later)


# Ready, and the criteria one by one


def test_a_criterion_stands_as_it_was_assessed_last_with_its_own_time_and_assessor(clinic):
    session = session_at(Status.RECOVERING, clinic=clinic, now=NOON)
    other = staff("nurse", clinic.site)
    first = {"session": session, "by": clinic.nurse, "now": NOON}
    discharging.assess_discharge(criteria={"alert": True, "oriented": False}, values={"alert": 5}, **first)
    later = NOON + timedelta(minutes=20)
    discharging.assess_discharge(
        session=session, criteria={"oriented": True}, values={"aldrete": STEADY}, by=other, now=later
    )
    found = {state.code: state for state in criterion_states(fresh(session))}
    assert (found["alert"].is_met, found["alert"].words) == (True, "MOAA/S 5")
    assert found["alert"].assessment.taken_by == clinic.nurse.user
    assert (found["oriented"].is_met, found["oriented"].assessment.taken_at) == (True, later)
    assert (found["aldrete"].is_met, found["aldrete"].assessment.taken_by) == (True, other.user)
    assert found["walks-unaided"].is_met is None
    low = STEADY | {"consciousness": 0}
    discharging.assess_discharge(session=session, criteria={}, values={"aldrete": low}, by=other, now=later)
    assert "aldrete" in open_criteria(fresh(session))


def test_what_an_assessment_refuses(clinic):
    session = session_at(Status.RECOVERING, clinic=clinic, now=NOON)
    told = {"session": session, "by": clinic.nurse, "now": NOON}
    with refused(Invalid, "discharge.value_missing"):
        discharging.assess_discharge(criteria={"aldrete": True}, **told)
    with refused(Invalid, "discharge.undecided"):
        discharging.assess_discharge(criteria={}, values={"alert": 5}, **told)
    with refused(Invalid, "discharge.value"):
        discharging.assess_discharge(criteria={"alert": True}, values={"alert": 9}, **told)


def test_ready_to_leave_and_gone_are_two_times(clinic):
    session = session_at(Status.RECOVERING, clinic=clinic, now=NOON)
    due = not_before(session)
    told = {"session": session, "by": clinic.nurse}
    with refused(Conflict, "discharge.too_early"):
        discharging.mark_ready(now=due - timedelta(minutes=1), **told)
    assess(session, by=clinic.nurse, now=due, walks_unaided=False, escort_present=False)
    with refused(Conflict, "discharge.criterion"):
        discharging.mark_ready(now=due, **told)
    assess(session, by=clinic.nurse, now=due, escort_present=False)
    discharging.mark_ready(now=due, **told)
    with refused(Conflict, "discharge.ready"):
        discharging.mark_ready(now=due, **told)
    with refused(Conflict, "discharge.criterion"):
        leaving.discharge(now=due, **told)
    assess(session, by=clinic.nurse, now=due + timedelta(minutes=20))
    leaving.discharge(now=due + timedelta(minutes=25), **told)
    gone = fresh(session)
    assert (ready_since(gone), gone.closed_at) == (due, due + timedelta(minutes=25))


def test_the_signature_covers_emergency_and_leaving(clinic):
    session = session_at(Status.LEFT, clinic=clinic, now=NOON)
    signing.sign(session=session, by=clinic.nurse, now=NOON)
    with refused(Conflict, "chart.signed"):
        log_emergency_step(session=session, kind=Kind.ALARM, by=clinic.nurse, now=NOON)
    with refused(Conflict, "chart.signed"):
        leaving.describe_leaving(session=session, note="x", by=clinic.nurse, now=NOON)


# The day's lists


def test_the_day_list_answers_itself_where_the_record_knows(clinic):
    session_at(Status.INFUSING, clinic=clinic, now=NOON)
    running_day = day_lists(clinic.site, actor=clinic.nurse, now=NOON, signals=DaySignals())
    closing = {line.item.code: line for line in running_day.closing}
    assert (closing["nobody-present"].is_ok, closing["waste"].is_ok, closing["charts"].is_ok) == (
        False,
        None,
        True,
    )
    told = DaySignals(prescriber="Dr Silva", channels="delivered", channels_ok=True, unwitnessed=0, unsent=2)
    known = day_lists(clinic.site, actor=clinic.nurse, now=NOON, signals=told)
    opening = {line.item.code: line for line in known.opening}
    assert (opening["prescriber"].is_ok, opening["emergency-number"].is_ok) == (True, False)
    assert {line.item.code: line.is_ok for line in known.closing}["unsent"] is False


def test_a_day_list_item_is_answered_anew_each_day(clinic):
    told = {"site": clinic.site, "moment": "opening", "by": clinic.nurse}
    answer_day_list(item="oxygen", outcome="not_ok", note="Empty, ordered", now=NOON, **told)
    answer_day_list(item="oxygen", outcome="ok", now=NOON, public_id=uuid.uuid4(), **told)

    def oxygen(now):
        lists = day_lists(clinic.site, actor=clinic.nurse, now=now, signals=DaySignals())
        return next(line for line in lists.opening if line.item.code == "oxygen")

    assert oxygen(NOON).is_ok is True
    assert oxygen(NOON + timedelta(days=1)).is_settled is False


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"item": "waste", "moment": "closing", "outcome": "ok"}, "day_list.item"),
        ({"item": "oxygen", "moment": "closing", "outcome": "ok"}, "day_list.item"),
        ({"item": "coffee", "moment": "opening", "outcome": "ok"}, "day_list.item"),
        ({"item": "oxygen", "moment": "opening", "outcome": "well"}, "day_list.outcome"),
        ({"item": "oxygen", "moment": "opening", "outcome": "not_ok"}, "day_list.why"),
    ],
)
def test_what_a_day_list_refuses(clinic, answer, code):
    with refused(Invalid, code):
        answer_day_list(site=clinic.site, by=clinic.nurse, now=NOON, **answer)
    with refused(Refused, "permission.missing"):
        answer_day_list(site=clinic.site, by=clinic.prescriber, now=NOON, **answer)


def test_every_item_has_its_own_code():
    assert len({item.code for item in DAY_ITEMS}) == len(DAY_ITEMS)
