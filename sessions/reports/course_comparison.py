"""How does this course go beside the patient's other courses, and beside the inductions of its site?

The site's figures are of other patients, one course each, and are left out where they are fewer than
:data:`sessions.rules.small_groups.SMALLEST_GROUP`. The site's part takes five queries, however many courses it has.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import quantiles
from typing import Any

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from clinic.accounts.actor import Actor
from clinic.common.survival import Curve, Subject, kaplan_meier
from patients.models import Assessment
from patients.scoring.registry import CURRENT
from sessions.models import Course, CoursePhase, InfusionSession, OutcomeBaseline, OutsideInfusion
from sessions.reports.course_outcomes import course_outcomes
from sessions.reports.course_picture import course_picture
from sessions.reports.course_scores import BEFORE
from sessions.rules.outcome_definitions import DEFINITIONS, definitions_of
from sessions.rules.outcomes import Rating, TimeToResponse, baseline_of, time_to_response
from sessions.rules.small_groups import may_be_shown

WINDOW = timedelta(days=730)
"""Inductions ordered so long before today make up the site's distribution."""
DAYS = (7, 14, 28, 42, 56)
"""Where the curve is read off."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One course by one questionnaire; ``percent`` is the change of its latest total from its baseline."""

    baseline: int
    latest: int
    percent: int
    response: TimeToResponse


@dataclass(frozen=True, slots=True)
class OwnCourse:
    """One course of the patient: what was given and what each questionnaire says; ``is_this`` is the one looked at."""

    course: Any
    label: Any
    given: int
    by_instrument: tuple[tuple[str, Judged | None], ...]
    is_this: bool


@dataclass(frozen=True, slots=True)
class CurveRow:
    """By a day, the share that had responded, with its interval, and how many were still watched."""

    day: int
    share: float
    low: float | None
    high: float | None
    watched: int


@dataclass(frozen=True, slots=True)
class SiteGroup:
    """The site's inductions by one questionnaire.

    Attributes:
        given: inductions of other patients in which an infusion was given, one a patient.
        judged: of these, how many have a baseline and a later total.
        is_shown: they are enough patients; otherwise nothing below is filled.
        quarters: of the change in per cent: a quarter is at or below the first, half at or below the second.
        did_less: how many of ``judged`` improved less than this course; None where it cannot be judged.
    """

    code: str
    name: str
    given: int
    judged: int
    is_shown: bool
    responded: int = 0
    quarters: tuple[float, float, float] | None = None
    curve: Curve | None = None
    rows: tuple[CurveRow, ...] = ()
    mine: Judged | None = None
    did_less: int | None = None

    @property
    def responded_percent(self) -> int:
        return round(100 * self.responded / self.judged) if self.judged else 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """The answer; ``groups`` is empty for a course that is no induction."""

    own: tuple[OwnCourse, ...]
    is_induction: bool
    groups: tuple[SiteGroup, ...]
    since: date


@dataclass(frozen=True, slots=True)
class _Row:
    """What a course is judged by."""

    pk: int
    patient: int
    until: datetime | None


def course_comparison(course: Course, *, actor: Actor, now: datetime) -> Comparison:
    """``course`` was loaded through the scope."""
    mine = Course.objects.for_user(actor).filter(patient=course.patient_id).order_by("ordered_at", "pk")
    shown = mine.select_related("site", "protocol_version__protocol")
    # A patient has a handful of courses, and each is judged exactly as on its own page.
    own = tuple(_own(one, course, actor, now) for one in shown)
    this = next(one for one in own if one.is_this)
    since = now - WINDOW
    is_induction = this.label == CoursePhase.Phase.INDUCTION.label
    groups: tuple[SiteGroup, ...] = ()
    if is_induction:
        groups = tuple(_groups(course, dict(this.by_instrument), actor=actor, since=since))
    return Comparison(own, is_induction, groups, since.astimezone(course.site.zone).date())


def _own(one: Course, this: Course, actor: Actor, now: datetime) -> OwnCourse:
    picture = course_picture(one, actor=actor, now=now)
    found = []
    for outcome in course_outcomes(picture):
        judged = None
        latest = outcome.lines[-1].verdict
        # The last line is worsening, which is judged by the latest total.
        if outcome.baseline and latest.rating and latest.percent is not None and outcome.response:
            start, end = outcome.baseline.total, latest.rating.total
            judged = Judged(start, end, latest.percent, outcome.response)
        found.append((outcome.code, judged))
    label = picture.episode.own.label
    return OwnCourse(one, label, picture.given, tuple(found), one.pk == this.pk)


def _groups(
    course: Course, mine: Mapping[str, Judged | None], *, actor: Actor, since: datetime
) -> Iterable[SiteGroup]:
    rows = _inductions(course, actor, since)
    here, everywhere = _infusions(rows, actor)
    given = [row for row in rows if here[row.pk]]
    ratings, chosen = _ratings(rows, course.site.zone, actor, since), _chosen(rows, actor)
    for code in dict.fromkeys(one.instrument for one in DEFINITIONS):
        judged = []
        for row in given:
            own = _until(ratings[row.patient, code], row.until, course.site.zone)
            found = _judge(code, own, here[row.pk], everywhere[row.pk], chosen.get((row.pk, code)))
            if found is not None:
                judged.append(found)
        if code in mine or judged:
            yield _group(code, len(given), judged, mine.get(code))


