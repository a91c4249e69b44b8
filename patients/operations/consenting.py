"""Consents and the texts they refer to."""

import uuid
from datetime import date, datetime, timedelta

from django.db import transaction

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.audit.records import check_fields, save_record
from clinic.common import clock
from patients.models import Consent, ConsentDocument, ConsentEvent, Patient
from patients.rules import consenting as rules
from patients.rules.access import person, site_of


@transaction.atomic(savepoint=False)
def publish_consent_document(
    *,
    code: str,
    version: int,
    title: str,
    body: str,
    by: Actor,
    language: str = "en",
    valid_days: int | None = None,
    public_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> ConsentDocument:
    """Publish the next version of a consent text; from now on it is the one that is offered.

    Args:
        valid_days: how long a consent to it holds; None until revoked.

    Raises:
        Refused: without the right to approve protocols, which the text belongs to.
        Conflict: not the next version.
    """
    now = now or clock.now()
    by.require(Permission.APPROVE_PROTOCOL)
    earlier = ConsentDocument.objects.filter(code=code, language=language)
    rules.check_version(earlier.order_by("-version").first(), version=version)
    document = ConsentDocument(
        public_id=public_id or uuid.uuid4(),
        code=code,
        version=version,
        title=title,
        body=body,
        language=language,
        valid_days=valid_days,
        published_at=now,
    )
    check_fields(document)
    document.save(force_insert=True)
    record(verb="consent_document.published", subject=document, by=by, now=now)
    return document


@transaction.atomic(savepoint=False)
def record_consent(
    *,
    patient: Patient,
    document: ConsentDocument,
    by: Actor,
    purpose: str = Consent.Purpose.TREATMENT,
    given_on: date | None = None,
    given_by: str = "",
    public_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> Consent:
    """Record that the patient consented to a document.

    Args:
        given_on: the day at the site; today when None.
        given_by: who consented if not the patient; needed for a minor.

    Raises:
        Invalid: the patient could not consent on that day.
    """
    now = now or clock.now()
    site, author = site_of(patient, by=by, permission=Permission.RECORD_CONSENT), person(by)
    today = clock.local_date(now, site.time_zone)
    given_on = given_on or today
    rules.check_can_record(patient=patient, given_on=given_on, given_by=given_by, today=today)
    consent = Consent(
        public_id=public_id or uuid.uuid4(),
        patient=patient,
        document=document,
        purpose=purpose,
        given_on=given_on,
        given_by=given_by.strip(),
        valid_until=given_on + timedelta(days=document.valid_days) if document.valid_days else None,
        taken_by=author,
        updated_at=now,
    )
    _insert(consent, author=author, now=now)
    record(verb="consent.recorded", subject=consent, by=by, now=now, site=site, patient=patient)
    return consent


@transaction.atomic(savepoint=False)
def revoke_consent(
    *,
    consent: Consent,
    reason: str,
    by: Actor,
    revoked_on: date | None = None,
    expected_revision: int | None = None,
    now: datetime | None = None,
) -> Consent:
    """Record that a consent does not hold any more, from a day on (today when None).

    Raises:
        Conflict: it was revoked before.
        Invalid: no reason, or a day outside its life.
    """
    now = now or clock.now()
    patient = consent.patient
    site, author = site_of(patient, by=by, permission=Permission.RECORD_CONSENT), person(by)
    consent = Consent.objects.locked().select_related("patient", "document").get(pk=consent.pk)
    today = clock.local_date(now, site.time_zone)
    rules.check_can_revoke(consent, revoked_on=revoked_on or today, reason=reason, today=today)
    consent.revoked_on, consent.updated_at = revoked_on or today, now
    _event(consent, ConsentEvent.Kind.REVOKED, author=author, now=now, reason=reason.strip())
    return save_record(
        consent,
        verb="consent.revoked",
        by=by,
        now=now,
        site=site,
        patient=patient,
        reason=reason.strip(),
        expected_revision=expected_revision,
    )


def _insert(consent: Consent, *, author: User, now: datetime) -> None:
    check_fields(consent)
    consent._history_date = now  # type: ignore[attr-defined]
    consent._history_user = author  # type: ignore[attr-defined]
    consent.save(force_insert=True)
    _event(consent, ConsentEvent.Kind.GIVEN, author=author, now=now)


def _event(
    consent: Consent, kind: ConsentEvent.Kind, *, author: User, now: datetime, reason: str = ""
) -> None:
    event = ConsentEvent(
        consent=consent,
        kind=kind,
        reason=reason,
        taken_at=now,
        taken_by=author,
        entered_at=now,
        entered_by=author,
    )
    check_fields(event)
    event.save(force_insert=True)
