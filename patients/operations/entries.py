"""The lists of the record: allergies, medicines, diagnoses, antidepressant trials, contacts, authorizations."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.audit.records import save_record, snapshot
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem, stale
from patients.models import Allergy, NoKnownAllergies, Patient, RecordEntry
from patients.rules.access import person, site_of
from patients.rules.entries import check_entry

E = TypeVar("E", bound=RecordEntry)


@transaction.atomic(savepoint=False)
def add_entry(*, entry: E, by: Actor, public_id: uuid.UUID | None = None, now: datetime | None = None) -> E:
    """Put a new, unsaved row on one of the patient's lists.

    Raises:
        Refused, Invalid: as the rules of the list say.
    """
    now = now or clock.now()
    site = site_of(entry.patient, by=by, permission=Permission.EDIT_PATIENTS)
    if public_id is not None:
        entry.public_id = public_id
    entry.recorded_at, entry.recorded_by = now, by.user
    check_entry(entry, today=clock.local_date(now, site.time_zone))
    return save_record(entry, verb=f"{entry.noun}.added", by=by, now=now, site=site, patient=entry.patient)


@transaction.atomic(savepoint=False)
def edit_entry(
    *, entry: E, changes: Mapping[str, Any], by: Actor, expected_revision: int, now: datetime | None = None
) -> E:
    """Change some fields of a row.

    Raises:
        Stale: somebody else changed it after ``expected_revision``.
        Conflict: it has ended (``entry.ended``).
    """
    now = now or clock.now()
    site = site_of(entry.patient, by=by, permission=Permission.EDIT_PATIENTS)
    entry = _locked(entry, expected_revision)
    if not entry.is_active:
        raise Conflict(Problem("entry.ended", _("This has ended and cannot be changed. Add it anew.")))
    for name, value in changes.items():
        setattr(entry, name, value)
    check_entry(entry, today=clock.local_date(now, site.time_zone))
    return save_record(entry, verb=f"{entry.noun}.edited", by=by, now=now, site=site, patient=entry.patient)


@transaction.atomic(savepoint=False)
def end_entry(
    *,
    entry: E,
    by: Actor,
    expected_revision: int,
    ended_on: date | None = None,
    reason: str = "",
    entered_in_error: bool = False,
    now: datetime | None = None,
) -> E:
    """Take a row off its list: it holds no longer, or never did. It stays readable.

    Args:
        ended_on: the first day on which it does not hold; today at the site when None.

    Raises:
        Conflict: it has ended before (``entry.ended``).
        Invalid: entered in error without a reason (``entry.error_reason``), or a day in the future.
    """
    now = now or clock.now()
    site = site_of(entry.patient, by=by, permission=Permission.EDIT_PATIENTS)
    entry = _locked(entry, expected_revision)
    if not entry.is_active:
        raise Conflict(Problem("entry.ended", _("This has ended already.")))
    if entered_in_error and not reason.strip():
        raise Invalid({"end_reason": Problem("entry.error_reason", _("Say what was wrong with it."))})
    today = clock.local_date(now, site.time_zone)
    entry.ended_on, entry.end_reason, entry.entered_in_error = (
        ended_on or today,
        reason.strip(),
        entered_in_error,
    )
    check_entry(entry, today=today)
    verb = f"{entry.noun}.ended"
    return save_record(entry, verb=verb, by=by, now=now, site=site, patient=entry.patient, reason=reason)


@transaction.atomic(savepoint=False)
def assert_no_known_allergies(
    *,
    patient: Patient,
    by: Actor,
    taken_at: datetime | None = None,
    public_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> NoKnownAllergies:
    """Record that the patient was asked and knows of no allergy.

    Raises:
        Conflict: allergies are listed (``allergy.listed``).
    """
    now = now or clock.now()
    site, author = site_of(patient, by=by, permission=Permission.EDIT_PATIENTS), person(by)
    # The lock makes an allergy that is being listed right now wait, or be seen.
    Patient.objects.locked().get(pk=patient.pk)
    if Allergy.objects.filter(patient=patient).active().exists():
        message = _(
            "Allergies are listed. End those that do not hold any more before you record that none is known."
        )
        raise Conflict(Problem("allergy.listed", message))
    fact = NoKnownAllergies(
        public_id=public_id or uuid.uuid4(),
        patient=patient,
        taken_at=taken_at or now,
        taken_by=author,
        entered_at=now,
        entered_by=author,
    )
    fact.save(force_insert=True)
    record(verb="allergy.none_known", subject=fact, by=by, now=now, site=site, patient=patient)
    return fact


def _locked(entry: E, expected_revision: int) -> E:
    stored: Any = type(entry).objects.locked().select_related("patient").get(pk=entry.pk)
    if stored.revision != expected_revision:
        raise stale(snapshot(stored))
    return stored
