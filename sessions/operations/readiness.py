"""Before the day: what is settled with the patient, and who was called. Facts, appended; the latest answer stands."""

import uuid
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.common.text import storable
from sessions.models import CallAttempt, InfusionSession, ReadinessAnswer
from sessions.operations.facts import Entry, write_fact
from sessions.operations.transition import locked_session
from sessions.rules import readiness as rules


@transaction.atomic(savepoint=False)
def answer_readiness(
    *,
    session: InfusionSession,
    item: str,
    outcome: str,
    by: Actor,
    note: str = "",
    taken_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> ReadinessAnswer:
    """Record how the ride home or the fasting instruction stands; answering again replaces what stood.

    Raises:
        Refused: without the right to book or to check in.
        Conflict: the visit is over (``readiness.over``).
        Invalid: an unknown item or answer, one that does not apply without a note, or a moment in the future.
    """
    entry = _opened(session, by=by, taken_at=taken_at, now=now, check=rules.check_can_answer)
    rules.check_answer(item=item, outcome=outcome, note=note)
    answer = ReadinessAnswer(
        session=entry.session,
        item=item,
        outcome=outcome,
        note=storable(note, field="note").strip(),
        **entry.times(),
    )
    return write_fact(answer, entry=entry, verb="readiness.answered", public_id=public_id)


@transaction.atomic(savepoint=False)
def log_call(
    *,
    session: InfusionSession,
    outcome: str,
    by: Actor,
    purpose: str = CallAttempt.Purpose.READINESS,
    note: str = "",
    taken_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> CallAttempt:
    """Record that somebody tried to reach the patient about a visit, and what came of it.

    Raises:
        Refused: without the right to book or to check in.
        Conflict: the visit is over (``call.over``); after a no-show calls go on.
        Invalid: an unknown purpose or outcome, or a moment in the future.
    """
    entry = _opened(session, by=by, taken_at=taken_at, now=now, check=rules.check_can_call)
    call = CallAttempt(
        session=entry.session,
        purpose=purpose,
        outcome=outcome,
        note=storable(note, field="note").strip(),
        **entry.times(),
    )
    return write_fact(call, entry=entry, verb="call.logged", public_id=public_id)


def _opened(
    session: InfusionSession,
    *,
    by: Actor,
    taken_at: datetime | None,
    now: datetime | None,
    check: Callable[[InfusionSession], None],
) -> Entry:
    """As :func:`sessions.operations.facts.open_entry`, for what happens before the patient is here."""
    now = now or clock.now()
    locked = locked_session(session)
    who = rules.check_may_prepare(session=locked, by=by)
    check(locked)
    rules.check_not_ahead(taken_at or now, now=now)
    return Entry(locked, by, who, taken_at or now, now)
