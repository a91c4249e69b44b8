"""One row of each transition through the database, every refused cell, and what a refusal leaves behind."""

from datetime import timedelta

import pytest

from clinic.accounts.actor import Actor
from clinic.audit.models import AuditEvent
from clinic.audit.verify import broken_links
from clinic.common.errors import Conflict, Invalid, Refused
from sessions.models import InfusionSession, StatusChange
from sessions.operations.by_action import OPERATIONS
from sessions.rules.transitions import available_actions
from sessions.states import TRANSITIONS, Action, Status
from tests.refusals import refused
from tests.scenes import make_site, staff
from tests.sessions.operations.acts import act, someone_for
from tests.sessions.scenes import NOON, assess, complete_check, session_at

ROWS = [(action, source) for action, row in TRANSITIONS.items() for source in sorted(row.sources)]
# Minutes after NOON at which an action is due, where it is not due at once.
LATER = {(Action.NO_SHOW, Status.SCHEDULED): 75, (Action.DISCHARGE, Status.RECOVERING): 60}

# Who goes with criteria unmet is looked after on the same day: the step opens a follow-up.
LEAVES_OPEN = {Action.LEAVE, Action.TRANSFER_OUT}
LEAVES_OPEN_FROM = {Status.INFUSING, Status.PAUSED, Status.RECOVERING}


def state_of(session: InfusionSession) -> tuple:
    """Everything that a refused action must leave as it was."""
    stored = InfusionSession.objects.values().get(pk=session.pk)
    return stored, StatusChange.objects.count(), AuditEvent.objects.count()


@pytest.mark.parametrize(("action", "source"), ROWS, ids=str)
def test_a_row_of_the_table(clinic, action, source) -> None:
    session = session_at(source, clinic=clinic, now=NOON)
    now = NOON + timedelta(minutes=LATER.get((action, source), 1))
    if action is Action.DISCHARGE:
        assess(session, by=clinic.nurse, now=now)
    if action is Action.CLEAR:
        complete_check(session, by=clinic.nurse, now=now)
    by, events = someone_for(action, clinic), AuditEvent.objects.count()
    opens = action in LEAVES_OPEN and source in LEAVES_OPEN_FROM

    returned = act(action, session, by=by, now=now)

    stored = InfusionSession.objects.get(pk=session.pk)
    assert stored.state is returned.state is TRANSITIONS[action].target
    assert stored.revision == session.revision + 1
    step = StatusChange.objects.get(session=session, action=action, entered_at=now)
    assert (step.source, step.target) == (source, TRANSITIONS[action].target)
    assert (step.taken_at, step.taken_by, step.entered_by) == (now, by.user, by.user)
    assert AuditEvent.objects.count() == events + 1 + opens
    event, *rest = AuditEvent.objects.order_by("pk")[events:]
    assert event.verb == TRANSITIONS[action].verb
    assert [each.verb for each in rest] == ["follow_up.opened"] * opens
    assert (event.subject_id, event.patient_id) == (session.public_id, session.patient.public_id)
    assert (event.actor_id, event.at, event.reason) == (by.user_id, now, step.reason)
    assert event.details["before"] == {"status": source}
    assert event.details["after"]["status"] == TRANSITIONS[action].target
    assert list(broken_links(event.chain)) == []


@pytest.mark.parametrize("status", Status)
def test_every_other_action_is_refused_and_leaves_nothing(clinic, status) -> None:
    session = session_at(status, clinic=clinic, now=NOON)
    before = state_of(session)
    for action in Action:
        if status not in TRANSITIONS[action].sources:
            with refused(Conflict, "session.status"):
                act(action, session, by=clinic.nurse, now=NOON + timedelta(hours=2))
    assert state_of(session) == before


@pytest.mark.parametrize("action", Action)
def test_who_may_not_is_refused_before_anything_else(clinic, action) -> None:
    """Also where the state would refuse: to say so would tell somebody who may not know."""
    session = session_at(Status.SCHEDULED, clinic=clinic, now=NOON)
    before = state_of(session)
    other_site = staff("nurse", make_site("south"))
    manager, auditor = staff("manager", clinic.site), staff("auditor", clinic.site)
    for by in (manager, auditor, other_site, staff("administrator", clinic.site)):
        with refused(Refused, "permission.missing"):
            act(action, session, by=by, now=NOON)
    assert state_of(session) == before


def test_only_a_person_moves_a_session(clinic) -> None:
    session = session_at(Status.SCHEDULED, clinic=clinic, now=NOON)
    rights = {row.permission for row in TRANSITIONS.values()}
    job = Actor.job("nightly", site_ids=[clinic.site.pk], permissions=rights)
    with refused(Refused, "actor.person"):
        act(Action.ARRIVE, session, by=job, now=NOON)


