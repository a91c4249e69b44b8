"""Quantities and instants as the API writes them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from sessions.rules.quantities import plain

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


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


class Instant(serializers.DateTimeField):
    """A moment with its offset from UTC, between the years 1900 and 2200."""

    default_error_messages = {
        "range": _("Enter a date between 1900 and 2200."),
        "offset": _("Say the offset from UTC, such as 2026-03-10T09:30:00Z."),
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            self.fail("offset")
        # Compared as they are: a move into another zone could leave the calendar.
        if not EARLIEST.year <= value.year < LATEST.year:
            self.fail("range")
        return super().enforce_timezone(value)


class Measured(serializers.IntegerField):
    """A whole number read off a monitor, or nothing. Whether it can be right is judged by the rules."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, allow_null=True, min_value=0, max_value=99_999, **kwargs)


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
