"""What comes after the chair for a side effect: its narrative, and the prescriber's review."""

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.common.errors import Invalid, Problem
from clinic.common.text import storable
from sessions.models import FollowUp, SideEffect, SideEffectNarrative, SideEffectReview
from sessions.operations.effect_tasks import settle_task
from sessions.operations.facts import Entry, write_fact
from sessions.operations.transition import locked_session
from sessions.rules import ctcae
from sessions.rules.moments import person
from sessions.rules.side_effects import check_can_review_effect, check_grading
from sessions.rules.texts import check_length


@transaction.atomic(savepoint=False)
def write_narrative(
    *,
    side_effect: SideEffect,
    text: str,
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> SideEffectNarrative:
    """Write the story of a side effect, or write it anew: the earlier versions stay readable.

    Raises:
        Refused: without the right to record observations at the site.
        Invalid: ``narrative.empty``, ``note.too_long``.
    """
    entry = _entry(side_effect, by=by, now=now)
    by.require(Permission.RECORD_OBSERVATIONS, entry.session.site_id)
    if not storable(text, field="text").strip():
        raise Invalid({"text": Problem("narrative.empty", _("Write what happened before you save it."))})
    check_length(text)
    # The session is locked, so that two writers get two numbers.
    last = side_effect.narratives.aggregate(last=Max("number"))["last"] or 0
    narrative = SideEffectNarrative(
        session=entry.session, side_effect=side_effect, number=last + 1, text=text, **entry.times()
    )
    settle_task(side_effect=side_effect, task=FollowUp.Task.NARRATIVE.value, by=by, now=entry.now)
    return write_fact(narrative, entry=entry, verb="side_effect.narrated", public_id=public_id)


@transaction.atomic(savepoint=False)
def review_side_effect(
    *,
    side_effect: SideEffect,
    causality: str,
    outcome: str,
    by: Actor,
    ctcae_code: str = "",
    ctcae_grade: int | None = None,
    comment: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> SideEffectReview:
    """Judge a side effect as prescriber: grade by the pinned CTCAE, cause by WHO-UMC, outcome. The last one stands.

    Raises:
        Refused: without the right to review charts at the site.
        Invalid: as :func:`check_grading` says, or a value from no list.
    """
    entry = _entry(side_effect, by=by, now=now)
    check_can_review_effect(side_effect=side_effect, by=by)
    check_grading(side_effect=side_effect, code=ctcae_code, grade=ctcae_grade)
    check_length(storable(comment, field="comment"), field="comment")
    review = SideEffectReview(
        session=entry.session,
        side_effect=side_effect,
        ctcae_version=ctcae.VERSION if ctcae_code else "",
        ctcae_code=ctcae_code,
        ctcae_grade=ctcae_grade,
        causality=causality,
        outcome=outcome,
        comment=comment,
        **entry.times(),
    )
    settle_task(side_effect=side_effect, task=FollowUp.Task.REVIEW.value, by=by, now=entry.now)
    return write_fact(review, entry=entry, verb="side_effect.reviewed", public_id=public_id)


def _entry(side_effect: SideEffect, *, by: Actor, now: datetime | None) -> Entry:
    now = now or clock.now()
    session = locked_session(side_effect.session)
    return Entry(session, by, person(by), now, now)
