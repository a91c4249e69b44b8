"""What is written into an infusion's timeline beside its steps: a change of rate, what was forgotten, what was wrong.

Each of these derives the session's columns anew; none is a step from one state to another.
"""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.common.text import storable
from sessions.models import InfusionEvent, InfusionSession
from sessions.operations.facts import Entry, open_entry, write_fact
from sessions.operations.running import DERIVED, restate
from sessions.rules.corrections import check_can_correct, standing
from sessions.rules.moments import check_late_entry
from sessions.states import MONITORED, EndKind, EventKind

LATE = frozenset({EventKind.PAUSE, EventKind.RESUME})
"""What can have been forgotten; while the infusion runs it is a step of its own."""


@transaction.atomic(savepoint=False)
def change_rate(
    *,
    session: InfusionSession,
    rate_microlitres_per_hour: int,
    by: Actor,
    reason: str = "",
    taken_at: datetime | None = None,
    typed_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> InfusionEvent:
    """The pump runs at another rate from a moment on; also while it stands, and also entered afterwards.

    Args:
        typed_at: when it was typed without network; the limit for late entries counts to then.

    Raises:
        Refused: the right to run infusions is missing.
        Invalid: ``rate.above_zero``; no reason for a late entry.
        Conflict: ``timeline.order``: not between the start and the end.
    """
    entry = _open(session, by=by, taken_at=taken_at, now=now, reason=reason, typed_at=typed_at)
    if not 0 < rate_microlitres_per_hour < 2_000_000:
        message = _("Enter the pump's new rate in mL/h. That it stands still is a pause.")
        raise Invalid({"rate_microlitres_per_hour": Problem("rate.above_zero", message)})
    event = _event(entry, EventKind.RATE, reason=reason, rate_microlitres_per_hour=rate_microlitres_per_hour)
    return _written(event, entry, verb="infusion.rate_changed", public_id=public_id, reason=reason)


@transaction.atomic(savepoint=False)
def add_forgotten_event(
    *,
    session: InfusionSession,
    kind: str,
    taken_at: datetime,
    by: Actor,
    reason: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> InfusionEvent:
    """A pause or a resume that was not recorded while the infusion ran.

    Raises:
        Invalid: ``event.kind``: something else than a pause or a resume.
        Conflict: ``infusion.running``: while it runs these are steps; ``timeline.order``.
    """
    entry = _open(session, by=by, taken_at=taken_at, now=now, reason=reason)
    if kind not in LATE:
        message = _("Only a pause and a resume are entered afterwards. Correct the time of start and end.")
        raise Invalid({"kind": Problem("event.kind", message)})
    if entry.session.infusion_ended_at is None:
        message = _("The infusion has not ended: use Record pause and Record resume, with their true times.")
        raise Conflict(Problem("infusion.running", message))
    event = _event(entry, EventKind(kind), reason=reason)
    return _written(event, entry, verb="infusion_event.added", public_id=public_id, reason=reason)


@transaction.atomic(savepoint=False)
def detail_event(
    *,
    event: InfusionEvent,
    by: Actor,
    reason: str = "",
    end_kind: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> InfusionEvent:
    """Say more about an event: why it was stopped or paused; of an end also how it ended. Its time stays.

    Raises:
        Invalid: ``event.no_detail``: nothing was said; ``end.kind``: only an end has one.
        Conflict: ``correction.taken`` when somebody else has said it first.
    """
    entry = open_entry(session=event.session, by=by, taken_at=event.taken_at, now=now)
    check_can_correct(event, reason="detail")
    reason = storable(reason, field="reason").strip()
    if not reason and end_kind in {"", event.end_kind}:
        raise Invalid({"reason": Problem("event.no_detail", _("Say why, or how it ended."))})
    if end_kind and (event.kind != EventKind.END or end_kind not in set(EndKind)):
        raise Invalid({"end_kind": Problem("end.kind", _("Say whether it was completed or stopped early."))})
    detail = _copy(
        event, entry, reason=reason or event.reason, end_kind=end_kind or event.end_kind, correction_reason=""
    )
    return _written(detail, entry, verb="infusion_event.detailed", public_id=public_id, reason=reason)


@transaction.atomic(savepoint=False)
def retract_event(
    *,
    event: InfusionEvent,
    by: Actor,
    reason: str,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> InfusionEvent:
    """Strike a change of rate or a pause that never was; with a pause goes the resume that ended it.

    Raises:
        Invalid: no reason.
        Conflict: ``event.not_struck``: a start or an end, or what the present state rests on.
    """
    entry = open_entry(session=event.session, by=by, taken_at=event.taken_at, now=now)
    check_can_correct(event, reason=reason)
    storable(reason, field="reason")
    if event.kind in {EventKind.START, EventKind.END}:
        message = _("A start or an end is not struck. Correct its time instead.")
        raise Conflict(Problem("event.not_struck", message))
    told = {"retracted": True, "correction_reason": reason}
    if event.kind == EventKind.PAUSE and (resume := _resume_after(event, entry.session)):
        with_it = _copy(resume, entry, **told)
        write_fact(with_it, entry=entry, verb="infusion_event.retracted", reason=reason)
    struck = _copy(event, entry, **told)
    return _written(struck, entry, verb="infusion_event.retracted", public_id=public_id, reason=reason)


def _open(
    session: InfusionSession,
    *,
    by: Actor,
    taken_at: datetime | None,
    now: datetime | None,
    reason: str,
    typed_at: datetime | None = None,
) -> Entry:
    by.require(Permission.RUN_INFUSION, session.site_id)
    entry = open_entry(session=session, by=by, taken_at=taken_at, now=now)
    check_late_entry(entry.taken_at, session=entry.session, now=entry.now, reason=reason, typed_at=typed_at)
    return entry


def _event(entry: Entry, kind: EventKind, *, reason: str, **columns: Any) -> InfusionEvent:
    said = storable(reason, field="reason").strip()
    return InfusionEvent(session=entry.session, kind=kind, reason=said, **columns, **entry.times())


def _copy(event: InfusionEvent, entry: Entry, **columns: Any) -> InfusionEvent:
    """The same event again in a row that names it, with other columns."""
    kept = {
        name: getattr(event, name) for name in ("kind", "end_kind", "reason", "rate_microlitres_per_hour")
    }
    times = {**entry.times(), "taken_by": event.taken_by, "taken_at": event.taken_at}
    return InfusionEvent(session=entry.session, corrects=event, **{**kept, **columns}, **times)


def _resume_after(pause: InfusionEvent, session: InfusionSession) -> InfusionEvent | None:
    events = [event for event in standing(session.infusion_events.all()) if event.kind != EventKind.RATE]
    later = [event for event in events if event.taken_at > pause.taken_at]
    following = min(later, key=lambda event: event.taken_at, default=None)
    return following if following and following.kind == EventKind.RESUME else None


def _written(
    event: InfusionEvent, entry: Entry, *, verb: str, public_id: uuid.UUID | None, reason: str
) -> InfusionEvent:
    """Insert the row, derive the session anew, audit last."""
    return write_fact(event, entry=entry, verb=verb, public_id=public_id, reason=reason, then=_derive)


def _derive(entry: Entry, _event: InfusionEvent) -> None:
    session = entry.session
    derived = restate(session)
    shown = session.state if session.state in MONITORED else derived.status
    if derived.status is not shown:
        message = _(
            "The infusion would be %(status)s by this. Record that as a step, then strike or correct."
        )
        said = str(derived.status.label).lower() if derived.status else _("not started")
        raise Conflict(Problem("event.not_struck", message, {"status": said}))
    session.revision += 1
    session.save(update_fields=["revision", *DERIVED])
