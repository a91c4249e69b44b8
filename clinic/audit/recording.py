"""Writing the audit: the last statement of every unit of work."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import models

from clinic.audit.chain import digest_of_details, link_hash, plain
from clinic.audit.models import ORGANISATION, AccessEvent, AuditChain, AuditEvent
from clinic.common import logs


class By(Protocol):
    """What the audit needs to know of whoever acts; an Actor fits."""

    @property
    def kind(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def user_id(self) -> int | None: ...
    @property
    def user(self) -> Any: ...


def record(
    *,
    verb: str,
    subject: Any,
    by: By,
    now: datetime,
    site: Any = None,
    patient: Any = None,
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Append one event to the chain of ``site`` (or of the organisation), inside the caller's transaction.

    Call it last: it locks the head of the chain, and whatever follows would hold that lock for everybody else.
    """
    chain, _ = _locked_chain(str(site.public_id) if site is not None else ORGANISATION)
    details = {
        name: plain(value) for name, value in (("before", before), ("after", after)) if value is not None
    }
    salt = secrets.token_hex(16) if details else ""
    event = AuditEvent(
        chain=chain,
        sequence=chain.length + 1,
        at=now,
        verb=verb,
        actor_id=by.user_id,
        actor_kind=str(by.kind),
        actor_label=by.label,
        subject_type=subject._meta.label_lower,
        subject_id=subject.public_id,
        patient_id=patient.public_id if patient is not None else None,
        reason=reason,
        details=details,
        details_salt=salt,
        details_digest=digest_of_details(details, salt),
        request_id=logs.request_id.get(),
        previous_hash=chain.head,
    )
    event.hash = hash_of(event)
    event.save(force_insert=True)
    return event


def hash_of(event: AuditEvent) -> str:
    """The hash that an event must have, given the hash of the one before it."""
    fields = {
        "verb": event.verb,
        "actor": event.actor_id,
        "actor_kind": event.actor_kind,
        "actor_label": event.actor_label,
        "subject": [event.subject_type, str(event.subject_id)],
        "patient": str(event.patient_id or ""),
        "reason": event.reason,
        "details": event.details_digest,
        "request": event.request_id,
    }
    return link_hash(previous=event.previous_hash, sequence=event.sequence, at=event.at, fields=fields)


def _locked_chain(key: str) -> tuple[AuditChain, bool]:
    chains = AuditChain.objects.select_for_update(no_key=True)
    chain = chains.filter(key=key).first()
    return (chain, False) if chain else chains.get_or_create(key=key)


def length_of_chain(site: Any) -> int:
    """How many events a site's chain holds: every write at the site makes it longer, in the same transaction."""
    found = AuditChain.objects.filter(key=str(site.public_id)).values_list("length", flat=True).first()
    return found or 0


def lengths_of_chains(sites: Iterable[Any]) -> dict[str, int]:
    """As :func:`length_of_chain` for several sites at once, by the public id of each that has a chain."""
    keys = [str(site.public_id) for site in sites]
    return dict(AuditChain.objects.filter(key__in=keys).values_list("key", "length"))


def record_access(
    *, what: str, patient: models.Model, by: By, now: datetime, again_after: timedelta = timedelta()
) -> None:
    """Note that a patient's record was opened.

    Args:
        again_after: a reader who opened the same thing less than this ago leaves no second line; for programs, which
            ask every few seconds.
    """
    patient_id = patient.public_id  # type: ignore[attr-defined]
    if again_after:
        noted = AccessEvent.objects.filter(patient_id=patient_id, at__gt=now - again_after, what=what)
        if noted.filter(actor_id=by.user_id).exists():
            return
    AccessEvent.objects.create(
        at=now,
        actor_id=by.user_id,
        actor_label=by.label,
        what=what,
        patient_id=patient_id,
        request_id=logs.request_id.get(),
    )


def record_accesses(
    *, what: str, patients: Iterable[models.Model], by: By, now: datetime, again_after: timedelta
) -> None:
    """As :func:`record_access` for everybody on one page, in two statements."""
    ids = {patient.public_id for patient in patients}  # type: ignore[attr-defined]
    noted = AccessEvent.objects.filter(
        patient_id__in=ids, at__gt=now - again_after, what=what, actor_id=by.user_id
    )
    told = {"at": now, "actor_id": by.user_id, "actor_label": by.label, "what": what}
    AccessEvent.objects.bulk_create(
        AccessEvent(patient_id=patient_id, request_id=logs.request_id.get(), **told)
        for patient_id in sorted(ids - set(noted.values_list("patient_id", flat=True)))
    )
