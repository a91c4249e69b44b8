"""What may be settled with a patient before the day, and by whom it may be entered."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.accounts.permissions import Permission
from clinic.common.errors import Conflict, Invalid, Problem
from sessions.models import InfusionSession, ReadinessAnswer
from sessions.rules.moments import person
from sessions.states import PRESENT, Status

BEFORE_THE_END = frozenset({Status.SCHEDULED, *PRESENT})
"""Booked, or here: the visit is not over."""

CALLED_ABOUT = BEFORE_THE_END | {Status.NO_SHOW}
"""Whoever did not come is still called."""


def may_prepare(by: Actor, site_id: int) -> bool:
    """Whether a person may settle a visit beforehand: whoever books, and whoever receives the patients."""
    return by.can(Permission.BOOK, site_id) or by.can(Permission.CHECK_IN, site_id)


def check_may_prepare(*, session: InfusionSession, by: Actor) -> User:
    """The author of the entry. Raises Refused without either right, or where no person acts."""
    if not may_prepare(by, session.site_id):
        by.require(Permission.CHECK_IN, session.site_id)
    return person(by)


def check_can_answer(session: InfusionSession) -> None:
    """Raises Conflict ``readiness.over``: what was settled for a visit that is over helps nobody."""
    if session.state not in BEFORE_THE_END:
        message = _("This visit is %(status)s, so nothing is left to settle. Book the next one instead.")
        raise Conflict(Problem("readiness.over", message, {"status": str(session.state.label).lower()}))


def check_can_call(session: InfusionSession) -> None:
    """Raises Conflict ``call.over``, except after a no-show."""
    if session.state not in CALLED_ABOUT:
        message = _("This visit is %(status)s. Write an addendum to its chart, or call about the next visit.")
        raise Conflict(Problem("call.over", message, {"status": str(session.state.label).lower()}))


def check_not_ahead(taken_at: datetime, *, now: datetime) -> None:
    """Raises Invalid ``time.future``."""
    if taken_at > now:
        message = _("This is in the future by the server's clock. Enter when it happened.")
        raise Invalid({"taken_at": Problem("time.future", message)})


def check_answer(*, item: str, outcome: str, note: str) -> None:
    """Raises Invalid: an unknown item or answer, or one that does not apply without saying why."""
    problems: dict[str, Problem] = {}
    if item not in ReadinessAnswer.Item.values:
        problems["item"] = Problem("readiness.item", _("Choose what the answer is about."))
    if outcome not in ReadinessAnswer.Outcome.values:
        problems["outcome"] = Problem("readiness.outcome", _("Choose how it stands."))
    if outcome == ReadinessAnswer.Outcome.NOT_NEEDED and not note.strip():
        problems["note"] = Problem("readiness.note", _("Say why it does not apply to this visit."))
    if problems:
        raise Invalid(problems)
