"""The check as it stands, questions, decisions, baseline and wishes through the API; every write sent twice."""

import pytest

from sessions.states import Status
from tests.patients.api.client import Api
from tests.sessions.api.client import at, codes, twice
from tests.sessions.scenes import NOON, NORMAL, session_at


@pytest.fixture(scope="module")
def kept(scene):
    return session_at(Status.ARRIVED, clinic=scene, now=NOON)


@pytest.fixture
def session(clinic, kept):
    return kept


def test_the_check_as_it_stands(nurse, session):
    body = {
        "item": "fasting",
        "details": {"solids_at": "2026-03-10T11:40:00Z", "liquids_at": "2026-03-10T13:00:00Z"},
    }
    answer = twice(nurse, at(session, "check-answers/"), body)
    assert (answer["outcome"], answer["waits_until"]) == ("wait", "2026-03-10T17:40:00Z")
    items = {row["item"]: row for row in nurse.get(at(session, "check/")).json()}
    assert items["fasting"]["answer"] == answer
    assert (items["fasting"]["outcome"], items["fasting"]["blocks"]) == ("wait", True)
    assert (items["pregnancy"]["outcome"], items["pregnancy"]["from_record"]) == ("not_applicable", "male")
    assert (items["identity"]["outcome"], items["identity"]["answer"]) == ("", None)
    assert "check.waiting" in codes(nurse.post(at(session, "clear/")))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"item": "identity"}, "check.outcome"),
        ({"item": "fasting"}, "check.fasting"),
        ({"item": "fasting", "details": {"solids_at": "noon"}}, "check.details"),
        ({"item": "fasting", "details": []}, "field.not_a_dict"),
        ({"item": "escort", "outcome": "wait"}, "check.until"),
        ({"item": "escort", "outcome": "wait", "waits_until": "2026-03-10T15:00:00Z"}, "check.wait_time"),
    ],
)
def test_an_answer_that_does_not_fit(nurse, session, body, code):
    answer = nurse.post(at(session, "check-answers/"), body)
    assert (answer.status_code, codes(answer)) == (422, {code})


def test_a_question_and_its_decision(clinic, nurse, session):
    prescriber = Api(clinic.prescriber)
    asked = twice(nurse, at(session, "decision-requests/"), {"question": "164/98. Go on?"})
    assert codes(nurse.post(at(session, "decision-requests/"), {"question": "?"})) == {"decision.asked"}
    assert codes(nurse.post(at(session, "decisions/"), {"outcome": "proceed"})) == {"decision.prescriber"}
    assert codes(nurse.get("decisions-waiting/")) == {"permission.missing"}
    (waiting,) = prescriber.get("decisions-waiting/").json()
    assert (waiting["id"], waiting["session"]) == (asked["id"], str(session.public_id))
    body = {"outcome": "change", "changes": ["observation"], "words": "90 minutes"}
    decided = twice(prescriber, at(session, "decisions/"), body)
    assert (decided["request"], decided["by_prescriber"]) == (asked["id"], True)
    assert prescriber.get("decisions-waiting/").json() == []
    assert nurse.get(at(session, "decisions/")).json()["results"] == [decided]
    assert codes(prescriber.post(at(session, "decisions/"), {"outcome": "wait"})) == {
        "decision.words",
        "decision.until",
    }


def test_the_baseline_and_the_wishes(nurse, session):
    reading = nurse.post(at(session, "vital-signs/"), NORMAL).json()
    named = twice(nurse, at(session, "baselines/"), {"reading": reading["id"]})
    assert named["reading"] == reading["id"]
    assert nurse.post(at(session, "baselines/"), {"reading": str(session.public_id)}).status_code == 404
    wish = twice(nurse, at(session, "wishes/"), {"kinds": ["quiet"], "words": "Window seat"})
    assert nurse.get(at(session, "wishes/")).json()["results"] == [wish]
    assert codes(nurse.post(at(session, "wishes/"), {"kinds": ["champagne"]})) == {"field.invalid_choice"}
