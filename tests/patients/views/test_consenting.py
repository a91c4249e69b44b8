import uuid
from datetime import date, timedelta

import pytest

from clinic.common import clock
from patients.models import Consent
from tests.patients.scenes import consent_document, consent_for, registered_patient
from tests.patients.views.pages import Pages, goes_to, text_of
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def patient(site):
    return registered_patient(site=site)


@pytest.fixture
def desk(site):
    return Pages(staff("front_desk", site))


@pytest.fixture
def today(site):
    return clock.local_date(clock.now(), site.time_zone)


def test_the_text_is_read_and_the_consent_recorded_once(site, patient, desk, today):
    document = consent_document(site=site)
    page = text_of(desk.get("record-consent", patient))
    assert "Example, not approved." in page
    assert "Holds for 365 days" in page
    key = uuid.uuid4()
    said = {"document": document.public_id, "purpose": "treatment"}
    for _time in range(2):
        answer = desk.post("record-consent", patient, patient=patient, key=key, **said)
        assert goes_to(answer, "detail", patient, part="consents")
    consent = Consent.objects.get()
    assert (consent.public_id, consent.given_on) == (key, today)
    assert consent.valid_until == today + timedelta(days=365)
    assert "In date" in text_of(desk.get("detail", patient))


@pytest.mark.parametrize(
    ("details", "typed", "sentence"),
    [
        ({}, {"given_on": "3000-01-01"}, "This day is in the future."),
        ({}, {"given_on": "1980-01-01"}, "This is before the patient was born."),
        ({"birth_date": date(2015, 1, 1)}, {}, "Name the parent or representative who consented."),
        ({"deceased_on": date(2020, 1, 1)}, {}, "The patient had died before this day."),
        ({}, {"purpose": "curiosity"}, "Select a valid choice."),
    ],
)
def test_a_consent_that_cannot_be_is_refused(site, desk, details, typed, sentence):
    patient = registered_patient(site=site, **details)
    said = {"document": consent_document(site=site).public_id, "purpose": "treatment", **typed}
    answer = desk.post("record-consent", patient, patient=patient, **said)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert not Consent.objects.exists()


def test_a_replaced_text_cannot_be_consented_to(site, patient, desk):
    old = consent_document(site=site)
    consent_document(site=site, version=2, body="The new wording.")
    answer = desk.post(
        "record-consent", patient, patient=patient, document=old.public_id, purpose="treatment"
    )
    assert answer.status_code == 422
    assert "This text has been replaced." in text_of(answer)


def test_without_a_text_the_page_says_who_can_help(patient, desk):
    assert "There is no consent text yet." in text_of(desk.get("record-consent", patient))


def test_a_consent_shows_the_very_text_that_was_agreed_to(site, patient, desk):
    consent = consent_for(patient)
    consent_document(site=site, version=2, body="The new wording.")
    page = text_of(desk.get("consent", patient, consent))
    assert "Example, not approved." in page
    assert "The new wording." not in page
    assert "version 1" in page


def test_a_consent_is_revoked_with_its_reason(patient, desk):
    consent = consent_for(patient)
    refused = desk.post("revoke-consent", patient, consent, patient=patient, revision=1)
    assert refused.status_code == 422
    said = {"revision": 1, "reason": "I want to stop."}
    answer = desk.post("revoke-consent", patient, consent, patient=patient, **said)
    assert goes_to(answer, "detail", patient, part="consents")
    page = text_of(desk.get("consent", patient, consent))
    assert "Revoked" in page
    assert "I want to stop." in page
    again = desk.post("revoke-consent", patient, consent, patient=patient, **said | {"revision": 2})
    assert again.status_code == 409
    assert "revoked on" in text_of(again)
    assert "I want to stop." in text_of(again)


def test_a_day_outside_its_life_is_refused_and_kept(patient, desk):
    consent = consent_for(patient)
    said = {"revision": 1, "reason": "I want to stop.", "revoked_on": "2001-01-01"}
    answer = desk.post("revoke-consent", patient, consent, patient=patient, **said)
    assert answer.status_code == 422
    assert "Choose a day between the day it was given and today." in text_of(answer)
    assert "I want to stop." in text_of(answer)


def test_the_consent_of_somebody_else_is_not_found(site, patient, desk):
    other = registered_patient(site=site, family_name="Ruiz")
    consent = consent_for(other)
    assert desk.get("consent", patient, consent).status_code == 404
    assert desk.get("revoke-consent", patient, consent).status_code == 404
