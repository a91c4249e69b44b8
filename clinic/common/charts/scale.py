"""From values to places in a drawing, and the few round values at which an axis is marked."""

import math
from dataclasses import dataclass
from datetime import date, timedelta

ROUND = (1, 2, 2.5, 5, 10)
MINUTES = (1, 2, 5, 10, 15, 20, 30, 60, 120, 240)


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line from values to pixels. ``low`` is drawn at ``start``, ``high`` at ``end``.

    >>> Scale(0, 10, 100, 0)(2.5)
    75.0
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def within(self, value: float) -> float:
        """As the call, but a value beyond the scale is drawn at its edge."""
        return self(min(max(value, self.low), self.high))


def nice_step(span: float, count: int) -> float:
    """The smallest round step that needs at most ``count`` steps for a span.

    >>> nice_step(87, 5), nice_step(0.9, 3)
    (20.0, 0.5)
    """
    raw = max(span, 1e-9) / max(count, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    return next(factor * power for factor in ROUND if factor * power >= raw * (1 - 1e-9))


def nice_ticks(low: float, high: float, count: int = 5) -> tuple[float, ...]:
    """Round values from at most ``low`` to at least ``high``; an empty span gets some air above it.

    >>> nice_ticks(62, 134, 4)
    (60.0, 80.0, 100.0, 120.0, 140.0)
    """
    if high <= low:
        high = low + max(abs(low), 1.0)
    step = nice_step(high - low, count)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(number * step, 9) for number in range(first, last + 1))


def minute_ticks(low: float, high: float, count: int = 8) -> tuple[int, ...]:
    """Round minutes inside a span: every 5, 10, 15, 30, 60 ..., whichever gives at most ``count`` steps.

    >>> minute_ticks(-20, 95, 8)
    (-15, 0, 15, 30, 45, 60, 75, 90)
    """
    span = max(high - low, 1)
    fitting = [step for step in MINUTES if span / step <= count]
    step = fitting[0] if fitting else math.ceil(span / count / 60) * 60
    return tuple(range(math.ceil(low / step) * step, math.floor(high / step) * step + 1, step))


def date_ticks(first: date, last: date, count: int = 6) -> tuple[date, ...]:
    """Days, Mondays or firsts of months inside a span, at most about ``count`` of them."""
    days = (last - first).days
    if days <= count:
        return tuple(first + timedelta(days=number) for number in range(days + 1))
    if days <= 7 * count:
        monday = first + timedelta(days=-first.weekday() % 7)
        return tuple(monday + timedelta(days=step) for step in range(0, (last - monday).days + 1, 7))
    months = [date(year, month, 1) for year in range(first.year, last.year + 1) for month in range(1, 13)]
    inside = [day for day in months if first <= day <= last]
    every = math.ceil(len(inside) / count)
    return tuple(inside[::every]) if inside else (first,)
