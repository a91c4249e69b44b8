"""Did the course help, by each questionnaire that has a definition? A verdict, and the sentence that explains it.

Computed from the picture's own scores and infusions: no query more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from patients.scoring.registry import CURRENT
from sessions.reports.course_picture import CoursePicture
from sessions.reports.course_scores import ScoreTable
from sessions.reports.score_chart import shown
from sessions.rules.outcome_definitions import CONCEPT_LABELS, Concept, OutcomeDefinition, definitions_of
from sessions.rules.outcomes import (
    BASELINE_WITHIN_DAYS,
    Because,
    Durability,
    Rating,
    State,
    TimeToResponse,
    Verdict,
    durability,
    judge,
    judge_latest,
    time_to_response,
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
    """All verdicts by one questionnaire, how soon a response came and how long it lasted.

    Attributes:
        measured: which score is the baseline, in words; empty without one.
    """

    code: str
    name: str
    baseline: Rating | None
    measured: str
    lines: tuple[OutcomeLine, ...]
    lasted: str
    response: TimeToResponse | None
    came: str


def course_outcomes(picture: CoursePicture) -> tuple[InstrumentOutcome, ...]:
    """One for each questionnaire with scores and a definition, in the order of the registry."""
    found = (_outcome(table, picture) for table in picture.scores)
    return tuple(outcome for outcome in found if outcome)


def _outcome(table: ScoreTable, picture: CoursePicture) -> InstrumentOutcome | None:
    definitions = definitions_of(table.code)
    if not definitions or table.code not in CURRENT:
        return None
    baseline, own = table.baseline, [line.day for line in picture.infusions]
    told: dict[str, Any] = {
        "baseline": baseline,
        "ratings": _judged(table, own, picture.next_part_begins),
        "infusions": picture.days,
        "recall_days": CURRENT[table.code].recall_days,
    }
    lasted = durability(definitions, **told)
    came = time_to_response(definitions, **told, since=min(own)) if own else None
    return InstrumentOutcome(
        code=table.code,
        name=table.name,
        baseline=baseline,
        measured=_measured(table, picture),
        lines=tuple(_lines(definitions, table.name, told)),
        lasted=_lasted(lasted),
        response=came,
        came=_came(came),
    )


def _judged(table: ScoreTable, own: list[date], until: date | None) -> list[Rating]:
    """The totals that speak of this course: after its first infusion, and up to the first of the course after it."""
    if not own:
        return []
    first = min(own)
    return [one for one in table.ratings if one.day > first and (until is None or one.day <= until)]


def _measured(table: ScoreTable, picture: CoursePicture) -> str:
    if table.baseline is None:
        return ""
    if table.chosen is not None:
        told = {
            "who": table.chosen.who,
            "day": shown(table.chosen.chosen_at.astimezone(picture.course.site.zone).date()),
            "reason": table.chosen.reason,
        }
        return _("chosen by %(who)s on %(day)s: %(reason)s") % told
    if picture.episode.is_alone:
        return _("the last total before the first infusion")
    return _("the last total before the first infusion of the episode, on %(day)s") % {
        "day": shown(min(picture.days))
    }


def _came(found: TimeToResponse | None) -> str:
    if found is None:
        return ""
    days = ngettext("%(n)s day", "%(n)s days", found.days) % {"n": found.days}
    told = {"days": days, "n": found.infusions}
    if not found.reached:
        message = ngettext(
            "No response in %(days)s, up to the last rating, after %(n)s infusion.",
            "No response in %(days)s, up to the last rating, after %(n)s infusions.",
            found.infusions,
        )
        return message % told
    message = ngettext(
        "Response after %(days)s and %(n)s infusion.",
        "Response after %(days)s and %(n)s infusions.",
        found.infusions,
    )
    return message % told + (_(" Provisional, as above.") if found.is_provisional else "")


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
        "then": shown(verdict.baseline.day),
        "latest": verdict.rating.total,
        "day": shown(verdict.rating.day),
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
    return message % {"days": days, "day": shown(found.until)}
