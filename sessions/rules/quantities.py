"""Typed decimals into whole units, and back into what people read. Exact."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid, Problem

GRAMS_PER_POUND = Decimal("453.59237")
"""The international avoirdupois pound, exact by definition (1959)."""


def grams_of(value: Decimal, unit: str) -> int:
    """Whole grams of a weight in ``kg`` or ``[lb_av]`` (UCUM).

    Raises:
        Invalid: not a finite number, or another unit.
    """
    factor = {"kg": Decimal(1000), "[lb_av]": GRAMS_PER_POUND}.get(unit)
    if factor is None:
        raise Invalid({"unit": Problem("weight.unit", _("Enter the weight in kg or lb."))})
    return _whole(value, factor, "weight", field="value")


def decicelsius_of(value: Decimal, unit: str) -> int:
    """Tenths of a degree Celsius of a temperature in ``Cel`` or ``[degF]`` (UCUM)."""
    if unit not in {"Cel", "[degF]"}:
        raise Invalid(
            {"temperature_unit": Problem("temperature.unit", _("Enter the temperature in °C or °F."))}
        )
    if not value.is_finite():
        return _whole(value, Decimal(10), "temperature")
    celsius = value if unit == "Cel" else (value - 32) * 5 / 9
    return _whole(celsius, Decimal(10), "temperature")


def _whole(value: Decimal, factor: Decimal, name: str, *, field: str = "") -> int:
    if not value.is_finite() or abs(value) > 100_000:
        raise Invalid({field or name: Problem(f"{name}.impossible", _("Enter an ordinary number."))})
    return int((value * factor).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def thousandths(value: int | None) -> Decimal | None:
    """Micrograms as mg, microlitres as mL, grams as kg: the same number with the point moved."""
    return None if value is None else Decimal(value) / 1000


def plain(value: Any) -> str:
    """A decimal without exponent and without trailing zeros: ``35.5``, ``100``."""
    return format(Decimal(value).normalize(), "f")
