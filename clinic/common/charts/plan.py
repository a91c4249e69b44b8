"""What a chart of lines is to show, in plain numbers.

A missing value is a gap in the line and never zero. ``key`` becomes part of a CSS class.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """One value. ``since`` is where the time begins that the value speaks of; ``label`` is shown on hovering."""

    x: float
    y: float | None
    label: str = ""
    hollow: bool = False
    since: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Values of one kind, in the order of ``x``."""

    key: str
    label: str
    points: Sequence[Point]
    shape: str = "circle"


@dataclass(frozen=True, slots=True)
class Level:
    """A height with a name, drawn dashed across the panel."""

    key: str
    label: str
    y: float


@dataclass(frozen=True, slots=True)
class Band:
    """A range of heights with a name; None is open to that side."""

    key: str
    label: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the axis, shaded or hatched."""

    key: str
    label: str
    start: float
    end: float
    hatched: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Something at a moment. With a ``size`` from 0 to 1 it is a mark on the axis, otherwise a line across.

    ``name`` stands above the line where there is room; ``label`` says it all on hovering.
    """

    key: str
    label: str
    x: float
    size: float | None = None
    hollow: bool = False
    name: str = ""
    hatched: bool = False


@dataclass(frozen=True, slots=True)
class LaneMark:
    """Something at a place in a lane; ``size`` from 0 to 1."""

    key: str
    label: str
    x: float
    shape: str = "circle"
    size: float = 0.5
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class LanePlan:
    """One row of marks below the axis, its name beside it."""

    title: str
    marks: Sequence[LaneMark]


@dataclass(frozen=True, slots=True)
class PanelPlan:
    """What one panel shows. Without ``low`` and ``high`` the values decide, widened to round numbers."""

    title: str
    series: Sequence[Series]
    low: float | None = None
    high: float | None = None
    bands: Sequence[Band] = ()
    levels: Sequence[Level] = ()
    height: int = 180
    tick_count: int = 4


@dataclass(frozen=True, slots=True)
class ChartPlan:
    """What a whole chart shows: ``x_ticks`` are values of the axis with their words."""

    id: str
    title: str
    description: str
    panels: Sequence[PanelPlan]
    first: float
    last: float
    x_ticks: Sequence[tuple[float, str]]
    x_title: str = ""
    spans: Sequence[Span] = ()
    events: Sequence[Event] = ()
    lanes: Sequence[LanePlan] = ()
    marks_title: str = ""
    gap_after: float | None = None
    width: int = 720
