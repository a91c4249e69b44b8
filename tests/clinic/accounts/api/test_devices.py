"""Devices listed and revoked, and a PIN set, by the API."""

import uuid
from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from clinic.accounts.models import PersonalPin, TrustedDevice
from clinic.accounts.operations.tokens import issue_token
from clinic.accounts.permissions import Permission
from tests.clinic.accounts.shared_device import PASSWORD, tablet, with_pin
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse(db):
    return with_pin(staff("nurse", make_site()))


@pytest.fixture
def api(nurse):
    client = APIClient()
    client.force_login(nurse.user)
    return client


def write(client, path, body=None, key=None):
    headers = {"Idempotency-Key": str(key or uuid.uuid4())}
    return client.post(f"/api/v1/{path}", body or {}, headers=headers)


def test_devices_are_listed_within_reach_and_revoked_once(api, nurse):
    mine = tablet(make_site(), by=nurse)
    south = make_site("south")
    tablet(south, by=staff("nurse", south))
    rows = api.get("/api/v1/devices/").json()["results"]
    assert [(row["id"], row["name"]) for row in rows] == [(str(mine.public_id), mine.name)]
    key = uuid.uuid4()
    for _time in range(2):
        answer = write(api, f"devices/{mine.public_id}/revoke/", key=key)
        assert (answer.status_code, answer.json()["revoked_at"] is None) == (200, False)
    foreign = TrustedDevice.objects.exclude(pk=mine.pk).get()
    assert write(api, f"devices/{foreign.public_id}/revoke/").status_code == 404


def test_a_pin_is_set_in_a_browser_and_not_by_a_token(api, nurse):
    body = {"pin": "5208", "password": PASSWORD}
    key = uuid.uuid4()
    answers = [write(api, "me/pin/", body, key=key).json() for _time in range(2)]
    assert answers[0] == answers[1]
    assert list(answers[0]) == ["set_at"]
    assert write(api, "me/pin/", {**body, "pin": "1234"}).json()["code"] == "pin.trivial"
    _token, text = issue_token(
        user=nurse.user, name="x", scopes=[Permission.BOOK], life=timedelta(days=1), by=nurse
    )
    other = APIClient()
    other.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    before = PersonalPin.objects.get().digest
    assert write(other, "me/pin/", body).json()["code"] == "pin.by_token"
    assert PersonalPin.objects.get().digest == before