def _inductions(course: Course, actor: Actor, since: datetime) -> list[_Row]:
    """The first induction of each other patient at the site since then."""
    said = CoursePhase.objects.filter(course=OuterRef("pk")).order_by("-entered_at", "-pk")
    phase = Coalesce(Subquery(said.values("phase")[:1]), Value(CoursePhase.Phase.INDUCTION.value))
    found = Course.objects.for_user(actor).filter(site=course.site_id, ordered_at__gte=since)
    found = found.exclude(patient=course.patient_id).annotate(phase_now=phase)
    found = found.filter(phase_now=CoursePhase.Phase.INDUCTION).order_by("ordered_at", "pk")
    first: dict[int, _Row] = {}
    for pk, patient, closed in found.values_list("pk", "patient_id", "closed_at"):
        first.setdefault(patient, _Row(pk, patient, closed + BEFORE if closed else None))
    return list(first.values())


def _infusions(rows: Sequence[_Row], actor: Actor) -> tuple[dict[int, list[date]], dict[int, list[date]]]:
    """By course the days of its own infusions, and of those with the ones given elsewhere."""
    here: dict[int, list[date]] = defaultdict(list)
    every: dict[int, list[date]] = defaultdict(list)
    wanted = {row.pk for row in rows}
    sessions = InfusionSession.objects.for_user(actor).delivered().filter(course__in=wanted).order_by()
    for course, day in sessions.values_list("course_id", "local_date"):
        here[course].append(day)
        every[course].append(day)
    outside = OutsideInfusion.objects.for_user(actor).current().filter(course__in=wanted).order_by()
    for course, day in outside.values_list("course_id", "given_on"):
        every[course].append(day)
    return here, every


def _ratings(
    rows: Sequence[_Row], zone: Any, actor: Actor, since: datetime
) -> dict[tuple[int, str], list[Rating]]:
    codes = {one.instrument for one in DEFINITIONS}
    found = Assessment.objects.for_user(actor).current().scored()
    found = found.filter(patient__in={row.patient for row in rows}, instrument_code__in=codes)
    found = found.filter(taken_at__gte=since - BEFORE).order_by("taken_at", "pk")
    by_patient: dict[tuple[int, str], list[Rating]] = defaultdict(list)
    for patient, code, at, total, pk in found.values_list(
        "patient_id", "instrument_code", "taken_at", "total", "pk"
    ):
        by_patient[patient, code].append(Rating(at.astimezone(zone).date(), total, pk))
    return by_patient


def _chosen(rows: Sequence[_Row], actor: Actor) -> dict[tuple[int, str], int | None]:
    """By course and questionnaire the score that a prescriber chose last; None where the choice was taken back."""
    found = OutcomeBaseline.objects.for_user(actor).filter(course__in={row.pk for row in rows})
    told = found.order_by("entered_at", "pk").values_list("course_id", "instrument_code", "assessment_id")
    return {(course, code): assessment for course, code, assessment in told}


def _until(ratings: Sequence[Rating], until: datetime | None, zone: Any) -> list[Rating]:
    last = until.astimezone(zone).date() if until else None
    return [one for one in ratings if last is None or one.day <= last]


def _judge(
    code: str, ratings: Sequence[Rating], own: Sequence[date], every: Sequence[date], chosen: int | None
) -> Judged | None:
    named = next((one for one in ratings if chosen is not None and one.id == chosen), None)
    baseline = named or baseline_of(ratings, every)
    after = [one for one in ratings if one.day > min(own)]
    response = time_to_response(
        definitions_of(code),
        baseline=baseline,
        ratings=after,
        infusions=every,
        recall_days=CURRENT[code].recall_days,
        since=min(own),
    )
    if response is None or baseline is None or not baseline.total:
        return None
    latest = after[-1].total
    percent = round(100 * (latest - baseline.total) / baseline.total)
    return Judged(baseline.total, latest, percent, response)


def _group(code: str, given: int, judged: Sequence[Judged], mine: Judged | None) -> SiteGroup:
    name = CURRENT[code].name
    if not may_be_shown(len(judged)):
        return SiteGroup(code, name, given, len(judged), is_shown=False, mine=mine)
    curve = kaplan_meier([Subject(one.response.days, one.response.reached) for one in judged])
    low, middle, high = quantiles([one.percent for one in judged], n=4, method="inclusive")
    return SiteGroup(
        code=code,
        name=name,
        given=given,
        judged=len(judged),
        is_shown=True,
        responded=sum(one.response.reached for one in judged),
        quarters=(low, middle, high),
        curve=curve,
        rows=tuple(_curve_row(curve, day, judged) for day in DAYS),
        mine=mine,
        did_less=sum(one.percent > mine.percent for one in judged) if mine else None,
    )


def _curve_row(curve: Curve, day: int, judged: Sequence[Judged]) -> CurveRow:
    """The curve is of those who have not responded yet; what is read off is the rest."""
    point = next((point for point in reversed(curve.points) if point.time <= day), None)
    watched = sum(one.response.days >= day for one in judged)
    if point is None:
        return CurveRow(day, 0.0, None, None, watched)
    low = None if point.high is None else 1 - point.high
    high = None if point.low is None else 1 - point.low
    return CurveRow(day, 1 - point.survival, low, high, watched)
