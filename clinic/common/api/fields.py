"""Fields that the API of more than one room takes."""

from datetime import UTC, datetime

from django.utils.translation import gettext_lazy as _
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
