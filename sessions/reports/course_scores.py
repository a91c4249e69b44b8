"""How did the patient score around a course? One table a questionnaire, each total against the first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from clinic.accounts.actor import Actor
from patients.models import Assessment
from patients.scoring.registry import CURRENT
from sessions.models import Course

BEFORE = timedelta(days=90)
"""Scores so long before the order belong to the picture: what the first one is measured against."""


@dataclass(frozen=True, slots=True)
class Score:
    """One filled-in questionnaire; ``total`` None where an item is missing, ``change`` None for the first total."""

    assessment_id: UUID
    day: date
    total: int | None
    band: str
    band_label: str
    change: int | None
    percent: int | None
    is_flagged: bool


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """All scores of one questionnaire in the order of time; changes are against ``first``."""

    code: str
    name: str
    scores: tuple[Score, ...]

    @property
    def totals(self) -> tuple[Score, ...]:
        return tuple(score for score in self.scores if score.total is not None)

    @property
    def first(self) -> Score | None:
        return next(iter(self.totals), None)

    @property
    def latest(self) -> Score | None:
        return next(reversed(self.totals), None)


def score_tables(course: Course, *, actor: Actor) -> tuple[ScoreTable, ...]:
    """In one query."""
    return tuple(_tables(_assessments(course, actor), course.site.zone))


def _assessments(course: Course, actor: Actor) -> list[Assessment]:
    """Scores of the patient from some time before the order until the course was closed, or until now."""
    found = Assessment.objects.for_user(actor).current().filter(patient=course.patient_id)
    found = found.filter(taken_at__gte=course.ordered_at - BEFORE)
    if course.closed_at:
        found = found.filter(taken_at__lte=course.closed_at + BEFORE)
    return list(found.order_by("taken_at", "pk"))


def _tables(assessments: Iterable[Assessment], zone: Any) -> Iterable[ScoreTable]:
    """One table a questionnaire, in the order of the registry; versions of one questionnaire stand together."""
    by_code: dict[str, list[Assessment]] = {code: [] for code in CURRENT}
    for assessment in assessments:
        by_code.setdefault(assessment.instrument_code, []).append(assessment)
    for code, rows in by_code.items():
        if rows:
            first = next((row for row in rows if row.total is not None), None)
            yield ScoreTable(code, rows[0].instrument.name, tuple(_score(row, first, zone) for row in rows))


def _score(row: Assessment, first: Assessment | None, zone: Any) -> Score:
    start = first.total if first is not None and first is not row else None
    change = row.total - start if row.total is not None and start is not None else None
    return Score(
        assessment_id=row.public_id,
        day=row.taken_at.astimezone(zone).date(),
        total=row.total,
        band=row.band,
        band_label=row.band_label,
        change=change,
        percent=round(100 * change / start) if change is not None and start else None,
        is_flagged=row.is_flagged,
    )
