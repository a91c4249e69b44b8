"""What a week of opening hours may look like."""

from collections.abc import Iterable
from datetime import time
from itertools import pairwise

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid, Problem
from clinic.facilities.models import Weekday

Stretch = tuple[int, time, time]
"""``(weekday, opens, closes)`` on the site's clocks."""

MIDNIGHT = time.max
"""How the midnight that ends a day is stored: a day's own midnight comes before everything else of it."""
MOST_A_DAY = 6


def checked_week(hours: Iterable[Stretch]) -> list[Stretch]:
    """The stretches in order, those that touch joined: a visit may then span the moment where they meet.

    Raises:
        Invalid: under ``hours``, every day that is wrong: ``hours.weekday``, ``hours.order``, ``hours.overlap``,
            ``hours.many``.
    """
    by_day: dict[int, list[tuple[time, time]]] = {}
    for weekday, opens, closes in hours:
        by_day.setdefault(weekday, []).append((opens, MIDNIGHT if closes == time.min else closes))
    problems = [problem for weekday, day in by_day.items() if (problem := _problem_of(weekday, sorted(day)))]
    if problems:
        raise Invalid({"hours": problems})
    return [
        (weekday, opens, closes)
        for weekday in sorted(by_day)
        for opens, closes in _joined(sorted(by_day[weekday]))
    ]


def _problem_of(weekday: int, day: list[tuple[time, time]]) -> Problem | None:
    if weekday not in Weekday.values:
        message = _("A weekday is a number from 0, Monday, to 6, Sunday.")
        return Problem("hours.weekday", message)
    params = {"day": Weekday(weekday).label}
    if len(day) > MOST_A_DAY:
        message = _("%(day)s: at most %(most)s stretches a day.")
        return Problem("hours.many", message, params | {"most": MOST_A_DAY})
    if any(closes <= opens for opens, closes in day):
        return Problem("hours.order", _("%(day)s: the site closes before it opens. Check the times."), params)
    if any(begins < closes for (_opens, closes), (begins, _ends) in pairwise(day)):
        message = _("%(day)s: two stretches share some time. Make one of them, or part them.")
        return Problem("hours.overlap", message, params)
    return None


def _joined(day: list[tuple[time, time]]) -> list[tuple[time, time]]:
    found: list[tuple[time, time]] = []
    for opens, closes in day:
        if found and found[-1][1] == opens:
            found[-1] = (found[-1][0], closes)
        else:
            found.append((opens, closes))
    return found


def closing_words(closes: time) -> str:
    """``17:00``; the midnight that ends the day reads ``24:00``."""
    return "24:00" if closes == MIDNIGHT else closes.strftime("%H:%M")
