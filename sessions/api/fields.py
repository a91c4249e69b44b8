"""Quantities and instants as the API writes them."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from clinic.common.api.fields import Instant as Instant  # the moments of every floor are written alike
from sessions.rules.quantities import plain


@extend_schema_field(
    {"type": "string", "format": "decimal", "pattern": r"^\d{1,7}(\.\d{1,3})?$", "example": "35.5"}
)
class Thousandths(serializers.DecimalField):
    """A decimal string outside, the whole number of its thousandths inside: mg and µg, mL and µL, kg and g."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 0)
        super().__init__(max_digits=10, decimal_places=3, **kwargs)

    def to_internal_value(self, data: Any) -> int:  # type: ignore[override]
        return int(super().to_internal_value(data) * 1000)

    def to_representation(self, value: int) -> str:  # type: ignore[override]
        return plain(Decimal(value) / 1000)

    def run_validators(self, value: int) -> None:
        # The bounds are declared in the unit outside.
        super().run_validators(Decimal(value) / 1000)


class Typed(serializers.DecimalField):
    """A number as it was typed, beside what is computed from it: no zero is added or taken away."""

    def quantize(self, value: Decimal) -> Decimal:
        return value


class Measured(serializers.IntegerField):
    """A whole number read off a monitor, or nothing. Whether it can be right is judged by the rules."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 0)
        super().__init__(required=False, allow_null=True, max_value=99_999, **kwargs)


class ShortText(serializers.CharField):
    """A sentence or two, or nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=2000, allow_blank=True, default="", **kwargs)


class Reason(serializers.CharField):
    """Why. The rules refuse an empty one, with the sentence that the pages show."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=2000, allow_blank=True, **kwargs)


class LongText(serializers.CharField):
    """A text as it was typed. The rules refuse an empty one and one that is too long."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=200_000, allow_blank=True, trim_whitespace=False, **kwargs)
