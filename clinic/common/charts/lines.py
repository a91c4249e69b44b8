"""Lines over time: one or more panels above one axis, with bands, spans, events and marks.

A plan of :mod:`clinic.common.charts.plan` comes in; what comes out is ready for a template: every length is in the
units of the drawing's ``viewBox``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from clinic.common.charts.marks import Label, Mark, Rule, Shade, Tick, marker, spread
from clinic.common.charts.plan import (
    Band,
    ChartPlan,
    Event,
    LanePlan,
    Level,
    PanelPlan,
    Point,
    Series,
    Span,
)
from clinic.common.charts.scale import Scale, nice_ticks

LEFT, RIGHT, TOP, BOTTOM = 48, 132, 22, 26
TITLE_ROOM = 18
"""Below the words of the axis, where it has a title."""
PANEL_GAP = 44
EVENT_ROOM = 18
LANE_ROOM = 20
LETTER = 7
"""About how wide a letter is; only to keep the names of events apart."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One series drawn: the stretches of its line, its marks, and its name beside the last value.

    Attributes:
        reaches: for each mark whose value speaks of a time before it, the line over that time.
    """

    key: str
    label: str
    paths: tuple[str, ...]
    marks: tuple[Mark, ...]
    reaches: tuple[str, ...]

    @property
    def reach(self) -> str:
        """All of them as one path."""
        return " ".join(self.reaches)


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel drawn."""

    title: str
    y: float
    height: float
    ticks: tuple[Tick, ...]
    bands: tuple[Shade, ...]
    levels: tuple[Rule, ...]
    curves: tuple[Curve, ...]
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of marks drawn below the axis; its name begins where the panels end."""

    title: str
    x: float
    y: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class LineChart:
    """Everything that the template draws, from the back to the front."""

    id: str
    title: str
    description: str
    width: int
    height: float
    left: float
    right: float
    top: float
    bottom: float
    panels: tuple[Panel, ...]
    spans: tuple[Shade, ...]
    x_ticks: tuple[Tick, ...]
    x_title: str
    events: tuple[Rule, ...]
    event_names: tuple[Label, ...]
    marks: tuple[Mark, ...]
    marks_title: Label | None = None
    lanes: tuple[Lane, ...] = ()

    @property
    def words_left(self) -> float:
        return self.left - 6

    @property
    def tick_end(self) -> float:
        return self.bottom + 4

    @property
    def words_below(self) -> float:
        """Below the axis, and below the marks on it where there are any."""
        return self.bottom + 18 + _below(bool(self.marks), len(self.lanes))


def line_chart(plan: ChartPlan) -> LineChart:
    """Lay a plan out."""
    has_ticks = any(event.size is None for event in plan.events)
    top = TOP + (EVENT_ROOM if has_ticks else 0)
    last = plan.last if plan.last > plan.first else plan.first + 1
    across = Scale(plan.first, last, LEFT, plan.width - RIGHT)
    panels, y = [], float(top)
    for panel in plan.panels:
        panels.append(_panel(panel, across, y, plan.gap_after))
        y += panel.height + PANEL_GAP
    bottom = y - PANEL_GAP
    sized = [event for event in plan.events if event.size is not None]
    return LineChart(
        id=plan.id,
        title=plan.title,
        description=plan.description,
        width=plan.width,
        height=bottom + BOTTOM + (TITLE_ROOM if plan.x_title else 0) + _below(bool(sized), len(plan.lanes)),
        left=across.start,
        right=across.end,
        top=top,
        bottom=bottom,
        panels=tuple(panels),
        spans=tuple(_span(span, across, top, bottom) for span in plan.spans),
        x_ticks=tuple(Tick(across(value), words) for value, words in plan.x_ticks),
        x_title=plan.x_title,
        events=tuple(_tick(event, across, top, bottom) for event in plan.events if event.size is None),
        event_names=tuple(_names(plan.events, across, top)),
        marks=tuple(_axis_mark(event, across, bottom) for event in sized),
        marks_title=_beside(plan.marks_title, across, bottom + EVENT_ROOM - 4) if sized else None,
        lanes=tuple(
            _lane(lane, across, bottom + _below(bool(sized), n)) for n, lane in enumerate(plan.lanes)
        ),
    )


def _below(has_marks: bool, lanes: int) -> int:
    """The room between the axis and the words below it."""
    return (EVENT_ROOM if has_marks else 0) + LANE_ROOM * lanes


def _lane(plan: LanePlan, across: Scale, top: float) -> Lane:
    y = top + LANE_ROOM - 6
    marks = (
        marker(
            mark.shape,
            across.within(mark.x),
            y,
            key=mark.key,
            label=mark.label,
            hollow=mark.hollow,
            radius=round(2 + 3 * min(max(mark.size, 0), 1), 1),
        )
        for mark in plan.marks
    )
    return Lane(plan.title, across.end + 8, y, tuple(marks))


def _beside(words: str, across: Scale, y: float) -> Label | None:
    return Label(across.end + 8, y, words, "lane") if words else None


def _panel(plan: PanelPlan, across: Scale, y: float, gap_after: float | None) -> Panel:
    ticks = nice_ticks(*_range(plan), plan.tick_count)
    low = plan.low if plan.low is not None else ticks[0]
    high = plan.high if plan.high is not None else ticks[-1]
    if low >= high:
        # Every value lies beyond the end that was asked for; they are drawn at the edge.
        low = high - max(abs(high), 1)
    up = Scale(low, high, y + plan.height, y)
    curves = [_curve(series, across, up, gap_after) for series in plan.series]
    return Panel(
        title=plan.title,
        y=y,
        height=plan.height,
        ticks=tuple(Tick(up(value), f"{value:g}") for value in ticks if low <= value <= high),
        bands=tuple(_band(band, across, up) for band in plan.bands),
        levels=tuple(_level(level, across, up) for level in plan.levels),
        curves=tuple(curves),
        labels=spread(_end_labels(plan, across, up), low=y + 4, high=y + plan.height),
    )


def _range(plan: PanelPlan) -> tuple[float, float]:
    values = [point.y for series in plan.series for point in series.points if point.y is not None]
    values += [level.y for level in plan.levels]
    low = plan.low if plan.low is not None else min(values, default=0)
    high = plan.high if plan.high is not None else max(values, default=1)
    return low, high


def _curve(series: Series, across: Scale, up: Scale, gap_after: float | None) -> Curve:
    paths, marks, reaches = [], [], []
    for stretch in stretches(series.points, gap_after=gap_after):
        places = []
        for point in stretch:
            assert point.y is not None
            x, y = across(point.x), up.within(point.y)
            places.append(f"{x} {y}")
            marks.append(marker(series.shape, x, y, key=series.key, label=point.label, hollow=point.hollow))
            if point.since is not None:
                reaches.append(f"M{across.within(point.since)} {y} H{x}")
        if len(places) > 1:
            paths.append("M" + " L".join(places))
    return Curve(series.key, series.label, tuple(paths), tuple(marks), tuple(reaches))


def stretches(points: Iterable[Point], *, gap_after: float | None = None) -> list[list[Point]]:
    """Points with a value, as a line may join them: it breaks at a missing one and, if asked, at a longer silence."""
    ordered = list(points)
    found: list[list[Point]] = [[]]
    for point, following in pairwise([*ordered, None]):
        if point is None or point.y is None:
            found.append([])
            continue
        found[-1].append(point)
        if following and gap_after is not None and following.x - point.x > gap_after:
            found.append([])
    return [stretch for stretch in found if stretch]


def _end_labels(plan: PanelPlan, across: Scale, up: Scale) -> list[Label]:
    """The name of each series at the height of its last value, and of each level that is not a series' own."""
    labels = []
    for series in plan.series:
        last = next((point for point in reversed(series.points) if point.y is not None), None)
        if last is not None and last.y is not None:
            labels.append(Label(across.end + 8, up.within(last.y), f"{series.label} {last.y:g}", series.key))
    labels += [
        Label(across.end + 8, up.within(level.y), level.label, level.key)
        for level in plan.levels
        if level.label
    ]
    return labels


