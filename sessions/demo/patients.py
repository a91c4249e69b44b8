"""Registering the demo's patients and completing their records."""

import random
from datetime import date, datetime, timedelta
from typing import Any

from clinic.facilities.models import Site
from patients.models import (
    Allergy,
    AntidepressantTrial,
    Channel,
    Consent,
    ConsentDocument,
    Contact,
    Diagnosis,
    Medication,
    Patient,
    ReferringClinician,
)
from patients.operations.assessing import record_assessment
from patients.operations.consenting import record_consent
from patients.operations.entries import add_entry, assert_no_known_allergies
from patients.operations.registering import register_patient
from patients.operations.screening import screen_contraindications
from patients.scoring.contraindications import CURRENT
from sessions.demo.answering import close_reviews
from sessions.demo.crew import Crew
from sessions.demo.people import PEOPLE, REFERRERS, STREETS, Person
from sessions.demo.scores import answers

SUBSTANCES = {"latex": "rash", "penicillin": "hives", "sulfonamides": "rash", "peanut": "swelling"}
TRIALS = (
    ("sertraline", "200 mg", 12),
    ("venlafaxine", "225 mg", 10),
    ("escitalopram", "20 mg", 9),
    ("bupropion", "300 mg", 8),
    ("mirtazapine", "45 mg", 11),
)


def register(person: Person, *, site: Site, crew: Crew, at: datetime, chance: random.Random) -> Patient:
    """Register one person and complete the record, as front desk and nurse do on a first visit."""
    patient = register_patient(
        site=site,
        details={
            "family_name": person.family,
            "given_name": person.given,
            "birth_date": date.fromisoformat(person.birth),
            "sex": person.sex,
            "phone": f"555 01{chance.randrange(10)} {chance.randrange(1000, 9999)}",
            "language": chance.choice(("English", "English", "Spanish")),
            "reminders_by": chance.choice((Channel.SMS, Channel.SMS, "")),
            "address_line": chance.choice(STREETS),
            "city": site.name.split()[0],
        },
        by=crew.desk,
        now=at,
    )
    later = at + timedelta(minutes=6)
    relation = chance.choice(("partner", "sister", "friend", "mother", "neighbour"))
    for kind in (Contact.Kind.EMERGENCY, Contact.Kind.ESCORT):
        phone = f"555 02{chance.randrange(10)} {chance.randrange(1000, 9999)}"
        name = f"{chance.choice(('Alex', 'Sam', 'Robin', 'Jo'))} {person.family.split()[0]}"
        _add(Contact(patient=patient, kind=kind, name=name, relationship=relation, phone=phone), crew, later)
    _referred(patient, person, crew, later)
    if person.allergy:
        reaction = SUBSTANCES.get(person.allergy, "nausea")
        _add(
            Allergy(patient=patient, substance=person.allergy, reaction=reaction, severity="moderate"),
            crew,
            later,
        )
    else:
        assert_no_known_allergies(patient=patient, by=crew.nurse, now=later)
    if person.medicine:
        name, _space, dose = person.medicine.partition(" ")
        lowers = name in {"lisinopril", "amlodipine", "losartan"}
        _add(Medication(patient=patient, name=name, dose=dose, is_antihypertensive=lowers), crew, later)
    label = "Major depressive disorder, recurrent severe without psychotic features"
    _add(Diagnosis(patient=patient, code="F33.2", label=label), crew, later)
    for drug, dose, weeks in chance.sample(TRIALS, 2):
        trial = AntidepressantTrial(patient=patient, drug=drug, dose=dose, weeks=weeks, result="no_response")
        _add(trial, crew, later)
    screen_contraindications(
        patient=patient,
        answers={question.code: {"answer": "no", "note": ""} for question in CURRENT.questions},
        by=crew.prescriber,
        now=later + timedelta(minutes=20),
    )
    return patient


def _referred(patient: Patient, person: Person, crew: Crew, at: datetime) -> None:
    place = PEOPLE.index(person) % (len(REFERRERS) + 1)
    if place < len(REFERRERS):
        name, organisation, address, phone = REFERRERS[place]
        told = {"name": name, "organisation": organisation, "address": address, "phone": phone}
        _add(ReferringClinician(patient=patient, **told), crew, at)


def _add(entry: Any, crew: Crew, at: datetime) -> None:
    add_entry(entry=entry, by=crew.nurse, now=at)


def consent(patient: Patient, *, document: ConsentDocument, crew: Crew, at: datetime) -> Consent:
    """The patient signs for a course."""
    return record_consent(
        patient=patient, document=document, by=crew.desk, given_by=patient.full_name, now=at
    )


def tell_of_suicide(patient: Patient, *, crew: Crew, at: datetime, chance: random.Random) -> None:
    """The patient answers item 9 of the PHQ-9 in a way that waits for a prescriber."""
    told = answers("phq9", 16, chance) | {"phq9_9": 2}
    record_assessment(patient=patient, instrument="phq9", answers=told, by=crew.nurse, now=at)


def score(
    patient: Patient, instrument: str, total: int, *, crew: Crew, at: datetime, chance: random.Random
) -> None:
    """The patient fills in a questionnaire; answers on suicide are reviewed before anything else is done."""
    record_assessment(
        patient=patient,
        instrument=instrument,
        answers=answers(instrument, total, chance),
        by=crew.nurse,
        now=at,
    )
    close_reviews(patient, by=crew.prescriber, now=at + timedelta(minutes=8))
