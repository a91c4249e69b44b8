"""A text as a patient would read it, with values of nobody."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.common.errors import Invalid, Problem
from patients.models import Channel
from sessions.models import ReminderText
from sessions.rules.reminding import check_text, fill_in

FIRST_NAME = {"es": "Ana"}
ANYBODY = "Alex"

PLAIN_LENGTHS, WIDE_LENGTHS = (160, 153), (70, 67)
_PLAIN = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""Letters of the short alphabet of text messages (3GPP TS 23.038); any other makes every letter cost two bytes."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A text filled in. ``parts``: how many text messages it makes; 0 for an e-mail.

    Example: ``Preview("", "Hello Alex, we expect you on Tuesday 24 November at 09:30.", 1, ())``
    """

    subject: str
    body: str
    parts: int
    problems: tuple[Problem, ...]


def preview_of(text: ReminderText, *, visit_at: datetime) -> Preview:
    """The text filled in, and what would keep it from being stored; what cannot be filled in stays as typed."""
    try:
        check_text(text)
    except Invalid as error:
        return Preview(text.subject, text.body, parts_of(text), error.problems)
    name = FIRST_NAME.get(text.language, ANYBODY)
    told: dict[str, Any] = {
        "first_name": name,
        "visit_at": visit_at,
        "site": text.site,
        "language": text.language,
    }
    filled = ReminderText(subject=fill_in(text.subject, **told), body=fill_in(text.body, **told))
    filled.channel = text.channel
    return Preview(filled.subject, filled.body, parts_of(filled), ())


def parts_of(text: ReminderText) -> int:
    """How many text messages the body makes."""
    if text.channel != Channel.SMS:
        return 0
    alone, joined = PLAIN_LENGTHS if set(text.body) <= _PLAIN else WIDE_LENGTHS
    length = len(text.body)
    return 1 if length <= alone else -(-length // joined)
