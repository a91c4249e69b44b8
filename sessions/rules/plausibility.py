"""Typing errors, which are another thing than clinical limits.

Two tiers: outside ``possible`` a value is refused; outside ``usual`` it is stored once the person has confirmed
that it is what the monitor shows. The ranges are a proposal of this software and no clinical statement: they are
wide enough for every published measurement and narrow enough to catch a slipped digit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid, Problem


@dataclass(frozen=True, slots=True)
class Range:
    """Closed ranges in the quantity's own unit."""

    label: Any
    unit: str
    possible: tuple[float, float]
    usual: tuple[float, float]

    def is_possible(self, value: float) -> bool:
        return self.possible[0] <= value <= self.possible[1]

    def is_usual(self, value: float) -> bool:
        return self.usual[0] <= value <= self.usual[1]


RANGES: dict[str, Range] = {
    "systolic": Range(_("Systolic pressure"), "mmHg", (40, 350), (80, 220)),
    "diastolic": Range(_("Diastolic pressure"), "mmHg", (15, 250), (40, 130)),
    "heart_rate": Range(_("Heart rate"), "/min", (15, 300), (35, 180)),
    "respiratory_rate": Range(_("Respiratory rate"), "/min", (2, 80), (6, 40)),
    "oxygen_saturation": Range(_("SpO2"), "%", (30, 100), (80, 100)),
    "temperature": Range(_("Temperature"), "°C", (25, 45), (34, 40)),
    "sedation": Range(_("Sedation (MOAA/S)"), "", (0, 5), (0, 5)),
    "dissociation": Range(_("Dissociation"), "", (0, 10), (0, 10)),
    "rass": Range(_("RASS"), "", (-5, 4), (-5, 4)),
    "pain": Range(_("Pain"), "", (0, 10), (0, 10)),
    "oxygen_flow": Range(_("Oxygen given"), "L/min", (0, 60), (0, 15)),
}
WEIGHT = Range(_("Weight"), "kg", (20, 400), (35, 200))


def check_weight(kilograms: float, *, confirmed: bool) -> None:
    """Raises Invalid at ``value``: ``weight.impossible`` or, unless confirmed, ``weight.unusual``."""
    _check({"value": kilograms}, {"value": WEIGHT}, confirmed=confirmed, prefix="weight")


def check_vital_signs(values: Mapping[str, float | None], *, confirmed: bool) -> None:
    """Check a set of vital signs: each in range, both pressures or none, diastolic below systolic.

    Raises:
        Invalid: by field: ``vitals.impossible``, ``vitals.pair``, ``vitals.diastolic`` and ``vitals.empty``;
            ``vitals.unusual`` ("check typing") only while not confirmed.
    """
    measured = {name: value for name, value in values.items() if value is not None}
    if not measured:
        raise Invalid(
            {"": Problem("vitals.empty", _("Enter at least one value before you record the reading."))}
        )
    _check(measured, RANGES, confirmed=True, prefix="vitals")
    _check_pressures(measured)
    _check(measured, RANGES, confirmed=confirmed, prefix="vitals")


def _check_pressures(measured: Mapping[str, float]) -> None:
    systolic, diastolic = measured.get("systolic"), measured.get("diastolic")
    if (systolic is None) != (diastolic is None):
        missing = "systolic" if systolic is None else "diastolic"
        message = _("Blood pressure has two values. Enter the other one too, or clear both.")
        raise Invalid({missing: Problem("vitals.pair", message)})
    if systolic is not None and diastolic is not None and diastolic >= systolic:
        message = _(
            "Diastolic %(diastolic)g must be below systolic %(systolic)g. Check for swapped or mistyped values."
        )
        raise Invalid(
            {
                "diastolic": Problem(
                    "vitals.diastolic", message, {"diastolic": diastolic, "systolic": systolic}
                )
            }
        )


def _check(
    measured: Mapping[str, float], ranges: Mapping[str, Range], *, confirmed: bool, prefix: str
) -> None:
    impossible, unusual = {}, {}
    for name, value in measured.items():
        known = ranges[name]
        params = {
            "label": known.label,
            "value": value,
            "unit": known.unit,
            "low": known.possible[0],
            "high": known.possible[1],
        }
        if not known.is_possible(value):
            message = _(
                "%(label)s %(value)g %(unit)s cannot be right: it must be from %(low)g to %(high)g. Check typing."
            )
            impossible[name] = Problem(f"{prefix}.impossible", message, params)
        elif not known.is_usual(value):
            message = _(
                "%(label)s %(value)g %(unit)s is unusual. Check typing, then confirm that it is what you read."
            )
            unusual[name] = Problem(f"{prefix}.unusual", message, params)
    if impossible:
        raise Invalid(impossible)
    if unusual and not confirmed:
        raise Invalid(unusual)
