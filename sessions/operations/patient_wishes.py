"""How the patient wants it to be in the chair."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common.errors import Invalid, Problem
from clinic.common.text import storable
from sessions.models import InfusionSession, PatientWish
from sessions.operations.facts import open_entry, write_fact
from sessions.rules.texts import check_length


@transaction.atomic(savepoint=False)
def record_wishes(
    *,
    session: InfusionSession,
    kinds: Sequence[str],
    by: Actor,
    words: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> PatientWish:
    """Write down the patient's wishes, all of them: the row before does not count any more.

    Raises:
        Invalid: an unknown wish (``wish.unknown``).
    """
    entry = open_entry(session=session, by=by, taken_at=None, now=now)
    if not set(kinds) <= set(PatientWish.Kind.values):
        raise Invalid({"kinds": Problem("wish.unknown", _("Choose known wishes, or write it in words."))})
    check_length(words, field="words")
    wish = PatientWish(
        session=entry.session,
        patient=entry.session.patient,
        kinds=sorted(set(kinds), key=PatientWish.Kind.values.index),
        words=storable(words, field="words").strip(),
        **entry.times(),
    )
    return write_fact(wish, entry=entry, verb="wishes.recorded", public_id=public_id)
