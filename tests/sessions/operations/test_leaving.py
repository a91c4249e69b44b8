"""How a visit ends: the gates of a discharge, overrides, departures, and leaving, which nothing stops."""

from datetime import timedelta

import pytest

from clinic.accounts.actor import Actor
from clinic.accounts.models import RolePermission
from clinic.accounts.permissions import DEFAULT_ROLES, Permission
from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused
from sessions.models import Departure, DischargeAssessment, InfusionSession, StatusChange
from sessions.operations import discharging, leaving, monitoring, running, signing
from sessions.rules.discharging import not_before, open_criteria
from sessions.states import PRESENT, RUNNING, Action, EndKind, Status
from tests.refusals import refused
from tests.scenes import staff
from tests.sessions.scenes import NOON, assess, session_at

LEAVING = {Action.LEAVE: leaving.leave, Action.TRANSFER_OUT: leaving.transfer_out}


@pytest.fixture
def recovering(clinic):
    return session_at(Status.RECOVERING, clinic=clinic, now=NOON)


@pytest.fixture
def due(recovering):
    """The first moment at which the observation is long enough: 60 minutes after the end."""
    return recovering.infusion_ended_at + timedelta(minutes=60)


@pytest.fixture
def senior(clinic):
    """A nurse with the role as it comes: it may discharge with open criteria."""
    return staff("nurse", clinic.site)


@pytest.fixture
def junior(clinic):
    """A nurse of a clinic that keeps that right from nurses."""
    actor = staff("nurse", clinic.site)
    RolePermission.objects.filter(role__code="nurse", permission=Permission.OVERRIDE_DISCHARGE).delete()
    return Actor.of_user(actor.user)


def fresh(session):
    return InfusionSession.objects.select_related("booking", "site").get(pk=session.pk)


def codes(refusal):
    return [problem.code for problem in refusal.value.problems]


# Discharge


def test_discharge_minimum_observation_from_the_true_end(clinic, recovering, due):
    """The end is put 4 minutes later afterwards: the observation counts from there."""
    assess(recovering, by=clinic.nurse, now=due)
    end = recovering.infusion_events.get(kind="end")
    later = end.taken_at + timedelta(minutes=4)
    running.correct_event(event=end, at=later, by=clinic.nurse, reason="Pump's record", now=due)
    told = {"session": recovering, "by": clinic.nurse}
    with refused(Conflict, "discharge.too_early") as refusal:
        leaving.discharge(now=due + timedelta(minutes=4, microseconds=-1), **told)
    assert codes(refusal) == ["discharge.too_early"]
    assert f"{(due + timedelta(minutes=4)).astimezone(clinic.site.zone):%H:%M}" in str(refusal.value)
    leaving.discharge(now=due + timedelta(minutes=4), **told)


def test_discharge_lists_the_clock_and_every_open_criterion(clinic, recovering, due):
    told = {"session": recovering, "by": clinic.nurse}
    with refused(Conflict) as refusal:
        leaving.discharge(now=due - timedelta(minutes=1), **told)
    criteria = recovering.course.protocol_version.discharge_criteria
    assert codes(refusal) == ["discharge.too_early"] + ["discharge.criterion"] * len(criteria)
    assert len({str(problem) for problem in refusal.value.problems}) == len(criteria) + 1
    assess(recovering, by=clinic.nurse, now=due, walks_unaided=False)
    with refused(Conflict) as refusal:
        leaving.discharge(now=due, **told)
    assert codes(refusal) == ["discharge.criterion"]
    assert "Walks unaided" in str(refusal.value)


def test_discharge_reads_the_last_assessment(clinic, recovering, due):
    assess(recovering, by=clinic.nurse, now=due)
    assess(recovering, by=clinic.nurse, now=due, alert=False)
    assert open_criteria(fresh(recovering)) == ["alert"]
    with refused(Conflict, "discharge.criterion"):
        leaving.discharge(session=recovering, by=clinic.nurse, now=due)
    assess(recovering, by=clinic.nurse, now=due)
    leaving.discharge(session=recovering, by=clinic.nurse, now=due)
    closed = fresh(recovering)
    assert (closed.state, closed.closed_at, closed.booking.is_live) == (Status.DISCHARGED, due, False)


def test_discharge_override_needs_the_right(clinic, recovering, due, junior):
    assess(recovering, by=clinic.nurse, now=due, escort_present=False)
    with refused(Refused, "permission.missing"):
        leaving.discharge(session=recovering, by=junior, now=due, override_reason="Taxi with a nurse")


