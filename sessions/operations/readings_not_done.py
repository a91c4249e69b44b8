"""A planned reading that was not taken, with the reason."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common.errors import Invalid, Problem
from clinic.common.text import storable
from sessions.models import InfusionSession, ReadingNotDone
from sessions.operations.facts import Entry, open_entry, write_fact
from sessions.rules.vitals_schedule import PARAMETERS


@transaction.atomic(savepoint=False)
def record_reading_not_done(
    *,
    session: InfusionSession,
    due_at: datetime,
    reason: str,
    by: Actor,
    parameter: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> ReadingNotDone:
    """Say why a planned reading was not taken. The due clock goes on from there.

    Args:
        parameter: of the schedule; empty for everything that was due at that moment.

    Raises:
        Invalid: ``reason.missing``; ``reading.parameter``; ``time.future``: it is not due yet.
    """
    entry = open_entry(session=session, by=by, taken_at=due_at, now=now)
    if not storable(reason, field="reason").strip():
        raise Invalid({"reason": Problem("reason.missing", _("Say why the reading was not done."))})
    if parameter and parameter not in PARAMETERS:
        raise Invalid({"parameter": Problem("reading.parameter", _("Choose what was not measured."))})
    row = ReadingNotDone(
        session=entry.session,
        due_at=due_at,
        parameter=parameter,
        reason=reason.strip(),
        **{**entry.times(), "taken_at": entry.now},
    )
    return write_fact(
        row,
        entry=entry,
        verb="reading.not_done",
        public_id=public_id,
        reason=row.reason,
        then=_excuse,
    )


def _excuse(entry: Entry, row: ReadingNotDone) -> None:
    """The due clock goes on from a moment at which everything was left out."""
    session, known = entry.session, entry.session.reading_excused_at
    if not row.parameter and (known is None or known < row.due_at):
        session.reading_excused_at = row.due_at
        session.save(update_fields=["reading_excused_at"])
