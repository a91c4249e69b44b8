"""Who may work on what is still open for a patient."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership, User
from clinic.accounts.permissions import Permission
from clinic.common.errors import Conflict, Invalid, Problem
from sessions.models import CallAttempt, FollowUp, FollowUpEntry

MAY_WORK = Permission.RECORD_OBSERVATIONS
"""The right of whoever works on follow-ups."""
BY_HAND = (FollowUp.Kind.NEXT_DAY.value, FollowUp.Kind.OTHER.value)
"""What a person opens; the other kinds are opened by what happened."""


def check_can_work(*, follow_up: FollowUp, by: Actor) -> None:
    """May this person add to it, and is it still open?

    Raises:
        Refused: without the right to record observations at the site.
        Conflict: ``follow_up.closed``.
    """
    by.require(MAY_WORK, follow_up.site_id)
    if follow_up.entries.filter(kind=FollowUpEntry.Kind.DONE).exists():
        message = _("This follow-up is closed already. Reload the page to see how.")
        raise Conflict(Problem("follow_up.closed", message))


def check_result(result: str, *, follow_up: FollowUp) -> None:
    """Raises Invalid ``follow_up.result``: an unknown one, or none said of a call after a no-show."""
    is_needed = follow_up.kind == FollowUp.Kind.NO_SHOW_CALL
    if result in CallAttempt.Outcome.values or not (result or is_needed):
        return
    raise Invalid({"result": Problem("follow_up.result", _("Say what came of the call."))})


def people_for_follow_ups(site_id: int) -> Any:
    """Memberships of those who could work on follow-ups of a site."""
    here = Membership.objects.filter(site=site_id).of_active_people()
    return here.that_give(MAY_WORK)


def check_can_take_on(user: User | None, *, follow_up: FollowUp) -> None:
    """Raises Invalid ``follow_up.assignee`` for somebody who could not work on it."""
    if user is None or not people_for_follow_ups(follow_up.site_id).filter(user=user).exists():
        message = _("Hand it to somebody who may record observations at this site.")
        raise Invalid({"to": Problem("follow_up.assignee", message)})
