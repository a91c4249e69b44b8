"""The key with which a person's unsent entries lie on a tablet."""

import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import OutboxKey
from clinic.audit.recording import record
from clinic.common import clock
from clinic.common.errors import Problem, Refused


@transaction.atomic(savepoint=False)
def hand_out_key(*, by: Actor, now: datetime | None = None) -> bytes:
    """Give somebody their own key; it is made when it is first asked for, and that is recorded.

    Raises:
        Refused: a job or an API token asks (``outbox.person``): only a person signed in at a page has entries there.
    """
    if by.user is None or by.narrowed:
        raise Refused(Problem("outbox.person", _("Only a person who is signed in has a key of their own.")))
    now = now or clock.now()
    seed = {"seed": secrets.token_hex(32), "created_at": now}
    row, is_new = OutboxKey.objects.get_or_create(user=by.user, defaults=seed)
    if is_new:
        record(verb="outbox_key.made", subject=by.user, by=by, now=now)
    return row.key
