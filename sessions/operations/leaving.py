"""How a visit ends: discharged, left, or transferred. Leaving is a fact and is never refused."""

from datetime import datetime

from django.db import transaction

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from sessions.models import InfusionSession
from sessions.operations.arriving import release
from sessions.operations.effect_tasks import follow_open_effects
from sessions.operations.running import DERIVED, restate, write_event
from sessions.operations.transition import Step, begin, finish
from sessions.rules.discharging import obstacles_of_time, obstacles_to_discharge
from sessions.rules.moments import check_after_infusion
from sessions.states import RUNNING, Action, EndKind, EventKind


@transaction.atomic(savepoint=False)
def discharge(
    *,
    session: InfusionSession,
    by: Actor,
    at: datetime | None = None,
    now: datetime | None = None,
    override_reason: str = "",
    departure_reason: str = "",
) -> InfusionSession:
    """The patient goes home.

    ``override_reason`` sets open criteria aside, with the right to; the observation time it does not.

    Raises:
        Refused: an override without the right.
        Conflict: ``discharge.too_early``, ``discharge.criterion``; all of them listed.
    """
    overriding = bool(override_reason.strip())
    if overriding:
        by.require(Permission.OVERRIDE_DISCHARGE, session.site_id)
    step = begin(
        Action.DISCHARGE,
        session=session,
        by=by,
        at=at,
        now=now,
        reason=override_reason,
        departure_reason=departure_reason,
        gate=obstacles_of_time if overriding else obstacles_to_discharge,
    )
    return _close(step)


@transaction.atomic(savepoint=False)
def leave(
    *,
    session: InfusionSession,
    by: Actor,
    at: datetime | None = None,
    now: datetime | None = None,
    reason: str = "",
) -> InfusionSession:
    """The patient left. If the infusion was running, it stopped then."""
    return _close(begin(Action.LEAVE, session=session, by=by, at=at, now=now, reason=reason))


@transaction.atomic(savepoint=False)
def transfer_out(
    *,
    session: InfusionSession,
    by: Actor,
    at: datetime | None = None,
    now: datetime | None = None,
    reason: str = "",
) -> InfusionSession:
    """The patient was taken to another place of care. If the infusion was running, it stopped then."""
    return _close(begin(Action.TRANSFER_OUT, session=session, by=by, at=at, now=now, reason=reason))


def _close(step: Step) -> InfusionSession:
    check_after_infusion(step.at, session=step.session)
    fields: list[str] = ["closed_at"]
    if step.source in RUNNING:
        write_event(step, EventKind.END, at=step.at, end_kind=EndKind.STOPPED_EARLY)
        restate(step.session)
        fields += DERIVED
    step.session.closed_at = step.at
    release(step)
    closed = finish(step, fields=fields)
    follow_open_effects(session=closed, by=step.by, now=step.now)
    return closed
