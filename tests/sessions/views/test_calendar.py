"""The address of my calendar on the page of my rights, and over the API."""

import re
import uuid

import pytest
from django.test import Client

from clinic.common.logs import SecretFilter
from sessions.models import CalendarFeed
from sessions.operations.calendar_feeds import make_feed
from tests.pages import Pages, text_of
from tests.patients.api.client import Api
from tests.scenes import make_site, staff
from tests.sessions.api.client import codes, with_token

pytestmark = pytest.mark.django_db

PANEL = "/me/calendar/"


@pytest.fixture
def nurse(db):
    return staff("nurse", make_site())


@pytest.fixture
def pages(nurse):
    return Pages(nurse)


def shown_address(answer):
    return re.search(r">http://testserver(/calendar/[\w-]+\.ics)<", answer.content.decode()).group(1)


def test_an_address_is_shown_once_and_works_without_signing_in(pages):
    assert PANEL in pages.get("/me/").content.decode()
    assert "You have no address" in text_of(pages.get(PANEL))
    key = uuid.uuid4()
    made = pages.post(f"{PANEL}make/", {"shows": "mine"}, key=key)
    assert made.status_code == 201
    address = shown_address(made)
    assert Client().get(address).status_code == 200
    again = pages.post(f"{PANEL}make/", {"shows": "mine"}, key=key)
    assert again.status_code == 302 and CalendarFeed.objects.count() == 1
    shown = pages.get(PANEL)
    assert "Shows the visits that I look after" in text_of(shown)
    assert address not in shown.content.decode()


def test_a_second_one_replaces_the_first(pages):
    first = shown_address(pages.post(f"{PANEL}make/", {"shows": "mine"}))
    refused = pages.post(f"{PANEL}make/", {"shows": "all"})
    assert refused.status_code == 409 and "Replace it, or revoke it" in text_of(refused)
    second = shown_address(pages.post(f"{PANEL}replace/", {"shows": "all"}))
    assert [Client().get(address).status_code for address in (first, second)] == [404, 200]
    assert "Shows all visits at my sites" in text_of(pages.get(PANEL))


def test_revoked_it_is_gone(pages):
    address = shown_address(pages.post(f"{PANEL}make/", {"shows": "mine"}))
    key = uuid.uuid4()
    for _again in range(2):
        assert pages.post(f"{PANEL}revoke/", key=key).status_code == 302
    assert Client().get(address).status_code == 404
    assert pages.post(f"{PANEL}revoke/").status_code == 404


def test_the_panel_alone_where_htmx_asks(pages):
    body = pages.get(PANEL, **{"HX-Request": "true"}).content.decode()
    assert "<html" not in body and "My calendar" in body


def test_over_the_api(nurse):
    api = Api(nurse)
    key = uuid.uuid4()
    first, again = (api.post("calendar-feeds/", {"only_mine": False}, key=key) for _try in range(2))
    assert (first.status_code, again.status_code, again.json()["address"]) == (201, 200, None)
    address = first.json()["address"].removeprefix("http://testserver")
    assert Client().get(address).status_code == 200
    assert codes(api.post("calendar-feeds/", {})) == {"feed.stands"}
    replaced = api.post(f"calendar-feeds/{key}/replace/", {"only_mine": True})
    assert (replaced.status_code, replaced.json()["only_mine"]) == (201, True)
    assert Client().get(address).status_code == 404
    revoked = api.post(f"calendar-feeds/{replaced.json()['id']}/revoke/")
    assert revoked.json()["revoked_at"] is not None
    assert [row["id"] for row in api.get("calendar-feeds/").json()["results"]] == [
        replaced.json()["id"],
        str(key),
    ]
    assert "address" not in api.get("calendar-feeds/").json()["results"][0]


def test_nobody_elses_is_in_reach(nurse):
    feed, _secret = make_feed(only_mine=True, by=nurse)
    other = Api(staff("administrator", make_site()))
    assert other.get("calendar-feeds/").json()["results"] == []
    for act in ("replace", "revoke"):
        assert other.post(f"calendar-feeds/{feed.public_id}/{act}/").status_code == 404


def test_a_token_makes_none(nurse):
    client = with_token(nurse, "view_patients")
    answer = client.post("/api/v1/calendar-feeds/", {}, headers={"Idempotency-Key": str(uuid.uuid4())})
    assert codes(answer) == {"feed.by_token"}


def test_no_log_holds_an_address(caplog):
    Client().get("/calendar/abcdefgh.ics")
    [record] = [record for record in caplog.records if record.name == "django.request"]
    assert SecretFilter().filter(record)
    assert record.getMessage() == "Not Found: /calendar/….ics"
