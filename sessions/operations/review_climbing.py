"""Whom a review of answers on suicide climbs to: the people whom the site's coverage names, as for alerts."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.facilities.models import Site
from patients.models import ReviewStep, SuicideReview
from patients.operations.review_climbing import climb_reviews
from patients.operations.suicide_reviews import give_step, review_opened
from patients.rules.review_climbing import People
from sessions.operations.alert_escalating import people_for
from sessions.rules.responsible import responsible_prescriber


@receiver(review_opened)
def _name_owner(review: SuicideReview, site: Site, now: datetime, **_told: Any) -> None:
    """A review belongs to the responsible prescriber of the hour from its beginning, where one is named."""
    named = responsible_prescriber(site, now)
    if named is not None:
        give_step(review, ReviewStep.Who.PRESCRIBER, to_id=named.user_id, now=now)


def pass_on_reviews(*, site: Site, by: Actor, now: datetime | None = None) -> int:
    """Let unconfirmed reviews climb to who answers for the site now; how many steps were taken.

    Raises:
        Refused: without the right to record scores at the site.
    """
    now = now or clock.now()
    named = people_for(site, now)
    manager = named.managers[0] if named.managers else None
    people = People(prescriber=named.prescriber, on_call=named.on_call, manager=manager)
    return climb_reviews(site=site, people=people, by=by, now=now)
