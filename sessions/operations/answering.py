"""A patient sends the answers of a link: questionnaires to the record, side effects to their session."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.accounts.actor import Actor
from clinic.common import clock
from patients.models import OneTimeLink
from patients.models.one_time_link import SIDE_EFFECTS
from patients.operations.one_time_links import answer_link
from sessions.models import FollowUp, HomeCheckIn, InfusionSession, LateEffect
from sessions.operations.following_up import open_follow_up
from sessions.operations.late_effects import report_late_effect
from sessions.rules.answering import OWN_WORDS, effects_told


@transaction.atomic(savepoint=False)
def finish_answers(
    *, link: OneTimeLink, by: Actor, half_filled: bool = False, now: datetime | None = None
) -> OneTimeLink:
    """Close the link and record what it was asked, all or nothing.

    Side effects stand on the session that the check-in counts from, beside what was signed. Words in which the patient
    told something without naming a side effect open a follow-up, so that somebody reads them.

    Args:
        half_filled: the time of the link is over; what was typed until then is recorded as it is.

    Raises:
        Invalid: nothing at all was answered (``link.empty``). Conflict: the link is over (``link.over``).
    """
    now = now or clock.now()
    link = answer_link(link=link, by=by, half_filled=half_filled, now=now)
    told = link.answers.filter(part=SIDE_EFFECTS).first()
    check_in = HomeCheckIn.objects.filter(link=link).select_related("session").first()
    if told is None or check_in is None:
        return link
    words = str(told.answers.get(OWN_WORDS, ""))
    effects = effects_told(told)
    for term, severity in effects:
        report_late_effect(
            session=check_in.session,
            term=term,
            severity=severity,
            reporter=LateEffect.Reporter.PATIENT,
            channel=LateEffect.Channel.LINK,
            words=words,
            reported_at=told.saved_at,
            by=by,
            now=now,
        )
    if words and not effects:
        _to_be_read(check_in.session, words, by=by, now=now)
    return link


def _to_be_read(session: InfusionSession, words: str, *, by: Actor, now: datetime) -> None:
    open_follow_up(
        session=session,
        kind=FollowUp.Kind.OTHER.value,
        reason=_("Written in a check-in: %(words)s") % {"words": words},
        by=by,
        now=now,
    )
