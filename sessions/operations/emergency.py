"""The log of an emergency. Whatever was done is recorded; nothing here is ever refused for being out of place."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.common.errors import Invalid, Problem
from clinic.common.text import storable
from sessions.models import EmergencyStep, InfusionSession
from sessions.operations import running
from sessions.operations.facts import Entry, write_fact, write_struck
from sessions.operations.transition import locked_session
from sessions.rules.corrections import check_can_correct, standing
from sessions.rules.emergency import check_can_log, running_log
from sessions.rules.moments import check_moment
from sessions.states import RUNNING, EndKind


@transaction.atomic(savepoint=False)
def log_emergency_step(
    *,
    session: InfusionSession,
    kind: str,
    by: Actor,
    note: str = "",
    taken_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> EmergencyStep:
    """Record one thing done. The first one begins the emergency; a second alarm while one goes on joins it.

    ``pump_stopped`` also records the end of the infusion, stopped early, where the person may do that and the time
    fits the infusion's other times.

    Raises:
        Refused: neither at the chair nor at the front desk.
        Invalid: an unknown kind, "something else" without words, a moment in the future or before the day of the visit.
        Conflict: the patient has not arrived and the visit is on another day, or the chart is signed.
    """
    entry = _open(session=session, by=by, taken_at=taken_at, now=now)
    words = storable(note, field="note").strip()
    if kind not in EmergencyStep.Kind.values:
        message = _("Choose what was done from the list.")
        raise Invalid({"kind": Problem("emergency.kind", message)})
    if kind == EmergencyStep.Kind.OTHER and not words:
        raise Invalid({"note": Problem("emergency.words", _("Say what was done."))})
    under_way = running_log(standing(entry.session.emergency_steps.all()))
    if kind == EmergencyStep.Kind.ALARM and under_way:
        joined: EmergencyStep = under_way.steps[0]
        return joined
    step = EmergencyStep(session=entry.session, kind=kind, note=words, **entry.times())
    write_fact(step, entry=entry, verb="emergency.logged", public_id=public_id)
    if kind == EmergencyStep.Kind.PUMP_STOPPED:
        _end_infusion(entry)
    return step


@transaction.atomic(savepoint=False)
def strike_emergency_step(
    *,
    step: EmergencyStep,
    by: Actor,
    reason: str,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> EmergencyStep:
    """Strike what was tapped by mistake; it stays readable. The end of an infusion is corrected on its own."""
    entry = _open(session=step.session, by=by, taken_at=step.taken_at, now=now)
    check_can_correct(step, reason=reason)
    verb = "emergency.struck"
    return write_struck(step, entry=entry, verb=verb, reason=reason, kept=("kind",), public_id=public_id)


def _open(*, session: InfusionSession, by: Actor, taken_at: datetime | None, now: datetime | None) -> Entry:
    now = now or clock.now()
    locked = locked_session(session)
    at = taken_at or now
    who = check_can_log(session=locked, by=by, at=at)
    check_moment(at, session=locked, now=now, field="taken_at", before_check_in=True)
    return Entry(locked, by, who, at, now)


def _end_infusion(entry: Entry) -> None:
    session = entry.session
    if session.state not in RUNNING or not entry.by.can(Permission.RUN_INFUSION, session.site_id):
        return
    latest = max(event.taken_at for event in standing(session.infusion_events.all()))
    if entry.taken_at >= latest:
        running.end(
            session=session,
            by=entry.by,
            kind=EndKind.STOPPED_EARLY,
            reason=str(_("Emergency")),
            at=entry.taken_at,
            now=entry.now,
        )
