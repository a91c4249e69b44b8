"""The table of states, cell by cell, against the same table written down a second time by hand."""

from itertools import product

import pytest

from clinic.accounts.actor import Actor, ActorKind
from clinic.accounts.permissions import DEFAULT_ROLES, Permission
from clinic.common.errors import Conflict, Refused
from sessions.models import Departure, InfusionSession, StatusChange
from sessions.rules import transitions as rules
from sessions.states import (
    ACTION_LABELS,
    ENDED,
    OFF,
    PRESENT,
    RUNNING,
    STATUS_LABELS,
    TRANSITIONS,
    Action,
    Status,
)

SITE = 1

# What a session in each state can become, and by what: "verb>state".
LEADS_TO = {
    "scheduled": "arrive>arrived cancel>cancelled no-show>no_show",
    "no_show": "arrive>arrived",
    "arrived": "undo-arrive>scheduled clear>ready do-not-start>not_started leave>left transfer-out>transferred",
    "ready": "withdraw-clearance>arrived do-not-start>not_started start>infusing leave>left"
    " transfer-out>transferred",
    "infusing": "pause>paused end>recovering leave>left transfer-out>transferred",
    "paused": "resume>infusing end>recovering leave>left transfer-out>transferred",
    "recovering": "discharge>discharged leave>left transfer-out>transferred",
    "discharged": "",
    "cancelled": "",
    "not_started": "",
    "left": "",
    "transferred": "",
}
WHO = {
    "arrive": {"front_desk", "nurse"},
    "undo-arrive": {"front_desk", "nurse"},
    "clear": {"nurse"},
    "withdraw-clearance": {"nurse", "prescriber"},
    "do-not-start": {"nurse", "prescriber"},
    "start": {"nurse"},
    "pause": {"nurse"},
    "resume": {"nurse"},
    "end": {"nurse"},
    "discharge": {"nurse"},
    "leave": {"front_desk", "nurse", "prescriber"},
    "transfer-out": {"nurse", "prescriber"},
    "cancel": {"front_desk", "nurse"},
    "no-show": {"front_desk", "nurse"},
}
# Who may when the step is taken over what is open, with a reason: the right to override carries the step as well.
OVERRIDING = WHO | {"discharge": {"nurse", "prescriber"}}
NEEDS_REASON = {"do-not-start", "cancel", "no-show"}


def steps_from(status: Status) -> dict[str, str]:
    return dict(step.split(">") for step in LEADS_TO[status].split())


def actor(role: str, site: int = SITE) -> Actor:
    """Somebody in one role at one site, of no database."""
    return Actor(ActorKind.USER, label=role, key=role, grants={site: DEFAULT_ROLES[role][1]})


def session_in(status: Status) -> InfusionSession:
    return InfusionSession(site_id=SITE, status=status)


@pytest.mark.parametrize(("status", "action"), list(product(Status, Action)), ids=str)
def test_each_action_leaves_just_its_states(status: Status, action: Action) -> None:
    session = session_in(status)
    if action.value in steps_from(status):
        rules.check_status(action, session=session)
        assert TRANSITIONS[action].target == steps_from(status)[action.value]
        return
    with pytest.raises(Conflict) as refusal:
        rules.check_status(action, session=session)
    assert refusal.value.code == "session.status"
    # The sentence names both, so that the reader knows what to look at.
    assert str(STATUS_LABELS[status]).lower() in str(refusal.value)
    assert str(ACTION_LABELS[action]).lower() in str(refusal.value)


@pytest.mark.parametrize(("status", "action"), list(product(Status, Action)), ids=str)
def test_only_a_start_may_be_recorded_against_the_status(status: Status, action: Action) -> None:
    possible = action.value in steps_from(status) or (status, action) == (Status.ARRIVED, Action.START)
    try:
        rules.check_status(action, session=session_in(status), departing=True)
    except Conflict as refusal:
        assert refusal.code == "session.status"
        assert not possible
    else:
        assert possible


