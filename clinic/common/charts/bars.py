"""Bars side by side, such as one a week, and a line small enough to stand in a row of a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from clinic.common.charts.lines import stretches
from clinic.common.charts.marks import Mark, Tick, marker
from clinic.common.charts.plan import Point
from clinic.common.charts.scale import Scale, nice_ticks

LEFT, RIGHT, TOP, BOTTOM = 34, 8, 20, 24
GAP = 0.28
LABELLED = 6
"""At most so many words below the bars."""


@dataclass(frozen=True, slots=True)
class Value:
    """One bar: ``value`` None where nothing was to be counted, which is not zero."""

    name: str
    value: float | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar drawn; ``height`` None is a gap, marked on the axis."""

    x: float
    y: float
    width: float
    height: float | None
    label: str
    is_last: bool = False

    @property
    def x2(self) -> float:
        return round(self.x + self.width, 1)


@dataclass(frozen=True, slots=True)
class BarChart:
    """Everything that the template draws."""

    id: str
    title: str
    description: str
    width: int
    height: int
    left: float
    right: float
    bottom: float
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    names: tuple[Tick, ...]

    @property
    def words_left(self) -> float:
        return self.left - 6


def bar_chart(
    values: Sequence[Value],
    *,
    id: str,
    title: str,
    description: str,
    high: float | None = None,
    width: int = 320,
    height: int = 132,
) -> BarChart:
    """Bars from zero up.

    Args:
        high: the top of the axis where several charts are to be compared; otherwise the values decide.
    """
    known = [value.value for value in values if value.value is not None]
    ticks = nice_ticks(0, high or max(known, default=0) or 1, 2)
    up = Scale(0, ticks[-1], height - BOTTOM, TOP)
    step = (width - LEFT - RIGHT) / max(len(values), 1)
    bars = [_bar(place, value, step, up, len(values)) for place, value in enumerate(values)]
    every = -(-len(values) // LABELLED) or 1
    middles = [round(bar.x + bar.width / 2, 1) for bar in bars]
    return BarChart(
        id=id,
        title=title,
        description=description,
        width=width,
        height=height,
        left=LEFT,
        right=width - RIGHT,
        bottom=up.start,
        bars=tuple(bars),
        ticks=tuple(Tick(up(value), f"{value:g}") for value in ticks),
        names=tuple(Tick(middles[place], values[place].name) for place in range(0, len(values), every)),
    )


def _bar(place: int, value: Value, step: float, up: Scale, count: int) -> Bar:
    x = round(LEFT + place * step + step * GAP / 2, 1)
    width = round(step * (1 - GAP), 1)
    if value.value is None:
        return Bar(x, up.start, width, None, value.label, place == count - 1)
    top = up.within(value.value)
    return Bar(x, top, width, round(up.start - top, 1), value.label, place == count - 1)


@dataclass(frozen=True, slots=True)
class Spark:
    """A line without axes, its last value marked. The words beside it say what it is."""

    label: str
    width: int
    height: int
    paths: tuple[str, ...]
    marks: tuple[Mark, ...]
    """Values alone between gaps, and the last one."""


def spark(values: Sequence[float | None], *, label: str, width: int = 120, height: int = 28) -> Spark:
    """Values at equal distances; None is a gap, a value alone between gaps a dot."""
    known = [value for value in values if value is not None]
    low, high = min(known, default=0), max(known, default=0)
    middle = high == low
    up = Scale(low - 1 if middle else low, high + 1 if middle else high, height - 4, 4)
    across = Scale(0, max(len(values) - 1, 1), 4, width - 4)
    points = [Point(place, value) for place, value in enumerate(values)]
    paths, marks = [], []
    for stretch in stretches(points):
        places = [(across(point.x), up(point.y)) for point in stretch if point.y is not None]
        if len(places) > 1:
            paths.append("M" + " L".join(f"{x} {y}" for x, y in places))
        else:
            marks.append(marker("circle", *places[0], key="dot", radius=1.5))
    end = next((point for point in reversed(points) if point.y is not None), None)
    if end is not None and end.y is not None:
        marks.append(marker("circle", across(end.x), up(end.y), key="last", radius=2.5))
    return Spark(label, width, height, tuple(paths), tuple(marks))
