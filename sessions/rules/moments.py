"""When something may be said to have happened, and by whom it may be entered."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem, Refused
from sessions.models import InfusionSession
from sessions.states import ENDED, PRESENT


def check_moment(
    at: datetime,
    *,
    session: InfusionSession,
    now: datetime,
    field: str = "at",
    before_check_in: bool = False,
) -> None:
    """Refuse a moment in the future or before the patient arrived.

    Args:
        before_check_in: it may also have happened earlier on the day of the visit, before the check-in was recorded.

    Raises:
        Invalid: ``time.future``, ``time.before_arrival`` or ``time.before_visit``.
    """
    if at > now:
        message = _("%(time)s is in the future by the server's clock. Enter when it happened.")
        raise Invalid({field: Problem("time.future", message, {"time": _shown(at, session)})})
    if before_check_in:
        _check_day(at, session=session, field=field)
    elif session.arrived_at and at < session.arrived_at:
        message = _("%(time)s is before the patient arrived at %(arrival)s. Check the time.")
        params = {"time": _shown(at, session), "arrival": _shown(session.arrived_at, session)}
        raise Invalid({field: Problem("time.before_arrival", message, params)})


def _check_day(at: datetime, *, session: InfusionSession, field: str) -> None:
    if at < clock.day_range(session.local_date, session.site.time_zone)[0]:
        message = _("%(time)s is before the day of this visit. Check the time.")
        raise Invalid({field: Problem("time.before_visit", message, {"time": _shown(at, session)})})


def check_after_infusion(at: datetime, *, session: InfusionSession) -> None:
    """Raises Conflict ``timeline.order``: a visit is not over before its infusion is."""
    if session.infusion_ended_at and at < session.infusion_ended_at:
        message = _("The infusion ended at %(end)s, so the visit was not over at %(time)s. Check the time.")
        params = {"end": _shown(session.infusion_ended_at, session), "time": _shown(at, session)}
        raise Conflict(Problem("timeline.order", message, params))


def check_late_entry(
    at: datetime,
    *,
    session: InfusionSession,
    now: datetime,
    reason: str,
    typed_at: datetime | None = None,
) -> None:
    """Refuse what is entered after the site's limit without a reason.

    Args:
        typed_at: when it was typed without network, by the server's clock. It was entered then, only not sent, so the
            limit counts to that moment; one after ``now`` counts as ``now``.

    Raises:
        Invalid: ``reason.late_entry``.
    """
    hours = session.site.rules.late_entry_hours
    entered_at = min(typed_at or now, now)
    if entered_at - at > timedelta(hours=hours) and not reason.strip():
        message = _("This happened more than %(hours)s hours ago. Say why it is entered late.")
        raise Invalid({"reason": Problem("reason.late_entry", message, {"hours": hours})})


def check_can_record(
    *,
    session: InfusionSession,
    by: Actor,
    beside_signature: bool = False,
    right: Permission = Permission.RECORD_OBSERVATIONS,
) -> User:
    """May this person write into this session's chart, and is the chart open? The author of the entry.

    ``beside_signature`` is for facts that a signed chart takes too, ``right`` for those that ask for another one.

    Raises:
        Refused: the right is missing, or no person acts.
        Conflict: ``session.not_present`` before arrival, ``chart.signed`` after the author signed.
    """
    by.require(right, session.site_id)
    check_is_present(session)
    if not beside_signature:
        check_is_open(session)
    return person(by)


def check_is_present(session: InfusionSession) -> None:
    """Raises Conflict ``session.not_present`` unless the patient has arrived."""
    if session.state not in PRESENT | ENDED:
        message = _(
            "The patient has not arrived: this session is %(status)s. Mark the patient as arrived first."
        )
        raise Conflict(Problem("session.not_present", message, {"status": str(session.state.label).lower()}))


def check_is_open(session: InfusionSession) -> None:
    """Raises Conflict ``chart.signed``: a signed chart is added to, not changed."""
    if is_signed(session):
        message = _("This chart is signed and locked. Add an addendum instead.")
        raise Conflict(Problem("chart.signed", message, link="#addenda"))


def is_signed(session: InfusionSession) -> bool:
    """Whether the author has signed; read from the annotation of a locked row where there is one."""
    known = getattr(session, "is_authored", None)
    return session.signatures.filter(meaning="author").exists() if known is None else bool(known)


def person(by: Actor) -> User:
    """The person who acts.

    Raises:
        Refused: a job or device acts (``actor.person``).
    """
    if by.user is None:
        raise Refused(Problem("actor.person", _("Only a person can enter this.")))
    return by.user


def _shown(at: datetime, session: InfusionSession) -> str:
    """The time at the site, with its day where that is not the day of the visit."""
    local = at.astimezone(session.site.zone)
    return local.strftime("%H:%M" if local.date() == session.local_date else "%a %d %b %Y, %H:%M")
