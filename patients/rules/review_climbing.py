"""Who has a review of answers on suicide now, and to whom it climbs next.

Nothing here asks a database, where entries and steps are loaded, or reads a clock.

A design of this software, as the passing on of alerts is: no published source says how long each person has.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.errors import Problem
from clinic.facilities.models import Site
from patients.models import ReviewStep, SuicideReview, SuicideReviewEntry

Kind, Who = SuicideReviewEntry.Kind, ReviewStep.Who


def job_at(sites: Iterable[Site]) -> Actor:
    """The house itself, which lets reviews climb."""
    ids = [site.pk for site in sites]
    return Actor.job("escalate_reviews", site_ids=ids, permissions=[Permission.RECORD_SCORES])


def not_set_at(site: Site) -> tuple[Problem, ...]:
    """Said openly where a site has not set how long the first person and each next one has."""
    told: dict[str, Any] = {"site": site.name, "minutes": site.rules.suicide_review_minutes}
    found = []
    if "suicide_review_minutes" not in site.policy:
        message = _(
            "Not set at %(site)s: how soon a review is confirmed."
            " This software asks for %(minutes)s minutes; no published source says so."
        )
        found.append(Problem("suicide_review.no_deadline", message, told))
    if not site.rules.suicide_escalation_minutes:
        message = _("Not set at %(site)s: a review that nobody confirms climbs to nobody.")
        found.append(Problem("suicide_review.no_climbing", message, told))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody got a review at a moment, from a person or by its climbing."""

    at: datetime
    user: Any


@dataclass(frozen=True, slots=True)
class People:
    """Whom a review can climb to at a site now, by inner key; None: nobody is named."""

    prescriber: int | None = None
    on_call: int | None = None
    manager: int | None = None

    def of(self, who: ReviewStep.Who) -> int | None:
        named = {Who.PRESCRIBER: self.prescriber, Who.ON_CALL: self.on_call, Who.MANAGER: self.manager}
        return named[who]


@dataclass(frozen=True, slots=True)
class Due:
    """A step that is due; ``to`` is None where nobody is named for it: that too is written down."""

    who: ReviewStep.Who
    to: int | None


def asked_of(review: SuicideReview) -> list[Asked]:
    """Everybody who got it, in order. The manager, who is informed, is none of them."""
    climbed = [
        Asked(step.at, step.to)
        for step in climbs_of(review)
        if step.to is not None and step.step != Who.MANAGER
    ]
    given = [Asked(entry.entered_at, entry.owner) for entry in review.entries.all() if entry.owner_id]
    # At the same moment a person's word comes last.
    return sorted([*climbed, *given], key=lambda asked: asked.at)


def climbs_of(review: SuicideReview) -> list[ReviewStep]:
    """Its steps, without the messages about them."""
    return [step for step in review.steps.all() if step.kind == ReviewStep.Kind.CLIMBED]


def is_confirmed(entries: Iterable[SuicideReviewEntry], owner: Any) -> bool:
    """Whether the person who has it has said so."""
    return owner is not None and any(
        row.kind == Kind.CONFIRMED and row.taken_by_id == owner.pk for row in entries
    )


def is_waiting(review: SuicideReview) -> bool:
    """Open, and not confirmed by the person who has it now."""
    entries, asked = list(review.entries.all()), asked_of(review)
    closed = any(row.kind == Kind.CLOSED for row in entries)
    return not closed and not is_confirmed(entries, asked[-1].user if asked else None)


def steps_due(review: SuicideReview, people: People, *, minutes: int, now: datetime) -> list[Due]:
    """The steps of a waiting review whose time has come and that were not taken yet.

    Whoever got it first has until the review is due; each next person has the site's minutes. Where nobody has it, or
    nobody is named for a step, nobody is waited for: the next one takes its time. Who got it already is not asked
    again; whoever the calendar names later is. The manager is told together with the last of them.

    Args:
        minutes: 0: the site has not set it, and nothing is ever due.
    """
    if not minutes:
        return []
    asked, climbs = asked_of(review), climbs_of(review)
    known = {each.user.pk for each in asked}
    free_at = max(review.due_at, asked[-1].at + timedelta(minutes=minutes)) if asked else review.opened_at
    if free_at > now:
        return []
    found: list[Due] = []
    for who in (Who.PRESCRIBER, Who.ON_CALL):
        to = people.of(who)
        if to is None and not any(step.step == who for step in climbs):
            found.append(Due(who, None))
        elif to is not None and to not in known:
            found.append(Due(who, to))
            if who is Who.PRESCRIBER:
                return found
            break
    return [*found, *_manager(climbs, people)]


def _manager(climbs: Iterable[ReviewStep], people: People) -> list[Due]:
    done = [step for step in climbs if step.step == Who.MANAGER]
    told = any(step.to_id is not None for step in done)
    if told or (people.manager is None and done):
        return []
    return [Due(Who.MANAGER, people.manager)]
