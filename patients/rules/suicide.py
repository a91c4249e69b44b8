"""Which answers on suicide call for a review, and how soon.

A design of this software, not a published rule: an item 9 of the PHQ-9 of 1 or more, an item 12 of the QIDS, an item of
the MADRS or BDI-II on the same, or any yes of the suicide screen. Known and unchanged with a safety plan in date: a
clinician looks the same day. New, risen, the highest answer, or intent, plan or recent behaviour: a prescriber looks
before any infusion.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.accounts.permissions import Permission
from patients.models.suicide_review import SuicideReview
from patients.scoring.instrument import Instrument

SCREEN = "cssrs"
ACUTE_ITEMS = frozenset({"cssrs_4", "cssrs_5", "cssrs_6b"})
"""Intent, plan, behaviour in the past three months: high at once."""


class Reason(StrEnum):
    """What calls for the review."""

    NEW = "new"
    RISEN = "risen"
    HIGHEST = "highest"
    ACUTE = "acute"
    NO_PLAN = "no_plan"
    UNCHANGED = "unchanged"


REASON_LABELS: dict[Reason, Any] = {
    Reason.NEW: _("not seen in the last answers"),
    Reason.RISEN: _("higher than in the last answers"),
    Reason.HIGHEST: _("the highest answer there is"),
    Reason.ACUTE: _("intent, plan or recent behaviour"),
    Reason.NO_PLAN: _("no safety plan in date"),
    Reason.UNCHANGED: _("known and unchanged"),
}


@dataclass(frozen=True, slots=True)
class Call:
    """What a set of answers calls for."""

    urgency: str
    reasons: tuple[Reason, ...]


def review_called_for(
    questionnaire: Instrument,
    answers: Mapping[str, int],
    *,
    before: Mapping[str, int] | None,
    has_plan: bool,
) -> Call | None:
    """The review that answers call for; None where no item on suicide was answered above nought.

    Args:
        before: the answers to the same questionnaire before these; None where there are none.
        has_plan: a safety plan is in date.
    """
    flagged = questionnaire.score(answers).flags
    if not flagged:
        return None
    found = [_reason(questionnaire, code, answers, before or {}) for code in flagged]
    reasons = [reason for reason in Reason if reason in found]
    if not has_plan:
        reasons.append(Reason.NO_PLAN)
    is_known = reasons == [Reason.UNCHANGED]
    urgency = SuicideReview.Urgency.SAME_DAY if is_known else SuicideReview.Urgency.BEFORE_START
    return Call(urgency, tuple(reasons))


def closing_right(review: SuicideReview) -> Permission:
    """The right that closes a review: a prescriber's, where one looks before any infusion."""
    return Permission.REVIEW_CHART if review.needs_prescriber else Permission.RECORD_SCORES


def _reason(
    questionnaire: Instrument, code: str, answers: Mapping[str, int], before: Mapping[str, int]
) -> Reason:
    if code in ACUTE_ITEMS:
        return Reason.ACUTE
    item = questionnaire.item(code)
    is_highest = item is not None and answers[code] == max(choice.value for choice in item.choices)
    if is_highest and questionnaire.code != SCREEN:
        return Reason.HIGHEST
    if before.get(code, 0) == 0:
        return Reason.NEW
    return Reason.RISEN if answers[code] > before[code] else Reason.UNCHANGED
