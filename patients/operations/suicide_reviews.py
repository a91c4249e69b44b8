"""Reviews of answers on suicide: opened with the answers, owned by somebody, closed by a clinician."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.dispatch import Signal
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.audit.records import check_fields
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.common.text import storable
from clinic.facilities.rules.channels import SCREEN
from patients.models import Assessment, Patient, ReviewStep, SafetyPlan, SuicideReview, SuicideReviewEntry
from patients.rules.access import person, site_of
from patients.rules.answer_cover import cover_out_of_hours
from patients.rules.suicide import closing_right, review_called_for

Kind = SuicideReviewEntry.Kind

review_opened = Signal()
"""Sent with ``review``, ``site`` and ``now`` for a review that nobody has yet: who answers for a site at which hour is
known a floor above. In the transaction of the answers; a receiver that fails takes them back, so it only writes."""


def open_review_of(assessment: Assessment, *, site: Any, by: Actor, now: datetime) -> SuicideReview | None:
    """Open the review that freshly stored answers call for, in their own transaction; None where none is called for.

    Complete or not, submitted or handed over: the answers on suicide are looked at by themselves. A correction that
    leaves them as they were opens no second review: the first one is about the same answers.
    """
    if _same_as_reviewed(assessment):
        return None
    before = _answers_before(assessment)
    plan = assessment.patient.safety_plans.order_by("entered_at", "pk").last()
    today = clock.local_date(now, site.time_zone)
    call = review_called_for(
        assessment.instrument,
        assessment.answers,
        before=before.answers if before else None,
        has_plan=plan is not None and plan.is_in_date(today),
    )
    if call is None:
        return None
    review = SuicideReview(
        patient=assessment.patient,
        site=site,
        assessment=assessment,
        urgency=call.urgency,
        reasons=list(call.reasons),
        opened_at=now,
        due_at=now + timedelta(minutes=site.rules.suicide_review_minutes),
    )
    review.save(force_insert=True)
    if not _give_to_cover(review, site=site, now=now):
        review_opened.send(sender=SuicideReview, review=review, site=site, now=now)
    record(verb="suicide_review.opened", subject=review, by=by, now=now, site=site, patient=review.patient)
    return review


def _give_to_cover(review: SuicideReview, *, site: Any, now: datetime) -> bool:
    """Out of hours it is whoever's who has accepted the answers of this hour."""
    cover = cover_out_of_hours(site, now)
    if cover is not None:
        give_step(review, ReviewStep.Who.COVER, to_id=cover.user_id, now=now)
    return cover is not None


def give_step(review: SuicideReview, who: ReviewStep.Who, *, to_id: int | None, now: datetime) -> None:
    """Write down that a review came to somebody, who finds it on the screen, or that nobody was named."""
    told = {"review": review, "step": who.value, "to_id": to_id, "at": now}
    ReviewStep.objects.create(kind=ReviewStep.Kind.CLIMBED, **told)
    if to_id is not None:
        ReviewStep.objects.create(kind=ReviewStep.Kind.DELIVERED, channel=SCREEN, **told)


def _same_as_reviewed(assessment: Assessment) -> bool:
    before: Assessment | None = assessment.corrects  # type: ignore[assignment]
    if before is None or not SuicideReview.objects.filter(assessment=before).exists():
        return False
    codes = assessment.instrument.suicide_items
    return all(assessment.answers.get(code) == before.answers.get(code) for code in codes)


def _answers_before(assessment: Assessment) -> Assessment | None:
    rows = Assessment.objects.current().filter(
        patient=assessment.patient_id,
        instrument_code=assessment.instrument_code,
        taken_at__lt=assessment.taken_at,
    )
    found: Assessment | None = (
        rows.exclude(pk__in=[assessment.pk, assessment.corrects_id or 0]).order_by("-taken_at", "-pk").first()
    )
    return found


