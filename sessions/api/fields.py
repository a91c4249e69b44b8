"""Quantities and instants as the API writes them."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from clinic.common.api.fields import Instant as Instant  # the moments of every floor are written alike
from clinic.common.api.fields import Thousandths as Thousandths


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
