"""The texts of reminders: written and edited by whoever manages the site; taken out of use, never deleted."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.records import check_fields, save_record
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.facilities.models import Site
from sessions.models import ReminderText
from sessions.rules.reminding import check_text

KEPT = ("language", "channel", "name")
"""What a text is; messages that went out name it, so it stays."""

CONTENT = ("subject", "body", "days_before", "send_at", "is_in_use")
"""What is edited."""


@transaction.atomic(savepoint=False)
def add_reminder_text(
    *,
    site: Site,
    content: Mapping[str, Any],
    by: Actor,
    public_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> ReminderText:
    """A new text for a site, in one language by one channel.

    Args:
        content: values of :data:`KEPT` and :data:`CONTENT`.

    Raises:
        Refused: without the right to manage the site.
        Invalid: it tells too much, or cannot be filled in; by field.
        Conflict: the site has this text in this language and channel (``reminder.text_taken``).
    """
    now = now or clock.now()
    by.require(Permission.MANAGE_STAFF, site.pk)
    # Two people adding the same text wait for each other here, so that the second gets the sentence.
    site = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    text = ReminderText(public_id=public_id or uuid.uuid4(), site=site)
    _set(text, content, (*KEPT, *CONTENT))
    same = ReminderText.objects.filter(site=site, language=text.language, channel=text.channel)
    if text.name.casefold() in {name.casefold() for name in same.values_list("name", flat=True)}:
        message = _("There is a text called %(name)s in this language and channel. Edit that one.")
        raise Conflict(Problem("reminder.text_taken", message, {"name": text.name}))
    return save_record(text, verb="reminder_text.added", by=by, now=now, site=site)


@transaction.atomic(savepoint=False)
def edit_reminder_text(
    *,
    text: ReminderText,
    changes: Mapping[str, Any],
    by: Actor,
    expected_revision: int,
    now: datetime | None = None,
) -> ReminderText:
    """Change some of :data:`CONTENT`. Messages that still wait go out with the new words.

    Raises:
        Refused: without the right to manage the site.
        Invalid: it tells too much, or cannot be filled in; by field.
        Stale: somebody else changed the text after ``expected_revision``.
    """
    now = now or clock.now()
    by.require(Permission.MANAGE_STAFF, text.site_id)
    text = (
        ReminderText.objects.select_for_update(no_key=True, of=("self",))
        .select_related("site")
        .get(pk=text.pk)
    )
    _set(text, changes, CONTENT)
    return save_record(
        text, verb="reminder_text.edited", by=by, now=now, site=text.site, expected_revision=expected_revision
    )


def _set(text: ReminderText, values: Mapping[str, Any], names: tuple[str, ...]) -> None:
    if unknown := sorted(set(values) - set(names)):
        message = _("This cannot be changed here: %(name)s.")
        raise Invalid({unknown[0]: Problem("reminder.not_editable", message, {"name": unknown[0]})})
    for name, value in values.items():
        setattr(text, name, value.strip() if isinstance(value, str) else value)
    check_fields(text)
    check_text(text)
