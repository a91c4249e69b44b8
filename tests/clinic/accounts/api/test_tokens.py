"""Tokens over the API: the text comes once, a retry makes no second token."""

import uuid

import pytest
from rest_framework.test import APIClient

from clinic.accounts.models import ApiToken
from tests.patients.api.client import Api
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db

BODY = {"name": "Laboratory", "scopes": ["view_patients"], "days": 30}


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def nurse(site):
    return staff("nurse", site)


def test_a_token_is_made_used_listed_and_revoked(nurse):
    api = Api(nurse)
    made = api.post("tokens/", BODY)
    assert made.status_code == 201, made.json()
    other_system = APIClient(HTTP_AUTHORIZATION=f"Bearer {made.json()['text']}")
    assert other_system.get("/api/v1/me/").status_code == 200
    listed = api.get("tokens/").json()["results"]
    assert [row["id"] for row in listed] == [made.json()["id"]]
    assert "text" not in listed[0]
    revoked = api.post(f"tokens/{made.json()['id']}/revoke/")
    assert (revoked.status_code, revoked.json()["revoked_at"] is None) == (200, False)
    assert other_system.get("/api/v1/me/").status_code == 401


def test_a_retry_makes_no_second_token_and_does_not_show_the_text_again(nurse):
    api, key = Api(nurse), uuid.uuid4()
    first, second = api.post("tokens/", BODY, key=key), api.post("tokens/", BODY, key=key)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["text"] is not None
    assert second.json() == {**first.json(), "text": None}
    assert ApiToken.objects.count() == 1


def test_the_same_key_for_another_token_is_a_conflict(nurse):
    api, key = Api(nurse), uuid.uuid4()
    api.post("tokens/", BODY, key=key)
    other = api.post("tokens/", {**BODY, "days": 31}, key=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency.reused")
    assert ApiToken.objects.count() == 1


def test_a_token_makes_no_other(nurse):
    text = Api(nurse).post("tokens/", {**BODY, "days": 1}).json()["text"]
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {text}")
    answer = client.post("/api/v1/tokens/", BODY, headers={"Idempotency-Key": str(uuid.uuid4())})
    assert (answer.status_code, answer.json()["code"]) == (403, "token.by_token")


@pytest.mark.parametrize(
    "change", [{"days": 0}, {"days": 367}, {"days": "x"}, {"scopes": []}, {"scopes": ["fly"]}, {"name": ""}]
)
def test_what_does_not_fit_is_refused(nurse, change):
    answer = Api(nurse).post("tokens/", {**BODY, **change})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].split(".")[0] == next(iter(change))


def test_a_write_without_a_key_is_refused(nurse):
    client = APIClient()
    client.force_login(nurse.user)
    answer = client.post("/api/v1/tokens/", BODY)
    assert (answer.status_code, answer.json()["code"]) == (428, "idempotency.missing")
    assert ApiToken.objects.count() == 0


def test_a_token_out_of_reach_does_not_exist(site, nurse):
    made = Api(nurse).post("tokens/", BODY).json()
    stranger = Api(staff("nurse", site)).post(f"tokens/{made['id']}/revoke/")
    assert stranger.status_code == 404
    assert Api(staff("administrator", site)).post(f"tokens/{made['id']}/revoke/").status_code == 200
