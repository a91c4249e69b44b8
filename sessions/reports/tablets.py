"""Which tablets at the chairside have lost the network?"""

from datetime import datetime, timedelta

from django.db.models import Max, Q

from sessions.models import TabletContact
from sessions.states import MONITORED

SILENT_AFTER = timedelta(seconds=75)
"""Three contacts missed: one may be late."""
FORGOTTEN_AFTER = timedelta(hours=4)
"""A page that was open that long ago says nothing about now: its tablet was switched off."""


def offline_since(where: Q, now: datetime) -> dict[int, datetime]:
    """Of sessions by inner key: since when no tablet on which the page was open has been heard of.

    Args:
        where: at which sessions, such as ``Q(session__site=site)``.

    Only of patients who are monitored, and only where a page was open and was not closed.

    Example: ``{17: datetime(2026, 3, 10, 10, 14, tzinfo=UTC)}``
    """
    rows = TabletContact.objects.filter(where, session__status__in=MONITORED)
    latest = rows.values("session").annotate(seen=Max("last_seen_at")).order_by()
    return {
        row["session"]: row["seen"]
        for row in latest
        if now - FORGOTTEN_AFTER < row["seen"] <= now - SILENT_AFTER
    }
