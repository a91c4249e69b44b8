"""The days that a report is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid, Problem

LONGEST = 731
"""Days: two years, and a leap day."""
USUAL = 28
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
"""A day beyond is a slipped digit, and near the calendar's own ends there is no day before or after."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days at the site, the first and the last included.

    Example: ``Period(date(2026, 3, 2), date(2026, 3, 29))`` is four weeks.
    """

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Period":
        """As many days just before, to compare with."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    @property
    def weeks(self) -> tuple["Period", ...]:
        """Monday to Sunday, the first and the last week cut off at the period's ends."""
        found = []
        first = self.first
        while first <= self.last:
            sunday = first + timedelta(days=6 - first.weekday())
            found.append(Period(first, min(sunday, self.last)))
            first = sunday + timedelta(days=1)
        return tuple(found)

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @classmethod
    def ending(cls, last: date, days: int = USUAL) -> "Period":
        return cls(last - timedelta(days=days - 1), last)

    @classmethod
    def of_query(cls, query: Mapping[str, Any], *, today: date) -> "Period":
        """From ``from`` and ``to`` of an address; the four weeks up to today where they are missing.

        Raises:
            Invalid: ``period.date`` for what is no date, ``period.order``, ``period.long``.
        """
        last = _day(query, "to") or max(_day(query, "from") or today, today)
        first = _day(query, "from") or last - timedelta(days=USUAL - 1)
        if first > last:
            message = _("The period ends before it begins. Exchange the dates.")
            raise Invalid({"to": Problem("period.order", message)})
        if (last - first).days >= LONGEST:
            message = _("This period is longer than two years. Choose a shorter one.")
            raise Invalid({"from": Problem("period.long", message)})
        return cls(first, last)


def _day(query: Mapping[str, Any], name: str) -> date | None:
    text = str(query.get(name) or "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        message = _("This is not a date: %(text)s. Write it as 2026-12-31.")
        raise Invalid({name: Problem("period.date", message, {"text": text[:40]})}) from None
    if not EARLIEST <= day <= LATEST:
        message = _("%(text)s is too far away. Choose a date between 1900 and 2199.")
        raise Invalid({name: Problem("period.date", message, {"text": text})})
    return day
