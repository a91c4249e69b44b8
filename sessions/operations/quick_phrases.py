"""The words that a site writes often, kept by its nurses and managers."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from clinic.accounts.actor import Actor
from clinic.audit.records import save_record
from clinic.common import clock
from clinic.facilities.models import Site
from sessions.models import QuickPhrase
from sessions.rules.quick_phrases import check_can_keep_phrases, check_phrase

CONTENT = ("text", "position", "is_in_use")
"""What is edited."""


@transaction.atomic(savepoint=False)
def add_quick_phrase(
    *,
    site: Site,
    text: str,
    by: Actor,
    position: int = 0,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> QuickPhrase:
    """A new phrase for a site.

    Raises:
        Refused: without the right (:func:`check_can_keep_phrases`).
        Invalid: an empty one (``quick_phrase.empty``).
        Conflict: the site has it already (``quick_phrase.taken``).
    """
    check_can_keep_phrases(site=site, by=by)
    phrase = QuickPhrase(public_id=public_id or uuid.uuid4(), site=site, text=text.strip(), position=position)
    check_phrase(phrase)
    return save_record(phrase, verb="quick_phrase.added", by=by, now=now or clock.now(), site=site)


@transaction.atomic(savepoint=False)
def edit_quick_phrase(
    *,
    phrase: QuickPhrase,
    changes: Mapping[str, Any],
    by: Actor,
    expected_revision: int | None = None,
    now: datetime | None = None,
) -> QuickPhrase:
    """Other words, another place, or out of use: notes that hold the words keep them.

    Raises:
        Refused, Invalid, Conflict: as for a new one.
        Stale: somebody else changed it after ``expected_revision``.
    """
    check_can_keep_phrases(site=phrase.site, by=by)
    phrase = QuickPhrase.objects.select_for_update(no_key=True, of=("self",)).get(pk=phrase.pk)
    for name in CONTENT:
        value = changes.get(name, getattr(phrase, name))
        setattr(phrase, name, value.strip() if name == "text" else value)
    check_phrase(phrase)
    return save_record(
        phrase,
        verb="quick_phrase.edited",
        by=by,
        now=now or clock.now(),
        site=phrase.site,
        expected_revision=expected_revision,
    )
