"""Bookings that do not fit what is, and what can be done about each."""

from typing import Any

from rest_framework import serializers

from sessions.api.fields import Reason
from sessions.api.light import LightSerializer
from sessions.reports.conflicts import AHEAD
from sessions.rules.conflicts import KIND_CHOICES


class ConflictQuery(serializers.Serializer[Any]):
    """How far ahead, of which kind, in which chair."""

    ahead = serializers.ChoiceField(
        choices=[key for key in AHEAD if key], required=False, help_text="Two weeks, when left out."
    )
    kind = serializers.ChoiceField(choices=KIND_CHOICES, required=False)
    chair = serializers.UUIDField(required=False)


class OtherTimeOut(LightSerializer):
    """A free chair and time."""

    chair = serializers.UUIDField(source="chair.public_id")
    chair_name = serializers.CharField(source="chair.name")
    starts_at = serializers.DateTimeField()


class FreeChairOut(LightSerializer):
    """A chair that is free for the same time."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()


class ConflictOut(LightSerializer):
    """One conflict of one booking. It is derived when asked for, so it has no id of its own."""

    kind = serializers.ChoiceField(choices=KIND_CHOICES)
    detail = serializers.CharField(source="problem")
    minutes = serializers.IntegerField(help_text="By how much a visit runs into the booking; else 0.")
    booking = serializers.UUIDField(source="booking.public_id")
    booking_revision = serializers.IntegerField(source="booking.revision")
    session = serializers.UUIDField(
        source="session.public_id", allow_null=True, help_text="Null for another use of the chair."
    )
    patient = serializers.UUIDField(source="booking.patient.public_id", allow_null=True)
    chair = serializers.UUIDField(source="booking.chair.public_id")
    chair_name = serializers.CharField(source="booking.chair.name")
    starts_at = serializers.DateTimeField(source="booking.starts_at")
    ends_at = serializers.DateTimeField(source="booking.ends_at")
    free_chairs = FreeChairOut(many=True, help_text="For the same time.")
    free_times = OtherTimeOut(many=True, help_text="The nearest ones.")

    @staticmethod
    def get_detail(row: Any) -> str:
        return str(row.problem)


class KeepIn(serializers.Serializer[Any]):
    """Which conflict is accepted, and why."""

    kind = serializers.ChoiceField(choices=KIND_CHOICES)
    reason = Reason()


class KeptBookingOut(LightSerializer):
    """A booking with what it stands against."""

    id = serializers.UUIDField(source="public_id")
    chair = serializers.UUIDField(source="chair.public_id")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    is_overbooked = serializers.BooleanField()
    overrides = serializers.ListField(child=serializers.CharField())
    override_reason = serializers.CharField(allow_blank=True)
    revision = serializers.IntegerField()