@pytest.mark.parametrize("action", [action for action, row in TRANSITIONS.items() if row.needs_reason])
@pytest.mark.parametrize("reason", ["", " \n\t"])
def test_no_reason(clinic, action, reason) -> None:
    source = min(TRANSITIONS[action].sources)
    session = session_at(source, clinic=clinic, now=NOON)
    before = state_of(session)
    with refused(Invalid, "reason.missing") as refusal:
        act(action, session, by=clinic.nurse, now=NOON + timedelta(minutes=75), reason=reason)
    assert set(refusal.value.fields) == {"reason"}
    assert state_of(session) == before


def test_a_reason_that_no_database_can_store(clinic) -> None:
    session = session_at(Status.SCHEDULED, clinic=clinic, now=NOON)
    with refused(Invalid, "text.unreadable"):
        act(Action.CANCEL, session, by=clinic.nurse, now=NOON, reason="cold\x00")
    with refused(Invalid, "text.unreadable"):
        act(Action.ARRIVE, session, by=clinic.desk, now=NOON, departure_reason="half \ud83d")


@pytest.mark.parametrize("action", [action for action in Action if action is not Action.ARRIVE])
def test_nothing_happens_in_the_future_or_before_arrival(clinic, action) -> None:
    sources = TRANSITIONS[action].sources
    session = session_at(min(sources), clinic=clinic, now=NOON)
    now = NOON + timedelta(minutes=75)
    before = state_of(session)
    with refused(Invalid, "time.future"):
        act(action, session, by=clinic.nurse, now=now, at=now + timedelta(seconds=1))
    if session.arrived_at:
        with refused(Invalid, "time.before_arrival"):
            act(action, session, by=clinic.nurse, now=now, at=session.arrived_at - timedelta(seconds=1))
    assert state_of(session) == before


def test_a_step_entered_late_keeps_both_times_and_needs_a_reason_after_a_day(clinic) -> None:
    session = session_at(Status.PAUSED, clinic=clinic, now=NOON)
    next_day = NOON + timedelta(hours=24, seconds=1)
    with refused(Invalid, "reason.late_entry"):
        act(Action.RESUME, session, by=clinic.nurse, now=next_day, at=NOON)
    act(Action.RESUME, session, by=clinic.nurse, now=next_day, at=NOON, reason="Network was down")
    step = StatusChange.objects.get(session=session, action=Action.RESUME)
    assert (step.taken_at, step.entered_at, step.reason) == (NOON, next_day, "Network was down")
    assert step.is_late_entry
    # What is entered in time needs none.
    act(Action.PAUSE, session, by=clinic.nurse, now=next_day, at=NOON + timedelta(seconds=1))


@pytest.mark.parametrize("status", Status)
def test_the_buttons_are_the_actions_that_would_not_be_refused(clinic, status) -> None:
    session = session_at(status, clinic=clinic, now=NOON)
    now = NOON + timedelta(minutes=1)
    for by in (clinic.desk, clinic.nurse, clinic.prescriber):
        buttons = {button.action: button for button in available_actions(session=session, by=by, now=now)}
        assert buttons.keys() == {
            action
            for action, row in TRANSITIONS.items()
            if status in row.sources
            and (
                by.can(row.permission, clinic.site.pk)
                or (row.overriding and by.can(row.overriding, clinic.site.pk))
            )
        }
        assert all(
            button.needs_reason == TRANSITIONS[action].needs_reason for action, button in buttons.items()
        )
        for action, button in buttons.items():
            over = {"override_reason": "Seen, and answered for"} if button.needs_override else {}
            if over:
                with refused(Refused, "permission.missing"):
                    act(action, session, by=by, now=now)
            if not button.is_possible:
                with refused(Conflict) as refusal:
                    act(action, session, by=by, now=now, **over)
                sentences = [str(problem) for problem in refusal.value.problems]
                assert sentences == [str(problem) for problem in button.problems]


def test_a_signed_chart_has_no_buttons(clinic) -> None:
    session = session_at(Status.DISCHARGED, clinic=clinic, now=NOON, signed=1)
    assert available_actions(session=session, by=clinic.nurse, now=NOON) == []


def test_every_action_is_one_operation() -> None:
    assert OPERATIONS.keys() == set(Action)
    names = {action: operation.__name__.replace("_", "-") for action, operation in OPERATIONS.items()}
    assert names == {action: action.value for action in Action}
