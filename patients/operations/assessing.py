"""Questionnaires: recorded, corrected, never changed."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.audit.records import check_fields
from clinic.common import clock
from patients.models import Assessment, ImportBatch, LicensedWording, Patient
from patients.operations.suicide_reviews import open_review_of
from patients.rules import assessing as rules
from patients.rules.access import person, site_of
from patients.rules.importing_scores import is_recent
from patients.rules.moments import check_moment
from patients.rules.wordings import check_asked_in
from patients.scoring.instrument import Instrument


@transaction.atomic(savepoint=False)
def record_assessment(
    *,
    patient: Patient,
    instrument: str,
    answers: Mapping[str, Any],
    by: Actor,
    taken_at: datetime | None = None,
    mode: str = Assessment.Mode.PAPER,
    version: str = "",
    wording: LicensedWording | None = None,
    public_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> Assessment:
    """Record a filled-in questionnaire, complete or not; a total is kept only when it is complete.

    Args:
        instrument: code of the questionnaire (``phq9``, ``gad7``); ``version`` is the current one when empty.
        wording: the licensed words in which it was asked, which name the version; recorded though their licence has
            ended meanwhile.
        answers: number by item code; blanks may be left out.

    Raises:
        Invalid: an unknown questionnaire, item or answer, nothing answered, a time that cannot be, or words in which
            the patient cannot have been asked.
    """
    now = now or clock.now()
    site, author = site_of(patient, by=by, permission=Permission.RECORD_SCORES), person(by)
    if wording is not None:
        check_asked_in(wording, instrument=instrument, patient=patient)
        version = wording.instrument_version
    questionnaire = rules.find_instrument(instrument, version)
    check_moment(taken_at or now, patient=patient, site=site, now=now)
    assessment = Assessment(
        public_id=public_id or uuid.uuid4(),
        patient=patient,
        taken_at=taken_at or now,
        taken_by=author,
        entered_at=now,
        entered_by=author,
        wording=wording,
        mode=mode,
        **_scored(rules.read_answers(answers, questionnaire), questionnaire),
    )
    check_fields(assessment)
    assessment.save(force_insert=True)
    record(verb="assessment.recorded", subject=assessment, by=by, now=now, site=site, patient=patient)
    open_review_of(assessment, site=site, by=by, now=now)
    return assessment


@transaction.atomic(savepoint=False)
def correct_assessment(
    *,
    assessment: Assessment,
    reason: str,
    by: Actor,
    answers: Mapping[str, Any] | None = None,
    taken_at: datetime | None = None,
    public_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> Assessment:
    """Replace a wrong entry by a new one that names it; the old one stays readable.

    Args:
        answers: all answers as they should have been; None retracts the entry, and nothing takes its place.

    Raises:
        Invalid: no reason, or answers that are none.
        Conflict: it was corrected already.
    """
    now = now or clock.now()
    patient = assessment.patient
    site, author = site_of(patient, by=by, permission=Permission.RECORD_SCORES), person(by)
    assessment = Assessment.objects.locked().get(pk=assessment.pk)
    rules.check_can_correct(assessment, reason=reason)
    check_moment(taken_at or assessment.taken_at, patient=patient, site=site, now=now)
    questionnaire = assessment.instrument
    read = rules.read_answers(answers, questionnaire) if answers is not None else {}
    correction = Assessment(
        public_id=public_id or uuid.uuid4(),
        patient=patient,
        taken_at=taken_at or assessment.taken_at,
        taken_by=assessment.taken_by,
        entered_at=now,
        entered_by=author,
        wording=assessment.wording,
        mode=assessment.mode,
        imported_in=assessment.imported_in,
        corrects=assessment,
        correction_reason=reason.strip(),
        retracted=answers is None,
        **_scored(read, questionnaire),
    )
    check_fields(correction)
    correction.save(force_insert=True)
    verb = "assessment.retracted" if correction.retracted else "assessment.corrected"
    record(verb=verb, subject=correction, by=by, now=now, site=site, patient=patient, reason=reason.strip())
    if not correction.retracted and not _is_history(correction, site=site, now=now):
        open_review_of(correction, site=site, by=by, now=now)
    return correction


@transaction.atomic(savepoint=False)
def import_assessment(
    *,
    patient: Patient,
    questionnaire: Instrument,
    answers: Mapping[str, int],
    total: int | None,
    taken_at: datetime,
    batch: ImportBatch,
    by: Actor,
    now: datetime,
) -> Assessment:
    """One score of another system's file, as a fact of the record. Not audited here: an import audits last, so that
    a site's chain is not held while hundreds of rows are written.

    Args:
        total: what the file says where it says nothing of the answers; beside answers it is not looked at.

    Raises:
        Refused: the right to record scores is not held at the site of the file, or a job acts.
        Invalid: a time that cannot be, or answers that are none.
    """
    by.require(Permission.RECORD_SCORES, batch.site_id)
    author = person(by)
    check_moment(taken_at, patient=patient, site=batch.site, now=now)
    told = (
        _scored(rules.read_answers(answers, questionnaire), questionnaire)
        if answers
        else rules.stated_total(total, questionnaire)
    )
    assessment = Assessment(
        patient=patient,
        taken_at=taken_at,
        taken_by=author,
        entered_at=now,
        entered_by=author,
        mode=Assessment.Mode.IMPORTED,
        imported_in=batch,
        **told,
    )
    check_fields(assessment)
    assessment.save(force_insert=True)
    return assessment


def _is_history(assessment: Assessment, *, site: Any, now: datetime) -> bool:
    """Whether it came in from another system and is of long ago: then neither it nor its correction opens a review."""
    if assessment.imported_in_id is None:
        return False
    zone = site.time_zone
    return not is_recent(clock.local_date(assessment.taken_at, zone), today=clock.local_date(now, zone))


def _scored(answers: Mapping[str, int], questionnaire: Instrument) -> dict[str, Any]:
    score = questionnaire.score(answers)
    return {
        "instrument_code": questionnaire.code,
        "instrument_version": questionnaire.version,
        "answers": dict(answers),
        "total": score.total,
        "band": score.band.code if score.band else "",
        "is_flagged": bool(score.flags),
    }