def test_discharge_override_sets_criteria_aside_and_not_the_clock(clinic, recovering, due, senior):
    told = {"session": recovering, "by": senior, "override_reason": "Sister comes at once"}
    with refused(Conflict) as refusal:
        leaving.discharge(now=due - timedelta(seconds=1), **told)
    assert codes(refusal) == ["discharge.too_early"]
    leaving.discharge(now=due, **told)
    assert fresh(recovering).state is Status.DISCHARGED
    assert StatusChange.objects.latest("pk").reason == "Sister comes at once"
    assert AuditEvent.objects.get(verb="session.discharged").reason == "Sister comes at once"
    assert not Departure.objects.exists()


@pytest.mark.parametrize("role", DEFAULT_ROLES)
@pytest.mark.parametrize("reason", ["", "Walks as before"])
def test_discharge_by_each_role_with_and_without_an_override(clinic, recovering, due, role, reason):
    """Nobody holds half of it: who may override takes the step too, and to the others it is refused as ever."""
    assess(recovering, by=clinic.nurse, now=due, walks_unaided=False)
    told = {"session": recovering, "by": staff(role, clinic.site), "now": due, "override_reason": reason}
    if reason and role in {"nurse", "prescriber"}:
        leaving.discharge(**told)
        assert fresh(recovering).state is Status.DISCHARGED
        assert StatusChange.objects.latest("pk").taken_by == told["by"].user
        return
    error, code = (Conflict, "discharge.criterion") if role == "nurse" else (Refused, "permission.missing")
    with refused(error, code) as refusal:
        leaving.discharge(**told)
    if error is Refused:
        right = Permission.OVERRIDE_DISCHARGE if reason else Permission.RUN_INFUSION
        said = f"Your role does not include this right: {right.label}. Ask somebody who holds it."
        assert str(refusal.value) == said
    assert fresh(recovering).state is Status.RECOVERING


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.RECOVERING])
def test_an_override_leaves_the_states_as_they_are(clinic, status):
    session = session_at(status, clinic=clinic, now=NOON)
    with refused(Conflict, "session.status"):
        leaving.discharge(
            session=session, by=clinic.prescriber, now=NOON + timedelta(hours=1), override_reason="Seen"
        )


def test_ready_to_leave_by_whoever_may_override(clinic, recovering, due, junior):
    only = Actor(
        clinic.prescriber.kind,
        label="Override only",
        key="override",
        grants={clinic.site.pk: frozenset({Permission.VIEW_PATIENTS, Permission.OVERRIDE_DISCHARGE})},
        user=clinic.prescriber.user,
    )
    told = {"session": recovering, "now": due}
    with refused(Refused, "permission.missing"):
        discharging.mark_ready(by=only, **told)
    with refused(Refused, "permission.missing") as refusal:
        discharging.mark_ready(by=junior, override_reason="Sister is a nurse", **told)
    assert str(Permission.OVERRIDE_DISCHARGE.label) in str(refusal.value)
    mark = discharging.mark_ready(by=only, override_reason="Sister is a nurse", **told)
    assert (mark.taken_by, mark.override_reason) == (clinic.prescriber.user, "Sister is a nurse")


@pytest.mark.parametrize("reason", ["", "   "])
def test_discharge_override_without_a_reason_is_none(clinic, recovering, due, senior, reason):
    with refused(Conflict, "discharge.criterion"):
        leaving.discharge(session=recovering, by=senior, now=due, override_reason=reason)


def test_discharge_that_happened_too_early_is_recordable(clinic, recovering, due):
    early = due - timedelta(minutes=20)
    leaving.discharge(
        session=recovering, by=clinic.nurse, now=early, departure_reason="Left with the escort unseen"
    )
    departure = Departure.objects.get(session=recovering)
    assert departure.obstacles[0]["code"] == "discharge.too_early"
    assert {item["code"] for item in departure.obstacles[1:]} == {"discharge.criterion"}
    assert fresh(recovering).state is Status.DISCHARGED


def test_a_discharge_without_an_assessment_can_still_be_signed(clinic, recovering, due, senior):
    """The chart asks for the assessment, so what was seen can be entered afterwards."""
    leaving.discharge(session=recovering, by=senior, now=due, override_reason="Fire alarm")
    monitoring.ask_about_side_effects(session=recovering, by=clinic.nurse, now=due)
    with refused(Conflict, "chart.discharge"):
        signing.sign(session=recovering, by=clinic.nurse, now=due)
    discharging.assess_discharge(
        session=recovering,
        criteria={"walks-unaided": True},
        note="Seen walking out",
        by=clinic.nurse,
        now=due,
    )
    signing.sign(session=recovering, by=clinic.nurse, now=due)


