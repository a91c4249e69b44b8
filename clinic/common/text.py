"""Text as people type it: what can be stored, how it is found, how it is ordered."""

import unicodedata

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid, Problem

# Latin letters that Unicode does not take apart, as they are typed on a keyboard without them.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)


def fold(text: str) -> str:
    """Without case and diacritics, so that "Ólafur" is found by "olafur" on every database."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return (
        "".join(char for char in decomposed if not unicodedata.combining(char)).casefold().translate(_PLAIN)
    )


def words(text: str) -> list[str]:
    """The folded words of a text; anything but letters and digits separates words."""
    return "".join(char if char.isalnum() else " " for char in fold(text)).split()


def search_key(*parts: str) -> str:
    """The sorted, distinct words of some texts, with spaces around: ``" ana garcia "``.

    Stored beside a name, because SQLite's own case-insensitive search misses letters beyond ASCII and the
    order of family and given name differs between people and countries.
    """
    return f" {' '.join(sorted({word for part in parts for word in words(part)}))} "


def sort_key(*parts: str) -> str:
    """The folded words in their order: the same collation on SQLite and PostgreSQL."""
    return " ".join(word for part in parts for word in words(part))


def is_storable(text: str) -> bool:
    """Whether both databases can store the text: no NUL and no half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def storable(text: str, *, field: str = "") -> str:
    """The text unchanged.

    Raises:
        Invalid: it holds a character that no database can store (``text.unreadable``).
    """
    if is_storable(text):
        return text
    message = _(
        "This text holds an unreadable character, often left behind by copying. Delete it and type it again."
    )
    raise Invalid({field: Problem("text.unreadable", message)})
