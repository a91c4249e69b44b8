import uuid

import pytest

from patients.forms.entries import FORMS
from patients.models import Allergy, AllergyStatus, Contact, Diagnosis, Medication, allergy_status
from patients.operations.entries import add_entry, edit_entry
from tests.patients.scenes import registered_patient
from tests.patients.views.pages import Pages, goes_to, text_of
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db

TYPED = {
    "allergies": {"substance": "Latex", "reaction": "Rash", "severity": "mild"},
    "medications": {"name": "Lisinopril", "dose": "10 mg daily", "is_antihypertensive": "on"},
    "diagnoses": {"code": "f332"},
    "antidepressant-trials": {"drug": "Sertraline", "dose": "200 mg", "weeks": "8", "result": "no_response"},
    "contacts": {"kind": "escort", "name": "Eva Ruiz", "phone": "617 555 0102"},
    "referring-clinicians": {
        "name": "Dr Jo Lind",
        "organisation": "Mill practice",
        "address": "1 Mill Road\nSalem",
        "phone": "617 555 0109",
        "email": "jo@mill.example",
    },
    "authorizations": {"payer": "Blue", "reference": "A-1", "infusions": "6", "valid_from": "2026-03-01"},
}


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def patient(site):
    return registered_patient(site=site)


@pytest.fixture
def actor(site):
    return staff("front_desk", site)


@pytest.fixture
def desk(actor):
    return Pages(actor)


@pytest.fixture
def latex(patient, actor):
    return add_entry(entry=Allergy(patient=patient, substance="Latex", severity="mild"), by=actor)


@pytest.mark.parametrize("kind", TYPED)
def test_a_row_is_added_once_however_often_it_is_sent(patient, desk, kind):
    assert desk.get("add-entry", patient, kind).status_code == 200
    key = uuid.uuid4()
    for _time in range(2):
        answer = desk.post("add-entry", patient, kind, patient=patient, key=key, **TYPED[kind])
        assert goes_to(answer, "detail", patient, part=kind)
    row = FORMS[kind].model.objects.get(patient=patient)
    assert row.public_id == key
    assert str(row) in text_of(desk.get("detail", patient))


def test_another_row_can_follow_at_once(patient, desk):
    answer = desk.post("add-entry", patient, "allergies", patient=patient, another="1", **TYPED["allergies"])
    assert goes_to(answer, "add-entry", patient, "allergies")


def test_a_suggested_code_brings_its_words(patient, desk):
    desk.post("add-entry", patient, "diagnoses", patient=patient, code="f332")
    row = Diagnosis.objects.get()
    assert (row.code, row.label) == (
        "F33.2",
        "Major depressive disorder, recurrent severe without psychotic features",
    )


@pytest.mark.parametrize(
    ("kind", "typed", "sentence"),
    [
        ("allergies", {"substance": ""}, "This field is required."),
        ("allergies", {"severity": "bad"}, "Select a valid choice."),
        ("diagnoses", {"code": "depression", "label": "Depression"}, "is not written like an ICD-10-CM code"),
        ("diagnoses", {"code": "F99"}, "Say in words what this code stands for."),
        ("diagnoses", {"noted_on": "3000-01-01"}, "This day is in the future."),
        ("medications", {"started_on": "3000-01-01"}, "This day is in the future."),
        ("antidepressant-trials", {"weeks": "six"}, "Enter a whole number, digits only."),
        ("antidepressant-trials", {"weeks": "2001"}, "less than or equal to 2000"),
        ("authorizations", {"infusions": "0"}, "at least one"),
        ("authorizations", {"valid_until": "2026-02-28"}, "It cannot end before it begins."),
        ("authorizations", {"payer": ""}, "This field is required."),
        ("contacts", {"phone": "none"}, "A telephone number with digits is needed."),
        ("contacts", {"name": "Eva\x00"}, "unreadable character"),
    ],
)
def test_what_cannot_be_is_refused_and_kept(patient, desk, kind, typed, sentence):
    said = {**TYPED[kind], **typed}
    answer = desk.post("add-entry", patient, kind, patient=patient, **said)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    kept = {name: answer.context["form"][name].value() for name in said}
    assert kept == said | ({"is_antihypertensive": True} if "is_antihypertensive" in said else {})


def test_what_is_missing_is_chosen_already(patient, desk):
    form = desk.get("add-entry", patient, "contacts", query="?for=escort").context["form"]
    assert form["kind"].value() == Contact.Kind.ESCORT
    assert desk.get("add-entry", patient, "contacts", query="?for=x").context["form"]["kind"].value() is None