@transaction.atomic(savepoint=False)
def assign_review(
    *,
    review: SuicideReview,
    owner: User,
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> SuicideReviewEntry:
    """Give a review to somebody who confirms that they have it.

    Raises:
        Refused: without the right to record scores.
        Invalid: that person may not open records at the review's site (``suicide_review.owner``).
        Conflict: it is closed.
    """
    now = now or clock.now()
    review = _locked(review, by=by, permission=Permission.RECORD_SCORES)
    if not Actor.of_user(owner).can(Permission.RECORD_SCORES, review.site_id):
        message = _("%(name)s does not look after patients at this site. Choose somebody who does.")
        raise Invalid({"owner": Problem("suicide_review.owner", message, {"name": owner.display_name})})
    return _entry(review, Kind.ASSIGNED, by=by, now=now, public_id=public_id, owner=owner)


@transaction.atomic(savepoint=False)
def confirm_review(
    *, review: SuicideReview, by: Actor, now: datetime | None = None, public_id: uuid.UUID | None = None
) -> SuicideReviewEntry:
    """Say that one has the review in hand; whoever confirms owns it from then on.

    Raises:
        Refused: without the right to record scores. Conflict: it is closed.
    """
    now = now or clock.now()
    review = _locked(review, by=by, permission=Permission.RECORD_SCORES)
    _entry(review, Kind.ASSIGNED, by=by, now=now, owner=person(by))
    return _entry(review, Kind.CONFIRMED, by=by, now=now, public_id=public_id)


@transaction.atomic(savepoint=False)
def note_review(
    *,
    review: SuicideReview,
    text: str,
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> SuicideReviewEntry:
    """Write down what was done: called, seen, family told. Raises Invalid ``suicide_review.words`` without words."""
    now = now or clock.now()
    review = _locked(review, by=by, permission=Permission.RECORD_SCORES)
    return _entry(review, Kind.ACTED, by=by, now=now, public_id=public_id, text=_words(text))


@transaction.atomic(savepoint=False)
def close_review(
    *,
    review: SuicideReview,
    outcome: str,
    text: str,
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> SuicideReviewEntry:
    """Close a review with its outcome. One that stands before an infusion is closed by a prescriber.

    Raises:
        Refused: without the right to review charts, where a prescriber has to.
        Invalid: an unknown outcome, or no words on what was found.
        Conflict: it is closed already.
    """
    now = now or clock.now()
    review = _locked(review, by=by, permission=closing_right(review))
    if outcome not in SuicideReviewEntry.Outcome.values:
        raise Invalid({"outcome": Problem("suicide_review.outcome", _("Choose what you found."))})
    return _entry(
        review, Kind.CLOSED, by=by, now=now, public_id=public_id, outcome=outcome, text=_words(text)
    )


@transaction.atomic(savepoint=False)
def make_safety_plan(
    *,
    patient: Patient,
    text: str,
    review_by: date,
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> SafetyPlan:
    """Record the safety plan made with a patient, and the day until which it stands.

    Raises:
        Invalid: no words, or a day that has passed (``safety_plan.day``).
    """
    now = now or clock.now()
    site, author = site_of(patient, by=by, permission=Permission.RECORD_SCORES), person(by)
    if review_by < clock.local_date(now, site.time_zone):
        raise Invalid({"review_by": Problem("safety_plan.day", _("Choose a day that has not passed."))})
    plan = SafetyPlan(
        patient=patient,
        text=_words(text),
        review_by=review_by,
        taken_at=now,
        taken_by=author,
        entered_at=now,
        entered_by=author,
    )
    if public_id is not None:
        plan.public_id = public_id
    check_fields(plan)
    plan.save(force_insert=True)
    record(verb="safety_plan.made", subject=plan, by=by, now=now, site=site, patient=patient)
    return plan


def _words(text: str) -> str:
    words = storable(text, field="text").strip()
    if not words:
        raise Invalid({"text": Problem("suicide_review.words", _("Say what was found and done."))})
    return words


def _locked(review: SuicideReview, *, by: Actor, permission: Permission) -> SuicideReview:
    by.require(permission, review.site_id)
    rows = SuicideReview.objects.select_related("patient", "site").select_for_update(
        no_key=True, of=("self",)
    )
    found: SuicideReview = rows.get(pk=review.pk)
    if found.entries.filter(kind=Kind.CLOSED).exists():
        message = _("This review is closed. A new answer opens a new one.")
        raise Conflict(Problem("suicide_review.closed", message))
    return found


def _entry(
    review: SuicideReview,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    public_id: uuid.UUID | None = None,
    **columns: Any,
) -> SuicideReviewEntry:
    who = person(by)
    row = SuicideReviewEntry(
        review=review,
        kind=kind,
        taken_at=now,
        taken_by=who,
        entered_at=now,
        entered_by=who,
        **columns,
    )
    if public_id is not None:
        row.public_id = public_id
    check_fields(row)
    row.save(force_insert=True)
    record(
        verb=f"suicide_review.{kind}", subject=row, by=by, now=now, site=review.site, patient=review.patient
    )
    return row
