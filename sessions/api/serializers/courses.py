"""Courses of treatment."""

from typing import Any

from rest_framework import serializers

from sessions.api.fields import ShortText, Thousandths
from sessions.api.light import LightSerializer
from sessions.models import Course, StopCode


class CourseIn(serializers.Serializer[Any]):
    """An order; what is left out is taken from the protocol version."""

    patient = serializers.UUIDField()
    site = serializers.UUIDField()
    protocol_version = serializers.UUIDField()
    consent = serializers.UUIDField(required=False, allow_null=True)
    diagnosis_code = serializers.CharField(max_length=10, help_text="ICD-10-CM")
    dose_mg_per_kg = Thousandths(source="dose_micrograms_per_kg", required=False, allow_null=True)
    cap_mg = Thousandths(source="cap_micrograms", required=False, allow_null=True, max_value=2_000_000)
    duration_minutes = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=1000)
    planned_infusions = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=1000)
    instructions = ShortText()
    order_reason = ShortText(help_text="Why the order departs from the protocol, if it does.")


class CourseOut(LightSerializer):
    """A course: what was ordered."""

    id = serializers.UUIDField(source="public_id")
    patient = serializers.UUIDField(source="patient.public_id")
    patient_name = serializers.CharField(source="patient.full_name")
    site = serializers.UUIDField(source="site.public_id")
    protocol_version = serializers.UUIDField(source="protocol_version.public_id")
    protocol_name = serializers.CharField(source="protocol_version.protocol.name")
    protocol_number = serializers.IntegerField(source="protocol_version.number")
    consent = serializers.UUIDField(source="consent.public_id", allow_null=True)
    diagnosis_code = serializers.CharField()
    dose_mg_per_kg = Thousandths(source="dose_micrograms_per_kg")
    cap_mg = Thousandths(source="cap_micrograms")
    duration_minutes = serializers.IntegerField()
    planned_infusions = serializers.IntegerField()
    instructions = serializers.CharField()
    order_reason = serializers.CharField()
    state = serializers.ChoiceField(choices=Course.State.choices)
    ordered_by = serializers.CharField(source="ordered_by.printed_name")
    ordered_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    close_code = serializers.ChoiceField(choices=[("", ""), *StopCode.choices])
    close_reason = serializers.CharField()
    revision = serializers.IntegerField()


class CloseIn(serializers.Serializer[Any]):
    """How a course ended."""

    state = serializers.ChoiceField(choices=[Course.State.COMPLETED, Course.State.STOPPED])
    code = serializers.ChoiceField(
        choices=StopCode.choices,
        default="",
        allow_blank=True,
        help_text="Why it was stopped; needed where it was, empty where it is completed.",
    )
    reason = ShortText()


class CourseConsentIn(serializers.Serializer[Any]):
    """The consent that a course rests on."""

    consent = serializers.UUIDField()
