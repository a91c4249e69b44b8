"""What differs between a file of patients and a file of scores; the steps of an import are the same for both."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from clinic.accounts.actor import Actor
from clinic.audit.recording import record
from clinic.audit.records import save_record
from clinic.common import clock
from patients.models import Assessment, ImportBatch, Patient, ReferringClinician
from patients.operations._rows import RecordNumbers, insert_patient, insert_registration
from patients.operations.assessing import import_assessment
from patients.operations.suicide_reviews import open_review_of
from patients.reading.columns import guess_mapping as guess_patients
from patients.reading.verdicts import Verdict
from patients.rules import importing as of_patients
from patients.rules import importing_scores as of_scores
from patients.rules.access import person
from patients.rules.importing import Judge, Judged
from patients.rules.importing_scores import JudgedScores, ScoreJudge, is_recent, taken_at
from patients.rules.score_columns import guess_mapping as guess_scores

Finish = Callable[[], None]
IMPORTED = "patient.imported"


@dataclass(frozen=True)
class TakingIn:
    """One kind of file.

    Attributes:
        guess: a first mapping of a file's columns.
        date_fields: fields whose cells are dates.
        check_mapping: refuses one that cannot work.
        judge: makes the judge of a batch; ``holds`` for the run, not for a preview.
        check_start: refuses before the first row what would refuse every row.
        take_in: writes the rows of one chunk; its result says which lines something was made of, and writes the
            audit, which comes last.
    """

    guess: Callable[[Sequence[str]], dict[str, str]]
    date_fields: tuple[str, ...]
    check_mapping: Callable[..., None]
    judge: Callable[..., Any]
    check_start: Callable[[Actor], Any]
    take_in: Callable[..., tuple[list[int], Finish]]


def taking_in(kind: str) -> TakingIn:
    """How files of a kind are taken in."""
    return _WAYS[ImportBatch.Kind(kind)]


def _check_patients(
    batch: ImportBatch, *, mapping: Mapping[str, str], taken_on: date | None, now: datetime
) -> None:
    of_patients.check_mapping(batch, mapping=mapping, system=batch.system, other_system=batch.other_system)


def _check_scores(
    batch: ImportBatch, *, mapping: Mapping[str, str], taken_on: date | None, now: datetime
) -> None:
    of_scores.check_mapping(batch, mapping=mapping, system=batch.system, taken_on=taken_on, now=now)


def _judge_of_patients(batch: ImportBatch, *, now: datetime, holds: bool) -> Judge:
    if holds:
        # Holds the site's row from before the judging on, so that two files cannot bring in the same person.
        RecordNumbers(batch.site)
    return Judge(batch, now=now)


def _anybody(by: Actor) -> None:
    """Patients may be registered by a job."""


def _take_in_patients(
    judged: Sequence[Judged], batch: ImportBatch, *, by: Actor, now: datetime
) -> tuple[list[int], Finish]:
    numbers = RecordNumbers(batch.site)
    made = [(one, verb) for one in judged if (verb := _register(one, batch, numbers, by=by, now=now))]

    def finish() -> None:
        for one, verb in made:
            record(verb=verb, subject=one.patient, by=by, now=now, site=batch.site, patient=one.patient)
            if verb == IMPORTED:
                _refer(one, batch, by=by, now=now)

    return [one.row.line for one, _verb in made], finish


def _register(
    one: Judged, batch: ImportBatch, numbers: RecordNumbers, *, by: Actor, now: datetime
) -> str | None:
    """Write what the verdict says; the verb for the audit, or None where nothing was to be written."""
    if one.patient is None:
        return None
    if one.verdict is Verdict.KNOWN_ELSEWHERE:
        insert_registration(one.patient, numbers=numbers, record_number=one.read.record_number, now=now)
        return "patient.registered_here_too"
    if not _is_wanted(one):
        return None
    given = ((batch.system, one.read.source_id), (batch.other_system, one.read.other_identifier))
    insert_patient(
        one.patient,
        numbers=numbers,
        record_number=one.read.record_number,
        identifiers=[(system, value) for system, value in given if value],
        by=by,
        now=now,
    )
    return IMPORTED


def _refer(one: Judged, batch: ImportBatch, *, by: Actor, now: datetime) -> None:
    """Who sent the patient, where the file says so."""
    name, practice = one.read.referring_clinician, one.read.referring_organisation
    if not (name or practice):
        return
    sender = ReferringClinician(
        patient=one.patient,
        name=name or practice,
        organisation=practice if name else "",
        recorded_at=now,
        recorded_by=by.user,
    )
    save_record(
        sender, verb="referring_clinician.added", by=by, now=now, site=batch.site, patient=one.patient
    )


def _is_wanted(one: Judged | JudgedScores) -> bool:
    return one.verdict is Verdict.NEW or (one.verdict is Verdict.POSSIBLE_DUPLICATE and one.row.is_chosen)


def _take_in_scores(
    judged: Sequence[JudgedScores], batch: ImportBatch, *, by: Actor, now: datetime
) -> tuple[list[int], Finish]:
    today = clock.local_date(now, batch.site.time_zone)
    wanted = [one for one in judged if _is_wanted(one)]
    made = [(one, _record_scores(one, batch, by=by, now=now)) for one in wanted]

    def finish() -> None:
        for one, scores in made:
            for score in scores:
                record(
                    verb="assessment.imported",
                    subject=score,
                    by=by,
                    now=now,
                    site=batch.site,
                    patient=one.patient,
                )
                if one.read.day and is_recent(one.read.day, today=today):
                    open_review_of(score, site=batch.site, by=by, now=now)

    return [one.row.line for one, _scores in made], finish


def _record_scores(one: JudgedScores, batch: ImportBatch, *, by: Actor, now: datetime) -> list[Assessment]:
    if one.patient is None or one.read.day is None:
        raise AssertionError("a row that is taken in has a patient and a day")
    patient: Patient = one.patient
    moment = taken_at(one.read.day, zone=batch.site.time_zone, now=now)
    return [
        import_assessment(
            patient=patient,
            questionnaire=score.questionnaire,
            answers=score.answers,
            total=score.total,
            taken_at=moment,
            batch=batch,
            by=by,
            now=now,
        )
        for score in one.wanted
    ]


_WAYS = {
    ImportBatch.Kind.PATIENTS: TakingIn(
        guess=guess_patients,
        date_fields=of_patients.DATE_FIELDS,
        check_mapping=_check_patients,
        judge=_judge_of_patients,
        check_start=_anybody,
        take_in=_take_in_patients,
    ),
    ImportBatch.Kind.SCORES: TakingIn(
        guess=guess_scores,
        date_fields=of_scores.DATE_FIELDS,
        check_mapping=_check_scores,
        judge=ScoreJudge,
        check_start=person,
        take_in=_take_in_scores,
    ),
}
