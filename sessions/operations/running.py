"""The infusion itself: start, pause, resume, end. The timeline is the truth; the session restates it."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.audit.recording import record
from clinic.common import clock
from clinic.common.errors import Invalid, Problem
from clinic.common.text import storable
from sessions.models import ChairStay, InfusionEvent, InfusionSession
from sessions.operations.alerting import evaluate_times, span
from sessions.operations.facts import Entry, entry_of
from sessions.operations.transition import Step, begin, finish, locked_session
from sessions.rules import timeline
from sessions.rules.checking import confirmed_dose
from sessions.rules.corrections import check_can_correct
from sessions.rules.covering import is_covered
from sessions.rules.delivery import charted_by, end_kind_at, timeline_of
from sessions.rules.moments import check_can_record, check_late_entry, check_moment
from sessions.states import Action, EndKind, EventKind, Status

DERIVED = [
    "infusion_started_at",
    "infusion_ended_at",
    "running_since",
    "infused_seconds",
    "end_kind",
    "delivered_microlitres",
    "rate_microlitres_per_hour",
    "rate_since",
    "given_micrograms",
    "totals_used",
]


@transaction.atomic(savepoint=False)
def start(
    *,
    session: InfusionSession,
    by: Actor,
    at: datetime | None = None,
    now: datetime | None = None,
    departure_reason: str = "",
) -> InfusionSession:
    """The pump was started.

    Raises:
        Conflict: the dose is not confirmed, the order does not stand, the patient is already infusing, or the
            chair is in use. With a ``departure_reason`` these are noted instead: it was started all the same.
    """
    step = begin(
        Action.START,
        session=session,
        by=by,
        at=at,
        now=now,
        departure_reason=departure_reason,
        lock_chair_and_patient=True,
    )
    if not is_covered(step.session, step.now):
        # Who starts for a colleague whom they cover, starts that colleague's patient.
        step.session.nurse = step.person
    _sit_down(step)
    return _event(step, EventKind.START, fields=["nurse"])


@transaction.atomic(savepoint=False)
def pause(
    *,
    session: InfusionSession,
    by: Actor,
    at: datetime | None = None,
    now: datetime | None = None,
    reason: str = "",
) -> InfusionSession:
    """The pump was paused. Raises Conflict ``timeline.order`` if the time does not fit the others."""
    step = begin(Action.PAUSE, session=session, by=by, at=at, now=now, reason=reason)
    return _event(step, EventKind.PAUSE)


@transaction.atomic(savepoint=False)
def resume(
    *,
    session: InfusionSession,
    by: Actor,
    at: datetime | None = None,
    now: datetime | None = None,
    reason: str = "",
) -> InfusionSession:
    """The pump runs again. Raises Conflict ``timeline.order`` if the time does not fit the others."""
    step = begin(Action.RESUME, session=session, by=by, at=at, now=now, reason=reason)
    return _event(step, EventKind.RESUME)


@transaction.atomic(savepoint=False)
def end(
    *,
    session: InfusionSession,
    by: Actor,
    kind: str = "",
    reason: str = "",
    at: datetime | None = None,
    now: datetime | None = None,
) -> InfusionSession:
    """The infusion is over. Only that it stopped need be said at once; the rest is asked for afterwards.

    Args:
        kind: ``completed`` or ``stopped_early``; left out, it follows from how much had run in by then.
        reason: why it was stopped early; until it is given it stays an open point of the chart.

    Raises:
        Invalid: an unknown kind.
        Conflict: ``timeline.order``.
    """
    if kind and kind not in set(EndKind):
        raise Invalid({"kind": Problem("end.kind", _("Say whether it was completed or stopped early."))})
    step = begin(Action.END, session=session, by=by, at=at, now=now, reason=reason)
    return _event(step, EventKind.END, end_kind=kind or end_kind_at(step.session, at=step.at))


def _event(
    step: Step, kind: EventKind, *, end_kind: str = "", fields: tuple[str, ...] | list[str] = ()
) -> InfusionSession:
    was = span(step.session)
    write_event(step, kind, at=step.at, end_kind=end_kind)
    derived = restate(step.session)
    evaluate_times(entry_of(step), was=was)
    return finish(step, target=derived.status, fields=[*DERIVED, *fields])


def write_event(step: Step, kind: EventKind, *, at: datetime, end_kind: str = "") -> None:
    """Append one event of the infusion."""
    InfusionEvent.objects.create(
        session=step.session,
        kind=kind,
        end_kind=end_kind,
        reason=step.reason,
        taken_at=at,
        taken_by=step.person,
        entered_at=step.now,
        entered_by=step.person,
    )


def _sit_down(step: Step) -> None:
    latest = step.session.chair_stays.order_by("-taken_at", "-pk").first()
    if latest and latest.chair_id == step.session.chair_id:
        return
    ChairStay.objects.create(
        session=step.session,
        chair=step.session.chair,
        taken_at=step.at,
        taken_by=step.person,
        entered_at=step.now,
        entered_by=step.person,
    )


def restate(session: InfusionSession) -> timeline.Timeline:
    """Derive the session's columns anew from its standing events; the caller saves them (:data:`DERIVED`)."""
    derived = timeline_of(session)
    _restate_volume(session, derived)
    session.infusion_started_at = derived.started_at
    session.infusion_ended_at = derived.ended_at
    session.running_since = derived.running_since
    session.infused_seconds = int(derived.infused.total_seconds())
    session.end_kind = derived.end_kind
    return derived


