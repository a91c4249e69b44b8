"""Before the infusion: arrival, clearance, and every way a visit does not come about."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common.errors import Invalid, Problem
from sessions.models import Booking, CancelCode, InfusionSession
from sessions.operations.claiming import lock
from sessions.operations.no_show_follow_up import follow_no_show, settle_no_show_call
from sessions.operations.transition import Step, begin, finish
from sessions.states import Action, Status


@transaction.atomic(savepoint=False)
def arrive(
    *,
    session: InfusionSession,
    by: Actor,
    at: datetime | None = None,
    now: datetime | None = None,
    departure_reason: str = "",
) -> InfusionSession:
    """The patient is here, in the booked chair: one that was left open is settled by it.

    After a no-show the chair may be gone; the arrival is recorded all the same.

    Raises:
        Conflict: another day (``session.another_day``) or a deceased patient (``patient.deceased``).
    """
    # It may claim the chair again or settle it. Of every chair, since an exchange could give it another one now.
    lock(site=session.site, chairs=None, patient_id=session.patient_id, ranges=[])
    step = begin(Action.ARRIVE, session=session, by=by, at=at, now=now, departure_reason=departure_reason)
    step.session.arrived_at = step.at
    _hold_again(step)
    settle_no_show_call(session=step.session, by=by, now=step.now)
    return finish(step, fields=["arrived_at"])


def _hold_again(step: Step) -> None:
    booking = step.session.booking
    if booking.is_live and not booking.is_chair_provisional:
        return
    booking.is_live, booking.is_chair_provisional = True, False
    try:
        with transaction.atomic():
            _save_hold(booking, step)
    except IntegrityError:
        # The chair or the hour was given away meanwhile. The patient is here nevertheless; start() asks for
        # a free chair.
        booking.is_live = False
        booking.refresh_from_db(fields=["is_chair_provisional"])


@transaction.atomic(savepoint=False)
def undo_arrive(
    *,
    session: InfusionSession,
    by: Actor,
    at: datetime | None = None,
    now: datetime | None = None,
    reason: str = "",
) -> InfusionSession:
    """The wrong patient was marked as arrived: everything stands as booked again.

    After a no-show whose chair was given away meanwhile it is the no-show again, for no chair is held.

    Raises:
        Conflict: ``check.begun`` once anything was recorded.
    """
    step = begin(Action.UNDO_ARRIVE, session=session, by=by, at=at, now=now, reason=reason)
    booking = step.session.booking
    step.session.arrived_at = None
    step.session.chair_id = booking.chair_id
    target = Status.SCHEDULED if booking.is_live else Status.NO_SHOW
    undone = finish(step, target=target, fields=["arrived_at", "chair"])
    if target is Status.NO_SHOW:
        follow_no_show(session=undone, by=by, now=step.now)
    return undone


@transaction.atomic(savepoint=False)
def clear(
    *, session: InfusionSession, by: Actor, at: datetime | None = None, now: datetime | None = None
) -> InfusionSession:
    """The check is complete: the infusion may start. Who clears looks after the patient, where nobody does yet.

    Raises:
        Conflict: no active order, consent not in date, or required items open; all of them listed.
    """
    step = begin(Action.CLEAR, session=session, by=by, at=at, now=now)
    if step.session.nurse_id is None:
        step.session.nurse = step.person
    return finish(step, fields=["nurse"])


@transaction.atomic(savepoint=False)
def withdraw_clearance(
    *,
    session: InfusionSession,
    by: Actor,
    at: datetime | None = None,
    now: datetime | None = None,
    reason: str = "",
) -> InfusionSession:
    """Back to the check: something has changed since the patient was cleared."""
    return finish(begin(Action.WITHDRAW_CLEARANCE, session=session, by=by, at=at, now=now, reason=reason))


@transaction.atomic(savepoint=False)
def do_not_start(
    *,
    session: InfusionSession,
    by: Actor,
    reason: str,
    at: datetime | None = None,
    now: datetime | None = None,
) -> InfusionSession:
    """Decide against today's infusion. Raises Invalid ``reason.missing`` without a reason."""
    step = begin(Action.DO_NOT_START, session=session, by=by, at=at, now=now, reason=reason)
    step.session.closed_at = step.at
    release(step)
    return finish(step, fields=["closed_at"])


@transaction.atomic(savepoint=False)
def cancel(
    *,
    session: InfusionSession,
    by: Actor,
    reason: str,
    code: str = CancelCode.OTHER,
    at: datetime | None = None,
    now: datetime | None = None,
) -> InfusionSession:
    """Call the visit off before it begins; chair and hour are free again.

    Whether it is late, by the site's cut-off, is noted as it stands now.

    Raises:
        Invalid: no reason (``reason.missing``), or a code that is none (``cancel.code``).
    """
    if code not in CancelCode.values:
        raise Invalid({"code": Problem("cancel.code", _("Say who called the visit off."))})
    step = begin(Action.CANCEL, session=session, by=by, at=at, now=now, reason=reason)
    notice = step.session.scheduled_start - step.at
    step.session.cancel_code = code
    step.session.is_late_cancel = notice < timedelta(hours=step.session.site.rules.late_cancel_hours)
    step.session.closed_at = step.at
    release(step)
    return finish(step, fields=["closed_at", "cancel_code", "is_late_cancel"])


@transaction.atomic(savepoint=False)
def no_show(
    *,
    session: InfusionSession,
    by: Actor,
    reason: str,
    at: datetime | None = None,
    now: datetime | None = None,
) -> InfusionSession:
    """The patient did not come; somebody who gives reason for concern is called the same day.

    Raises Conflict ``no_show.too_early`` before the site's grace time.
    """
    step = begin(Action.NO_SHOW, session=session, by=by, at=at, now=now, reason=reason)
    release(step)
    missed = finish(step)
    follow_no_show(session=missed, by=by, now=step.now)
    return missed


def release(step: Step) -> None:
    """Free the chair and the patient's hour that the session's booking held."""
    booking = step.session.booking
    if booking.is_live:
        booking.is_live = False
        _save_hold(booking, step)


def _save_hold(booking: Booking, step: Step) -> None:
    booking.sequence += 1
    booking._history_date = step.now  # type: ignore[attr-defined]
    booking._history_user = step.person  # type: ignore[attr-defined]
    booking.save(update_fields=["is_live", "is_chair_provisional", "sequence"])
