"""A message to a patient on its way to a carrier: what a reminder and a check-in have in common."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from clinic.common.messaging import NotSent, Unknown
from sessions.models import HomeCheckIn, Reminder

MOST_TRIES = 3
NEXT_TRY = timedelta(minutes=15)
"""After the first failure; twice as long after the second."""

QUIET_AFTER = timedelta(hours=1)
FIRST_HOUR, LAST_HOUR = 8, 20

UNKNOWN = "unknown"

WORDS = {"sent": "sent", "failed": "failed", "dropped": "dropped", "queued": "put off", "": "left"}
"""How a run tells the state that a message was left in; "" where it was somebody else's to send."""


def would_wake(message: Reminder | HomeCheckIn, *, now: datetime, zone: ZoneInfo) -> bool:
    """Whether a message that is late would come at night: it then waits for the morning. One on time is as the
    clinic wants it, whatever the hour."""
    hour = now.astimezone(zone).hour
    return now - message.due_at > QUIET_AFTER and not FIRST_HOUR <= hour < LAST_HOUR


def claim(message: Reminder | HomeCheckIn, *, now: datetime) -> None:
    """Handed over, and nobody knows yet what becomes of it. Whoever calls this saves it."""
    message.attempts += 1
    message.state, message.why, message.settled_at = message.State.FAILED, UNKNOWN, now


def settle(message: Reminder | HomeCheckIn, outcome: NotSent | Unknown | None, *, now: datetime) -> None:
    """What its carrier made of a claimed message; None: it was taken. Whoever calls this saves it."""
    message.settled_at = now
    if outcome is None:
        message.state, message.why = message.State.SENT, ""
    elif isinstance(outcome, Unknown):
        message.why = f"{UNKNOWN}: {outcome}"
    elif outcome.again and message.attempts < MOST_TRIES:
        message.state, message.why, message.settled_at = message.State.QUEUED, f"waits: {outcome}", None
        message.due_at = now + NEXT_TRY * 2 ** (message.attempts - 1)
    else:
        message.why = f"refused: {outcome}"


def reason_told(why: str, sentences: Mapping[str, Any]) -> str:
    """A stored reason as a sentence: a code, and behind a colon what the carrier said."""
    code, _colon, said = why.partition(":")
    sentence = str(sentences.get(code, code))
    return f"{sentence} {said.strip()}" if said.strip() else sentence
