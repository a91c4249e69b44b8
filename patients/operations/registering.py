"""Registering a person, and mending what is known of them."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record, record_access
from clinic.audit.records import check_fields, save_record
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.facilities.models import Site
from patients.models import Patient, Registration
from patients.operations._rows import RecordNumbers, insert_patient, insert_registration
from patients.rules.access import site_of
from patients.rules.duplicates import PossibleDuplicate, possible_duplicates
from patients.rules.people import apply_details, check_dates, check_time_zone, described


@transaction.atomic(savepoint=False)
def register_patient(
    *,
    site: Site,
    details: Mapping[str, Any],
    by: Actor,
    deceased_on: date | None = None,
    record_number: str = "",
    identifiers: Sequence[tuple[str, str]] = (),
    confirmed_not_duplicate: bool = False,
    public_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> Patient:
    """Register a person at a site.

    Args:
        details: see :data:`patients.rules.people.DETAILS`; ``family_name`` and ``birth_date`` are needed.
        record_number: the site makes one when empty.
        identifiers: (system, value) pairs under which other systems know the person.
        confirmed_not_duplicate: somebody has looked at the possible duplicates and it is another person.

    Raises:
        Refused: the right is not held at the site.
        Invalid: a field does not fit.
        PossibleDuplicate: somebody like this is registered, and nobody has confirmed that this is another person.
        Conflict: the record number or an identifier is taken.
    """
    now = now or clock.now()
    by.require(Permission.EDIT_PATIENTS, site.pk)
    patient = _described(details, deceased_on=deceased_on, site=site, now=now, public_id=public_id)
    if not confirmed_not_duplicate and (found := possible_duplicates(details=details, by=by)):
        raise PossibleDuplicate(found)
    numbers = RecordNumbers(site)
    insert_patient(
        patient, numbers=numbers, record_number=record_number, identifiers=identifiers, by=by, now=now
    )
    record(verb="patient.registered", subject=patient, by=by, now=now, site=site, patient=patient)
    return patient


@transaction.atomic(savepoint=False)
def register_known_patient(
    *,
    site: Site,
    details: Mapping[str, Any],
    by: Actor,
    record_number: str = "",
    public_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> Registration:
    """Register somebody at this site who is known at another one, without a second record.

    The person is found by what was typed: the whole name and the birth date must be the same, because the actor
    cannot look at the other record before. The look into it is noted.

    Args:
        public_id: of the registration, which is the row that is made.

    Raises:
        Conflict: not exactly one person at another site fits (``patient.not_found_elsewhere``).
    """
    now = now or clock.now()
    by.require(Permission.EDIT_PATIENTS, site.pk)
    wanted = _described(details, deceased_on=None, site=site, now=now, public_id=None)
    found = possible_duplicates(details=details, by=by).elsewhere
    same = [
        match.patient
        for match in found
        if match.patient.name_words == wanted.name_words and match.patient.birth_date == wanted.birth_date
    ]
    if len(same) != 1:
        message = _(
            "No single person at another site has exactly this name and date of birth. Ask the other site for the"
            " details as they stand there."
        )
        raise Conflict(Problem("patient.not_found_elsewhere", message))
    patient = same[0]
    numbers = RecordNumbers(site)
    registration = insert_registration(
        patient, numbers=numbers, record_number=record_number, now=now, public_id=public_id
    )
    record_access(what="patient", patient=patient, by=by, now=now)
    record(verb="patient.registered_here_too", subject=patient, by=by, now=now, site=site, patient=patient)
    return registration


@transaction.atomic(savepoint=False)
def edit_patient(
    *,
    patient: Patient,
    changes: Mapping[str, Any],
    by: Actor,
    expected_revision: int,
    reason: str = "",
    now: datetime | None = None,
) -> Patient:
    """Change some of a patient's details.

    Args:
        changes: new values by field, of :data:`patients.rules.people.DETAILS`; what is not named stays.

    Raises:
        Stale: somebody else changed the patient after ``expected_revision``; ``current`` holds their values.
    """
    now = now or clock.now()
    site = site_of(patient, by=by, permission=Permission.EDIT_PATIENTS)
    patient = Patient.objects.locked().get(pk=patient.pk)
    apply_details(patient, changes)
    return _saved(
        patient, "patient.edited", site=site, by=by, now=now, reason=reason, revision=expected_revision
    )


@transaction.atomic(savepoint=False)
def record_death(
    *,
    patient: Patient,
    deceased_on: date | None,
    by: Actor,
    expected_revision: int,
    reason: str = "",
    now: datetime | None = None,
) -> Patient:
    """Record the day on which the patient died; None takes a wrong record back, which needs a reason.

    Raises:
        Invalid: a day before birth or in the future, or no reason for taking it back (``patient.death_reason``).
    """
    now = now or clock.now()
    site = site_of(patient, by=by, permission=Permission.EDIT_PATIENTS)
    if deceased_on is None and not reason.strip():
        message = _("Say why the record of the death is taken back.")
        raise Invalid({"reason": Problem("patient.death_reason", message)})
    patient = Patient.objects.locked().get(pk=patient.pk)
    patient.deceased_on = deceased_on
    verb = "patient.death_recorded" if deceased_on else "patient.death_taken_back"
    return _saved(patient, verb, site=site, by=by, now=now, reason=reason, revision=expected_revision)


def _described(
    details: Mapping[str, Any],
    *,
    deceased_on: date | None,
    site: Site,
    now: datetime,
    public_id: uuid.UUID | None,
) -> Patient:
    today = clock.local_date(now, site.time_zone)
    patient = described(details, deceased_on=deceased_on, today=today, now=now)
    if public_id is not None:
        patient.public_id = public_id
    return patient


def _saved(
    patient: Patient, verb: str, *, site: Site, by: Actor, now: datetime, reason: str, revision: int
) -> Patient:
    check_fields(patient)
    check_dates(patient, today=clock.local_date(now, site.time_zone))
    check_time_zone(patient)
    patient.updated_at = now
    return save_record(
        patient,
        verb=verb,
        by=by,
        now=now,
        site=site,
        patient=patient,
        reason=reason,
        expected_revision=revision,
    )
