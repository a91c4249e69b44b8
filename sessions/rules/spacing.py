"""The days between infusions, and whether they shrink. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

SHRINKS_AFTER = 2
"""So many gaps in a row, each shorter than the one before it, are shrinking spacing. Version 1, a convention (GK)."""


@dataclass(frozen=True, slots=True)
class Spacing:
    """Gaps in days, the first between the first two infusions.

    Attributes:
        is_shrinking: the last gaps became shorter and shorter: relief may be lasting less long.
    """

    gaps: tuple[int, ...]

    @property
    def is_shrinking(self) -> bool:
        last = self.gaps[-SHRINKS_AFTER - 1 :]
        return len(last) > SHRINKS_AFTER and all(later < earlier for earlier, later in pairwise(last))

    @property
    def shortest(self) -> int | None:
        return min(self.gaps, default=None)

    @property
    def longest(self) -> int | None:
        return max(self.gaps, default=None)


def spacing_of(days: Sequence[date]) -> Spacing:
    """Days in any order; two infusions of one day are 0 days apart."""
    return Spacing(tuple((later - earlier).days for earlier, later in pairwise(sorted(days))))
