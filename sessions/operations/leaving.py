"""How a visit ends: discharged, left, or transferred. Leaving is a fact and is never refused."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.common.text import storable
from sessions.models import EarlyLeaving, InfusionSession
from sessions.operations.alerting import evaluate_times, span
from sessions.operations.arriving import release
from sessions.operations.effect_tasks import follow_open_effects
from sessions.operations.facts import entry_of, open_entry, write_fact
from sessions.operations.leaving_follow_up import follow_leaving
from sessions.operations.running import DERIVED, restate, write_event
from sessions.operations.transition import Step, begin, finish, noted
from sessions.rules.discharging import obstacles_to_discharge
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

    ``override_reason`` sets open criteria aside, with the right to; the observation time it does not. Whoever may
    override takes the step too: of two people who each hold half of it nobody could finish.

    Raises:
        Refused: no right to discharge; an override without the right to override.
        Conflict: ``discharge.too_early``, ``discharge.criterion``; all of them listed.
    """
    step = begin(
        Action.DISCHARGE,
        session=session,
        by=by,
        at=at,
        now=now,
        reason=override_reason,
        departure_reason=departure_reason,
        overriding=bool(override_reason.strip()),
    )
    # What was set aside stays to be looked after, whether by an override or because it had happened.
    unmet = obstacles_to_discharge(step.session, step.at)
    closed = _close(step)
    follow_leaving(session=closed, leaving="", unmet=unmet, by=by, now=step.now)
    return closed


@transaction.atomic(savepoint=False)
def leave(
    *,
    session: InfusionSession,
    by: Actor,
    at: datetime | None = None,
    now: datetime | None = None,
    reason: str = "",
    leaving: str = EarlyLeaving.Kind.OTHER,
    typed_at: datetime | None = None,
) -> InfusionSession:
    """The patient left. If the infusion was running, it stopped then.

    Args:
        leaving: against advice, without escort, by ambulance, or otherwise.
        typed_at: when it was typed without network; the limit for late entries counts to then.

    Raises:
        Invalid: an unknown way to leave (``leaving.kind``).
    """
    step = begin(Action.LEAVE, session=session, by=by, at=at, now=now, reason=reason, typed_at=typed_at)
    return _go(step, leaving)


@transaction.atomic(savepoint=False)
def transfer_out(
    *,
    session: InfusionSession,
    by: Actor,
    at: datetime | None = None,
    now: datetime | None = None,
    reason: str = "",
    typed_at: datetime | None = None,
) -> InfusionSession:
    """The patient was taken to another place of care. If the infusion was running, it stopped then.

    ``typed_at`` is as for :func:`leave`.
    """
    step = begin(
        Action.TRANSFER_OUT, session=session, by=by, at=at, now=now, reason=reason, typed_at=typed_at
    )
    return _go(step, EarlyLeaving.Kind.AMBULANCE)


@transaction.atomic(savepoint=False)
def describe_leaving(
    *,
    session: InfusionSession,
    note: str,
    by: Actor,
    leaving: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> EarlyLeaving:
    """Say afterwards how and why the patient went: a further row; what was unmet then stays as it was.

    Raises:
        Conflict: nobody has left early in this visit (``leaving.none``), or the chart is signed.
        Invalid: no words, or an unknown way to leave.
    """
    entry = open_entry(session=session, by=by, taken_at=None, now=now)
    before = entry.session.early_leavings.last()
    if before is None:
        raise Conflict(Problem("leaving.none", _("This patient did not leave before the discharge.")))
    if not storable(note, field="note").strip():
        raise Invalid({"note": Problem("leaving.words", _("Say what happened."))})
    kind = leaving or before.kind
    _check_kind(kind)
    times = {**entry.times(), "taken_at": before.taken_at, "taken_by": before.taken_by}
    row = EarlyLeaving(session=entry.session, kind=kind, unmet=before.unmet, note=note.strip(), **times)
    return write_fact(row, entry=entry, verb="leaving.described", public_id=public_id)


def _go(step: Step, kind: str) -> InfusionSession:
    _check_kind(kind)
    unmet = _unmet(step)
    EarlyLeaving.objects.create(
        session=step.session,
        kind=kind,
        unmet=noted(unmet),
        note=step.reason,
        taken_at=step.at,
        taken_by=step.person,
        entered_at=step.now,
        entered_by=step.person,
    )
    closed = _close(step)
    follow_leaving(session=closed, leaving=kind, unmet=unmet, by=step.by, now=step.now)
    return closed


def _check_kind(kind: str) -> None:
    if kind not in EarlyLeaving.Kind.values:
        raise Invalid({"leaving": Problem("leaving.kind", _("Choose how the patient left from the list."))})


def _unmet(step: Step) -> Sequence[Problem]:
    """What a discharge would have asked for; nothing of somebody who was given nothing."""
    session = step.session
    if session.infusion_started_at is None:
        return []
    still_connected = (
        [Problem("leaving.running", _("The infusion had not ended."))] if step.source in RUNNING else []
    )
    return [*still_connected, *obstacles_to_discharge(session, step.at)]


def _close(step: Step) -> InfusionSession:
    check_after_infusion(step.at, session=step.session)
    fields: list[str] = ["closed_at"]
    if step.source in RUNNING:
        was = span(step.session)
        write_event(step, EventKind.END, at=step.at, end_kind=EndKind.STOPPED_EARLY)
        restate(step.session)
        evaluate_times(entry_of(step), was=was)
        fields += DERIVED
    step.session.closed_at = step.at
    release(step)
    closed = finish(step, fields=fields)
    follow_open_effects(session=closed, by=step.by, now=step.now)
    return closed
