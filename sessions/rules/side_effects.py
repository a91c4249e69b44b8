"""What may be said of a side effect, by whom, and when."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.accounts.permissions import Permission
from clinic.common.errors import Conflict, Invalid, Problem
from sessions.models import InfusionSession, SideEffect, SideEffectEntry
from sessions.models.side_effect_terms import SIDE_EFFECT_TERMS
from sessions.rules import ctcae
from sessions.rules.moments import person
from sessions.states import ENDED

Criterion = SideEffectEntry.Criterion
Severity = SideEffectEntry.Severity

COMMON_TERMS = (
    "dissociation",
    "drowsiness",
    "dizziness",
    "nausea",
    "vomiting",
    "headache",
    "blurred-vision",
    "anxiety",
    "blood-pressure-rise",
)
"""What is seen most, for the tiles of the sheet; the rest is a list below them."""

SERIOUS_KINDS = frozenset(term.code for term in SIDE_EFFECT_TERMS if term.serious)
"""Terms of which the chair is reminded to ask whether it was serious."""


def grade_of(*, grade: int | None, severity: str) -> int:
    """The severity as it is stored, whichever way it was given.

    Raises:
        Invalid: ``side_effect.grade`` for a number, or ``side_effect.severity`` for a word, that is none.
    """
    if severity:
        if severity not in Severity.values:
            message = _("Choose mild, moderate or severe.")
            raise Invalid({"severity": Problem("side_effect.severity", message)})
        return Severity.values.index(severity) + 1
    if grade is None or grade not in SideEffectEntry.Grade.values:
        message = _("Choose a grade from 1 (mild) to 4 (life-threatening).")
        raise Invalid({"grade": Problem("side_effect.grade", message)})
    return grade


def seriousness_of(
    *, serious: bool | None, criteria: Iterable[str], grade: int
) -> tuple[bool | None, list[str]]:
    """Whether it is serious and by which criteria, in their own order.

    A criterion says that it is serious. So does the fourth grade, which is what an older client sends for it.

    Raises:
        Invalid: an unknown criterion (``side_effect.criterion``), serious without one
            (``side_effect.criteria_missing``), or not serious with one (``side_effect.criteria_given``).
    """
    named = set(criteria)
    if grade == SideEffectEntry.Grade.LIFE_THREATENING:
        named.add(Criterion.LIFE_THREATENING.value)
    if named - set(Criterion.values):
        message = _("Choose criteria of seriousness from the list.")
        raise Invalid({"serious_criteria": Problem("side_effect.criterion", message)})
    if serious and not named:
        message = _("Say what makes it serious. Severe alone is not serious.")
        raise Invalid({"serious_criteria": Problem("side_effect.criteria_missing", message)})
    if serious is False and named:
        message = _(
            "It meets a criterion of seriousness, so it is serious. Take the criterion away, or say yes."
        )
        raise Invalid({"serious_criteria": Problem("side_effect.criteria_given", message)})
    return (True if named else serious), [code for code in Criterion.values if code in named]


def check_can_report_late(*, session: InfusionSession, by: Actor) -> User:
    """May this person add what was told after the visit? The author of the report.

    Raises:
        Refused: the right is missing, or no person acts.
        Conflict: the visit is not over (``late_effect.not_over``).
    """
    by.require(Permission.RECORD_OBSERVATIONS, session.site_id)
    if session.state not in ENDED:
        message = _("This visit is not over. Record it as a side effect of the visit instead.")
        raise Conflict(Problem("late_effect.not_over", message, link="#side-effect"))
    return person(by)


def check_can_review_effect(*, side_effect: SideEffect, by: Actor) -> User:
    """Raises Refused without the right to review charts at the site, or where no person acts."""
    by.require(Permission.REVIEW_CHART, side_effect.session.site_id)
    return person(by)


def check_grading(*, side_effect: SideEffect, code: str, grade: int | None) -> None:
    """Refuse a grade that the pinned table does not have for this side effect.

    Raises:
        Invalid: ``effect_review.term``, ``effect_review.grade``, or ``effect_review.grade_missing`` for a serious
            one which the table has a term for.
    """
    offered = {term.code: term for term in ctcae.terms_for(side_effect.term)}
    if not code and grade is None:
        if side_effect.is_serious and ctcae.has_own_term(side_effect.term):
            message = _("A serious side effect is graded by CTCAE at its review. Choose a grade.")
            raise Invalid({"ctcae_grade": Problem("effect_review.grade_missing", message)})
        return
    if code not in offered:
        message = _("Choose a CTCAE term that is offered for this side effect.")
        raise Invalid({"ctcae_code": Problem("effect_review.term", message)})
    if grade is None or not offered[code].text_of(grade):
        message = _("%(term)s has no such grade in CTCAE %(version)s. Choose one that has a text.")
        params: dict[str, Any] = {"term": offered[code].name, "version": ctcae.VERSION}
        raise Invalid({"ctcae_grade": Problem("effect_review.grade", message, params)})
