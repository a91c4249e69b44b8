"""Quantities as people type them, in whole units inside."""

from decimal import Decimal
from typing import Any

from clinic.common.forms import DecimalNumber
from sessions.rules.quantities import plain


class Thousandths(DecimalNumber):
    """A decimal outside, the whole number of its thousandths inside: mg and µg, mL and µL."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 0)
        kwargs.setdefault("max_value", 2_000_000)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        number = super().clean(value)
        return None if number is None else int(number * 1000)

    def prepare_value(self, value: Any) -> Any:
        return plain(Decimal(value) / 1000) if isinstance(value, int) else value
