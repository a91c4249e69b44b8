"""Reviews of answers on suicide that nobody confirms climb to the next person; by a timer.

A step is written down under the lock of its review and once only, whoever comes by first; constraints of the database
hold the same. As with alerts, a message is noted and committed before its carrier gets it, so that nobody is told
twice; who is killed in between leaves a message of which nobody knows.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.common import clock
from clinic.facilities.models import Site
from clinic.facilities.operations.telling import tell
from clinic.facilities.rules.channels import channels_of
from patients.models import ReviewStep, SuicideReview
from patients.operations.suicide_reviews import give_step
from patients.rules.review_climbing import Due, People, is_waiting, steps_due

Kind = ReviewStep.Kind
LONGEST_AGO = timedelta(hours=1)
"""An older step is not told any more: it would only confuse."""


def climb_reviews(*, site: Site, people: People, by: Actor, now: datetime | None = None) -> int:
    """Take the steps that are due at a site; how many were taken.

    Raises:
        Refused: without the right to record scores at the site.
    """
    now = now or clock.now()
    by.require(Permission.RECORD_SCORES, site.pk)
    if not site.rules.suicide_escalation_minutes:
        return 0
    found = SuicideReview.objects.open().filter(site=site).with_entries()
    waiting = [review for review in found if is_waiting(review) and _due(review, people, site=site, now=now)]
    return sum(_climbed(review, people, site=site, by=by, now=now) for review in waiting)


def _due(review: SuicideReview, people: People, *, site: Site, now: datetime) -> list[Due]:
    return steps_due(review, people, minutes=site.rules.suicide_escalation_minutes, now=now)


@transaction.atomic
def _climbed(review: SuicideReview, people: People, *, site: Site, by: Actor, now: datetime) -> int:
    # Two that come by at once wait for each other here; the second finds the steps of the first.
    review = _locked(review)
    if not is_waiting(review):
        return 0
    due = _due(review, people, site=site, now=now)
    for step in due:
        give_step(review, step.who, to_id=step.to, now=now)
    if due:
        steps = {"steps": [step.who.value for step in due]}
        record(
            verb="suicide_review.climbed",
            subject=review,
            by=by,
            now=now,
            site=site,
            patient=review.patient,
            after=steps,
        )
    return len(due)


def _locked(review: SuicideReview) -> SuicideReview:
    """The row held, and what stands now: the second statement sees what was committed while this one waited."""
    SuicideReview.objects.select_for_update(no_key=True, of=("self",)).only("pk").get(pk=review.pk)
    found: SuicideReview = SuicideReview.objects.all().with_entries().get(pk=review.pk)
    return found


def send_review_steps(*, site: Site, by: Actor, now: datetime | None = None) -> dict[str, int]:
    """Hand over what the site wants told by text message or e-mail; how many were delivered, and how many not.

    Raises:
        Refused: without the right to record scores at the site.
    """
    now = now or clock.now()
    by.require(Permission.RECORD_SCORES, site.pk)
    counts = {Kind.DELIVERED.value: 0, Kind.FAILED.value: 0}
    for channel in channels_of(site.rules):
        for step in _unsent(site, channel, now):
            if outcome := _sent(step, channel, site=site, by=by, now=now):
                counts[outcome] += 1
    return counts


def _unsent(site: Site, channel: str, now: datetime) -> list[ReviewStep]:
    """Fresh steps that led to somebody who was not told by this channel yet."""
    steps = ReviewStep.objects.filter(
        kind=Kind.CLIMBED, review__site=site, to__isnull=False, at__gt=now - LONGEST_AGO
    )
    sent = ReviewStep.objects.filter(kind=Kind.SENDING, channel=channel, review__site=site)
    known = set(sent.values_list("review", "step", "to"))
    rows = steps.select_related("review__patient", "to")
    return [step for step in rows if (step.review_id, step.step, step.to_id) not in known]


def _sent(step: ReviewStep, channel: str, *, site: Site, by: Actor, now: datetime) -> str:
    """Note it, commit, hand it over, note what became of it; "" where somebody else was quicker."""
    told = {"review": step.review, "step": step.step, "to": step.to, "channel": channel, "at": now}
    with transaction.atomic():
        review = _locked(step.review)
        known = review.steps.filter(kind=Kind.SENDING, step=step.step, to=step.to, channel=channel)
        if not is_waiting(review) or known.exists():
            return ""
        ReviewStep.objects.create(kind=Kind.SENDING, **told)
    assert step.to is not None
    # No name, and nothing of what it is about: it is read on a telephone that lies on a table.
    body = _("%(site)s: something waits for you. Open the clinic's worklists.") % {"site": site.name}
    why = tell(channel, step.to, body, subject=_("Something waits"), reference=str(step.public_id))
    kind = Kind.FAILED if why else Kind.DELIVERED
    with transaction.atomic():
        ReviewStep.objects.create(kind=kind, note=why[:300], **told)
        record(
            verb=f"suicide_review.{kind}",
            subject=step.review,
            by=by,
            now=now,
            site=site,
            patient=step.review.patient,
            after={"channel": channel, "step": step.step},
        )
    return kind.value
