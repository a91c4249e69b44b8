"""Who has accepted answers out of hours at a site, now and in the next weeks? One query."""

from datetime import datetime, timedelta
from typing import Any

from clinic.accounts.actor import Actor
from patients.models import AnswerCover

SHOWN = timedelta(days=60)


def covers_ahead(site: Any, *, actor: Actor, now: datetime) -> list[AnswerCover]:
    """Those that stand, the earliest first."""
    rows = AnswerCover.objects.for_user(actor).filter(site=site).standing()
    return list(rows.filter(ends_at__gt=now, starts_at__lt=now + SHOWN).select_related("user", "site"))
