"""Did the course help, by each questionnaire that has a definition? A verdict, and the sentence that explains it.

Computed from the picture's own scores and infusions: no query more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.dateformat import format as day_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from patients.scoring.registry import CURRENT
from sessions.reports.course_picture import CoursePicture
from sessions.reports.course_scores import ScoreTable
from sessions.rules.outcome_definitions import CONCEPT_LABELS, Concept, OutcomeDefinition, definitions_of
from sessions.rules.outcomes import (
    BASELINE_WITHIN_DAYS,
    Because,
    Durability,
    Rating,
    State,
    Verdict,
    baseline_of,
    durability,
    judge,
    judge_latest,
)

STATE_LABELS: dict[State, Any] = {
    State.MET: gettext_lazy("yes"),
    State.NOT_MET: gettext_lazy("no"),
    State.PROVISIONAL: gettext_lazy("provisional"),
    State.UNDEFINED: gettext_lazy("undefined"),
}
SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}
LASTING = (Concept.RESPONSE, Concept.REMISSION)
"""What was reached once counts as reached; worsening is judged by the latest total alone."""


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """One definition applied to the course.

    Example: ``OutcomeLine("Response", "yes", "PHQ-9 21 on 3 Mar → 9 on 24 Mar: -57 %, response since infusion 4", …)``
    """

    concept: str
    label: Any
    verdict: Verdict
    state_label: Any
    sentence: str
    rule: str

    @property
    def state(self) -> str:
        return self.verdict.state


@dataclass(frozen=True, slots=True)
class InstrumentOutcome:
    """All verdicts by one questionnaire, and how long a response lasted."""

    code: str
    name: str
    baseline: Rating | None
    lines: tuple[OutcomeLine, ...]
    durability: Durability | None
    lasted: str


def course_outcomes(picture: CoursePicture) -> tuple[InstrumentOutcome, ...]:
    """One for each questionnaire with scores and a definition, in the order of the registry."""
    infusions = [line.day for line in picture.infusions]
    found = (_outcome(table, infusions) for table in picture.scores)
    return tuple(outcome for outcome in found if outcome)


def _outcome(table: ScoreTable, infusions: list[date]) -> InstrumentOutcome | None:
    definitions = definitions_of(table.code)
    if not definitions or table.code not in CURRENT:
        return None
    ratings = [
        Rating(score.day, score.total, score.assessment_id)
        for score in table.totals
        if score.total is not None
    ]
    baseline = baseline_of(ratings, infusions)
    told: dict[str, Any] = {
        "baseline": baseline,
        "ratings": ratings,
        "infusions": infusions,
        "recall_days": CURRENT[table.code].recall_days,
    }
    lasted = durability(definitions, **told)
    return InstrumentOutcome(
        code=table.code,
        name=table.name,
        baseline=baseline,
        lines=tuple(_lines(definitions, table.name, told)),
        durability=lasted,
        lasted=_lasted(lasted),
    )


def _lines(
    definitions: Iterable[OutcomeDefinition], name: str, told: dict[str, Any]
) -> Iterable[OutcomeLine]:
    for definition in definitions:
        if definition.concept is Concept.RELAPSE:
            continue
        reached = judge if definition.concept in LASTING else judge_latest
        verdict = reached(definition, **told)
        label = CONCEPT_LABELS[definition.concept]
        sentence = sentence_of(verdict, name=name, concept=str(label))
        yield OutcomeLine(
            definition.concept,
            label,
            verdict,
            STATE_LABELS[verdict.state],
            sentence,
            rule_of(definition),
        )


def sentence_of(verdict: Verdict, *, name: str, concept: str) -> str:
    """What the verdict rests on, or why there is none."""
    if verdict.because is Because.NO_BASELINE:
        message = _(
            "No %(name)s total in the %(days)s days before the first infusion, so there is no baseline."
        )
        return message % {"name": name, "days": BASELINE_WITHIN_DAYS}
    if verdict.because is Because.NO_RATING:
        return _("No %(name)s total since the first infusion.") % {"name": name}
    assert verdict.baseline is not None
    assert verdict.rating is not None
    moved = _("%(name)s %(first)s on %(then)s → %(latest)s on %(day)s") % {
        "name": name,
        "first": verdict.baseline.total,
        "then": _shown(verdict.baseline.day),
        "latest": verdict.rating.total,
        "day": _shown(verdict.rating.day),
    }
    if verdict.because is Because.BASELINE_ZERO:
        return moved + _(": a change from a baseline of 0 is undefined.")
    percent = f": {verdict.percent:+d} %" if verdict.percent is not None else ""
    return moved + percent.replace("-", "−") + _ending(verdict, concept)


def _ending(verdict: Verdict, concept: str) -> str:
    if verdict.state is State.NOT_MET:
        return "."
    since = ""
    if verdict.since_infusion:
        since = _(", %(concept)s since infusion %(number)s") % {
            "concept": concept.lower(),
            "number": verdict.since_infusion,
        }
    if verdict.because is Because.REACHES_BACK:
        return since + _("; provisional: its questions reach back before the first infusion.")
    return since + "."


def rule_of(definition: OutcomeDefinition) -> str:
    """``change ≤ −50 %, version 1 (A: …)``"""
    value = f"{definition.value:g}".replace("-", "−")
    measured = {"total": _("total"), "points": _("change in points"), "percent": _("change in per cent")}
    words = f"{measured[definition.measure]} {SIGNS[definition.operator]} {value}"
    told = {
        "rule": words,
        "version": definition.version,
        "grade": definition.grade,
        "source": definition.source,
    }
    return _("%(rule)s, version %(version)s (%(grade)s: %(source)s)") % told


def _lasted(found: Durability | None) -> str:
    if found is None:
        return ""
    days = ngettext("%(n)s day", "%(n)s days", found.days) % {"n": found.days}
    if found.relapsed:
        message = _("The response lasted %(days)s: half of it was lost on two ratings in a row from %(day)s.")
    else:
        message = _("The response still held after %(days)s, at the last rating on %(day)s.")
    return message % {"days": days, "day": _shown(found.until)}


def _shown(day: date) -> str:
    return day_format(day, "j M")
