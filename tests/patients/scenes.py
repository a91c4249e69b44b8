"""Patients in the states that tests need, made through the operations."""

from datetime import date
from typing import Any

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership, PermissionGrant
from clinic.accounts.permissions import Permission
from clinic.facilities.models import Site
from patients.models import (
    Allergy,
    AntidepressantTrial,
    Authorization,
    Consent,
    ConsentDocument,
    Contact,
    Diagnosis,
    Medication,
    Patient,
    ReferringClinician,
)
from patients.operations.consenting import publish_consent_document, record_consent
from patients.operations.entries import add_entry
from patients.operations.registering import register_patient
from patients.operations.screening import screen_contraindications
from patients.scoring.contraindications import CURRENT
from tests.remembered import remembered
from tests.scenes import make_site, staff


@remembered
def registered_patient(
    *, site: Site | None = None, by: Actor | None = None, deceased_on: date | None = None, **details: Any
) -> Patient:
    """An adult, registered at the site; ``details`` replace what is made up here."""
    site = site or make_site()
    described = {
        "family_name": "García",
        "given_name": "Ana",
        "birth_date": date(1984, 3, 12),
        "sex": "female",
    }
    return register_patient(
        site=site,
        details=described | details,
        by=by or staff("front_desk", site),
        deceased_on=deceased_on,
        confirmed_not_duplicate=True,
    )


@remembered
def complete_record(*, site: Site | None = None, by: Actor | None = None, **details: Any) -> Patient:
    """A patient with one row in every list and a clean contraindication screen."""
    site = site or make_site()
    by = by or staff("nurse", site)
    patient = registered_patient(site=site, by=by, **details)
    for entry in (
        Allergy(patient=patient, substance="Latex", reaction="Rash", severity=Allergy.Severity.MILD),
        Medication(patient=patient, name="Lisinopril", dose="10 mg daily", is_antihypertensive=True),
        Diagnosis(patient=patient, code="F33.2", label="Major depressive disorder, recurrent severe"),
        AntidepressantTrial(patient=patient, drug="Sertraline", dose="200 mg", weeks=8, result="no_response"),
        AntidepressantTrial(
            patient=patient, drug="Venlafaxine", dose="225 mg", weeks=10, result="partial_response"
        ),
        Contact(
            patient=patient,
            kind="emergency",
            name="Luis García",
            relationship="Brother",
            phone="617 555 0101",
        ),
        Contact(patient=patient, kind="escort", name="Eva Ruiz", relationship="Friend", phone="617 555 0102"),
        ReferringClinician(patient=patient, name="Dr Jo Lind", organisation="Mill practice"),
        Authorization(patient=patient, payer="Blue", infusions=12, valid_from=date(2026, 1, 1)),
    ):
        add_entry(entry=entry, by=by)
    screen_contraindications(patient=patient, answers=screen_answers(), by=by)
    return patient


def screen_answers(**answers: str) -> dict[str, dict[str, str]]:
    """ "No" to every contraindication but those named."""
    return {
        question.code: {"answer": answers.get(question.code, "no"), "note": ""}
        for question in CURRENT.questions
    }


@remembered
def approver(site: Site) -> Actor:
    """A prescriber who may approve what is used clinically."""
    actor = staff("prescriber", site)
    PermissionGrant.objects.create(
        membership=Membership.objects.get(user=actor.user, site=site), permission=Permission.APPROVE_PROTOCOL
    )
    assert actor.user is not None
    return Actor.of_user(actor.user)


@remembered
def consent_document(*, site: Site | None = None, **fields: Any) -> ConsentDocument:
    """The current consent text for treatment, valid for a year."""
    existing = ConsentDocument.objects.filter(code="treatment").first()
    if existing and not fields:
        return existing
    told = {
        "code": "treatment",
        "version": 1,
        "title": "Consent to treatment",
        "body": "Example, not approved.",
    }
    return publish_consent_document(by=approver(site or make_site()), **{**told, "valid_days": 365, **fields})


@remembered
def consent_for(patient: Patient, *, by: Actor | None = None, **fields: Any) -> Consent:
    """A consent to the current text."""
    site = patient.registrations.get().site
    document = fields.pop("document", None) or consent_document(site=site)
    return record_consent(patient=patient, document=document, by=by or staff("nurse", site), **fields)


def consented_patient(**details: Any) -> Patient:
    """A patient with a complete record and a consent in date."""
    patient = complete_record(**details)
    consent_for(patient)
    return patient


def phq9(*values: int | None) -> dict[str, int]:
    """Answers to the PHQ-9 in their order; None leaves an item blank."""
    return {f"phq9_{number}": value for number, value in enumerate(values, 1) if value is not None}
