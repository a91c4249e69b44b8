"""How far did the vital signs of a session go from its baseline?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

MEASURED: tuple[tuple[str, str, bool, Any], ...] = (
    ("systolic", "highest", True, _("Highest systolic")),
    ("systolic", "lowest", False, _("Lowest systolic")),
    ("diastolic", "highest", True, _("Highest diastolic")),
    ("heart_rate", "highest", True, _("Highest heart rate")),
    ("heart_rate", "lowest", False, _("Lowest heart rate")),
    ("oxygen_saturation", "lowest", False, _("Lowest oxygen saturation")),
)
"""Column, which end, whether it is the highest, words. mmHg, mmHg, mmHg, /min, /min, per cent."""


@dataclass(frozen=True, slots=True)
class Extreme:
    """The end of one vital sign after the start of the infusion; ``change`` None without a baseline of it.

    Example: ``Extreme("systolic", "highest", "Highest systolic", 152, 34)``
    """

    parameter: str
    end: str
    label: Any
    value: int
    change: int | None


@dataclass(frozen=True, slots=True)
class Extremes:
    """All ends that were measured, and of how many standing readings after the start they are."""

    readings: int
    ends: tuple[Extreme | None, ...]


def extremes_of(after: Sequence[Any], baseline: Any) -> Extremes:
    """Of the readings after the start that stand, against the baseline's own values; None where never measured."""
    return Extremes(len(after), tuple(_extreme(*measured, after, baseline) for measured in MEASURED))


def _extreme(
    parameter: str, end: str, is_highest: bool, label: Any, after: Sequence[Any], baseline: Any
) -> Extreme | None:
    values = [value for reading in after if (value := getattr(reading, parameter)) is not None]
    if not values:
        return None
    value = max(values) if is_highest else min(values)
    start = getattr(baseline, parameter) if baseline is not None else None
    return Extreme(parameter, end, label, value, None if start is None else value - start)
