"""An entry that the server refused and its author gives up: it is told, not lost without a word."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.audit.recording import record
from clinic.common import clock
from clinic.common.errors import Invalid, Problem
from clinic.common.text import storable
from sessions.models import InfusionSession
from sessions.rules.moments import person
from sessions.rules.texts import check_length


@transaction.atomic(savepoint=False)
def discard_entry(
    *,
    session: InfusionSession,
    entry_id: uuid.UUID,
    what: str,
    reason: str,
    by: Actor,
    now: datetime | None = None,
) -> None:
    """Note in the audit that an unsent entry was given up, what it said, and why.

    Args:
        entry_id: the id that it would have had.
        what: what was typed, in words.

    Raises:
        Invalid: no reason (``reason.missing``), or a text that cannot be stored.
    """
    now = now or clock.now()
    person(by)
    if not storable(reason, field="reason").strip():
        raise Invalid({"reason": Problem("reason.missing", _("Say why this entry is given up."))})
    check_length(what)
    record(
        verb="outbox.discarded",
        subject=session,
        by=by,
        now=now,
        site=session.site,
        patient=session.patient,
        reason=reason.strip(),
        after={"entry": entry_id, "what": storable(what, field="what")},
    )
