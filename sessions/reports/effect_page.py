"""Everything about one side effect: what was seen of it, the narrative in its versions, the reviews, what is open."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from sessions.models import (
    FollowUp,
    LateEffect,
    SideEffect,
    SideEffectEntry,
    SideEffectNarrative,
    SideEffectReview,
)
from sessions.rules import ctcae
from sessions.rules.ctcae import CtcaeTerm


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A review with the words of its grade."""

    review: SideEffectReview
    term: CtcaeTerm | None

    @property
    def grade_text(self) -> str:
        return self.term.text_of(self.review.ctcae_grade or 0) if self.term else ""


@dataclass(frozen=True, slots=True)
class EffectPage:
    """One side effect; the latest of everything comes first."""

    effect: SideEffect
    entries: list[SideEffectEntry]
    late: LateEffect | None
    narratives: list[SideEffectNarrative]
    reviews: list[Reviewed]
    tasks: list[FollowUp]
    ctcae_terms: list[CtcaeTerm]
    has_own_term: bool
    may_update: bool
    may_review: bool

    @property
    def last(self) -> SideEffectEntry:
        return self.entries[0]


def effect_page(session: Any, effect_id: UUID, *, actor: Actor) -> EffectPage | None:
    """The side effect of a session within reach; None where there is none."""
    people = ("entries__taken_by", "narratives__taken_by", "reviews__taken_by")
    mine = SideEffect.objects.for_user(actor).filter(session=session, public_id=effect_id)
    effect = mine.select_related("session", "late_report__taken_by").prefetch_related(*people).first()
    if effect is None:
        return None
    tasks = FollowUp.objects.for_user(actor).filter(side_effect=effect).with_state()
    return EffectPage(
        effect=effect,
        entries=list(effect.entries.all())[::-1],
        late=getattr(effect, "late_report", None),
        narratives=list(effect.narratives.all())[::-1],
        reviews=[
            Reviewed(review, ctcae.TERMS.get(review.ctcae_code))
            for review in list(effect.reviews.all())[::-1]
        ],
        tasks=list(tasks),
        ctcae_terms=ctcae.terms_for(effect.term),
        has_own_term=ctcae.has_own_term(effect.term),
        may_update=actor.can(Permission.RECORD_OBSERVATIONS, session.site_id),
        may_review=actor.can(Permission.REVIEW_CHART, session.site_id),
    )
