"""How did the patient score around a course? One table a questionnaire, each total against the baseline."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.dateformat import format as day_format

from clinic.accounts.actor import Actor
from patients.models import Assessment
from patients.scoring.registry import CURRENT
from sessions.models import Course, OutcomeBaseline
from sessions.reports.episodes import Episode
from sessions.rules.episodes import first_infusion_day
from sessions.rules.outcomes import Rating, baseline_of

BEFORE = timedelta(days=90)
"""Scores so long before the first order belong to the picture: what the later ones are measured against."""
READ = (
    "public_id",
    "patient_id",
    "instrument_code",
    "instrument_version",
    "taken_at",
    "total",
    "band",
    "is_flagged",
    "mode",
)
DAILY = "no_bands"
"""The band of a number that has none, such as the daily mood."""


@dataclass(frozen=True, slots=True)
class Score:
    """One filled-in questionnaire; ``total`` None where an item is missing.

    Attributes:
        change: against the start of the table; None for the start itself and what came before it.
        is_own: answered by the patient alone, on a screen.
    """

    assessment_id: UUID
    day: date
    total: int | None
    band: str
    band_label: str
    change: int | None
    percent: int | None
    is_flagged: bool
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """All scores of one questionnaire in the order of time.

    Attributes:
        first: what changes are counted from: the baseline, or the first total where there is none.
        baseline: the last total before the first infusion of the episode, or the one that was chosen.
        chosen: the choice that stands; None: the rule counts.
    """

    code: str
    name: str
    scores: tuple[Score, ...]
    first: Score | None = None
    baseline: Rating | None = None
    chosen: OutcomeBaseline | None = None

    @property
    def totals(self) -> tuple[Score, ...]:
        return tuple(score for score in self.scores if score.total is not None)

    @property
    def is_daily(self) -> bool:
        """A plain number without bands, said every day."""
        return bool(self.totals) and all(score.band == DAILY for score in self.totals)

    @property
    def weeks(self) -> list[tuple[date, list[Score]]]:
        """The totals by the Monday of their week: a row a day would be a page long."""
        found: dict[date, list[Score]] = {}
        for score in self.totals:
            found.setdefault(score.day - timedelta(days=score.day.weekday()), []).append(score)
        return list(found.items())

    @property
    def ratings(self) -> list[Rating]:
        return [rating_of(score) for score in self.totals]

    @property
    def latest(self) -> Score | None:
        return next(reversed(self.totals), None)


def rating_of(score: Score) -> Rating:
    assert score.total is not None
    return Rating(score.day, score.total, score.assessment_id)


def score_tables(
    course: Course, *, actor: Actor, episode: Episode, infusions: Sequence[date]
) -> tuple[ScoreTable, ...]:
    """In two queries. ``infusions`` are the days of all infusions of the episode."""
    choices = baseline_choices(course, actor=actor)
    rows = _assessments(course, actor, episode, choices)
    return tuple(_tables(rows, course.site.zone, infusions, choices))


def baseline_choices(course: Course, *, actor: Actor) -> dict[str, OutcomeBaseline]:
    """By questionnaire, the choice that stands; one that was taken back is none."""
    rows = OutcomeBaseline.objects.for_user(actor).filter(course=course)
    latest = {
        row.instrument_code: row
        for row in rows.select_related("assessment", "taken_by").order_by("entered_at", "pk")
    }
    return {code: row for code, row in latest.items() if row.assessment_id is not None}


def _assessments(
    course: Course, actor: Actor, episode: Episode, choices: Mapping[str, OutcomeBaseline]
) -> list[Assessment]:
    """Scores of the patient from some time before the episode until the course was closed, or until now."""
    found = Assessment.objects.for_user(actor).current().filter(patient=course.patient_id)
    begun = datetime.combine(episode.first_day, time.min, UTC)
    span = Q(taken_at__gte=min(begun, course.ordered_at) - BEFORE)
    if course.closed_at and episode.parts[-1].course.pk == course.pk:
        span &= Q(taken_at__lte=course.closed_at + BEFORE)
    span |= Q(pk__in=[row.assessment_id for row in choices.values()])
    return list(found.filter(span).only(*READ).order_by("taken_at", "pk"))


def _tables(
    assessments: Iterable[Assessment],
    zone: Any,
    infusions: Sequence[date],
    choices: Mapping[str, OutcomeBaseline],
) -> Iterable[ScoreTable]:
    """One table a questionnaire, in the order of the registry; versions of one questionnaire stand together."""
    by_code: dict[str, list[Assessment]] = {code: [] for code in CURRENT}
    for assessment in assessments:
        by_code.setdefault(assessment.instrument_code, []).append(assessment)
    for code, rows in by_code.items():
        if rows:
            yield _table(code, rows, zone, infusions, choices.get(code))


def _table(
    code: str,
    rows: Sequence[Assessment],
    zone: Any,
    infusions: Sequence[date],
    choice: OutcomeBaseline | None,
) -> ScoreTable:
    bare = [_score(row, zone) for row in rows]
    ratings = [rating_of(score) for score in bare if score.total is not None]
    # A choice counts as long as its score stands: a corrected one is not among the current rows.
    named = choice.assessment if choice else None
    chosen = next((one for one in ratings if named is not None and one.id == named.public_id), None)
    baseline = chosen or baseline_of(ratings, infusions)
    start = baseline or next(iter(ratings), None)
    place = next((n for n, score in enumerate(bare) if start and score.assessment_id == start.id), len(bare))
    scores = tuple(_against(score, start) if n > place else score for n, score in enumerate(bare))
    return ScoreTable(
        code=code,
        name=rows[0].instrument.name,
        scores=scores,
        first=scores[place] if start else None,
        baseline=baseline,
        chosen=choice if chosen else None,
    )


def _score(row: Assessment, zone: Any) -> Score:
    return Score(
        assessment_id=row.public_id,
        day=row.taken_at.astimezone(zone).date(),
        total=row.total,
        band=row.band,
        band_label=row.band_label,
        change=None,
        percent=None,
        is_flagged=row.is_flagged,
        is_own=row.mode == Assessment.Mode.SELF,
    )


def _against(score: Score, start: Rating | None) -> Score:
    if start is None or score.total is None:
        return score
    change = score.total - start.total
    percent = round(100 * change / start.total) if start.total else None
    return replace(score, change=change, percent=percent)


def baselines_to_choose(course: Course, instrument: str, *, actor: Actor) -> list[tuple[UUID, str]]:
    """The complete scores by which a course may be measured, the latest first: none from after its first infusion."""
    found = Assessment.objects.for_user(actor).current().scored()
    found = found.filter(patient=course.patient_id, instrument_code=instrument)
    first, zone = first_infusion_day(course), course.site.zone
    rows = [
        (row, row.taken_at.astimezone(zone).date()) for row in found.only(*READ).order_by("-taken_at", "-pk")
    ]
    return [
        (row.public_id, f"{row.total}, {row.band_label}, {day_format(day, 'j M Y')}")
        for row, day in rows
        if first is None or day <= first
    ]
