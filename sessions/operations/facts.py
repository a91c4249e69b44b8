"""What every clinical fact of a session shares: who, when, and the lock under which it is written."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import models

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.audit.records import check_fields
from clinic.common import clock
from clinic.common.text import storable
from sessions.models import InfusionSession
from sessions.operations.transition import Step, locked_session
from sessions.rules.moments import check_can_record, check_moment

F = TypeVar("F", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry under way: the locked session, its author, and both times."""

    session: InfusionSession
    by: Actor
    person: User
    taken_at: datetime
    now: datetime

    def times(self) -> dict[str, Any]:
        """The columns of a clinical fact taken and entered by the same person."""
        return {
            "taken_at": self.taken_at,
            "taken_by": self.person,
            "entered_at": self.now,
            "entered_by": self.person,
        }


def open_entry(
    *,
    session: InfusionSession,
    by: Actor,
    taken_at: datetime | None,
    now: datetime | None,
    beside_signature: bool = False,
    right: Permission = Permission.RECORD_OBSERVATIONS,
) -> Entry:
    """Lock the session and make sure that this person may write into its chart at that moment.

    Args:
        beside_signature: it is a fact that a signed chart takes too, and that its signature does not cover.
        right: what it asks for, where that is not the right to record observations.

    Raises:
        Refused, Conflict, Invalid: as :func:`check_can_record` and :func:`check_moment` say.
    """
    now = now or clock.now()
    locked = locked_session(session)
    who = check_can_record(session=locked, by=by, beside_signature=beside_signature, right=right)
    check_moment(taken_at or now, session=locked, now=now, field="taken_at")
    return Entry(locked, by, who, taken_at or now, now)


def entry_of(step: Step) -> Entry:
    """What a step from state to state writes into the chart beside itself."""
    return Entry(step.session, step.by, step.person, step.at, step.now)


def write_fact(
    fact: F,
    *,
    entry: Entry,
    verb: str,
    public_id: uuid.UUID | None = None,
    reason: str = "",
    then: Callable[[Entry, F], None] | None = None,
) -> F:
    """Check the columns, insert the row, do what follows from it (``then``), audit it."""
    if public_id is not None:
        fact.public_id = public_id  # type: ignore[attr-defined]
    check_fields(fact)
    fact.save(force_insert=True)
    if then is not None:
        then(entry, fact)
    record(
        verb=verb,
        subject=fact,
        by=entry.by,
        now=entry.now,
        site=entry.session.site,
        patient=entry.session.patient,
        reason=reason,
    )
    return fact


def write_struck(
    wrong: F,
    *,
    entry: Entry,
    verb: str,
    reason: str,
    kept: Iterable[str] = (),
    public_id: uuid.UUID | None = None,
    then: Callable[[Entry, F], None] | None = None,
) -> F:
    """Strike a row that was entered in error: another one names it and puts nothing in its place.

    Whether it can be corrected at all is asked before (:func:`sessions.rules.corrections.check_can_correct`).

    Args:
        kept: the columns that the striking row says again, so that it reads as what it strikes.
    """
    columns: dict[str, Any] = {name: getattr(wrong, name) for name in kept}
    struck = type(wrong)(
        session=entry.session,
        corrects=wrong,
        correction_reason=storable(reason, field="reason"),
        retracted=True,
        **columns,
        **entry.times(),
    )
    return write_fact(struck, entry=entry, verb=verb, public_id=public_id, reason=reason, then=then)
