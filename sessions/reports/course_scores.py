"""How did the patient score around a course? One table a questionnaire, each total against the baseline."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q
from django.utils.dateformat import format as day_format

from clinic.accounts.actor import Actor
from clinic.common.kept import Shelf
from patients.models import Assessment
from patients.scoring.registry import CURRENT, INSTRUMENTS
from sessions.models import Course, OutcomeBaseline
from sessions.reports.episodes import BASELINES, Episode
from sessions.rules.episodes import first_infusion_day
from sessions.rules.outcomes import Rating, baseline_of

BEFORE = timedelta(days=90)
"""Scores so long before the first order belong to the picture: what the later ones are measured against."""
READ = (
    "public_id",
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


_known: "Shelf[tuple[ScoreTable, ...]]" = Shelf(512)


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
class ChosenBaseline:
    """The score by which a prescriber measures, and who chose it when and why."""

    assessment_id: UUID
    who: str
    chosen_at: datetime
    reason: str


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
    chosen: ChosenBaseline | None = None

    def __hash__(self) -> int:
        # A table is compared whole and found by its last score: a long one has hundreds.
        return hash((self.code, len(self.scores), self.scores[-1].assessment_id))

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
    """One table a questionnaire, in the order of the registry. ``infusions`` are the days of all of the episode.

    In one query where they are known, and in two or three where they are not: scores are only ever added, so that with
    as many of each questionnaire the tables are the same.
    """
    choices = baseline_choices(course, actor=actor) if BASELINES in episode.there else {}
    zone, span = course.site.zone, _span(course, episode)
    mine = Assessment.objects.for_user(actor).filter(patient=course.patient_id)
    counts = mine.order_by("instrument_code").values_list("instrument_code").annotate(Count("pk"))
    key = (course.public_id, zone, span, tuple(infusions), tuple(sorted(choices.items())), tuple(counts))
    found = _known.get(key)
    if found is None:
        rows = _assessments(mine, span, choices.values())
        found = _known.put(key, tuple(_tables(rows, zone, infusions, choices)))
    return found


def baseline_choices(course: Course, *, actor: Actor) -> dict[str, ChosenBaseline]:
    """By questionnaire, the choice that stands; one that was taken back is none."""
    rows = OutcomeBaseline.objects.for_user(actor).filter(course=course).select_related("taken_by")
    # The public id of the score alone: a row of all its answers is wide.
    rows = rows.annotate(score_id=F("assessment__public_id"))
    latest = {row.instrument_code: row for row in rows.order_by("entered_at", "pk")}
    return {
        code: ChosenBaseline(row.score_id, row.taken_by.printed_name, row.taken_at, row.reason)
        for code, row in latest.items()
        if row.score_id is not None
    }


def _span(course: Course, episode: Episode) -> tuple[datetime, datetime | None]:
    """From some time before the episode until the course was closed; None: until now."""
    begun = min(datetime.combine(episode.first_day, time.min, UTC), course.ordered_at)
    is_last = episode.parts[-1].course.pk == course.pk
    return begun - BEFORE, course.closed_at + BEFORE if course.closed_at and is_last else None


def _assessments(
    mine: Any, span: tuple[datetime, datetime | None], choices: Iterable[ChosenBaseline]
) -> Iterable[Any]:
    """The scores of a span and those that were chosen: bare rows, since a daily number has hundreds."""
    since, until = span
    meant = Q(taken_at__gte=since)
    if until:
        meant &= Q(taken_at__lte=until)
    meant |= Q(public_id__in=[one.assessment_id for one in choices])
    return mine.current().filter(meant).order_by("taken_at", "pk").values_list(*READ)


def _tables(
    rows: Iterable[Any], zone: Any, infusions: Sequence[date], choices: Mapping[str, ChosenBaseline]
) -> Iterable[ScoreTable]:
    """Versions of one questionnaire stand together."""
    by_code: dict[str, list[Any]] = {code: [] for code in CURRENT}
    for row in rows:
        by_code.setdefault(row[READ.index("instrument_code")], []).append(row)
    for code, found in by_code.items():
        if found:
            yield _table(code, found, zone, infusions, choices.get(code))


def _table(
    code: str,
    rows: Sequence[Any],
    zone: Any,
    infusions: Sequence[date],
    choice: ChosenBaseline | None,
) -> ScoreTable:
    bare = [_score(zone, *row) for row in rows]
    ratings = [rating_of(score) for score in bare if score.total is not None]
    # A choice counts as long as its score stands: a corrected one is not among the current rows.
    chosen = next((one for one in ratings if choice is not None and one.id == choice.assessment_id), None)
    baseline = chosen or baseline_of(ratings, infusions)
    start = baseline or next(iter(ratings), None)
    place = next((n for n, score in enumerate(bare) if start and score.assessment_id == start.id), len(bare))
    scores = tuple(_against(score, start) if n > place else score for n, score in enumerate(bare))
    version = rows[0][READ.index("instrument_version")]
    return ScoreTable(
        code=code,
        name=INSTRUMENTS[code, version].name,
        scores=scores,
        first=scores[place] if start else None,
        baseline=baseline,
        chosen=choice if chosen else None,
    )


def _score(
    zone: Any,
    public_id: UUID,
    code: str,
    version: str,
    taken_at: datetime,
    total: int | None,
    band: str,
    is_flagged: bool,
    mode: str,
) -> Score:
    return Score(
        assessment_id=public_id,
        day=taken_at.astimezone(zone).date(),
        total=total,
        band=band,
        band_label=INSTRUMENTS[code, version].band_label(band),
        change=None,
        percent=None,
        is_flagged=is_flagged,
        is_own=mode == Assessment.Mode.SELF,
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
    found = found.filter(patient=course.patient_id, instrument_code=instrument).order_by("-taken_at", "-pk")
    first, zone = first_infusion_day(course), course.site.zone
    scores = [_score(zone, *row) for row in found.values_list(*READ)]
    return [
        (one.assessment_id, f"{one.total}, {one.band_label}, {day_format(one.day, 'j M Y')}")
        for one in scores
        if first is None or one.day <= first
    ]
