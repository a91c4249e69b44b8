"""What must still be done for a patient: opened by what happened, worked on, and closed by a person."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.audit.records import check_fields
from clinic.common import clock
from clinic.common.errors import Invalid, Problem
from clinic.common.text import storable
from sessions.models import FollowUp, FollowUpEntry, InfusionSession, SideEffect
from sessions.rules.following_up import (
    BY_HAND,
    check_can_take_on,
    check_can_work,
    check_result,
)
from sessions.rules.moments import person
from sessions.rules.readiness import check_not_ahead
from sessions.rules.texts import check_length

Kind = FollowUpEntry.Kind


def open_follow_up(
    *,
    session: InfusionSession,
    kind: str,
    by: Actor,
    now: datetime,
    due_at: datetime | None = None,
    reason: str = "",
    task: str = "",
    side_effect: SideEffect | None = None,
    assigned_to: User | None = None,
    public_id: uuid.UUID | None = None,
) -> FollowUp:
    """Open one, inside the operation whose fact asks for it. It needs no right of its own: the fact has happened.

    Args:
        due_at: None where the site has set no clock; it is then listed as such.
        reason: why it is open, in the words that the worklist shows.
    """
    follow_up = FollowUp(
        public_id=public_id or uuid.uuid4(),
        kind=kind,
        task=task,
        site=session.site,
        patient=session.patient,
        session=session,
        side_effect=side_effect,
        reason=storable(str(reason), field="reason").strip(),
        due_at=due_at,
        assigned_to=assigned_to,
        opened_at=now,
        opened_by=by.user,
    )
    check_fields(follow_up)
    follow_up.save(force_insert=True)
    _audit("follow_up.opened", follow_up, follow_up=follow_up, by=by, now=now)
    return follow_up


@transaction.atomic(savepoint=False)
def add_follow_up(
    *,
    session: InfusionSession,
    kind: str,
    reason: str,
    by: Actor,
    due_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> FollowUp:
    """Open one by hand: a check on the next day, or anything else that somebody must remember.

    Raises:
        Refused: without the right to record observations at the site.
        Invalid: a kind that only a fact opens (``follow_up.kind``), or no reason (``reason.missing``).
    """
    by.require(Permission.RECORD_OBSERVATIONS, session.site_id)
    if kind not in BY_HAND:
        message = _("Open a next-day check or another follow-up; the rest is opened by what happened.")
        raise Invalid({"kind": Problem("follow_up.kind", message)})
    if not reason.strip():
        raise Invalid({"reason": Problem("reason.missing", _("Say what is to be done."))})
    check_length(reason, field="reason")
    told: dict[str, Any] = {"due_at": due_at, "reason": reason, "assigned_to": person(by)}
    return open_follow_up(
        session=session, kind=kind, by=by, now=now or clock.now(), public_id=public_id, **told
    )


@transaction.atomic(savepoint=False)
def note_follow_up(
    *,
    follow_up: FollowUp,
    text: str,
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> FollowUpEntry:
    """Write down what was found out. Raises Invalid ``follow_up.empty``, Conflict ``follow_up.closed``."""
    return _append(follow_up, Kind.NOTE, by=by, now=now, public_id=public_id, text=_said(text))


@transaction.atomic(savepoint=False)
def log_attempt(
    *,
    follow_up: FollowUp,
    by: Actor,
    result: str = "",
    text: str = "",
    due_at: datetime | None = None,
    taken_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> FollowUpEntry:
    """Somebody called the patient; ``due_at`` says when to try again.

    Args:
        result: what came of it, one of :class:`CallAttempt.Outcome`; after a no-show it is said at every call.
        taken_at: when it was; by default now.

    Raises:
        Refused: without the right to record observations at the site.
        Invalid: ``follow_up.result``, or a moment in the future (``time.future``).
        Conflict: it is closed (``follow_up.closed``).
    """
    now = now or clock.now()
    check_result(result, follow_up=follow_up)
    check_not_ahead(taken_at or now, now=now)
    return _append(
        follow_up,
        Kind.ATTEMPT,
        by=by,
        now=now,
        public_id=public_id,
        taken_at=taken_at or now,
        result=result,
        text=storable(text, field="text"),
        due_at=due_at,
    )


@transaction.atomic(savepoint=False)
def reassign_follow_up(
    *,
    follow_up: FollowUp,
    to: User | None,
    by: Actor,
    text: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> FollowUpEntry:
    """Hand it on to a colleague of the site. Raises Invalid ``follow_up.assignee`` for anybody else, or nobody."""
    check_can_take_on(to, follow_up=follow_up)
    return _append(
        follow_up,
        Kind.REASSIGNED,
        by=by,
        now=now,
        public_id=public_id,
        text=storable(text, field="text"),
        assigned_to=to,
    )


@transaction.atomic(savepoint=False)
def close_follow_up(
    *,
    follow_up: FollowUp,
    outcome: str,
    text: str,
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> FollowUpEntry:
    """It is done, with what came of it.

    Raises:
        Refused: without the right to record observations at the site.
        Invalid: an unknown outcome (``follow_up.outcome``), or nothing said (``follow_up.empty``).
        Conflict: somebody closed it first (``follow_up.closed``).
    """
    if outcome not in FollowUpEntry.Outcome.values:
        message = _("Choose how it was closed.")
        raise Invalid({"outcome": Problem("follow_up.outcome", message)})
    return _append(
        follow_up, Kind.DONE, by=by, now=now, public_id=public_id, text=_said(text), outcome=outcome
    )


def settle(
    rows: Any,
    *,
    text: Any,
    by: Actor,
    now: datetime,
    outcome: FollowUpEntry.Outcome = FollowUpEntry.Outcome.SETTLED,
) -> None:
    """Close what a fact settles, such as a review the task that asked for it; call it before the fact is audited.

    It needs no right of its own, as opening needs none: the fact has happened. All rows are locked first: whoever
    holds the head of the audit may wait for nothing else.
    """
    locked = [row.pk for row in rows.open().select_for_update(no_key=True, of=("self",))]
    # The second statement sees what somebody closed while the first one waited.
    still_open = FollowUp.objects.open().filter(pk__in=locked) if locked else []
    for follow_up in list(still_open):
        _write(follow_up, Kind.DONE, by=by, now=now, text=str(text), outcome=outcome.value)


def _append(
    follow_up: FollowUp,
    kind: FollowUpEntry.Kind,
    *,
    by: Actor,
    now: datetime | None,
    public_id: uuid.UUID | None,
    **columns: Any,
) -> FollowUpEntry:
    # Two people may close it at once: the second finds it closed.
    rows = FollowUp.objects.select_for_update(no_key=True, of=("self",)).select_related("site", "patient")
    follow_up = rows.get(pk=follow_up.pk)
    check_can_work(follow_up=follow_up, by=by)
    return _write(follow_up, kind, by=by, now=now or clock.now(), public_id=public_id, **columns)


def _write(
    follow_up: FollowUp,
    kind: FollowUpEntry.Kind,
    *,
    by: Actor,
    now: datetime,
    public_id: uuid.UUID | None = None,
    taken_at: datetime | None = None,
    **columns: Any,
) -> FollowUpEntry:
    who = person(by)
    times = {"taken_at": taken_at or now, "taken_by": who, "entered_at": now, "entered_by": who}
    entry = FollowUpEntry(
        public_id=public_id or uuid.uuid4(), follow_up=follow_up, kind=kind.value, **columns, **times
    )
    check_fields(entry)
    entry.save(force_insert=True)
    _audit(f"follow_up.{VERBS[kind]}", entry, follow_up=follow_up, by=by, now=now)
    return entry


VERBS = {Kind.NOTE: "noted", Kind.ATTEMPT: "attempted", Kind.REASSIGNED: "reassigned", Kind.DONE: "closed"}


def _audit(verb: str, subject: Any, *, follow_up: FollowUp, by: Actor, now: datetime) -> None:
    record(verb=verb, subject=subject, by=by, now=now, site=follow_up.site, patient=follow_up.patient)


def _said(text: str) -> str:
    storable(text, field="text")
    if not text.strip():
        raise Invalid({"text": Problem("follow_up.empty", _("Write what was found or done."))})
    check_length(text)
    return text
