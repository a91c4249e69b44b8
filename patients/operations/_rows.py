"""The rows of a new patient, unchecked by rules and not audited: what registering and importing share.

An import writes many patients first and audits them last, so the audit is left to the operation.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.audit.records import check_fields
from clinic.common.errors import Conflict, Problem
from clinic.facilities.models import Site
from patients.models import Identifier, Patient, Registration

FIRST_NUMBER = 100_001


class RecordNumbers:
    """Hands out a site's record numbers; holds the site's row locked until the transaction ends, so that two desks
    do not get the same. The next number is counted from the registrations: there is no counter to drift.
    """

    def __init__(self, site: Site) -> None:
        self.site = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
        self._taken = Registration.objects.filter(site=site)
        made = self._taken.filter(sequence__isnull=False).order_by("-sequence")
        self._latest = made.values_list("sequence", flat=True).first() or FIRST_NUMBER - 1

    def take(self, given: str = "") -> tuple[str, int | None]:
        """A number and, where the site makes it, its place in the sequence.

        Raises:
            Conflict: the given number belongs to somebody else (``patient.record_number_taken``).
        """
        if not given:
            return self._next()
        if self._is_taken(given):
            message = _("Record number %(number)s belongs to another patient at this site.")
            raise Conflict(Problem("patient.record_number_taken", message, {"number": given}))
        return given, None

    def _next(self) -> tuple[str, int]:
        self._latest += 1
        while self._is_taken(str(self._latest)):
            self._latest += 1
        return str(self._latest), self._latest

    def _is_taken(self, number: str) -> bool:
        return self._taken.filter(record_number=number).exists()


def insert_patient(
    patient: Patient,
    *,
    numbers: RecordNumbers,
    by: Actor,
    now: datetime,
    record_number: str = "",
    identifiers: Sequence[tuple[str, str]] = (),
) -> Registration:
    """Patient, history, identifiers and registration.

    Raises:
        Conflict: the record number or an identifier is taken.
    """
    patient._history_date = now  # type: ignore[attr-defined]
    patient._history_user = by.user  # type: ignore[attr-defined]
    patient.save(force_insert=True)
    for system, value in identifiers:
        _add_identifier(patient, system, value)
    return insert_registration(patient, record_number=record_number, numbers=numbers, now=now)


def insert_registration(
    patient: Patient,
    *,
    numbers: RecordNumbers,
    now: datetime,
    record_number: str = "",
    public_id: uuid.UUID | None = None,
) -> Registration:
    """The registration of a patient at the site of ``numbers``."""
    number, sequence = numbers.take(record_number.strip())
    registration = Registration(
        public_id=public_id or uuid.uuid4(),
        patient=patient,
        site=numbers.site,
        record_number=number,
        sequence=sequence,
        registered_at=now,
    )
    check_fields(registration)
    registration.save(force_insert=True)
    return registration


def _add_identifier(patient: Patient, system: str, value: str) -> None:
    identifier = Identifier(patient=patient, system=system.strip(), value=value.strip())
    check_fields(identifier)
    try:
        with transaction.atomic():
            identifier.save(force_insert=True)
    except IntegrityError:
        message = _("%(system)s %(value)s belongs to another patient.")
        shown = {"system": identifier.system, "value": identifier.value}
        raise Conflict(Problem("patient.identifier_taken", message, shown)) from None
