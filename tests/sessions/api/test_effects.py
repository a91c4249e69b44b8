"""Side effects beyond the chair, follow-ups, phrases and rates through the API."""

from datetime import timedelta

import pytest

from sessions.models import SideEffect
from sessions.states import Status
from tests.patients.api.client import Api
from tests.sessions.api.client import at, codes, twice
from tests.sessions.scenes import NOON, session_at


@pytest.fixture
def session(clinic):
    return session_at(Status.INFUSING, clinic=clinic, now=NOON)


def test_an_older_client_sends_a_grade_and_reads_it_back(nurse, session):
    effect = twice(nurse, at(session, "side-effects/"), {"term": "syncope", "grade": 4})
    (entry,) = effect["entries"]
    told = {name: entry[name] for name in ("grade", "severity", "serious", "serious_criteria")}
    assert told == {
        "grade": 4,
        "severity": "severe",
        "serious": True,
        "serious_criteria": ["life-threatening"],
    }
    assert effect["is_serious"]
    assert codes(nurse.post(at(session, "side-effects/"), {"term": "nausea"})) == {"side_effect.grade"}


def test_the_sheet_and_the_moments(nurse, session):
    body = {"term": "nausea", "severity": "mild", "steps": ["pause"], "moment": "before-start"}
    effect = twice(nurse, at(session, "effect-sheets/"), body)
    assert effect["entries"][0]["action_taken"] == "paused"
    session.refresh_from_db()
    assert session.state is Status.PAUSED and SideEffect.objects.count() == 1
    twice(nurse, at(session, "side-effect-inquiries/"), {"moment": "infusing-30"})
    told = {row["moment"]: row["state"] for row in nurse.get(at(session, "side-effect-moments/")).json()}
    assert (told["before-start"], told["infusing-30"], told["at-end"]) == ("found", "none", "ahead")


def test_a_serious_one_is_narrated_reviewed_and_followed(clinic, nurse, prescriber, session):
    body = {"term": "syncope", "severity": "moderate", "serious_criteria": ["important-event"]}
    effect = twice(nurse, at(session, "side-effects/"), body)
    path = at(session, f"side-effects/{effect['id']}/")
    assert twice(nurse, path + "narratives/", {"text": "Fainted."})["number"] == 1
    judged = {"causality": "possible", "outcome": "recovered"}
    assert codes(nurse.post(path + "reviews/", judged)) == {"permission.missing"}
    assert codes(prescriber.post(path + "reviews/", judged)) == {"effect_review.grade_missing"}
    graded = judged | {"ctcae_code": "10042772", "ctcae_grade": 3}
    assert twice(prescriber, path + "reviews/", graded)["ctcae_version"] == "5.0"
    assert len(prescriber.get(path + "reviews/").json()["results"]) == 1
    found = nurse.get("follow-ups/", is_closed="false", session=str(session.public_id)).json()["results"]
    assert [row["task"] for row in found] == ["tell", "report"]
    mine = nurse.get("follow-ups/", assigned_to=str(clinic.nurse.user.public_id), is_closed="false").json()
    assert [row["task"] for row in mine["results"]] == ["tell"]
    one = f"follow-ups/{found[0]['id']}/"
    twice(nurse, one + "note/", {"text": "Paged"})
    twice(nurse, one + "attempt/", {"due_at": (NOON + timedelta(hours=1)).isoformat()})
    assert codes(nurse.post(one + "reassign/", {"user": effect["id"]})) == {"follow_up.assignee"}
    twice(nurse, one + "reassign/", {"user": str(clinic.prescriber.user.public_id)})
    twice(nurse, one + "close/", {"outcome": "settled", "text": "She knows"})
    assert codes(nurse.post(one + "note/", {"text": "x"})) == {"follow_up.closed"}
    assert [row["kind"] for row in nurse.get(one + "entries/").json()] == [
        "note",
        "attempt",
        "reassigned",
        "done",
    ]
    assert nurse.get(one).json()["is_closed"]


def test_late_effects_and_follow_ups_by_hand(clinic, nurse):
    session = session_at(Status.DISCHARGED, clinic=clinic, now=NOON, signed=1)
    body = {"term": "vomiting", "severity": "mild", "reporter": "patient", "words": "All night"}
    late = twice(nurse, at(session, "late-effects/"), body)
    assert late["side_effect"]["after_signature"] and late["channel"] == "phone"
    assert nurse.get(at(session, "late-effects/")).json()["results"] == [late]
    entry = {"severity": "mild", "resolved_at": late["taken_at"]}
    path = at(session, f"side-effects/{late['side_effect']['id']}/entries/")
    assert twice(nurse, path, entry)["after_signature"]
    added = twice(nurse, at(session, "follow-ups/"), {"kind": "other", "reason": "Ask for the letter"})
    assert (added["label"], added["due_at"], added["is_closed"]) == ("Other", None, False)


def test_quick_phrases(clinic, nurse):
    path = f"sites/{clinic.site.public_id}/quick-phrases/"
    phrase = twice(nurse, path, {"text": "Music on"})
    assert codes(nurse.post(path, {"text": "Music on"})) == {"quick_phrase.taken"}
    one = f"quick-phrases/{phrase['id']}/"
    assert nurse.patch(one, {"position": 3}, revision=1).json()["position"] == 3
    assert nurse.patch(one, {"is_in_use": False}, revision=1).status_code == 412
    assert nurse.patch(one, {"is_in_use": False}, revision=2).status_code == 200
    assert nurse.get(path).json() == []


def test_rates_say_their_denominator(clinic, nurse, prescriber, session):
    nurse.post(at(session, "side-effects/"), {"term": "nausea", "severity": "severe"})
    told = prescriber.get("side-effect-rates/").json()
    (nausea,) = told["side_effects"]
    assert told["infusions"] == 1
    assert (nausea["severe"], nausea["serious"]) == ({"count": 1, "rate": 100.0}, {"count": 0, "rate": 0.0})
    assert prescriber.get("side-effect-rates/", site="x").status_code == 422
    assert codes(nurse.get("side-effect-rates/")) == {"permission.missing"}
    assert codes(Api(clinic.desk).get("side-effect-rates/")) == {"permission.missing"}
