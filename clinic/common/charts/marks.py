"""The small parts that every chart is made of: marks, rules, shades, ticks and labels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

LABEL_HEIGHT = 15


@dataclass(frozen=True, slots=True)
class Mark:
    """One value: an outline that differs by series, so that colour is never alone."""

    x: float
    y: float
    path: str
    key: str
    label: str = ""
    hollow: bool = False
    hatched: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    key: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Shade:
    """An area behind the lines; ``label_y`` is the height of its name, None where it would not fit."""

    x: float
    y: float
    width: float
    height: float
    key: str
    label: str = ""
    hatched: bool = False

    @property
    def label_x(self) -> float:
        """Its name ends here, at the right: most lines begin high and end low."""
        return round(self.x + self.width - 6, 1)

    @property
    def label_y(self) -> float | None:
        return round(self.y + LABEL_HEIGHT - 3, 1) if self.height >= LABEL_HEIGHT else None


@dataclass(frozen=True, slots=True)
class Tick:
    """A marked place on an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Label:
    """Words beside a line instead of a legend."""

    x: float
    y: float
    text: str
    key: str


def marker(
    shape: str,
    x: float,
    y: float,
    *,
    key: str,
    label: str = "",
    hollow: bool = False,
    radius: float = 3.5,
) -> Mark:
    """A mark around a place.

    Args:
        shape: ``circle``, ``square``, ``diamond``, ``triangle``, ``down`` and ``up`` (open angles, as blood
            pressure is drawn on paper charts) or ``cross``.
    """
    path = SHAPES[shape](x, y, radius)
    return Mark(x, y, path, key, label, hollow)


def spread(labels: Sequence[Label], *, low: float, high: float) -> tuple[Label, ...]:
    """Labels moved apart as little as needed so that none covers another, kept between two heights if they fit."""
    placed: list[Label] = []
    for label in sorted(labels, key=lambda label: label.y):
        floor = placed[-1].y + LABEL_HEIGHT if placed else low
        placed.append(replace(label, y=round(max(label.y, floor), 1)))
    ceiling = high
    for place in range(len(placed) - 1, -1, -1):
        if placed[place].y <= ceiling:
            break
        placed[place] = replace(placed[place], y=round(ceiling, 1))
        ceiling -= LABEL_HEIGHT
    return tuple(placed)


def _n(value: float) -> str:
    return f"{round(value, 1):g}"


def _polygon(*places: tuple[float, float], closed: bool = True) -> str:
    drawn = " L".join(f"{_n(x)} {_n(y)}" for x, y in places)
    return f"M{drawn}{' Z' if closed else ''}"


def _circle(x: float, y: float, r: float) -> str:
    return f"M{_n(x - r)} {_n(y)} {_around(r)}"


@lru_cache
def _around(r: float) -> str:
    """From the left end of a circle all the way round: the same for every circle of its size, and a chart has many."""
    half = f"a{_n(r)} {_n(r)} 0 1 1"
    return f"{half} {_n(2 * r)} 0 {half} {_n(-2 * r)} 0 Z"


def _square(x: float, y: float, r: float) -> str:
    return _polygon((x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r))


def _diamond(x: float, y: float, r: float) -> str:
    r *= 1.3
    return _polygon((x, y - r), (x + r, y), (x, y + r), (x - r, y))


def _triangle(x: float, y: float, r: float) -> str:
    r *= 1.2
    return _polygon((x, y - r), (x + r, y + r), (x - r, y + r))


def _down(x: float, y: float, r: float) -> str:
    return _polygon((x - r, y - 1.5 * r), (x, y), (x + r, y - 1.5 * r), closed=False)


def _up(x: float, y: float, r: float) -> str:
    return _polygon((x - r, y + 1.5 * r), (x, y), (x + r, y + 1.5 * r), closed=False)


def _cross(x: float, y: float, r: float) -> str:
    falling = _polygon((x - r, y - r), (x + r, y + r), closed=False)
    return f"{falling} {_polygon((x - r, y + r), (x + r, y - r), closed=False)}"


SHAPES = {
    "circle": _circle,
    "square": _square,
    "diamond": _diamond,
    "triangle": _triangle,
    "down": _down,
    "up": _up,
    "cross": _cross,
}
OPEN_SHAPES = frozenset({"down", "up", "cross"})
