"""Whom a review of answers on suicide climbs to: the people whom the site's coverage names, as for alerts."""

from datetime import datetime

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.facilities.models import Site
from patients.operations.review_climbing import climb_reviews
from patients.rules.review_climbing import People
from sessions.operations.alert_escalating import people_for


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
