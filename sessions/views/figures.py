"""The figures of the overview as its page shows them: in words, with an address behind every number."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.common.charts.bars import BarChart, Value, bar_chart
from sessions.models import CancelCode
from sessions.reports.overview import Figure, Overview, Point
from sessions.reports.session_filter import Query

SHOWN = (
    "booked",
    "delivered",
    "completed",
    "stopped_early",
    "no_shows",
    "cancelled",
    "against_rules",
    "with_side_effects",
    "side_effects",
    "unsigned",
)
WITHIN = {"side_effects": "side_effects_not_mild", "cancelled": "cancelled_late"}
"""A figure that stands inside another's, as a part of it."""

WHO_CANCELLED = tuple(f"cancelled_{code.value}" for code in CancelCode)

DRAWN = ("delivered", "completed", "no_shows", "side_effects")
"""Each of the small charts: a figure week by week."""

IN_RATES = frozenset({"completed", "no_shows", "side_effects"})
TABLED = ("booked", "delivered", "completed", "stopped_early", "no_shows", "side_effects", "unsigned")


@dataclass(frozen=True, slots=True)
class Linked:
    """A number, and the list that has exactly as many rows."""

    count: int
    url: str


@dataclass(frozen=True, slots=True)
class Stat:
    """One figure in words.

    ``Stat(key="no_shows", label="No-shows", value="7.3", unit="%", here=Linked(3, …), joined="of",
    of=Linked(41, …), of_label="sessions due", before=Linked(2, …), before_value="4.8", change="+2.5")``
    """

    key: str
    label: Any
    value: str
    unit: Any
    here: Linked
    of: Linked | None
    joined: str
    of_label: Any
    before: Linked
    before_value: str
    change: str
    within: "Stat | None" = None


def list_url(query: Query) -> str:
    """The address of the list behind a number."""
    return f"{reverse('sessions:list')}?{urlencode(query, doseq=True)}"


def stats_of(found: Overview) -> list[Stat]:
    """The figures in the order in which they are read."""
    inner = {key: _stat(found.figures[part]) for key, part in WITHIN.items()}
    return [replace(_stat(found.figures[key]), within=inner.get(key)) for key in SHOWN]


def cancellations_of(found: Overview) -> list[tuple[Any, Linked]]:
    """Who called visits off, and how many of them."""
    figures = [found.figures[key] for key in WHO_CANCELLED]
    return [(figure.label, _linked(figure.now)) for figure in figures]


def _stat(figure: Figure) -> Stat:
    now, before = figure.now, figure.before
    return Stat(
        key=figure.key,
        label=figure.label,
        value=_value(now),
        unit=figure.unit if now.rate is not None else "",
        here=_linked(now),
        of=Linked(now.of, list_url(figure.of_query)) if now.of is not None else None,
        joined=_("of") if figure.unit == "%" else _("in"),
        of_label=_of_label(figure.key),
        before=_linked(before),
        before_value=_value(before),
        change=_change(figure.change),
    )


def _linked(point: Point) -> Linked:
    return Linked(point.count, list_url(point.query))


def _value(point: Point) -> str:
    if point.of is None:
        return str(point.count)
    return "–" if point.rate is None else f"{point.rate:g}"


def _change(change: float | None) -> str:
    if change is None:
        return ""
    return f"+{change:g}" if change > 0 else f"−{-change:g}" if change < 0 else "±0"


def _of_label(key: str) -> str:
    labels = {"cancelled_late": _("cancelled")}
    labels |= dict.fromkeys(("delivered", "cancelled", "against_rules"), _("booked"))
    labels |= {"no_shows": _("due"), "unsigned": _("visits over")}
    return labels.get(key, _("infusions started"))


def charts_of(found: Overview) -> list[BarChart]:
    """One small chart a figure; all start at zero, and a week in which nothing could be counted is a gap."""
    return [_chart(found.figures[key]) for key in DRAWN]


def _chart(figure: Figure) -> BarChart:
    in_rates = figure.key in IN_RATES
    values = [_bar(point, in_rates) for point in figure.weeks]
    unit = figure.unit if in_rates else _("a week")
    description = "; ".join(value.label for value in values)
    title = f"{figure.label}, {unit}"
    high = 100 if figure.key == "completed" else None
    return bar_chart(values, id=f"weeks-{figure.key}", title=title, description=description, high=high)


def _bar(point: Point, in_rates: bool) -> Value:
    week = date_format(point.period.first, "j M")
    if not in_rates:
        return Value(week, point.count, f"{week}: {point.count}")
    told = f"{week}: {_value(point)} ({point.count}/{point.of})"
    return Value(week, point.rate, told)


@dataclass(frozen=True, slots=True)
class WeekRow:
    """One week of the table beside the charts."""

    first: Any
    last: Any
    cells: tuple[Linked, ...]


def weeks_of(found: Overview) -> tuple[list[Any], Iterable[WeekRow]]:
    """The labels of the columns, and a row a week, the latest first."""
    figures = [found.figures[key] for key in TABLED]
    rows = [
        WeekRow(week.first, week.last, tuple(_linked(figure.weeks[place]) for figure in figures))
        for place, week in enumerate(found.period.weeks)
    ]
    return [figure.label for figure in figures], rows[::-1]
