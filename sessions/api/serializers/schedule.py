"""The schedule: what is booked at a site, other uses of its chairs, and who looks after whom."""

from typing import Any

from rest_framework import serializers

from sessions.api.light import LightSerializer
from sessions.models import Booking
from sessions.models.choices import STATUS_CHOICES
from sessions.reports.visits import Visit


class ScheduleIn(serializers.Serializer[Any]):
    """A site and days there, the last one included."""

    site = serializers.UUIDField()
    to = serializers.DateField(help_text="The last day; at most 31 days are answered.")

    def get_fields(self) -> dict[str, Any]:
        # "from" is a word of Python's own, so it cannot be an attribute of the class.
        return {**super().get_fields(), "from": serializers.DateField(help_text="The first day.")}


class PartOut(LightSerializer):
    """A part of a session's length."""

    kind = serializers.ChoiceField(choices=["preparation", "infusion", "recovery"])
    minutes = serializers.IntegerField()


class BookedVisitOut(LightSerializer):
    """One use of a chair: a session of a course, or another one."""

    id = serializers.UUIDField(help_text="Of the booking.")
    kind = serializers.ChoiceField(choices=Booking.Kind.choices)
    title = serializers.CharField(
        allow_blank=True, help_text="What the chair is kept for, where it is no infusion."
    )
    session = serializers.UUIDField(source="session_id", allow_null=True)
    status = serializers.ChoiceField(choices=STATUS_CHOICES, allow_null=True)
    patient = serializers.UUIDField(
        source="patient_id", allow_null=True, help_text="Only where the record may be opened."
    )
    who = serializers.CharField(help_text="The patient's name where the record may be opened, else initials.")
    chair = serializers.UUIDField(source="chair.public_id")
    chair_name = serializers.CharField(source="chair.name")
    is_chair_provisional = serializers.BooleanField(
        source="is_provisional", help_text="It is settled at check-in."
    )
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    parts = PartOut(many=True)
    number = serializers.IntegerField(help_text="Which infusion of its course; 0 for other uses.")
    planned = serializers.IntegerField()
    nurse = serializers.UUIDField(source="nurse.public_id", allow_null=True)
    nurse_name = serializers.CharField(allow_blank=True)
    is_overbooked = serializers.BooleanField()
    overrides = serializers.ListField(
        child=serializers.CharField(), help_text="Codes of what it was booked against."
    )
    override_reason = serializers.CharField(allow_blank=True)
    revision = serializers.IntegerField(help_text="Of the session, or of the booking where there is none.")

    @staticmethod
    def get_nurse_name(visit: Visit) -> str:
        return visit.nurse.printed_name if visit.nurse else ""


class ScheduleOut(LightSerializer):
    """What is booked, in the order of its times; visits called off or missed are left out."""

    site = serializers.UUIDField(source="site.public_id")
    time_zone = serializers.CharField(source="site.time_zone")
    visits = BookedVisitOut(many=True)


class NurseIn(serializers.Serializer[Any]):
    """Who looks after the patient; null: nobody yet."""

    nurse = serializers.UUIDField(allow_null=True)
