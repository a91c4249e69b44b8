from datetime import UTC, date, datetime, timedelta

import pytest

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused, Stale
from patients.models import (
    Allergy,
    AllergyStatus,
    AntidepressantTrial,
    Authorization,
    Contact,
    Diagnosis,
    Medication,
    allergy_status,
)
from patients.models.diagnosis import SUGGESTED_CODES, normal_code, validate_code
from patients.operations.entries import add_entry, assert_no_known_allergies, edit_entry, end_entry
from tests.patients.scenes import complete_record, registered_patient
from tests.refusals import refused
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)


@pytest.fixture
def patient(db):
    return registered_patient()


@pytest.fixture
def nurse(patient):
    return staff("nurse", patient.registrations.get().site)


def test_add_records_who_and_when(patient, nurse):
    allergy = add_entry(entry=Allergy(patient=patient, substance="Latex"), by=nurse, now=NOW)
    assert (allergy.recorded_at, allergy.recorded_by) == (NOW, nurse.user)
    event = AuditEvent.objects.get(verb="allergy.added")
    assert event.patient_id == patient.public_id
    assert allergy.history.get().history_user == nurse.user


def test_a_manager_reads_only(patient):
    manager = staff("manager", patient.registrations.get().site)
    with refused(Refused, "permission.missing"):
        add_entry(entry=Allergy(patient=patient, substance="Latex"), by=manager)


def test_edit_and_stale(patient, nurse):
    allergy = add_entry(entry=Allergy(patient=patient, substance="Latex"), by=nurse)
    edited = edit_entry(entry=allergy, changes={"severity": "severe"}, by=nurse, expected_revision=1)
    assert (edited.revision, edited.severity) == (2, "severe")
    with refused(Stale) as refusal:
        edit_entry(entry=allergy, changes={"severity": "mild"}, by=nurse, expected_revision=1)
    assert refusal.value.current["severity"] == "severe"


def test_end_keeps_the_row(patient, nurse):
    medication = add_entry(
        entry=Medication(patient=patient, name="Lorazepam", rems_class="benzodiazepine"), by=nurse
    )
    ended = end_entry(entry=medication, by=nurse, expected_revision=1, reason="Tapered", now=NOW)
    assert ended.ended_on == date(2026, 3, 2)
    assert not Medication.objects.active().exists()
    assert Medication.objects.count() == 1
    assert ended.was_active_on(date(2026, 3, 1))
    with refused(Conflict, "entry.ended"):
        end_entry(entry=ended, by=nurse, expected_revision=2)
    with refused(Conflict, "entry.ended"):
        edit_entry(entry=ended, changes={"name": "x"}, by=nurse, expected_revision=2)


def test_entered_in_error_needs_a_reason_and_never_held(patient, nurse):
    allergy = add_entry(entry=Allergy(patient=patient, substance="Latex"), by=nurse)
    with refused(Invalid, "entry.error_reason"):
        end_entry(entry=allergy, by=nurse, expected_revision=1, entered_in_error=True)
    ended = end_entry(
        entry=allergy, by=nurse, expected_revision=1, entered_in_error=True, reason="Other chart"
    )
    assert not ended.was_active_on(date(2020, 1, 1))


@pytest.mark.parametrize(
    ("entry", "field", "code"),
    [
        (Allergy(substance=""), "substance", "field.blank"),
        (Allergy(substance="x", severity="awful"), "severity", "field.invalid_choice"),
        (Diagnosis(code="nonsense", label="x"), "code", "field.icd10cm.shape"),
        (Diagnosis(code="F33.2", label="x", noted_on=date(2099, 1, 1)), "noted_on", "entry.future"),
        (Medication(name="x", started_on=date(2099, 1, 1)), "started_on", "entry.future"),
        (AntidepressantTrial(drug="x", weeks=3000), "weeks", "field.max_value"),
        (Contact(kind="escort", name="x", phone="none"), "phone", "contact.phone"),
        (Contact(kind="friend", name="x", phone="1"), "kind", "field.invalid_choice"),
        (Medication(name="a\x00b"), "name", "text.unreadable"),
        (Authorization(payer="", infusions=6, valid_from=date(2099, 1, 1)), "payer", "field.blank"),
        (
            Authorization(payer="Blue", infusions=0, valid_from=date(2099, 1, 1)),
            "infusions",
            "authorization.infusions",
        ),
        (Authorization(payer="Blue", infusions=6), "valid_from", "field.null"),
        (
            Authorization(
                payer="Blue", infusions=6, valid_from=date(2099, 1, 2), valid_until=date(2099, 1, 1)
            ),
            "valid_until",
            "authorization.days",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_fields_are_checked(patient, nurse, entry, field, code):
    entry.patient = patient
    with refused(Invalid, code) as refusal:
        add_entry(entry=entry, by=nurse)
    assert field in refusal.value.fields


def test_it_cannot_end_before_it_began(patient, nurse):
    entry = add_entry(entry=Medication(patient=patient, name="x", started_on=date(2026, 1, 5)), by=nurse)
    with refused(Invalid, "entry.ends_before"):
        end_entry(entry=entry, by=nurse, expected_revision=1, ended_on=date(2026, 1, 4))


def test_an_empty_list_of_allergies_says_nothing_until_asked(patient, nurse):
    assert allergy_status(patient) is AllergyStatus.NOT_ASKED
    assert_no_known_allergies(patient=patient, by=nurse, now=NOW)
    assert allergy_status(patient) is AllergyStatus.NONE_KNOWN
    later = NOW + timedelta(days=1)
    allergy = add_entry(entry=Allergy(patient=patient, substance="Latex"), by=nurse, now=later)
    assert allergy_status(patient) is AllergyStatus.LISTED
    with refused(Conflict, "allergy.listed"):
        assert_no_known_allergies(patient=patient, by=nurse)
    end_entry(entry=allergy, by=nurse, expected_revision=1, now=later)
    assert allergy_status(patient) is AllergyStatus.NOT_ASKED


def test_an_allergy_in_error_leaves_the_denial_standing(patient, nurse):
    assert_no_known_allergies(patient=patient, by=nurse, now=NOW)
    allergy = add_entry(
        entry=Allergy(patient=patient, substance="Latex"), by=nurse, now=NOW + timedelta(days=1)
    )
    end_entry(entry=allergy, by=nurse, expected_revision=1, entered_in_error=True, reason="Other chart")
    assert allergy_status(patient) is AllergyStatus.NONE_KNOWN


def test_failed_trials_of_this_episode_are_counted():
    patient = complete_record()
    assert AntidepressantTrial.objects.filter(patient=patient).failed_in_current_episode().count() == 2


def test_scope_of_entries(patient, nurse):
    add_entry(entry=Allergy(patient=patient, substance="Latex"), by=nurse)
    assert Allergy.objects.for_user(nurse).count() == 1
    assert Allergy.objects.for_user(staff("nurse", make_site("south"))).count() == 0


def test_codes_are_normalised_and_suggested_ones_are_well_formed():
    assert [normal_code(typed) for typed in ("f332", " F33.2", "f32a", "I10")] == [
        "F33.2",
        "F33.2",
        "F32.A",
        "I10",
    ]
    for code, label in SUGGESTED_CODES:
        validate_code(code)
        assert label
