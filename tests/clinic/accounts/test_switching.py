"""The switch between people of a device, and a session that rested too long, as a browser without JavaScript and as
the script of an open page meet them."""

import re

import pytest
from django.test import Client

from clinic.accounts.models import TrustedDevice
from clinic.accounts.operations.devices import revoke_device
from clinic.common.models import Draft
from clinic.facilities.models import Site
from tests.clinic.accounts.shared_device import PASSWORD, PIN, browser_on, rest, tablet, with_pin
from tests.pages import text_of
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db

SCRIPT = {"Clinic-Script": "1"}
MINUTE = 60


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def admin(site):
    return with_pin(staff("administrator", site))


@pytest.fixture
def nurse(site):
    return with_pin(staff("nurse", site))


@pytest.fixture
def device(site, admin, nurse):
    return tablet(site, by=admin, used_by=[nurse])


def switch_to(client, actor, pin=PIN, **more):
    typed = {"person": str(actor.user.public_id), "pin": pin, "next": "/me/"}
    return client.post("/switch/", typed, **more)


def who(client):
    return client.get("/session/").json()["person"]


def name_of(actor):
    return str(actor.user.public_id)


def test_the_device_is_trusted_from_its_own_page_and_offers_who_signed_in_there(site, admin):
    client = Client()
    client.post("/account/login/", {"login": admin.user.username, "password": PASSWORD})
    typed = {
        "name": "Tablet",
        "site": str(site.public_id),
        "idempotency_key": "6f1f4b0e-8f0b-4a52-9d5e-3c5d8a1f0a11",
    }
    answer = client.post("/me/devices/trust/", typed, follow=True)
    assert "Tablet is trusted." in text_of(answer)
    client.post("/account/logout/")
    assert "Sign in with a PIN" in text_of(client.get("/account/login/"))
    assert admin.user.display_name in text_of(client.get("/switch/"))
    assert admin.user.display_name not in text_of(Client().get("/switch/"))


def test_without_a_pin_the_way_to_a_password_leads_through_signing_out(site, nurse):
    client = Client()
    client.force_login(nurse.user)
    way = re.search(r'href="(/account/logout/[^"]+)"', client.get("/switch/").content.decode())[1]
    assert client.post(way)["Location"] == "/account/login/"
    assert who(client) is None


def test_a_forged_cookie_is_no_device(device, admin):
    client = Client()
    client.cookies["device"] = str(device.public_id)
    assert switch_to(client, admin).status_code == 403
    assert who(client) is None


def test_a_switch_leaves_nothing_of_the_earlier_person(device, admin, nurse):
    client = browser_on(device, admin)
    before, csrf = client.session.session_key, client.get("/me/").cookies["csrftoken"].value
    answer = switch_to(client, nurse)
    assert (answer.status_code, answer["Location"]) == (302, "/me/")
    assert who(client) == name_of(nurse)
    assert client.session.session_key != before
    assert client.cookies["csrftoken"].value != csrf
    assert client.get("/staff/").status_code == 403
    # Whoever kept the earlier cookie holds nothing.
    old = Client()
    old.cookies["sessionid"] = before
    assert who(old) is None


def test_a_late_request_of_before_the_switch_does_not_sign_out_the_next_person(device, admin, nurse):
    client = browser_on(device, admin)
    late = Client()
    late.cookies["sessionid"] = client.cookies["sessionid"].value
    switch_to(client, nurse)
    assert late.get("/session/").status_code == 200 and who(late) != name_of(nurse)
    assert "sessionid" not in late.get("/session/").cookies
    client.post("/account/logout/")
    assert client.cookies["sessionid"].value == ""


def test_the_switch_sends_back_to_this_house_only(device, nurse):
    answer = browser_on(device).post(
        "/switch/", {"person": name_of(nurse), "pin": PIN, "next": "https://elsewhere.example/"}
    )
    assert answer["Location"] == "/"


def test_a_wrong_pin_is_told_and_changes_nobody(device, admin, nurse):
    client = browser_on(device, admin)
    answer = switch_to(client, nurse, "8204")
    assert answer.status_code == 403
    assert "Tries left: 4" in text_of(answer)
    assert who(client) == name_of(admin)


