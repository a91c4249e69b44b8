"""Which reviews of answers on suicide are open, whose are they, and which are overdue?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.errors import Problem
from clinic.facilities.rules.channels import CHANNEL_WORDS, SCREEN
from patients.models import ReviewStep, SuicideReview, SuicideReviewEntry
from patients.rules.review_climbing import asked_of, climbs_of, is_confirmed, not_set_at
from patients.rules.suicide import REASON_LABELS, Reason

Kind, StepKind = SuicideReviewEntry.Kind, ReviewStep.Kind


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of what happened to a review: a person's entry, or a step that the house took.

    ``Happened(at, "Passed on to the clinician on call: Ana Reis, MD, on the screen", "", "", True)``
    """

    at: datetime
    words: str
    who: str
    text: str
    is_step: bool


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One review as it stands.

    Attributes:
        owner: who has it now, given by a person or by its climbing; None while nobody does.
        climbs: to whom it climbed, and where nobody was named, in order.
        not_set: said of an unconfirmed one where the site has not set how long somebody has.
        is_confirmed: the owner has said that they have it.
        is_overdue: nobody has confirmed it by its time.
    """

    review: Any
    reasons: list[Any]
    entries: list[Any]
    climbs: list[Any]
    owner: Any
    is_confirmed: bool
    is_overdue: bool
    closed: Any
    not_set: tuple[Problem, ...]


def open_reviews(*, actor: Actor, now: datetime) -> list[ReviewLine]:
    """Those within reach that nobody has closed, the earliest due first."""
    rows = SuicideReview.objects.for_user(actor).filter(site__in=actor.sites_with(Permission.VIEW_PATIENTS))
    return [review_line(review, now=now) for review in rows.open().with_entries()]


def review_line(review: Any, *, now: datetime) -> ReviewLine:
    """A review whose entries are loaded."""
    entries = list(review.entries.all())
    asked = asked_of(review)
    owner = asked[-1].user if asked else None
    confirmed = is_confirmed(entries, owner)
    closed = next((row for row in entries if row.kind == Kind.CLOSED), None)
    return ReviewLine(
        review=review,
        reasons=[REASON_LABELS[Reason(code)] for code in review.reasons],
        entries=entries,
        climbs=climbs_of(review),
        owner=owner,
        is_confirmed=confirmed,
        is_overdue=closed is None and not confirmed and now > review.due_at,
        closed=closed,
        not_set=() if closed or confirmed else not_set_at(review.site),
    )


def history_of(line: ReviewLine) -> list[Happened]:
    """Everything that happened to a review, in order: what people did, to whom it climbed, how they were told."""
    rows = list(line.review.steps.all())
    steps = [
        Happened(step.at, step_words(step), "", step.note, True) for step in rows if _is_told(step, rows)
    ]
    entries = [_told(entry) for entry in line.entries]
    return sorted([*steps, *entries], key=lambda row: row.at)


def _is_told(step: ReviewStep, rows: Iterable[ReviewStep]) -> bool:
    """Not the screen, which is part of the step itself; nor a message on its way of which the outcome is known."""
    if step.kind == StepKind.SENDING:
        known = {(row.step, row.to_id, row.channel) for row in rows if row.kind != StepKind.SENDING}
        return (step.step, step.to_id, step.channel) not in known
    return step.channel != SCREEN


def step_words(step: ReviewStep) -> str:
    """``Passed on to the clinician on call: Ana Reis, MD, on the screen``, ``Delivered text message: Ana Reis, MD``"""
    told: dict[str, Any] = {"kind": step.get_kind_display(), "step": step.get_step_display()}
    told["name"] = step.to.printed_name if step.to else _("nobody is named")
    if step.kind == StepKind.CLIMBED:
        words = _("%(kind)s to %(step)s: %(name)s") % told
        return f"{words}, {CHANNEL_WORDS[SCREEN]}" if step.to else words
    return _("%(kind)s %(channel)s: %(name)s") % {**told, "channel": CHANNEL_WORDS[step.channel]}


def _told(entry: SuicideReviewEntry) -> Happened:
    words = str(entry.get_kind_display())
    if entry.owner:
        words = f"{words} {entry.owner.printed_name}"
    if entry.outcome:
        words = f"{words}: {entry.get_outcome_display()}"
    return Happened(entry.entered_at, words, entry.taken_by.printed_name, entry.text, False)


def not_set_anywhere(lines: Iterable[ReviewLine]) -> list[Problem]:
    """What the sites of unconfirmed reviews have not set, of each site once."""
    found = {line.review.site_id: line.not_set for line in lines}
    return [problem for problems in found.values() for problem in problems]


def count_unconfirmed(*, actor: Actor, now: datetime) -> int:
    """How many within reach nobody has confirmed: the number in the menu."""
    return sum(not line.is_confirmed for line in open_reviews(actor=actor, now=now))
