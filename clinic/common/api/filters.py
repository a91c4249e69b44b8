"""Filters that more than one room uses."""

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django_filters import rest_framework as filters
from django_filters.fields import IsoDateTimeField


class InstantField(IsoDateTimeField):
    """A moment in UTC. PostgreSQL refuses an offset of more than 16 hours, which Python can still read."""

    def to_python(self, value: Any) -> datetime | None:
        found: datetime | None = super().to_python(value)
        try:
            return found and found.astimezone(UTC)
        except OverflowError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class InstantFilter(filters.IsoDateTimeFilter):
    """Rows before or after a moment, such as ``2026-03-10T09:30:00Z``."""

    field_class = InstantField
