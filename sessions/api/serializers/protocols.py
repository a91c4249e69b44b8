"""Protocols and their versions. Quantities are decimal strings, their units in the names."""

from typing import Any

from rest_framework import serializers

from patients.scoring.registry import instrument
from sessions.api.fields import ShortText, Thousandths
from sessions.models import Protocol, ProtocolVersion, WeightBasis
from sessions.rules.check_in_plan import LAST_DAY, MOST_HOURS
from sessions.rules.plausibility import RANGES
from sessions.rules.protocols import (
    ACKNOWLEDGERS,
    CHECK_ITEMS,
    COMPARATORS,
    DISCHARGE_CRITERIA,
    LONGEST_ACTION,
    MOST_MINUTES,
    MOST_READINGS,
    PHASES,
    LimitLevel,
    Requirement,
)
from sessions.rules.vitals_schedule import PARAMETERS
from sessions.rules.vitals_schedule import PHASES as SCHEDULE_PHASES


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


LEVELS = [level.value for level in LimitLevel]


class PlainLimit(serializers.Serializer[Any]):
    """Base: a limit of a parameter in a phase."""

    parameter = serializers.ChoiceField(choices=list(RANGES))
    phase = serializers.ChoiceField(choices=PHASES)
    comparator = serializers.ChoiceField(choices=COMPARATORS)
    value = serializers.FloatField(min_value=-1000, max_value=1000)
    level = serializers.ChoiceField(choices=LEVELS)


class Limit(PlainLimit):
    """A limit of a parameter in a phase, absolute or against the baseline."""

    relative_to_baseline = serializers.BooleanField(default=False)
    in_percent = serializers.BooleanField(
        default=False, help_text="Of what the change is counted from; with relative_to_baseline only."
    )
    persist_readings = serializers.IntegerField(
        min_value=1, max_value=MOST_READINGS, default=1, help_text="An alert waits for so many in a row."
    )
    persist_minutes = serializers.IntegerField(
        min_value=0, max_value=MOST_MINUTES, default=0, help_text="And until they span so long."
    )
    required_action = serializers.CharField(max_length=LONGEST_ACTION, allow_blank=True, default="")
    acknowledged_by = serializers.ChoiceField(
        choices=list(ACKNOWLEDGERS), allow_blank=True, default="", help_text="Empty: nurse or prescriber."
    )


def _checked_number(most: int, told: str) -> serializers.IntegerField:
    """A number of the pre-infusion check that a protocol may leave out."""
    return serializers.IntegerField(
        min_value=0, max_value=most, allow_null=True, default=None, help_text=told
    )


class ScheduleRow(serializers.Serializer[Any]):
    """A planned reading: every so many minutes, or at these minutes of its phase; once before the start and at the
    end."""

    parameter = serializers.ChoiceField(choices=list(PARAMETERS))
    phase = serializers.ChoiceField(choices=list(SCHEDULE_PHASES))
    every_minutes = serializers.IntegerField(min_value=1, max_value=1440, allow_null=True, default=None)
    at_minutes = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=1440), default=list, max_length=40
    )


class CheckInRow(serializers.Serializer[Any]):
    """What a patient is asked after an infusion: on which days, at what time of their clocks, for how long."""

    from_day = serializers.IntegerField(min_value=1, max_value=LAST_DAY)
    until_day = serializers.IntegerField(min_value=1, max_value=LAST_DAY, required=False)
    every_days = serializers.IntegerField(min_value=1, max_value=LAST_DAY, required=False)
    at = serializers.RegexField(r"^([01]\d|2[0-3]):[0-5]\d$", help_text="On the patient's clocks: 10:00.")
    ask = serializers.ListField(
        child=serializers.CharField(max_length=20),
        min_length=1,
        max_length=10,
        help_text="Questionnaires, and side-effects.",
    )
    within_hours = serializers.IntegerField(min_value=1, max_value=MOST_HOURS)


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
    aldrete_minimum = serializers.IntegerField(
        min_value=1,
        max_value=10,
        allow_null=True,
        default=None,
        help_text="The modified Aldrete score asked for before discharge; null: not asked for.",
    )
    side_effect_moments = serializers.ListField(
        child=serializers.CharField(max_length=24),
        default=list,
        max_length=20,
        help_text="before-start, infusing-15 (minutes), at-end, before-discharge; empty: not asked for.",
    )
    fasting_solids_minutes = _checked_number(1440, "Without solid food before the start; null: not checked.")
    fasting_liquids_minutes = _checked_number(1440, "Without clear liquids; null: not checked.")
    substance_free_hours = _checked_number(240, "Without alcohol or other substances; null: not checked.")
    pregnancy_test_days = _checked_number(90, "How old a negative test may be; null: not checked.")
    pregnancy_until_age = _checked_number(120, "Asked below this age; null: at every age.")
    urinary_days = _checked_number(365, "Asked again after so many days; null: at every visit.")
    vitals_schedule = ScheduleRow(
        many=True, default=list, help_text="What is measured when; empty: the whole set at the two intervals."
    )
    check_ins = CheckInRow(
        many=True,
        default=list,
        help_text="What a patient is asked between infusions; empty: nothing is sent.",
    )
    totals_tolerance_percent = serializers.IntegerField(
        min_value=0,
        max_value=100,
        allow_null=True,
        default=None,
        help_text="How far pump and chart may differ, in percent of the dose; null: not checked.",
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