@pytest.mark.parametrize(("action", "role"), list(product(Action, DEFAULT_ROLES)), ids=str)
def test_each_role_may_do_just_its_actions(action: Action, role: str) -> None:
    # Who may does not depend on the state: any will do.
    session = session_in(Status.SCHEDULED)
    if role in WHO[action]:
        rules.check_may(action, session=session, by=actor(role))
    else:
        with pytest.raises(Refused) as refusal:
            rules.check_may(action, session=session, by=actor(role))
        assert refusal.value.code == "permission.missing"
        assert str(TRANSITIONS[action].permission.label) in str(refusal.value)
    with pytest.raises(Refused):
        rules.check_may(action, session=session, by=actor(role, site=SITE + 1))


@pytest.mark.parametrize(("action", "role"), list(product(Action, DEFAULT_ROLES)), ids=str)
def test_who_may_override_may_take_the_step(action: Action, role: str) -> None:
    session, by = session_in(Status.SCHEDULED), actor(role)
    only_so = role in OVERRIDING[action] - WHO[action]
    assert rules.may_only_override(action, session=session, by=by) == only_so
    if role in OVERRIDING[action]:
        rules.check_may(action, session=session, by=by, overriding=True)
    else:
        with pytest.raises(Refused) as refusal:
            rules.check_may(action, session=session, by=by, overriding=True)
        right = TRANSITIONS[action].overriding or TRANSITIONS[action].permission
        assert str(right.label) in str(refusal.value)
    elsewhere = actor(role, site=SITE + 1)
    assert not rules.may_only_override(action, session=session, by=elsewhere)
    with pytest.raises(Refused):
        rules.check_may(action, session=session, by=elsewhere, overriding=True)


def test_the_right_to_run_infusions_is_not_the_right_to_override() -> None:
    """A clinic may keep it from nurses: then they discharge, and do not override."""
    rights = DEFAULT_ROLES["nurse"][1] - {Permission.OVERRIDE_DISCHARGE}
    junior = Actor(ActorKind.USER, label="junior", key="junior", grants={SITE: rights})
    session = session_in(Status.RECOVERING)
    rules.check_may(Action.DISCHARGE, session=session, by=junior)
    with pytest.raises(Refused) as refusal:
        rules.check_may(Action.DISCHARGE, session=session, by=junior, overriding=True)
    assert str(Permission.OVERRIDE_DISCHARGE.label) in str(refusal.value)


@pytest.mark.parametrize("action", Action)
def test_the_row_of_an_action_is_whole(action: Action) -> None:
    row = TRANSITIONS[action]
    assert row.action is action
    assert row.sources
    assert row.target not in row.sources
    assert row.needs_reason == (action.value in NEEDS_REASON)
    assert row.verb.startswith("session.")
    assert str(ACTION_LABELS[action])


def test_no_two_actions_share_a_verb() -> None:
    verbs = [row.verb for row in TRANSITIONS.values()]
    assert len(set(verbs)) == len(verbs) == len(Action)


def test_the_named_groups_of_states_follow_from_the_table() -> None:
    assert set(RUNNING) == {"infusing", "paused"}
    # One is in the clinic wherever one can leave from, and nowhere else.
    assert PRESENT == TRANSITIONS[Action.LEAVE].sources == TRANSITIONS[Action.TRANSFER_OUT].sources
    final = {status for status in Status if not steps_from(status)}
    assert final == ENDED | {Status.CANCELLED}
    assert PRESENT | ENDED | OFF | {Status.SCHEDULED} == set(Status)
    assert not PRESENT & ENDED and not ENDED & OFF and not PRESENT & OFF


def test_every_state_is_reached_from_scheduled() -> None:
    reached, waiting = set(), {"scheduled"}
    while waiting:
        reached |= waiting
        waiting = {target for status in waiting for target in steps_from(status).values()} - reached
    assert reached == set(Status)


@pytest.mark.parametrize("status", Status)
def test_every_state_has_a_name_to_read(status: Status) -> None:
    assert str(status.label)
    assert session_in(status).state is status


@pytest.mark.parametrize("model", [StatusChange, Departure])
def test_every_action_fits_the_columns_that_remember_it(model: type) -> None:
    field = model._meta.get_field("action")
    assert {value for value, _label in field.choices} == set(Action)
    assert all(len(action) <= field.max_length for action in Action)
