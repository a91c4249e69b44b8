"""Whether a patient has recently become worse, by the versioned definition that the course's page judges by."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.dateformat import format as day_format
from django.utils.translation import gettext as _

from clinic.common import clock
from clinic.common.errors import Problem
from clinic.facilities.models import Site
from patients.models import Assessment
from patients.scoring.registry import CURRENT
from sessions.models import Course, CoursePhase, InfusionSession, OutcomeBaseline, OutsideInfusion
from sessions.rules.episodes import members_of
from sessions.rules.outcome_definitions import DEFINITIONS, Concept
from sessions.rules.outcomes import Rating, State, Verdict, baseline_of, judge_latest

WORSENINGS = tuple(one for one in DEFINITIONS if one.concept is Concept.WORSENING)


def worsening_not_set(sites: Iterable[Site]) -> list[Problem]:
    """Said openly of each site that has not set for how long a worse score counts."""
    message = _(
        "Not set at %(site)s: for how long a worse score makes a no-show a call. None is opened for it."
    )
    return [
        Problem("follow_up.worsening_not_set", message, {"site": site.name})
        for site in sites
        if not site.rules.recent_worsening_days
    ]


def recent_worsening(session: InfusionSession, *, now: datetime) -> str:
    """What has become worse, in words: ``PHQ-9 12 on 3 Mar, 15 on 20 Mar: worse than the baseline``; "" where nothing.

    The latest total of the episode, against its baseline or the one that was chosen, by any questionnaire that has a
    definition; one that speaks partly of the time before treatment counts too. It is recent for the site's
    ``recent_worsening_days``; without them nothing is.
    """
    days = session.site.rules.recent_worsening_days
    if not days:
        return ""
    since = clock.local_date(now, session.site.time_zone) - timedelta(days=days)
    found = [verdict for verdict in _verdicts(session.course) if _counts(verdict, since)]
    return "; ".join(_words(verdict) for verdict in found)


def _counts(verdict: Verdict, since: date) -> bool:
    is_worse = verdict.state in {State.MET, State.PROVISIONAL}
    return is_worse and verdict.rating is not None and verdict.rating.day >= since


def _verdicts(course: Course) -> Iterable[Verdict]:
    """The verdict of each questionnaire; four queries."""
    episode = _episode(course)
    infusions = _infusions(episode)
    rows = Assessment.objects.current().scored().filter(patient=course.patient_id)
    wanted = rows.filter(instrument_code__in=[one.instrument for one in WORSENINGS])
    by_code: dict[str, list[Rating]] = {}
    for row in wanted.order_by("taken_at", "pk"):
        rating = Rating(row.taken_at.astimezone(course.site.zone).date(), row.total, row.pk)
        by_code.setdefault(row.instrument_code, []).append(rating)
    chosen = _chosen(course)
    for one in WORSENINGS:
        ratings = by_code.get(one.instrument, [])
        named = next((rating for rating in ratings if rating.id == chosen.get(one.instrument)), None)
        yield judge_latest(
            one,
            baseline=named or baseline_of(ratings, infusions),
            ratings=ratings,
            infusions=infusions,
            recall_days=CURRENT[one.instrument].recall_days,
        )


def _episode(course: Course) -> set[int]:
    """The courses that belong together with this one, by inner key."""
    rows = CoursePhase.objects.filter(course__patient=course.patient_id).order_by("entered_at", "pk")
    said: dict[int, Any] = dict(rows.values_list("course", "continues"))
    return members_of(course.pk, said)


def _infusions(courses: set[int]) -> list[date]:
    delivered: Any = InfusionSession.objects.delivered().filter(course__in=courses)
    outside = list(OutsideInfusion.objects.filter(course__in=courses))
    struck = {row.corrects_id for row in outside}
    given = [row.given_on for row in outside if row.pk not in struck and not row.retracted]
    return sorted([*delivered.values_list("local_date", flat=True), *given])


def _chosen(course: Course) -> dict[str, int | None]:
    """By questionnaire, the assessment that was chosen as baseline; the last choice stands."""
    rows = OutcomeBaseline.objects.filter(course=course).order_by("entered_at", "pk")
    return dict(rows.values_list("instrument_code", "assessment"))


def _words(verdict: Verdict) -> str:
    assert verdict.baseline is not None
    assert verdict.rating is not None
    return _("%(name)s %(first)s on %(then)s, %(latest)s on %(day)s: worse than the baseline") % {
        "name": CURRENT[verdict.definition.instrument].name,
        "first": verdict.baseline.total,
        "then": _shown(verdict.baseline.day),
        "latest": verdict.rating.total,
        "day": _shown(verdict.rating.day),
    }


def _shown(day: date) -> str:
    return day_format(day, "j M")