def test_what_a_pin_does_not_open_asks_for_the_password_and_goes_on(device, admin):
    client = browser_on(device)
    switch_to(client, admin)
    assert 'href="/staff/"' in client.get("/me/").content.decode()
    answer = client.get("/staff/")
    assert answer["Location"] == "/session/confirm/?next=/staff/"
    for path in ("/account/password/change/", "/me/tokens/new/", "/me/pin/", "/me/devices/trust/"):
        assert client.get(path)["Location"].startswith("/session/confirm/"), path
    assert client.post("/session/confirm/?next=/staff/", {"password": "wrong"}).status_code == 422
    answer = client.post("/session/confirm/?next=/staff/", {"password": PASSWORD, "next": "/staff/"})
    assert answer["Location"] == "/staff/"
    assert client.get("/staff/").status_code == 200


def test_a_script_is_told_that_the_password_is_needed(device, admin):
    client = browser_on(device)
    switch_to(client, admin)
    answer = client.get("/staff/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["Clinic-Sign-In"]) == (403, "password")
    assert client.get("/api/v1/staff/").json()["code"] == "session.password_needed"


def test_revoking_the_device_ends_what_a_pin_has_opened_there(device, admin, nurse):
    client = browser_on(device)
    switch_to(client, nurse)
    assert who(client) == name_of(nurse)
    revoke_device(device=TrustedDevice.objects.get(), by=admin)
    assert who(client) is None
    told = text_of(client.get("/switch/"))
    assert "This device is not trusted yet" in told
    assert nurse.user.display_name not in told
    assert "Nobody" not in told


@pytest.mark.parametrize(("opened", "limit"), [("password", 30), ("pin", 10)])
def test_a_session_that_rests_too_long_ends(device, nurse, opened, limit):
    client = browser_on(device, nurse if opened == "password" else None)
    if opened == "pin":
        switch_to(client, nurse)
    client.get("/session/stay/")
    rest(client, limit * MINUTE - 30)
    assert 0 < client.get("/session/").json()["seconds_left"] <= 30
    # What a page asks by itself keeps nobody signed in.
    client.get("/me/", headers={"Clinic-Poll": "1"})
    assert client.get("/session/").json()["seconds_left"] <= 30
    client.post("/session/stay/")
    assert client.get("/session/").json()["seconds_left"] > limit * MINUTE - 30
    rest(client, limit * MINUTE)
    page = client.get("/me/", follow=True)
    assert f"{nurse.user.display_name} was signed out after {limit} minutes of rest." in text_of(page)


def test_the_limit_is_the_sites(device, nurse, site):
    Site.objects.filter(pk=site.pk).update(policy={"idle_minutes": 5})
    client = browser_on(device, nurse)
    assert client.get("/session/").json()["seconds_left"] <= 5 * MINUTE


def asked(client, path="/me/devices/"):
    return client.get(path, headers={"HX-Request": "true"})


def test_an_open_page_is_asked_back_in_place(device, admin, nurse):
    client = browser_on(device, nurse)
    rest(client, 31 * MINUTE)
    answer = asked(client)
    assert (answer.status_code, answer["Clinic-Sign-In"]) == (401, "ended")
    assert "Signed out after 30 minutes of rest" in text_of(answer)
    again = client.post("/session/again/", {"person": name_of(nurse), "pin": PIN}, headers=SCRIPT)
    assert again.json()["person"] == name_of(nurse)
    assert asked(client).status_code == 200


def test_whatever_else_the_page_has_on_its_way_is_told_the_same(device, nurse):
    client = browser_on(device, nurse)
    rest(client, 31 * MINUTE)
    key = client.cookies["sessionid"].value
    for _each in range(2):
        client.cookies["sessionid"] = key
        assert "Signed out after 30 minutes of rest" in text_of(asked(client))
    client.post("/session/again/", {"person": name_of(nurse), "pin": PIN}, headers=SCRIPT)
    assert client.cookies["sessionid"].value != key
    client.cookies["sessionid"] = key
    assert who(client) is None


def test_the_password_does_where_no_pin_does_and_for_nobody_else(site, nurse, admin):
    client = Client()
    client.force_login(nurse.user)
    client.get("/session/")
    rest(client, 31 * MINUTE)
    assert 'name="pin"' not in asked(client).content.decode()
    wrong = client.post("/session/again/", {"person": name_of(nurse), "password": "no"}, headers=SCRIPT)
    assert wrong.status_code == 422
    # A name of somebody whom this browser does not know is not told.
    told = client.get(f"/session/again/?person={name_of(admin)}", headers=SCRIPT)
    assert admin.user.display_name not in text_of(told)
    right = client.post("/session/again/", {"person": name_of(nurse), "password": PASSWORD}, headers=SCRIPT)
    assert right.json()["person"] == name_of(nurse)


def test_a_form_sent_too_late_is_kept_for_its_author_and_sent_by_them(device, admin, nurse):
    site = Site.objects.get()
    client = browser_on(device, admin)
    rest(client, 31 * MINUTE)
    path = f"/sites/{site.public_id}/chairs/add/"
    key = "2f1f4b0e-8f0b-4a52-9d5e-3c5d8a1f0a22"
    typed = {"name": "Window", "position": "3", "idempotency_key": key, "typed_by": name_of(admin)}
    shown_on = f"/sites/{site.public_id}/"
    answer = client.post(path, typed, headers={"Referer": f"http://testserver{shown_on}"})
    assert answer["Location"] == "/account/login/?next=/session/unsent/"
    switch_to(client, nurse)
    assert client.get("/session/unsent/").status_code == 302
    # Only its author finds it, and sends the very same form.
    client.post("/account/logout/")
    client.post("/account/login/", {"login": admin.user.username, "password": PASSWORD})
    page = client.get("/session/unsent/").content.decode()
    assert "Window" in page
    assert f'<a href="{shown_on}">' in page
    assert name_of(admin) not in text_of(client.get("/session/unsent/"))
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    assert hidden["idempotency_key"] == key
    assert client.post(path, {name: hidden[name] for name in [*typed, "draft_of"]}).status_code == 302
    assert site.chairs.get().name == "Window"
    assert not Draft.objects.exists()


@pytest.mark.parametrize("header", ["X-Outbox", "Clinic-Kept"])
def test_what_the_device_keeps_itself_is_not_kept_twice(device, admin, header):
    """The tablet sends it when its author is back: nobody is told meanwhile that something was not stored."""
    client, path = browser_on(device, admin), f"/sites/{Site.objects.get().public_id}/chairs/add/"
    rest(client, 31 * MINUTE)
    typed = {"name": "Window", "idempotency_key": name_of(admin), "typed_by": name_of(admin)}
    answer = client.post(path, typed, headers={header: "1", **SCRIPT})
    assert answer.status_code == 401
    assert not Draft.objects.exists()


def test_nobody_sends_what_somebody_else_typed(device, admin, nurse):
    client = browser_on(device, admin)
    site = Site.objects.get()
    typed = {"name": "Window", "position": "3", "idempotency_key": name_of(nurse), "typed_by": name_of(nurse)}
    answer = client.post(f"/sites/{site.public_id}/chairs/add/", typed)
    assert answer.status_code == 409
    assert not site.chairs.exists()


def test_a_form_of_before_the_switch_says_whose_it_is(device, admin, nurse):
    client = browser_on(device, admin)
    client.handler.enforce_csrf_checks = True
    switch = client.get("/switch/").content.decode()
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)', switch)[1]
    site = Site.objects.get()
    typed = {"name": "Window", "position": "3", "typed_by": name_of(admin), "csrfmiddlewaretoken": token}
    assert switch_to(Stale(client, token), nurse).status_code == 302
    answer = client.post(f"/sites/{site.public_id}/chairs/add/", typed)
    assert answer.status_code == 403
    assert f"opened by {admin.user.display_name}" in text_of(answer)
    script = client.post(f"/sites/{site.public_id}/chairs/add/", typed, headers={"HX-Request": "true"})
    assert script["Clinic-Sign-In"] == "ended"
    assert f"{nurse.user.display_name} is signed in now" in text_of(script)


