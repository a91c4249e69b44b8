"""Discharge assessments, signatures and addenda through the API."""

from datetime import timedelta

import pytest

from clinic.accounts.actor import Actor
from clinic.accounts.models import RolePermission
from clinic.accounts.permissions import Permission
from sessions.models import Addendum, Signature
from sessions.states import Status
from tests.patients.api.client import Api
from tests.sessions.api.client import at, codes, twice
from tests.sessions.scenes import NOON, session_at


def test_a_signature_says_who_when_and_over_what(clinic, nurse):
    session = session_at(Status.DISCHARGED, clinic=clinic)
    signed = twice(nurse, at(session, "sign/"), {"statement": " Complete. "})
    assert (signed["meaning"], signed["printed_name"]) == ("author", clinic.nurse.label)
    assert (signed["statement"], len(signed["digest"])) == ("Complete.", 64)
    assert nurse.get(at(session)).json()["signatures"] == [signed]
    assert codes(nurse.post(at(session, "sign/"))) == {"chart.signed"}
    assert Signature.objects.count() == 1


@pytest.mark.parametrize("status", [Status.SCHEDULED, Status.INFUSING, Status.RECOVERING])
@pytest.mark.parametrize("path", ["sign/", "review/"])
def test_a_visit_that_is_not_over_is_not_signed(clinic, prescriber, status, path):
    answer = prescriber.post(at(session_at(status, clinic=clinic), path))
    assert (answer.status_code, codes(answer)) == (409, {"chart.not_over"})


def test_nobody_reviews_their_own_chart(clinic, prescriber):
    session = session_at(Status.DISCHARGED, clinic=clinic)
    prescriber.post(at(session, "sign/"))
    refused = prescriber.post(at(session, "review/"))
    assert (refused.status_code, codes(refused)) == (403, {"chart.own"})
    assert codes(Api(clinic.nurse).post(at(session, "review/"))) == {"permission.missing"}


def test_a_chart_is_reviewed_once(clinic, prescriber):
    session = session_at(Status.DISCHARGED, clinic=clinic, signed=1)
    assert twice(prescriber, at(session, "review/"))["meaning"] == "review"
    assert codes(prescriber.post(at(session, "review/"))) == {"chart.reviewed"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("vital-signs/", {"heart_rate": 70}),
        ("notes/", {"text": "x"}),
        ("side-effects/", {"term": "nausea", "grade": 1}),
        ("side-effect-inquiries/", {}),
        ("weights/", {"value": "70"}),
        ("check-answers/", {"item": "identity", "outcome": "stop", "note": "x"}),
        ("dose/", {}),
        ("discharge-assessments/", {"criteria": {}}),
    ],
)
def test_a_signed_chart_is_only_added_to(clinic, nurse, path, body):
    session = session_at(Status.DISCHARGED, clinic=clinic, signed=1)
    answer = nurse.post(at(session, path), body)
    assert (answer.status_code, codes(answer)) == (409, {"chart.signed"})


def test_what_is_put_right_after_signing_goes_into_an_addendum(clinic, nurse):
    session = session_at(Status.DISCHARGED, clinic=clinic, signed=1)
    started = session.infusion_started_at.isoformat()
    for kind, rows, body in (
        ("vital-signs", session.vital_signs, {"heart_rate": 70}),
        ("events", session.infusion_events, {"at": started}),
    ):
        path = at(session, f"{kind}/{rows.first().public_id}/correct/")
        assert codes(nurse.post(path, body | {"reason": "Misread"})) == {"chart.signed"}
    added = twice(nurse, at(session, "addenda/"), {"text": "The heart rate was 71.\n"})
    assert nurse.get(at(session, "addenda/")).json()["results"] == [added]
    assert codes(nurse.post(at(session, "addenda/"), {"text": "\n"})) == {"addendum.empty"}
    assert Addendum.objects.count() == 1


def test_a_chart_that_is_not_signed_takes_no_addendum(clinic, nurse):
    session = session_at(Status.DISCHARGED, clinic=clinic)
    assert codes(nurse.post(at(session, "addenda/"), {"text": "x"})) == {"chart.not_signed"}


def test_a_discharge_is_assessed_while_the_patient_recovers(clinic, nurse):
    session = session_at(Status.RECOVERING, clinic=clinic)
    assessed = twice(
        nurse, at(session, "discharge-assessments/"), {"criteria": {"alert": True, "oriented": False}}
    )
    assert assessed["criteria"] == {"alert": True, "oriented": False}
    unknown = nurse.post(at(session, "discharge-assessments/"), {"criteria": {"happy": True}})
    assert codes(unknown) == {"discharge.unknown"}
    unread = nurse.post(at(session, "discharge-assessments/"), {"criteria": {"alert": "perhaps"}})
    assert codes(unread) == {"field.invalid"}
    running = session_at(Status.INFUSING, clinic=clinic, chair=clinic.chairs[1])
    early = nurse.post(at(running, "discharge-assessments/"), {"criteria": {}})
    assert codes(early) == {"discharge.not_recovering"}


def test_open_criteria_are_set_aside_with_the_right_and_a_reason(clinic, nurse):
    session = session_at(Status.RECOVERING, clinic=clinic, now=NOON - timedelta(hours=1))
    assert codes(nurse.post(at(session, "discharge/"))) == {"discharge.criterion"}
    body = {"override_reason": "Walks with a stick as always"}
    assert twice(nurse, at(session, "discharge/"), body)["status"] == "discharged"


def test_a_clinic_can_keep_that_right_from_nurses(clinic):
    session = session_at(Status.RECOVERING, clinic=clinic, now=NOON - timedelta(hours=1))
    RolePermission.objects.filter(role__code="nurse", permission=Permission.OVERRIDE_DISCHARGE).delete()
    body = {"override_reason": "Walks with a stick as always"}
    junior = Api(Actor.of_user(clinic.nurse.user))
    assert codes(junior.post(at(session, "discharge/"), body)) == {"permission.missing"}
