"""Protocols and their versions. Quantities are decimal strings, their units in the names."""

from typing import Any

from rest_framework import serializers

from patients.scoring.registry import instrument
from sessions.api.fields import ShortText, Thousandths
from sessions.models import Protocol, ProtocolVersion, WeightBasis
from sessions.rules.plausibility import RANGES
from sessions.rules.protocols import (
    CHECK_ITEMS,
    COMPARATORS,
    DISCHARGE_CRITERIA,
    PHASES,
    LimitLevel,
    Requirement,
)


class ProtocolIn(serializers.Serializer[Any]):
    """A new protocol."""

    code = serializers.SlugField(max_length=40)
    name = serializers.CharField(max_length=120)
    indication = serializers.CharField(max_length=200)


class ProtocolOut(serializers.Serializer[Protocol]):
    """A protocol."""

    id = serializers.UUIDField(source="public_id")
    code = serializers.CharField()
    name = serializers.CharField()
    indication = serializers.CharField()
    revision = serializers.IntegerField()


class CheckItem(serializers.Serializer[Any]):
    """One item of the pre-infusion check."""

    code = serializers.ChoiceField(choices=list(CHECK_ITEMS))
    requirement = serializers.ChoiceField(choices=[requirement.value for requirement in Requirement])


class Limit(serializers.Serializer[Any]):
    """A limit of a parameter in a phase, absolute or against the baseline."""

    parameter = serializers.ChoiceField(choices=list(RANGES))
    phase = serializers.ChoiceField(choices=PHASES)
    comparator = serializers.ChoiceField(choices=COMPARATORS)
    value = serializers.FloatField(min_value=-1000, max_value=1000)
    level = serializers.ChoiceField(choices=[level.value for level in LimitLevel])
    relative_to_baseline = serializers.BooleanField(default=False)


def _optional_mg(name: str, told: str) -> Thousandths:
    return Thousandths(source=name, allow_null=True, default=None, max_value=2_000_000, help_text=told)


class VersionIn(serializers.Serializer[Any]):
    """What a version says."""

    is_example = serializers.BooleanField(
        default=False, help_text="Example, not approved: usable at demo sites only."
    )
    drug = serializers.CharField(max_length=80)
    dose_mg_per_kg = Thousandths(source="dose_micrograms_per_kg")
    max_dose_mg_per_kg = Thousandths(source="max_dose_micrograms_per_kg")
    cap_mg = Thousandths(source="cap_micrograms", max_value=2_000_000)
    concentration_mg_per_ml = Thousandths(
        source="concentration_micrograms_per_ml", min_value=1, max_value=2_000_000
    )
    bag_volume_ml = Thousandths(source="bag_volume_microlitres", min_value=1, max_value=2_000_000)
    duration_minutes = serializers.IntegerField(min_value=1, max_value=1000)
    planned_infusions = serializers.IntegerField(min_value=1, max_value=60)
    min_gap_days = serializers.IntegerField(min_value=0, max_value=365)
    target_gap_days = serializers.IntegerField(min_value=0, max_value=365)
    max_gap_days = serializers.IntegerField(
        min_value=0,
        max_value=365,
        allow_null=True,
        default=None,
        help_text="The longest gap between infusions; null: lateness is not checked.",
    )
    reevaluate_after_infusions = serializers.IntegerField(
        min_value=1,
        max_value=60,
        allow_null=True,
        default=None,
        help_text="A prescriber looks again after so many; null: not asked for.",
    )
    preparation_minutes = serializers.IntegerField(min_value=0, max_value=1000)
    recovery_minutes = serializers.IntegerField(min_value=0, max_value=1000)
    vitals_interval_minutes = serializers.IntegerField(min_value=1, max_value=1000)
    recovery_vitals_interval_minutes = serializers.IntegerField(min_value=1, max_value=1000)
    min_observation_minutes = serializers.IntegerField(min_value=0, max_value=1440)
    checklist = CheckItem(many=True)
    limits = Limit(many=True, default=list)
    discharge_criteria = serializers.ListField(
        child=serializers.ChoiceField(choices=list(DISCHARGE_CRITERIA))
    )
    instruments = serializers.ListField(
        child=serializers.CharField(max_length=20), default=list, max_length=20
    )
    weight_basis = serializers.ChoiceField(
        choices=[("", ""), *WeightBasis.choices], default="", help_text="Empty: the measured weight."
    )
    rounding_mg = _optional_mg("rounding_micrograms", "The dose is rounded to this; null: to a microgram.")
    soft_limit_mg = _optional_mg(
        "soft_limit_micrograms", "A dose above asks for a reason; null: not checked."
    )
    hard_limit_mg = _optional_mg(
        "hard_limit_micrograms", "A dose above needs the right and a reason; null: not checked."
    )
    needs_second_check = serializers.BooleanField(default=False)

    def validate_instruments(self, codes: list[str]) -> list[str]:
        for code in codes:
            try:
                instrument(code)
            except KeyError:
                raise serializers.ValidationError("Choose known instruments.", code="instrument") from None
        return codes


class VersionOut(VersionIn):
    """A version of a protocol."""

    id = serializers.UUIDField(source="public_id")
    protocol = serializers.UUIDField(source="protocol.public_id")
    protocol_name = serializers.CharField(source="protocol.name")
    number = serializers.IntegerField()
    state = serializers.ChoiceField(choices=ProtocolVersion.State.choices)
    drafted_by = serializers.CharField(source="drafted_by.printed_name")
    drafted_at = serializers.DateTimeField()
    approved_by = serializers.CharField(source="approved_by.printed_name", allow_null=True, default=None)
    approved_at = serializers.DateTimeField(allow_null=True)
    safety_reason = serializers.CharField(
        help_text="Why courses under earlier versions are moved before their next start; empty: they go on."
    )
    is_stopped_for_safety = serializers.BooleanField(help_text="A later version was approved for safety.")
    revision = serializers.IntegerField()


class ApproveIn(serializers.Serializer[Any]):
    """What the approval says beside itself."""

    safety_reason = ShortText(help_text="Why nothing may start any more under earlier versions, if so.")
