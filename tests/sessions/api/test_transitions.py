"""The steps of a session through the API: one route for each row of the table."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from clinic.common import clock
from sessions.api.serializers.transitions import body_of
from sessions.models import Departure, StatusChange
from sessions.operations.by_action import OPERATIONS
from sessions.states import TRANSITIONS, Action, Status
from tests.patients.api.client import Api
from tests.sessions.api.client import at, codes, twice
from tests.sessions.scenes import booked_session, make_course, session_at

FROM: dict[Action, Status] = {
    Action.ARRIVE: Status.NO_SHOW,
    Action.UNDO_ARRIVE: Status.ARRIVED,
    Action.WITHDRAW_CLEARANCE: Status.READY,
    Action.DO_NOT_START: Status.ARRIVED,
    Action.START: Status.READY,
    Action.PAUSE: Status.INFUSING,
    Action.RESUME: Status.PAUSED,
    Action.END: Status.PAUSED,
    Action.LEAVE: Status.INFUSING,
    Action.TRANSFER_OUT: Status.PAUSED,
    Action.CANCEL: Status.SCHEDULED,
    Action.NO_SHOW: Status.SCHEDULED,
}
"""Each action from a state in which the scene leaves it possible; clear and discharge are in the story."""


def test_every_row_of_the_table_has_its_route():
    for action in TRANSITIONS:
        path = reverse(f"sessions-api:{action.value}", args=[uuid.UUID(int=1)])
        assert path.endswith(f"/{action.value}/")


def came_to(status, clinic):
    """A session in a state; a scheduled one is an hour overdue, so that it can also be missed."""
    if status is Status.SCHEDULED:
        return booked_session(clinic, starts_at=clock.now() - timedelta(hours=1))
    return session_at(status, clinic=clinic)


@pytest.mark.parametrize("action", FROM, ids=str)
def test_a_step_is_taken_once_however_often_it_is_sent(clinic, action):
    session = came_to(FROM[action], clinic)
    nurse, before = Api(clinic.nurse), StatusChange.objects.count()
    told = {"reason": "As agreed", "kind": "stopped_early"}
    taken = body_of(OPERATIONS[action])().fields
    body = {name: value for name, value in told.items() if name in taken}
    after = twice(nurse, at(session, f"{action.value}/"), body)
    assert after["status"] == TRANSITIONS[action].target
    assert after["revision"] == session.revision + 1
    assert StatusChange.objects.count() == before + 1


@pytest.mark.parametrize(
    ("status", "path", "body", "expected"),
    [
        (Status.ARRIVED, "clear/", {}, {"consent.not_in_date", "check.open"}),
        (Status.ARRIVED, "start/", {}, {"session.status"}),
        (Status.ARRIVED, "do-not-start/", {"reason": " "}, {"reason.missing"}),
        (Status.ARRIVED, "do-not-start/", {}, {"field.required"}),
        (Status.INFUSING, "resume/", {}, {"session.status"}),
        (Status.INFUSING, "end/", {"kind": "somehow"}, {"field.invalid_choice"}),
        (Status.INFUSING, "pause/", {"at": "yesterday"}, {"field.invalid"}),
        (Status.RECOVERING, "discharge/", {}, {"discharge.too_early", "discharge.criterion"}),
        (Status.DISCHARGED, "leave/", {}, {"session.status"}),
        (Status.CANCELLED, "arrive/", {}, {"session.status"}),
    ],
)
def test_a_step_that_cannot_be_taken_says_why(clinic, status, path, body, expected):
    session = session_at(
        status, clinic=clinic, course=make_course(clinic, consented=status is not Status.ARRIVED)
    )
    answer = Api(clinic.nurse).post(at(session, path), body)
    assert answer.status_code in {409, 422}
    assert expected <= codes(answer)


def test_a_role_without_the_right_is_refused(clinic):
    session = session_at(Status.READY, clinic=clinic)
    answer = Api(clinic.desk).post(at(session, "start/"))
    assert (answer.status_code, codes(answer)) == (403, {"permission.missing"})


def test_what_happened_anyway_is_recorded_with_what_stood_in_the_way(clinic):
    session, nurse = session_at(Status.ARRIVED, clinic=clinic), Api(clinic.nurse)
    body = {"departure_reason": "Started in the emergency room"}
    chart = twice(nurse, at(session, "start/"), body)
    assert (chart["status"], Departure.objects.count()) == ("infusing", 1)
    (departure,) = chart["departures"]
    assert (departure["action"], departure["reason"]) == ("start", "Started in the emergency room")
    assert {obstacle["code"] for obstacle in departure["obstacles"]} == {
        "session.status",
        "dose.not_confirmed",
    }


def test_a_step_may_be_told_with_its_time(clinic):
    session, nurse = session_at(Status.INFUSING, clinic=clinic), Api(clinic.nurse)
    before = clock.now() - timedelta(minutes=1)
    assert twice(nurse, at(session, "pause/"), {"at": before.isoformat()})["running_since"] is None
    assert session.status_changes.get(action="pause").taken_at == before
    for minutes, code in ((10, "time.future"), (-2, "timeline.order")):
        told = {"at": (clock.now() + timedelta(minutes=minutes)).isoformat()}
        assert codes(nurse.post(at(session, "resume/"), told)) == {code}


def test_a_key_is_good_for_one_step(clinic):
    session, nurse, key = session_at(Status.INFUSING, clinic=clinic), Api(clinic.nurse), uuid.uuid4()
    assert nurse.post(at(session, "pause/"), key=key).status_code == 200
    for path, body in (("resume/", {}), ("pause/", {"reason": "Other"})):
        answer = nurse.post(at(session, path), body, key=key)
        assert (answer.status_code, codes(answer)) == (409, {"idempotency.reused"})
    assert nurse.client.post(f"/api/v1/{at(session, 'resume/')}", {}).status_code == 428
    answer = nurse.post(at(session, "resume/"), key="once")
    assert (answer.status_code, codes(answer)) == (422, {"idempotency.unreadable"})
