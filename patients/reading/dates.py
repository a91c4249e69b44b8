"""Dates as people and other systems write them. Pure: it knows no clock and no database."""

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum


class DateOrder(StrEnum):
    """Which number comes first in ``03/04/1980``."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


class UnreadableDate(ValueError):
    """No day of the calendar is written like that."""


class AmbiguousDate(ValueError):
    """Two days are written like that; somebody has to say which number is the month."""


_TIME = r"(?:[t ]\d{1,2}:\d{2}(?::\d{2})?\S*)?"
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _TIME)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4})" + _TIME)
_DAY_MONTH_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ .-]{1,2}([a-z]{3,9})[ .,-]{1,2}(\d{4})")
_MONTH_NAME_DAY = re.compile(r"([a-z]{3,9})[ .]{1,2}(\d{1,2})(?:st|nd|rd|th)?[ ,]{1,2}(\d{4})")
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)


def readings(text: str) -> tuple[date, ...]:
    """Every day that the text may mean: none, one, or two when day and month can be told apart by nobody.

    >>> readings("1984-03-12"), readings("12 Mar 1984")
    ((datetime.date(1984, 3, 12),), (datetime.date(1984, 3, 12),))
    >>> readings("12/03/1984")  # day first, then month first
    (datetime.date(1984, 3, 12), datetime.date(1984, 12, 3))
    """
    text = text.strip().casefold()
    if match := _YEAR_FIRST.fullmatch(text):
        return _days((match[1], match[3], match[4]))
    if match := _COMPACT.fullmatch(text):
        return _days((match[1], match[2], match[3]))
    if match := _YEAR_LAST.fullmatch(text):
        return _days((match[4], match[3], match[1]), (match[4], match[1], match[3]))
    if match := _DAY_MONTH_NAME.fullmatch(text):
        return _days((match[3], _month(match[2]), match[1]))
    if match := _MONTH_NAME_DAY.fullmatch(text):
        return _days((match[3], _month(match[1]), match[2]))
    return ()


def read_date(text: str, order: DateOrder | None = None) -> date:
    """The one day that the text means.

    Args:
        order: settles which number is the month where two readings differ; it never bends a date that has one.

    Raises:
        UnreadableDate: no such day, or a year of two digits.
        AmbiguousDate: two readings and no order.
    """
    found = readings(text)
    if order is not None and (match := _YEAR_LAST.fullmatch(text.strip().casefold())):
        day, month = (match[1], match[3]) if order is DateOrder.DAY_FIRST else (match[3], match[1])
        found = _days((match[4], month, day))
    if not found:
        raise UnreadableDate(text)
    if len(found) > 1:
        raise AmbiguousDate(text)
    return found[0]


def order_of(texts: Iterable[str]) -> DateOrder | None:
    """The order that a whole column betrays: one ``25/12/1980`` settles every ``03/04/1980`` beside it.

    None when nothing betrays it, or when the column contradicts itself.
    """
    shown = set()
    for text in texts:
        match = _YEAR_LAST.fullmatch(text.strip().casefold())
        if match and int(match[1]) > 12 >= int(match[3]):
            shown.add(DateOrder.DAY_FIRST)
        elif match and int(match[3]) > 12 >= int(match[1]):
            shown.add(DateOrder.MONTH_FIRST)
    return shown.pop() if len(shown) == 1 else None


def swapped(day: date) -> date | None:
    """The day with its day and month exchanged, where that is another day of the calendar."""
    found = [other for other in _days((day.year, day.day, day.month)) if other != day]
    return found[0] if found else None


def _month(name: str) -> int:
    return next((number for number, month in enumerate(_MONTHS, 1) if month.startswith(name)), 0)


def _days(*parts: tuple[str | int, str | int, str | int]) -> tuple[date, ...]:
    """The distinct days among (year, month, day) triples that exist."""
    found: list[date] = []
    for year, month, day in parts:
        try:
            candidate = date(int(year), int(month), int(day))
        except ValueError:
            continue
        if candidate not in found:
            found.append(candidate)
    return tuple(found)
