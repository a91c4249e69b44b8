from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.audit.models import AccessEvent
from patients.models import Allergy, Medication
from patients.operations.assessing import record_assessment
from patients.operations.entries import add_entry, end_entry
from tests.patients.scenes import (
    complete_record,
    consent_for,
    consented_patient,
    phq9,
    registered_patient,
)
from tests.patients.views.pages import Pages, address, text_of
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def nurse(site):
    return staff("nurse", site)


def test_the_page_shows_the_whole_record(site, nurse):
    patient = consented_patient(site=site)
    page = text_of(Pages(nurse).get("detail", patient))
    for said in (
        "Latex",
        "Lisinopril",
        "F33.2",
        "Sertraline",
        "Luis García",
        "Eva Ruiz",
        "Consent to treatment v1",
    ):
        assert said in page
    assert "2 without a sufficient response in the current episode" in page
    assert "Every question was answered with no." in page
    assert "Still missing" not in page
    assert f"/patient-panels/{patient.public_id}/" in page


def test_what_is_missing_is_named_with_the_way_to_mend_it(site, nurse):
    patient = registered_patient(site=site)
    page = Pages(nurse).get("detail", patient)
    missing = {one.code: one.url for one in page.context["record"].missing}
    assert missing == {
        "allergies": address("detail", patient) + "#allergies",
        "emergency": address("add-entry", patient, "contacts") + "?for=emergency",
        "escort": address("add-entry", patient, "contacts") + "?for=escort",
        "screen": address("screen", patient),
        "consent": address("record-consent", patient),
    }
    assert all(url.partition("#")[0] in page.content.decode() for url in missing.values())


@pytest.mark.parametrize(
    ("fields", "is_missing"),
    [({}, False), ({"purpose": "research"}, True), ({"given_on": date(2020, 1, 1)}, True)],
)
def test_only_a_consent_to_treatment_in_date_counts(site, nurse, fields, is_missing):
    patient = complete_record(site=site)
    consent_for(patient, **fields)
    codes = {one.code for one in Pages(nurse).get("detail", patient).context["record"].missing}
    assert codes == ({"consent"} if is_missing else set())


def test_an_opened_record_is_noted(site, nurse):
    patient = registered_patient(site=site)
    Pages(nurse).get("detail", patient)
    event = AccessEvent.objects.get()
    assert (event.patient_id, event.actor_id) == (patient.public_id, nurse.user_id)


def test_who_may_only_read_is_offered_nothing_to_change(site):
    patient = consented_patient(site=site)
    page = text_of(Pages(staff("manager", site)).get("detail", patient))
    for part in ("/add/", "/edit/", "/end/", "/revoke/", "/assess/", "/screen/", "/consents/record/"):
        assert part not in page


def test_ended_rows_stay_readable(site, nurse):
    patient = registered_patient(site=site)
    latex = add_entry(entry=Allergy(patient=patient, substance="Latex", severity="mild"), by=nurse)
    end_entry(
        entry=latex, by=nurse, expected_revision=1, reason="Read it in another chart", entered_in_error=True
    )
    page = text_of(Pages(nurse).get("detail", patient))
    assert "1 ended" in page
    assert "Read it in another chart" in page
    assert "Not asked yet" in page


def test_scores_show_the_latest_total_and_its_change(site, nurse):
    patient = registered_patient(site=site)
    for answers in (phq9(3, 3, 3, 3, 3, 3, 3, 0, 0), phq9(1, 1, 1, 1, 1, 1, 0, 0, 0), phq9(1, 1)):
        record_assessment(patient=patient, instrument="phq9", answers=answers, by=nurse)
    page = Pages(nurse).get("detail", patient)
    scores = page.context["record"].scores[0]
    assert (scores.latest.total, scores.change, len(scores.history)) == (6, -15, 3)
    assert "−15 since the one before" in text_of(page)


def test_the_number_of_queries_does_not_grow_with_the_record(site, nurse, django_assert_num_queries):
    patient = consented_patient(site=site)
    pages = Pages(nurse)
    pages.get("detail", patient)
    with CaptureQueriesContext(connection) as few:
        pages.get("detail", patient)
    for number in range(4):
        add_entry(entry=Medication(patient=patient, name=f"Drug {number}"), by=nurse)
        consent_for(patient)
    with django_assert_num_queries(len(few)):
        pages.get("detail", patient)


def test_a_name_in_any_script_is_text_on_the_page(site, nurse):
    patient = registered_patient(site=site, family_name="<script>alert(1)</script>", given_name="李")
    page = Pages(nurse).get("detail", patient).content.decode()
    assert "<script>alert" not in page
    assert "李" in page