def test_a_row_is_edited(patient, desk, latex):
    said = {"substance": "Latex gloves", "severity": "severe", "revision": 1}
    answer = desk.post("edit-entry", patient, "allergies", latex, patient=patient, **said)
    assert goes_to(answer, "detail", patient, part="allergies")
    latex.refresh_from_db()
    assert (latex.substance, latex.severity, latex.reaction) == ("Latex gloves", "severe", "")


def test_two_edits_meet_with_both_versions(patient, actor, desk, latex):
    edit_entry(entry=latex, changes={"reaction": "Hives"}, by=actor, expected_revision=1)
    said = {"substance": "Latex gloves", "severity": "mild", "revision": 1}
    answer = desk.post("edit-entry", patient, "allergies", latex, patient=patient, **said)
    assert answer.status_code == 409
    shown = {one.name: (one.mine.text, one.theirs.text, one.keep_mine) for one in answer.context["fields"]}
    assert shown == {
        "substance": ("Latex gloves", "Latex", True),
        "reaction": ("", "Hives", False),
        "severity": ("Mild", "Mild", False),
    }


def test_ticks_are_compared_as_yes_and_no(patient, actor, desk):
    row = add_entry(entry=Medication(patient=patient, name="Lisinopril", is_antihypertensive=True), by=actor)
    edit_entry(entry=row, changes={"dose": "10 mg"}, by=actor, expected_revision=1)
    answer = desk.post(
        "edit-entry", patient, "medications", row, patient=patient, name="Lisinopril", revision=1
    )
    ticks = {one.name: one for one in answer.context["fields"]}["is_antihypertensive"]
    assert (ticks.mine.text, ticks.theirs.text, ticks.theirs.raw) == ("No", "Yes", "on")


def test_a_row_is_ended_with_a_reason(patient, desk, latex):
    answer = desk.post(
        "end-entry", patient, "allergies", latex, patient=patient, revision=1, end_reason="Tested: negative"
    )
    assert goes_to(answer, "detail", patient, part="allergies")
    latex.refresh_from_db()
    assert (latex.is_active, latex.end_reason) == (False, "Tested: negative")


def test_an_error_needs_its_reason(patient, desk, latex):
    answer = desk.post(
        "end-entry", patient, "allergies", latex, patient=patient, revision=1, entered_in_error="on"
    )
    assert answer.status_code == 422
    assert "Say what was wrong with it." in text_of(answer)


def test_a_stale_end_goes_on_from_what_it_shows(patient, actor, desk, latex):
    edit_entry(entry=latex, changes={"reaction": "Hives"}, by=actor, expected_revision=1)
    answer = desk.post("end-entry", patient, "allergies", latex, patient=patient, revision=1)
    assert answer.status_code == 409
    revision = answer.context["form"]["revision"].value()
    answer = desk.post("end-entry", patient, "allergies", latex, patient=patient, revision=revision)
    assert goes_to(answer, "detail", patient, part="allergies")


def test_an_ended_row_is_neither_edited_nor_ended_again(patient, desk, latex):
    desk.post("end-entry", patient, "allergies", latex, patient=patient, revision=1)
    said = {"substance": "Latex", "severity": "mild", "revision": 2}
    assert desk.post("edit-entry", patient, "allergies", latex, patient=patient, **said).status_code == 409
    again = desk.post("end-entry", patient, "allergies", latex, patient=patient, revision=2)
    assert again.status_code == 409
    assert "This has ended already." in text_of(again)


def test_no_known_allergies_is_one_button(patient, desk):
    key = uuid.uuid4()
    for _time in range(2):
        answer = desk.post("no-known-allergies", patient, patient=patient, key=key)
        assert goes_to(answer, "detail", patient, part="allergies")
    assert allergy_status(patient) == AllergyStatus.NONE_KNOWN
    assert patient.no_known_allergies.get().public_id == key


def test_none_known_is_refused_where_one_is_listed(patient, desk, latex):
    answer = desk.post("no-known-allergies", patient, patient=patient)
    assert answer.status_code == 409
    assert "Allergies are listed." in text_of(answer)


def test_a_list_that_does_not_exist_is_not_found(patient, desk, latex):
    assert desk.get("add-entry", patient, "wishes").status_code == 404
    assert desk.get("edit-entry", patient, "contacts", latex).status_code == 404
