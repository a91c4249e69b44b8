"""Fields that the API of more than one room takes."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


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
        return format((Decimal(value) / 1000).normalize(), "f")

    def run_validators(self, value: int) -> None:
        # The bounds are declared in the unit outside.
        super().run_validators(Decimal(value) / 1000)
