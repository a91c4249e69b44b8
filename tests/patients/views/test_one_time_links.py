"""Asking a patient to answer themselves: a link that is told once, and a tablet that opens nothing else."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine

from clinic.accounts.models import Membership
from patients.models import Assessment, OneTimeLink
from patients.rules.one_time_links import link_of
from tests.clinic.accounts.shared_device import PIN, cookie_of, tablet, with_pin
from tests.pages import Pages, text_of
from tests.patients.scenes import registered_patient
from tests.scenes import make_site, make_user, role_named, staff
from tests.sessions.check_ins import make_ready
from tests.sessions.scenes import NOON

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def patient():
    return registered_patient(site=make_ready(make_site()))


@pytest.fixture
def nurse(patient):
    return Pages(staff("nurse", make_site()))


def asked(pages, patient, **fields):
    return pages.post(f"/patients/{patient.public_id}/ask/", {"parts": ["mood"], **fields}, patient=patient)


def test_the_address_is_told_once(nurse, patient):
    response = asked(nurse, patient, link="1", days="3")
    link = OneTimeLink.objects.get()
    address = text_of(response).split("http://testserver")[1].split()[0]
    assert link_of(address.split("/")[2], now=NOON) == link
    assert link.expires_at == NOON + timedelta(days=3)
    again = text_of(nurse.get(f"/patients/{patient.public_id}/ask/"))
    assert "http" not in again and "Asked by staff Mood today" in again


def test_a_link_is_revoked_from_the_page(nurse, patient):
    asked(nurse, patient, link="1")
    link = OneTimeLink.objects.get()
    nurse.post(f"/patients/{patient.public_id}/links/{link.public_id}/revoke/", patient=patient)
    link.refresh_from_db()
    assert link.state(NOON) == "revoked"


@pytest.mark.parametrize("lacking", ["parts", "phone"])
def test_what_is_missing_is_said(nurse, patient, lacking):
    if lacking == "phone":
        site = make_site()
        site.phone = ""
        site.save()
        response = asked(nurse, patient, tablet="1")
        assert response.status_code == 409 and "lacks its telephone" in text_of(response)
    else:
        response = nurse.post(f"/patients/{patient.public_id}/ask/", {"tablet": "1"}, patient=patient)
        assert response.status_code == 422 and "Choose what is asked." in text_of(response)
    assert not OneTimeLink.objects.exists()


def test_out_of_reach_and_without_the_right(patient):
    elsewhere = Pages(staff("nurse", make_site("south")))
    assert elsewhere.get(f"/patients/{patient.public_id}/ask/").status_code == 404
    assert Pages(staff("manager", make_site())).get(f"/patients/{patient.public_id}/ask/").status_code == 403


def test_a_tablet_that_is_handed_over_opens_nothing_else(nurse, patient):
    handed = asked(nurse, patient, tablet="1")
    address = handed["Location"]
    assert address.startswith("/q/")
    for path in (
        "/",
        f"/patients/{patient.public_id}/",
        "/patients/",
        "/api/v1/patients/",
        "/gallery/",
        "/drafts/",
    ):
        refused = nurse.get(path)
        assert (refused.status_code, refused["Location"]) == (302, address), path
    assert nurse.client.get(f"/q/{'x' * 22}/")["Location"] == address
    page = nurse.get(address)
    assert page.status_code == 200 and "Staff: take the tablet back" in text_of(page)
    nurse.client.post(f"{address}1/", {"mood": "4"})
    assert (Assessment.objects.get().total, Assessment.objects.get().mode) == (4, "self")
    assert "Please give the tablet back now." in text_of(nurse.get(f"{address}thanks/"))
    assert nurse.get("/patients/")["Location"] == address


def test_the_password_of_somebody_of_the_staff_takes_it_back(nurse, patient):
    user = make_user("lena", PASSWORD)
    Membership.objects.create(user=user, site=make_site(), role=role_named("nurse"))
    asked(nurse, patient, tablet="1")
    wrong = nurse.client.post("/account/login/", {"login": "lena", "password": "guess"})
    assert wrong.status_code == 200
    assert nurse.get("/patients/")["Location"].startswith("/q/")
    nurse.client.post("/account/login/", {"login": "lena", "password": PASSWORD})
    assert nurse.get(f"/patients/{patient.public_id}/").status_code == 200


def test_the_pin_of_somebody_of_the_staff_takes_it_back_on_a_trusted_device(patient):
    """As a nurse does: the patient's page, the sign-in, her name and PIN, and she is where she handed it over."""
    site, record = make_site(), f"/patients/{patient.public_id}/"
    nurse = with_pin(staff("nurse", site))
    device = tablet(site, by=with_pin(staff("administrator", site)), used_by=[nurse])
    pages = Pages(nurse)
    name, value = cookie_of(device)
    pages.client.cookies[name] = value
    answering = asked(pages, patient, tablet="1")["Location"]

    page = pages.get(answering).content.decode()
    sign_in = unescape(re.search(r'href="([^"]+)">Staff: take the tablet back', page)[1])
    switch = unescape(re.search(r'href="(/switch/[^"]*)"', pages.get(sign_in).content.decode())[1])
    shown = pages.get(switch)
    assert nurse.user.display_name in text_of(shown)
    onward = unescape(re.search(r'name="next" value="([^"]+)"', shown.content.decode())[1])
    typed = {"person": str(nurse.user.public_id), "next": onward}
    assert pages.client.post("/switch/", typed | {"pin": "0000"}).status_code == 403
    assert pages.get(record)["Location"] == answering, "a guess opens nothing"
    back = pages.client.post("/switch/", typed | {"pin": PIN})
    assert (back.status_code, back["Location"]) == (302, record)
    assert pages.get(record).status_code == 200
    assert pages.client.get("/session/").json()["person"] == str(nurse.user.public_id)
