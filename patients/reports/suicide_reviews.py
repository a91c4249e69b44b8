"""Which reviews of answers on suicide are open, whose are they, and which are overdue? Two queries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from patients.models import SuicideReview, SuicideReviewEntry
from patients.rules.suicide import REASON_LABELS, Reason

Kind = SuicideReviewEntry.Kind


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One review as it stands.

    Attributes:
        owner: who has it; None while nobody does.
        is_confirmed: the owner has said that they have it.
        is_overdue: nobody has confirmed it by its time.
    """

    review: Any
    reasons: list[Any]
    entries: list[Any]
    owner: Any
    is_confirmed: bool
    is_overdue: bool
    closed: Any


def open_reviews(*, actor: Actor, now: datetime) -> list[ReviewLine]:
    """Those within reach that nobody has closed, the earliest due first."""
    rows = SuicideReview.objects.for_user(actor).filter(site__in=actor.sites_with(Permission.VIEW_PATIENTS))
    return [review_line(review, now=now) for review in rows.open().with_entries()]


def review_line(review: Any, *, now: datetime) -> ReviewLine:
    """A review whose entries are loaded."""
    entries = list(review.entries.all())
    assigned = [row for row in entries if row.kind == Kind.ASSIGNED]
    owner = assigned[-1].owner if assigned else None
    confirmed = any(
        row.kind == Kind.CONFIRMED and owner is not None and row.taken_by_id == owner.pk for row in entries
    )
    closed = next((row for row in entries if row.kind == Kind.CLOSED), None)
    return ReviewLine(
        review=review,
        reasons=[REASON_LABELS[Reason(code)] for code in review.reasons],
        entries=entries,
        owner=owner,
        is_confirmed=confirmed,
        is_overdue=closed is None and not confirmed and now > review.due_at,
        closed=closed,
    )