def _band(band: Band, across: Scale, up: Scale) -> Shade:
    top = up.within(up.high if band.high is None else band.high)
    bottom = up.within(up.low if band.low is None else band.low)
    return Shade(across.start, top, across.end - across.start, round(bottom - top, 1), band.key, band.label)


def _level(level: Level, across: Scale, up: Scale) -> Rule:
    y = up.within(level.y)
    return Rule(across.start, y, across.end, y, level.key, level.label)


def _span(span: Span, across: Scale, top: float, bottom: float) -> Shade:
    start, end = across.within(span.start), across.within(span.end)
    return Shade(start, top, round(end - start, 1), bottom - top, span.key, span.label, span.hatched)


def _tick(event: Event, across: Scale, top: float, bottom: float) -> Rule:
    x = across.within(event.x)
    return Rule(x, top - TOP, x, bottom, event.key, event.label)


def _names(events: Iterable[Event], across: Scale, top: float) -> Iterable[Label]:
    """Names of the lines across, from the left; one that would run into the one before stays away."""
    free = 0.0
    for event in sorted(events, key=lambda event: event.x):
        x = across.within(event.x)
        if event.size is None and event.name and x >= free:
            yield Label(x, top - TOP - 4, event.name, event.key)
            free = x + LETTER * (len(event.name) + 2)


def _axis_mark(event: Event, across: Scale, bottom: float) -> Mark:
    radius = round(3 + 5 * min(max(event.size or 0, 0), 1), 1)
    place = across.within(event.x), bottom + EVENT_ROOM - 4
    mark = marker("circle", *place, key=event.key, label=event.label, hollow=event.hollow, radius=radius)
    return replace(mark, hatched=event.hatched)
