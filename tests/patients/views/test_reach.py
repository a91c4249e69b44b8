"""Every page of a patient, opened and sent by those who may and by those who may not."""

import pytest

from patients.operations.assessing import record_assessment
from tests.patients.scenes import complete_record, consent_for, phq9, registered_patient
from tests.patients.views.pages import Pages, address
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db

READ = ("detail", "consent", "assessment")
WRITE = (
    "edit",
    "death",
    "add-entry",
    "edit-entry",
    "end-entry",
    "screen",
    "record-consent",
    "revoke-consent",
    "assess",
    "correct-assessment",
)
BUTTONS = ("no-known-allergies",)


@pytest.fixture
def record(db):
    """A patient with a row behind every address."""
    site = make_site()
    nurse = staff("nurse", site)
    patient = complete_record(site=site)
    allergy = patient.allergy_entries.get()
    one = record_assessment(patient=patient, instrument="phq9", answers=phq9(1, 1), by=nurse)
    consent = consent_for(patient)
    return {
        "add-entry": [patient, "allergies"],
        "edit-entry": [patient, "allergies", allergy],
        "end-entry": [patient, "allergies", allergy],
        "consent": [patient, consent],
        "revoke-consent": [patient, consent],
        "assess": [patient, "gad7"],
        "assessment": [patient, one],
        "correct-assessment": [patient, one],
        **{name: [patient] for name in ("detail", "edit", "death", "screen", "record-consent", *BUTTONS)},
    }


@pytest.mark.parametrize("name", [*READ, *WRITE])
@pytest.mark.parametrize("role", ["front_desk", "nurse", "prescriber"])
def test_it_opens_for_those_who_work_with_patients(record, role, name):
    assert Pages(staff(role, make_site())).get(name, *record[name]).status_code == 200


@pytest.mark.parametrize("name", READ)
def test_it_opens_for_those_who_read(record, name):
    assert Pages(staff("manager", make_site())).get(name, *record[name]).status_code == 200


@pytest.mark.parametrize("name", [*WRITE, *BUTTONS])
def test_it_is_refused_without_the_right(record, name):
    manager = Pages(staff("manager", make_site()))
    if name not in BUTTONS:
        assert manager.get(name, *record[name]).status_code == 403
    assert manager.post(name, *record[name], patient=record[name][0]).status_code == 403


@pytest.mark.parametrize("name", [*READ, *WRITE, *BUTTONS])
def test_out_of_reach_it_does_not_exist(record, name):
    elsewhere = Pages(staff("nurse", make_site("south")))
    answer = elsewhere.post(name, *record[name], patient=record[name][0])
    if name not in READ:
        assert answer.status_code == 404
    if name not in BUTTONS:
        assert elsewhere.get(name, *record[name]).status_code == 404


@pytest.mark.parametrize("name", [*WRITE, *BUTTONS])
@pytest.mark.parametrize("names_other", [True, False])
def test_a_form_of_another_patient_is_refused(record, name, names_other):
    other = registered_patient(site=make_site(), family_name="Ruiz") if names_other else None
    answer = Pages(staff("nurse", make_site())).post(name, *record[name], patient=other)
    assert answer.status_code == 409
    assert "This form was opened for another patient." in answer.content.decode()


@pytest.mark.parametrize("name", READ)
def test_what_is_only_read_takes_no_form(record, name):
    answer = Pages(staff("nurse", make_site())).post(name, *record[name], patient=record[name][0])
    assert answer.status_code == 405


def test_a_stranger_is_asked_to_sign_in(record, client):
    for name in (*READ, *WRITE):
        answer = client.get(address(name, *record[name]))
        assert answer.status_code == 302
        assert answer["Location"].startswith("/account/login/")
