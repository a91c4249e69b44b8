"""Asking about contraindications."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.audit.records import check_fields
from clinic.common import clock
from patients.models import ContraindicationScreen, Patient
from patients.rules.access import person, site_of
from patients.rules.moments import check_moment
from patients.rules.screening import check_answers
from patients.scoring.contraindications import CURRENT


@transaction.atomic(savepoint=False)
def screen_contraindications(
    *,
    patient: Patient,
    answers: Mapping[str, Mapping[str, str]],
    by: Actor,
    taken_at: datetime | None = None,
    public_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> ContraindicationScreen:
    """Record one pass through the current list; it replaces the one before.

    Args:
        answers: ``{question code: {"answer": "yes" | "no" | "unknown", "note": text}}``, every question.

    Raises:
        Invalid: a question is missing or unknown, or the time cannot be.
    """
    now = now or clock.now()
    site, author = site_of(patient, by=by, permission=Permission.EDIT_PATIENTS), person(by)
    check_moment(taken_at or now, patient=patient, site=site, now=now)
    screen = ContraindicationScreen(
        public_id=public_id or uuid.uuid4(),
        patient=patient,
        list_code=CURRENT.code,
        list_version=CURRENT.version,
        answers=check_answers(answers, CURRENT),
        taken_at=taken_at or now,
        taken_by=author,
        entered_at=now,
        entered_by=author,
    )
    check_fields(screen)
    screen.save(force_insert=True)
    record(verb="contraindications.screened", subject=screen, by=by, now=now, site=site, patient=patient)
    return screen
