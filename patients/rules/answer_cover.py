"""When answers on suicide are read at a site: while it is open, and while somebody has accepted them out of hours."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor, lacking
from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.common.errors import Invalid, Problem, Refused
from clinic.facilities.models import Site
from clinic.facilities.rules.opening import joined, open_times
from patients.models import AnswerCover

LONGEST = timedelta(days=7)
DAYS_SEARCHED = 21
"""How far ahead an hour is looked for in which somebody reads; a site without one for longer has nobody who does."""
CLINICIANS = (Permission.RUN_INFUSION, Permission.ORDER_COURSE)
"""Any of these: the people who can be named as on call."""


def may_accept(by: Actor, site_id: int) -> bool:
    """Whether somebody could be on call for answers: a clinician there who may confirm a review."""
    is_clinician = any(by.can(right, site_id) for right in CLINICIANS)
    return is_clinician and by.can(Permission.RECORD_SCORES, site_id)


def check_may_accept(by: Actor, site_id: int) -> None:
    """Raises Refused unless the actor runs infusions or orders courses at the site, and records scores there."""
    by.require(Permission.RECORD_SCORES, site_id)
    if not may_accept(by, site_id):
        raise lacking(Permission.RUN_INFUSION)


def check_not_over(ends_at: datetime, *, now: datetime) -> None:
    """Raises Invalid ``answer_cover.past``: answers of a time that is over have been read or not."""
    if ends_at <= now:
        message = _("This time is over. Choose one that is still to come.")
        raise Invalid({"ends_at": Problem("answer_cover.past", message)})


def may_take_back(by: Actor, cover: AnswerCover) -> bool:
    """The person themselves, and whoever plans the roster of the site."""
    return by.user_id == cover.user_id or by.can(Permission.PLAN_ROSTER, cover.site_id)


def check_may_take_back(by: Actor, cover: AnswerCover) -> None:
    """Raises Refused ``answer_cover.not_theirs``."""
    if not may_take_back(by, cover):
        message = _("%(name)s has accepted this. They take it back themselves, or whoever plans the roster.")
        raise Refused(Problem("answer_cover.not_theirs", message, {"name": cover.user.display_name}))


def is_open(site: Site, at: datetime) -> bool:
    """Whether the site is open at a moment; one that has set no hours is not known to be."""
    times = open_times(site, at, at + timedelta(minutes=1))
    return any(start <= at < end for start, end in times.on(clock.local_date(at, site.time_zone)))


def cover_out_of_hours(site: Site, at: datetime) -> AnswerCover | None:
    """Who reads an answer that arrives at this moment; None while the site is open, or where nobody has accepted."""
    found = AnswerCover.objects.at(at).filter(site=site).select_related("user").first()
    return None if found is None or is_open(site, at) else found


def covered_from(site: Site, at: datetime) -> datetime | None:
    """The first moment from ``at`` on at which answers are read, and go on to be for as long as a review may wait.

    None: there is none within three weeks.
    """
    wait, until = timedelta(minutes=site.rules.suicide_review_minutes), at + timedelta(days=DAYS_SEARCHED)
    times = open_times(site, at, until + timedelta(days=1))
    first = clock.local_date(at, site.time_zone)
    opened = [span for ahead in range(DAYS_SEARCHED) for span in times.on(first + timedelta(days=ahead))]
    accepted = AnswerCover.objects.standing().filter(site=site).overlapping(at, until)
    for start, end in joined([*opened, *accepted.values_list("starts_at", "ends_at")]):
        if max(start, at) + wait <= end:
            return max(start, at)
    return None
