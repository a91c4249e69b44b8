"""The pre-infusion check: answers, weights, doses. Values as typed stand beside the metric ones."""

from typing import Any

from rest_framework import serializers

from sessions.api.fields import Instant, ShortText, Thousandths, Typed
from sessions.api.light import LightSerializer
from sessions.api.serializers.facts import CorrectableOut, FactOut
from sessions.models import CheckAnswer, WeightMeasurement


class CheckAnswerIn(serializers.Serializer[Any]):
    """The answer to one item of the pre-infusion check."""

    item = serializers.CharField(max_length=40)
    outcome = serializers.ChoiceField(
        choices=CheckAnswer.Outcome.choices,
        allow_blank=True,
        default="",
        help_text="Left out where it follows from the times in details: fasting and substances.",
    )
    note = ShortText()
    details = serializers.DictField(
        default=dict,
        help_text="What the answer rests on, by item: identity {identifiers}, fasting {solids_at, liquids_at},"
        " escort {kind, contact, name, phone, relationship}, pregnancy {result, tested_on}, allergies {changed},"
        " medicines {changed, classes, antihypertensive}, substances {used, last_at}, illness {found},"
        " mood {thoughts, scale}, urinary {symptoms}.",
    )
    waits_until = Instant(
        required=False, allow_null=True, help_text="For the answer wait: when to look again."
    )
    taken_at = Instant(required=False)


class CheckAnswerOut(FactOut):
    """An answer as it stands in the chart."""

    item = serializers.CharField()
    outcome = serializers.ChoiceField(choices=CheckAnswer.Outcome.choices)
    note = serializers.CharField()
    details = serializers.DictField()
    waits_until = serializers.DateTimeField(allow_null=True)


class WeightIn(serializers.Serializer[Any]):
    """A body weight as read off the scale."""

    value = Typed(max_digits=8, decimal_places=3)
    unit = serializers.ChoiceField(choices=WeightMeasurement.Unit.choices, default="kg")
    taken_at = Instant(required=False)
    confirmed = serializers.BooleanField(default=False, help_text="An unusual value was checked and stands.")


class WeightOut(CorrectableOut):
    """A body weight as typed, and in kilograms."""

    value = serializers.CharField(source="typed_value", help_text="As typed, in unit.")
    unit = serializers.CharField(source="typed_unit")
    weight_kg = Thousandths(source="grams")


class DoseIn(serializers.Serializer[Any]):
    """Confirms the computed dose, or a departure from the order with the right and a reason."""

    over_cap = serializers.BooleanField(default=False)
    duration_minutes = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=1000)
    reason = ShortText()
    dosing_weight_kg = Thousandths(
        source="dosing_weight_grams",
        required=False,
        allow_null=True,
        max_value=1000,
        help_text="The weight that is dosed by, where the protocol does not dose by the measured one.",
    )
    dosing_weight_source = ShortText(help_text="How it was come by.")


class DoseOut(FactOut):
    """A confirmed dose, with everything it was computed from."""

    weight_kg = Thousandths(source="weight.grams")
    dose_mg_per_kg = Thousandths(source="dose_micrograms_per_kg")
    dose_mg = Thousandths(source="dose_micrograms")
    is_capped = serializers.BooleanField()
    concentration_mg_per_ml = Thousandths(source="concentration_micrograms_per_ml")
    drug_ml = Thousandths(source="drug_microlitres")
    bag_ml = Thousandths(source="bag_microlitres")
    duration_minutes = serializers.IntegerField()
    rate_ml_per_hour = Thousandths(source="rate_microlitres_per_hour")
    reason = serializers.CharField(help_text="Why it departs from the order, if it does.")
    preparation = serializers.UUIDField(
        source="preparation.public_id", allow_null=True, help_text="Whose concentration was computed with."
    )
    weight_basis = serializers.CharField()
    dosing_weight_kg = Thousandths(source="dosing_weight_grams", allow_null=True)
    dosing_weight_source = serializers.CharField()
    rounding_mg = Thousandths(source="rounding_micrograms", allow_null=True)
    last_dose_mg = Thousandths(
        source="last_dose_micrograms", allow_null=True, help_text="At the infusion before, as it was shown."
    )


class ComputedDoseOut(LightSerializer):
    """What the order asks for at the patient's weight: the values, and how each was come by."""

    weight = serializers.UUIDField(source="weight.public_id")
    weight_kg = Thousandths(source="given.weight_grams")
    dose_mg_per_kg = Thousandths(source="given.micrograms_per_kg")
    uncapped_mg = Thousandths(
        source="dose.uncapped_micrograms", help_text="What the weight alone would give."
    )
    cap_mg = Thousandths(source="given.cap_micrograms")
    dose_mg = Thousandths(source="dose.micrograms")
    is_capped = serializers.BooleanField(source="dose.is_capped")
    concentration_mg_per_ml = Thousandths(source="given.concentration_micrograms_per_ml")
    drug_ml = Thousandths(source="dose.drug_microlitres")
    bag_ml = Thousandths(source="given.bag_microlitres")
    duration_minutes = serializers.IntegerField(source="given.duration_minutes")
    rate_ml_per_hour = Thousandths(source="dose.rate_microlitres_per_hour")
    working = serializers.ListField(child=serializers.CharField(), help_text="One line for each step.")


class DoseStateOut(LightSerializer):
    """The dose as computed now, null while no weight is valid, and the confirmation that stands, if any."""

    computed = ComputedDoseOut(allow_null=True)
    confirmed = DoseOut(allow_null=True)
