"""Until when does each patient wait in the check, and for what? For the board, in one query."""

from collections.abc import Iterable
from datetime import datetime

from sessions.models import CheckAnswer
from sessions.rules.check_words import waiting_words

Waits = dict[int, tuple[datetime, str]]


def waiting_until(session_ids: Iterable[int]) -> Waits:
    """By the inner key of the session, the latest moment that an item waits for, and the reason in words.

    Example: ``{17: (datetime(2026, 3, 10, 15, 40, tzinfo=UTC), "fasting")}``; a session that waits for nothing is
    left out. Only an item's last answer counts. A moment that has passed stays until somebody answers again.
    """
    rows = CheckAnswer.objects.filter(session__in=session_ids).order_by("entered_at", "pk")
    told = rows.values_list("session", "item", "waits_until", "note")
    latest = {(session_id, item): (moment, note) for session_id, item, moment, note in told}
    found: Waits = {}
    for (session_id, item), (moment, note) in latest.items():
        if moment is not None and (session_id not in found or moment > found[session_id][0]):
            found[session_id] = (moment, waiting_words(item, note))
    return found
