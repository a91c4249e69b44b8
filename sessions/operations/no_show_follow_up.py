"""Who did not come and gives reason for concern is called the same day: a follow-up, opened with the no-show."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.common import clock
from patients.models import SuicideReview
from patients.rules.review_climbing import asked_of
from sessions.models import FollowUp, FollowUpEntry, InfusionSession
from sessions.operations.following_up import open_follow_up, settle
from sessions.rules.following_up import people_for_follow_ups
from sessions.rules.responsible import responsible_prescriber
from sessions.rules.worsening import recent_worsening

LAST_MINUTE = timedelta(minutes=1)
"""Said of a day as 23:59: midnight would read like the next one."""
CALL = FollowUp.Kind.NO_SHOW_CALL


def follow_no_show(*, session: InfusionSession, by: Actor, now: datetime) -> None:
    """Open a call for the site's present day, where an answer on suicide waits or the score has become worse."""
    review = _open_review(session)
    reasons = [_("An answer on suicide waits for its review")] if review else []
    worse = recent_worsening(session, now=now)
    if not (review or worse):
        return
    _start, day_ends = clock.day_range(clock.local_date(now, session.site.time_zone), session.site.time_zone)
    open_follow_up(
        session=session,
        kind=CALL,
        reason="; ".join(str(reason) for reason in (*reasons, *([worse] if worse else []))),
        due_at=day_ends - LAST_MINUTE,
        assigned_to=_owner(session, review, by=by, now=now),
        by=by,
        now=now,
    )


def settle_no_show_call(*, session: InfusionSession, by: Actor, now: datetime) -> None:
    """The patient came after all: nobody need call, and what was tried stands."""
    settle(
        session.follow_ups.filter(kind=CALL),
        text=_("The patient came after all."),
        outcome=FollowUpEntry.Outcome.NOT_NEEDED,
        by=by,
        now=now,
    )


def _open_review(session: InfusionSession) -> SuicideReview | None:
    """The open review of the patient that is due first, at whichever site it stands."""
    found: SuicideReview | None = (
        SuicideReview.objects.open().filter(patient=session.patient_id).with_entries().first()
    )
    return found


def _owner(
    session: InfusionSession, review: SuicideReview | None, *, by: Actor, now: datetime
) -> User | None:
    """Whoever has the review, else the patient's nurse, the prescriber of the day, or whoever marked it.

    Only somebody who may work on follow-ups at the site; the prescriber who ordered the course where nobody else may.
    """
    asked = asked_of(review) if review else []
    named = responsible_prescriber(session.site, now)
    wanted = [
        asked[-1].user if asked else None,
        session.nurse,
        named.user if named else None,
        by.user,
        session.course.ordered_by,
    ]
    able = set(people_for_follow_ups(session.site_id).values_list("user_id", flat=True))
    return next((user for user in wanted if user is not None and user.pk in able), None)
