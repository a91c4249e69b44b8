"""Who reaches what: other sites' rows do not exist, and a token opens no more than its scopes."""

import uuid

import pytest
from rest_framework.test import APIClient

from clinic.accounts.permissions import Permission
from clinic.common import clock
from sessions.api.urls import urlpatterns
from sessions.states import Status
from tests.patients.api.client import ROOT, Api
from tests.sessions.api.client import at, codes, with_token
from tests.sessions.scenes import NORMAL, make_clinic, session_at

WRITES = ("post", "patch")


@pytest.fixture
def elsewhere(clinic):
    return make_clinic("south", now=clock.now())


def below_a_session():
    """Every address below one session, with the verbs it knows."""
    found = []
    for pattern in urlpatterns:
        route = str(pattern.pattern)
        if route.startswith("sessions/<uuid:session_id>/"):
            verbs = [verb for verb in ("get", *WRITES) if hasattr(pattern.callback.view_class, verb)]
            found += [(verb, route) for verb in verbs]
    return found


def test_another_sites_session_does_not_exist(clinic, elsewhere):
    """404 and nothing else, whatever is sent: "exists but is not yours" already tells something."""
    session, nurse = session_at(Status.INFUSING, clinic=elsewhere), Api(clinic.nurse)
    reading = session.vital_signs.first()
    for verb, route in below_a_session():
        path = route.replace("<uuid:session_id>", str(session.public_id))
        path = path.replace("<uuid:fact_id>", str(reading.public_id))
        headers = {"Idempotency-Key": str(uuid.uuid4()), "If-Match": '"1"'}
        answer = getattr(nurse.client, verb)(ROOT + path, {}, headers=headers)
        assert (answer.status_code, codes(answer)) == (404, {"not_found"}), (verb, route)


def test_another_sites_rows_are_named_in_vain(clinic, elsewhere):
    theirs = session_at(Status.INFUSING, clinic=elsewhere)
    nurse = Api(clinic.nurse)
    start = clock.now().isoformat()
    for path, body in (
        (
            "sessions/",
            {"course": theirs.course.public_id, "chair": clinic.chair.public_id, "starts_at": start},
        ),
        (
            "courses/",
            {
                "patient": theirs.patient.public_id,
                "site": clinic.site.public_id,
                "protocol_version": clinic.version.public_id,
                "diagnosis_code": "F33.2",
            },
        ),
    ):
        assert nurse.post(path, body).status_code == 404
    assert nurse.get(f"courses/{theirs.course.public_id}/").status_code == 404
    for path in ("sessions/", "courses/"):
        assert nurse.get(path).json()["count"] == 0


def test_a_token_opens_no_more_than_its_scopes(clinic):
    session = session_at(Status.INFUSING, clinic=clinic)
    readings = ROOT + at(session, "vital-signs/")

    def record(client):
        return client.post(readings, NORMAL, headers={"Idempotency-Key": str(uuid.uuid4())})

    reader = with_token(clinic.nurse, Permission.VIEW_PATIENTS)
    assert reader.get(readings).status_code == 200
    refused = record(reader)
    assert (refused.status_code, codes(refused)) == (403, {"permission.missing"})
    assert reader.get(ROOT + at(session)).json()["available_actions"] == []
    writer = with_token(clinic.nurse, Permission.VIEW_PATIENTS, Permission.RECORD_OBSERVATIONS)
    assert record(writer).status_code == 201
    # Without the right to open records there is nothing to write into.
    blind = with_token(clinic.nurse, Permission.RECORD_OBSERVATIONS)
    assert record(blind).status_code == 404
    # A scope that its owner does not hold opens nothing.
    desk = with_token(clinic.desk, *Permission.values)
    assert record(desk).status_code == 403


def test_nobody_without_signing_in(clinic):
    session = session_at(Status.INFUSING, clinic=clinic)
    client = APIClient()
    for token in ("", "Bearer", "Bearer clinic_000000000000_x", "Basic bnVyc2U6eA==", "Bearer ä"):
        client.credentials(HTTP_AUTHORIZATION=token)
        for path in ("sessions/", at(session)):
            answer = client.get(ROOT + path)
            assert answer.status_code == 401
            assert answer["WWW-Authenticate"] == "Bearer"


def test_an_address_that_leads_nowhere_says_so_to_a_write_too(clinic):
    client = APIClient(enforce_csrf_checks=True)
    client.credentials(**with_token(clinic.nurse, Permission.VIEW_PATIENTS)._credentials)
    for verb in ("get", *WRITES):
        answer = getattr(client, verb)(f"{ROOT}nowhere/")
        assert (answer.status_code, codes(answer)) == (404, {"not_found"}), verb
