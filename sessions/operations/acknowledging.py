"""Alerts answered by people: acknowledged with what was done, and read by those they were passed on to."""

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from clinic.accounts.actor import Actor
from clinic.audit.recording import record
from clinic.common import clock
from clinic.common.text import storable
from sessions.models import Alert, AlertEntry
from sessions.operations.transition import locked_session
from sessions.rules import alerts as rules
from sessions.rules.moments import is_signed, person
from sessions.rules.texts import check_length

Kind = AlertEntry.Kind


@transaction.atomic(savepoint=False)
def acknowledge_alert(
    *,
    alert: Alert,
    actions: Collection[str],
    by: Actor,
    note: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> AlertEntry:
    """Say what was done about an alert, also when the chart is signed: it adds to it and changes nothing.

    Args:
        actions: one or more of :class:`AlertEntry.ActionTaken`; ``none`` alone where nothing was needed.

    Raises:
        Refused: without the right, or where the rule asks for somebody else.
        Conflict: ``alert.acknowledged`` by somebody before, or ``alert.retracted``.
        Invalid: nothing was named, or something that is not in the list.
    """
    now = now or clock.now()
    # Two people may press it at once: they wait for each other here, and the second reads who was first.
    session = locked_session(alert.session)
    alert = Alert.objects.prefetch_related("entries__by").get(pk=alert.pk)
    alert.session = session
    rules.check_may_acknowledge(alert, by=by)
    who = person(by)
    rules.check_can_acknowledge(alert)
    rules.check_actions(actions)
    check_length(storable(note, field="note"), field="note")
    entry = AlertEntry(alert=alert, kind=Kind.ACKNOWLEDGED, at=now, by=who, note=note.strip())
    entry.actions = sorted(set(actions))
    entry.after_signature = is_signed(session)
    if public_id is not None:
        entry.public_id = public_id
    entry.save(force_insert=True)
    record(
        verb="alert.acknowledged",
        subject=alert,
        by=by,
        now=now,
        site=session.site,
        patient=session.patient,
        reason=entry.note,
        after={"actions": entry.actions},
    )
    return entry


@transaction.atomic(savepoint=False)
def note_read(*, alerts: Iterable[Alert], by: Actor, now: datetime | None = None) -> int:
    """Whoever an alert was passed on to has it on the screen; how many were noted.

    Args:
        alerts: with their entries loaded.
    """
    now = now or clock.now()
    noted = 0
    for alert in alerts:
        entries: list[Any] = list(alert.entries.all())
        told = [one for one in entries if one.kind == Kind.ESCALATED and one.to_id == by.user_id]
        if not told or any(one.kind == Kind.READ and one.to_id == by.user_id for one in entries):
            continue
        AlertEntry.objects.create(
            alert=alert, kind=Kind.READ, at=now, by=by.user, to=by.user, channel="screen", step=told[-1].step
        )
        session = alert.session
        record(verb="alert.read", subject=alert, by=by, now=now, site=session.site, patient=session.patient)
        noted += 1
    return noted
