"""Past scores on their way in, as the pages show them: whose row it is and what it adds up to, and what to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from patients.models import Assessment, ImportBatch, ImportRow, Patient
from patients.reading.verdicts import sentence
from patients.reports.importing import RowLine
from patients.rules.importing_scores import JudgedScores, ScoreJudge

HEADINGS = (_("Patient"), _("Filled in"), _("Scores"))
MOST_ANSWERS = 100


@dataclass(frozen=True, slots=True)
class SuicideAnswer:
    """A flagged score that an import has brought in, and whether it opened a review."""

    score: Assessment
    has_review: bool


@dataclass(frozen=True, slots=True)
class SuicideAnswers:
    """The latest of them, and how many there are in all."""

    shown: Sequence[SuicideAnswer]
    count: int


def score_lines(batch: ImportBatch, rows: list[ImportRow], *, actor: Actor, now: datetime) -> list[RowLine]:
    """One page of rows; the number of queries does not depend on its length. Nothing but verdicts once it is done.

    Example: ``RowLine(row, ["M1", "2025-06-01", "PHQ-9 9, GAD-7 7"], [], [], 0, patient)``
    """
    judged = ScoreJudge(batch, now=now).judge([row for row in rows if row.cells])
    by_line = {one.row.line: one for one in judged}
    wanted = {one.patient.pk for one in judged if one.patient}
    seen: dict[int, Patient] = Patient.objects.for_user(actor).with_record_numbers(actor).in_bulk(wanted)
    return [
        RowLine(
            row=row,
            cells=_cells(row, batch, by_line.get(row.line)),
            reasons=[sentence(reason) for reason in row.reasons],
            like=[],
            elsewhere=0,
            patient=_patient_of(by_line.get(row.line), seen),
        )
        for row in rows
    ]


def _patient_of(judged: JudgedScores | None, seen: dict[int, Patient]) -> Patient | None:
    return seen.get(judged.patient.pk) if judged and judged.patient else None


def _cells(row: ImportRow, batch: ImportBatch, judged: JudgedScores | None) -> list[str]:
    if judged is None:
        return []
    read = judged.read
    named = (read.record_number, read.source_id, *read.names.values())
    scores = ", ".join(
        f"{one.questionnaire.name} {'–' if one.total is None else one.total}" for one in read.scores
    )
    return [" ".join(filter(None, named)), _day(read.day, row, batch), scores]


def _day(day: Any, row: ImportRow, batch: ImportBatch) -> str:
    """As it was read, or as it stands there where it could not be."""
    if day:
        return str(day.isoformat())
    column = batch.mapping.get("taken_on", "")
    place = batch.columns.index(column) if column in batch.columns else len(row.cells)
    return row.cells[place][:28] if place < len(row.cells) else ""


def suicide_answers(batch: ImportBatch, *, actor: Actor) -> SuicideAnswers:
    """What staff should look at after an import of scores: flagged answers, the latest first."""
    found = Assessment.objects.for_user(actor).filter(imported_in=batch, corrects=None, is_flagged=True)
    rows = found.select_related("patient").prefetch_related("suicide_reviews").order_by("-taken_at", "-pk")
    shown = [SuicideAnswer(row, bool(row.suicide_reviews.all())) for row in rows[:MOST_ANSWERS]]
    return SuicideAnswers(shown, found.count())