def _restate_volume(session: InfusionSession, derived: timeline.Timeline) -> None:
    open_stretch = derived.rates[-1] if derived.running_since else None
    session.rate_since = open_stretch.begun_at if open_stretch else None
    session.rate_microlitres_per_hour = derived.rate
    dose = confirmed_dose(session)
    last = session.rate_since or (derived.rates[-1].ended_at if derived.rates else None)
    volume = charted_by(derived, dose=dose, at=last).microlitres if last else None
    session.delivered_microlitres = None if volume is None else round(volume)
    totals = session.infusion_totals.last() if session.totals_used else None
    if totals is None or derived.ended_at is None:
        session.totals_used, session.given_micrograms = "", None
    elif totals.charted_micrograms != charted_by(derived, dose=dose, at=derived.ended_at).micrograms:
        # Compared with times that have changed since: it is to be looked at again.
        session.totals_used, session.given_micrograms = "", None


@transaction.atomic(savepoint=False)
def correct_event(
    *,
    event: InfusionEvent,
    by: Actor,
    at: datetime,
    reason: str,
    public_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> InfusionEvent:
    """Put an event at its true time; minutes, milligrams and status follow.

    Raises:
        Invalid: no reason, or an impossible moment.
        Conflict: ``timeline.order``; ``chart.signed``; ``correction.taken`` if it was corrected before.
    """
    now = now or clock.now()
    session = locked_session(event.session)
    who = check_can_record(session=session, by=by)
    check_can_correct(event, reason=reason)
    check_moment(at, session=session, now=now)
    check_late_entry(at, session=session, now=now, reason=reason)
    corrected = InfusionEvent.objects.create(
        public_id=public_id or uuid.uuid4(),
        session=session,
        kind=event.kind,
        end_kind=event.end_kind,
        rate_microlitres_per_hour=event.rate_microlitres_per_hour,
        reason=event.reason,
        corrects=event,
        correction_reason=storable(reason, field="reason"),
        taken_at=at,
        taken_by=event.taken_by,
        entered_at=now,
        entered_by=who,
    )
    was = span(session)
    derived = restate(session)
    evaluate_times(Entry(session, by, who, at, now), was=was, why=reason)
    if session.state in {Status.INFUSING, Status.PAUSED, Status.RECOVERING} and derived.status:
        session.status = derived.status
    session.revision += 1
    session.save(update_fields=["status", "revision", *DERIVED])
    record(
        verb="infusion_event.corrected",
        subject=corrected,
        by=by,
        now=now,
        site=session.site,
        patient=session.patient,
        reason=reason,
    )
    return corrected
