"""Drug drawn up and what became of it. Amounts are decimal strings, units in the names."""

from typing import Any

from rest_framework import serializers

from sessions.api.fields import Instant, ShortText, Thousandths
from sessions.api.light import LightSerializer
from sessions.api.serializers.facts import CorrectableOut, FactOut
from sessions.models import DrugUse


class PreparationIn(serializers.Serializer[Any]):
    """Drug drawn from a container."""

    product = serializers.UUIDField()
    lot = serializers.CharField(max_length=40, allow_blank=True)
    expires_on = serializers.DateField()
    drawn_mg = Thousandths(source="drawn_micrograms", max_value=2_000_000)
    departure_reason = ShortText(help_text="Why an expired container was drawn from, if it was.")
    taken_at = Instant(required=False)

    def validate_expires_on(self, day: Any) -> Any:
        if not 2000 <= day.year < 2200:
            raise serializers.ValidationError("Enter a day between 2000 and 2199.", code="range")
        return day


class PreparationOut(CorrectableOut):
    """A preparation."""

    session = serializers.UUIDField(source="session.public_id")
    product = serializers.UUIDField(source="product.public_id")
    product_name = serializers.CharField(source="product.name")
    concentration_mg_per_ml = Thousandths(source="concentration_micrograms_per_ml")
    lot = serializers.CharField()
    expires_on = serializers.DateField()
    drawn_mg = Thousandths(source="drawn_micrograms")
    drawn_ml = Thousandths(source="drawn_microlitres")
    departure_reason = serializers.CharField()


class DrugUseIn(serializers.Serializer[Any]):
    """What became of a part of it."""

    kind = serializers.ChoiceField(choices=DrugUse.Kind.choices)
    amount_mg = Thousandths(source="micrograms", max_value=2_000_000)
    seal = serializers.CharField(max_length=40, allow_blank=True, default="")
    note = ShortText()
    confirmed = serializers.BooleanField(default=False, help_text="More than was drawn is meant.")
    taken_at = Instant(required=False)


class WitnessOut(LightSerializer):
    """Who saw it."""

    id = serializers.UUIDField(source="public_id")
    witness = serializers.CharField(source="taken_by.printed_name")
    taken_at = serializers.DateTimeField()


class DrugUseOut(CorrectableOut):
    """What became of a part of a preparation."""

    preparation = serializers.UUIDField(source="preparation.public_id")
    kind = serializers.ChoiceField(choices=DrugUse.Kind.choices)
    amount_mg = Thousandths(source="micrograms")
    seal = serializers.CharField()
    note = serializers.CharField()
    witness = WitnessOut(allow_null=True, help_text="Null where one is missing, or none is asked for.")

    @staticmethod
    def get_witness(row: DrugUse) -> Any:
        return getattr(row, "witness", None)


class DoseCheckIn(serializers.Serializer[Any]):
    """What the second person has computed for themselves, from the order and the vial."""

    weight_kg = Thousandths(source="weight_grams", max_value=1000)
    dose_mg = Thousandths(source="dose_micrograms", max_value=2_000_000)
    rate_ml_per_hour = Thousandths(source="rate_microlitres_per_hour", max_value=2_000_000)


class DoseCheckOut(FactOut):
    """A second check; ``agrees`` says whether it came to what was confirmed."""

    dose = serializers.UUIDField(source="dose.public_id")
    weight_kg = Thousandths(source="weight_grams")
    dose_mg = Thousandths(source="dose_micrograms")
    rate_ml_per_hour = Thousandths(source="rate_microlitres_per_hour")
    agrees = serializers.BooleanField()