class Stale:
    """A browser that sends the token of the page it has open."""

    def __init__(self, client, token):
        self.client, self.token = client, token

    def post(self, path, typed):
        return self.client.post(path, {**typed, "csrfmiddlewaretoken": self.token})


def test_the_pages_about_pin_and_devices(device, admin, nurse):
    client = browser_on(device, admin)
    page = client.get("/me/devices/")
    assert "Tablet at chair 3, North clinic: trusted until" in text_of(page)
    assert nurse.user.display_name in text_of(page)
    typed = {"password": PASSWORD, "pin": "5208", "pin_again": "5209", "idempotency_key": name_of(nurse)}
    assert client.post("/me/pin/", typed).status_code == 422
    assert client.post("/me/pin/", {**typed, "pin_again": "5208"}).status_code == 302
    client.post(f"/me/devices/{device.public_id}/revoke/", {"idempotency_key": name_of(admin)})
    assert "revoked" in text_of(client.get("/me/devices/"))


def test_a_stranger_does_not_know_of_the_device(device):
    other = staff("nurse", make_site("south"))
    client = Client()
    client.force_login(other.user)
    answer = client.post(f"/me/devices/{device.public_id}/revoke/", {"idempotency_key": name_of(other)})
    assert answer.status_code == 404
    assert TrustedDevice.objects.get().revoked_at is None
