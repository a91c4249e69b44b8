"""Readiness, calls, the courses that wait and second looks through the API."""

import uuid
from datetime import timedelta

import pytest

from clinic.common import clock
from sessions.models import CallAttempt, ReadinessAnswer, Reevaluation
from sessions.states import Status
from tests.patients.api.client import Api
from tests.sessions.api.client import at, codes, twice
from tests.sessions.scenes import booked_session, make_clinic, make_course, session_at


@pytest.fixture
def session(clinic):
    return booked_session(clinic, starts_at=clock.now() + timedelta(hours=2))


def sheet(api, clinic, **query):
    return api.get("readiness/", site=str(clinic.site.public_id), **query)


def test_the_list_says_what_is_missing(clinic, desk, session):
    today, tomorrow = sheet(desk, clinic).json()["days"]
    assert (today["day"], tomorrow["day"], tomorrow["visits"]) == ("2026-03-10", "2026-03-11", [])
    (visit,) = today["visits"]
    assert (visit["session"], visit["is_first_infusion"]) == (str(session.public_id), True)
    assert visit["missing"] == ["ride", "fasting", "weight", "scores"]
    assert (visit["ride"], visit["last_time"], visit["authorization"]["kind"]) == (None, None, "none")
    assert [due["code"] for due in visit["scores_due"]] == ["phq9", "gad7"]


def test_an_answer_and_a_call_change_the_list(clinic, desk, session):
    answer = twice(
        desk, at(session, "readiness-answers/"), {"item": "ride", "outcome": "settled", "note": "Eva"}
    )
    call = twice(desk, at(session, "calls/"), {"outcome": "reached"})
    assert (call["purpose"], ReadinessAnswer.objects.count(), CallAttempt.objects.count()) == (
        "readiness",
        1,
        1,
    )
    (visit,) = sheet(desk, clinic).json()["days"][0]["visits"]
    assert (visit["ride"], visit["calls"]) == (answer, [call])
    assert desk.get(at(session, "readiness-answers/")).json()["results"] == [answer]
    assert desk.get(at(session, "calls/")).json()["results"] == [call]


def test_the_last_time_of_a_treated_patient(clinic, desk):
    last = session_at(Status.INFUSING, clinic=clinic, now=clock.now() - timedelta(days=5))
    soon = clock.now() + timedelta(hours=2)
    booked_session(clinic, starts_at=soon, course=last.course, chair=clinic.chairs[1])
    (visit,) = sheet(desk, clinic).json()["days"][0]["visits"]
    told = visit["last_time"]
    assert told["session"] == str(last.public_id)
    assert (told["systolic"], told["minute"], told["rise"], told["grade"]) == (134, 10, 12, None)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"day": "soon"}, 422, "field.invalid"),
        ({"day": "9999-12-31"}, 422, "field.range"),
        ({"site": "north"}, 422, "field.invalid"),
        ({"site": str(uuid.uuid4())}, 404, "not_found"),
    ],
)
def test_what_cannot_be_asked(clinic, desk, query, status, code):
    answer = desk.get("readiness/", **{"site": str(clinic.site.public_id)} | query)
    assert (answer.status_code, codes(answer)) == (status, {code})


def test_refusals_read_as_on_the_pages(clinic, desk, prescriber, session):
    path = at(session, "readiness-answers/")
    body = {"item": "ride", "outcome": "not_needed"}
    assert codes(desk.post(path, body)) == {"readiness.note"}
    assert codes(prescriber.post(path, body)) == {"permission.missing"}
    assert codes(prescriber.post(at(session, "calls/"), {"outcome": "reached"})) == {"permission.missing"}
    over = session_at(Status.LEFT, clinic=clinic, chair=clinic.chairs[1])
    assert codes(desk.post(at(over, "calls/"), {"outcome": "reached"})) == {"call.over"}


def test_the_courses_that_wait(clinic, desk):
    course = make_course(clinic)
    found = desk.get("course-worklist/").json()
    (row,) = found["unbooked"]
    assert (row["course"], row["planned"], row["given"], row["window"]) == (
        str(course.public_id),
        6,
        0,
        None,
    )
    assert (found["active"], found["slipping"], found["finished"]) == (1, [], [])
    elsewhere = make_clinic("south", now=clock.now())
    assert desk.get("course-worklist/", site=elsewhere.site.public_id).status_code == 404
    assert desk.get("course-worklist/", site=clinic.site.public_id).json() == found
    assert Api(elsewhere.nurse).get("course-worklist/").json()["active"] == 0


def test_a_second_look(clinic, prescriber, nurse):
    course = make_course(clinic, now=clock.now() - timedelta(days=1))
    path = f"courses/{course.public_id}/reevaluations/"
    look = twice(prescriber, path, {"decision": "change", "note": "Weekly"})
    assert (look["delivered"], look["decision"], Reevaluation.objects.count()) == (0, "change", 1)
    assert nurse.get(path).json()["results"] == [look]
    assert codes(nurse.post(path, {"decision": "continue"})) == {"permission.missing"}
    assert codes(prescriber.post(path, {"decision": "stop"})) == {"reason.missing"}
    stranger = Api(make_clinic("south", now=clock.now()).prescriber)
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, {"decision": "continue"}).status_code == 404