# Assessing


@pytest.mark.parametrize("status", [status for status in Status if status in PRESENT - {Status.RECOVERING}])
def test_assess_only_in_recovery(clinic, status):
    session = session_at(status, clinic=clinic, now=NOON)
    with refused(Conflict, "discharge.not_recovering"):
        assess(session, by=clinic.nurse, now=NOON)


def test_assess_keeps_what_was_said(clinic, recovering):
    assessment = discharging.assess_discharge(
        session=recovering,
        criteria={"alert": True, "oriented": False},
        escort_name="  Eva Ruiz ",
        note="Still slow",
        by=clinic.nurse,
        now=NOON,
    )
    stored = DischargeAssessment.objects.get(pk=assessment.pk)
    assert stored.criteria == {"alert": True, "oriented": False}
    assert (stored.escort_name, stored.note, stored.taken_by) == ("Eva Ruiz", "Still slow", clinic.nurse.user)
    asked = set(recovering.course.protocol_version.discharge_criteria)
    assert set(open_criteria(fresh(recovering))) == asked - {"alert"}
    assert AuditEvent.objects.latest("pk").verb == "discharge.assessed"


def test_assess_refuses_what_the_protocol_does_not_ask(clinic, recovering):
    told = {"session": recovering, "by": clinic.nurse, "now": NOON}
    with refused(Invalid, "discharge.unknown"):
        discharging.assess_discharge(criteria={"alert": True, "sings": True}, **told)
    with refused(Refused, "permission.missing"):
        discharging.assess_discharge(criteria={}, **{**told, "by": clinic.desk})
    with refused(Invalid, "text.unreadable"):
        discharging.assess_discharge(criteria={}, note="\x00", **told)


# Leaving and transfer


@pytest.mark.parametrize("action", LEAVING)
@pytest.mark.parametrize("status", sorted(PRESENT))
def test_leave_is_never_refused_while_the_patient_is_here(clinic, status, action):
    session = session_at(status, clinic=clinic, now=NOON)
    at = NOON + timedelta(minutes=1)
    LEAVING[action](session=session, by=clinic.prescriber, now=at)
    gone = fresh(session)
    assert gone.state is {Action.LEAVE: Status.LEFT, Action.TRANSFER_OUT: Status.TRANSFERRED}[action]
    assert (gone.closed_at, gone.booking.is_live) == (at, False)
    if status in RUNNING:
        assert (gone.infusion_ended_at, gone.end_kind) == (at, EndKind.STOPPED_EARLY)
        assert gone.running_since is None
        assert gone.infused_seconds == session.infused(at).total_seconds()
    else:
        assert gone.infusion_ended_at == session.infusion_ended_at


def test_leave_in_the_very_minute_of_the_start(clinic):
    ready = session_at(Status.READY, clinic=clinic, now=NOON)
    running.start(session=ready, by=clinic.nurse, now=NOON)
    leaving.leave(session=ready, by=clinic.desk, now=NOON + timedelta(seconds=50), at=NOON)
    assert (fresh(ready).state, fresh(ready).infused_seconds) == (Status.LEFT, 0)


@pytest.mark.parametrize("leave", [leaving.leave, leaving.transfer_out])
def test_leave_before_the_infusion_ended_is_out_of_order(clinic, recovering, leave):
    with refused(Conflict, "timeline.order"):
        leave(
            session=recovering,
            by=clinic.prescriber,
            now=NOON,
            at=recovering.infusion_ended_at - timedelta(minutes=1),
        )
    assert fresh(recovering).state is Status.RECOVERING


def test_discharge_before_the_infusion_ended_is_out_of_order_whatever_the_reason(clinic, recovering):
    with refused(Conflict, "timeline.order"):
        leaving.discharge(
            session=recovering,
            by=clinic.nurse,
            now=NOON,
            at=recovering.infusion_ended_at - timedelta(minutes=1),
            departure_reason="Typed wrongly",
        )


def test_not_before_is_known_once_the_infusion_has_ended(clinic, recovering, due):
    assert not_before(recovering) == due
    assert not_before(session_at(Status.INFUSING, clinic=clinic, now=NOON, chair=clinic.chairs[1])) is None
