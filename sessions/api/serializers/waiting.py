"""The waiting list and the times that have become free."""

from typing import Any

from rest_framework import serializers

from clinic.facilities.models import Weekday
from sessions.api.fields import Instant, Reason, ShortText
from sessions.api.light import LightSerializer
from sessions.models import WaitingEntry


class WishesIn(serializers.Serializer[Any]):
    """When the patient could come; what is left out does not matter, or stays as it is."""

    weekdays = serializers.ListField(
        child=serializers.ChoiceField(choices=Weekday.choices),
        required=False,
        help_text="0 is Monday; empty: any day.",
    )
    not_before = serializers.TimeField(required=False, allow_null=True, help_text="On the site's clocks.")
    not_after = serializers.TimeField(required=False, allow_null=True, help_text="Over by then.")
    from_day = serializers.DateField(required=False, allow_null=True)
    until_day = serializers.DateField(required=False, allow_null=True)
    notice_hours = serializers.IntegerField(required=False, min_value=0, max_value=10_000)
    is_starred = serializers.BooleanField(required=False, help_text="The need is greater.")
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)


class WaitingIn(WishesIn):
    """A course whose next session may be given a time that becomes free."""

    course = serializers.UUIDField()


class WithdrawIn(serializers.Serializer[Any]):
    """Why the patient does not wait any more."""

    reason = Reason()


class BookWaitingIn(serializers.Serializer[Any]):
    """The time that is given to somebody who waits."""

    chair = serializers.UUIDField(required=False, allow_null=True, help_text="Null: decided at check-in.")
    starts_at = Instant()
    override_reason = ShortText(help_text="Books against the rules, with the right to.")


class WaitingOut(LightSerializer):
    """An entry of the waiting list."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.UUIDField(source="site.public_id")
    patient = serializers.UUIDField(source="patient.public_id")
    patient_name = serializers.CharField(source="patient.full_name")
    course = serializers.UUIDField(source="course.public_id")
    state = serializers.ChoiceField(choices=WaitingEntry.State.choices)
    weekdays = serializers.ListField(child=serializers.IntegerField())
    not_before = serializers.TimeField(allow_null=True)
    not_after = serializers.TimeField(allow_null=True)
    from_day = serializers.DateField(allow_null=True)
    until_day = serializers.DateField(allow_null=True)
    notice_hours = serializers.IntegerField()
    is_starred = serializers.BooleanField()
    note = serializers.CharField(allow_blank=True)
    added_at = serializers.DateTimeField()
    added_by = serializers.CharField(source="added_by.printed_name")
    session = serializers.UUIDField(
        source="session.public_id", allow_null=True, help_text="What was booked from the list."
    )
    revision = serializers.IntegerField()


class WaitingMatchOut(LightSerializer):
    """An entry that a free time suits."""

    entry = serializers.UUIDField(source="waiting.entry.public_id")
    patient = serializers.UUIDField(source="waiting.entry.patient.public_id")
    patient_name = serializers.CharField(source="waiting.entry.patient.full_name")
    is_starred = serializers.BooleanField(source="waiting.entry.is_starred")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class FreeTimeOut(LightSerializer):
    """A chair's time that was called off and that nobody has taken since."""

    chair = serializers.UUIDField(source="chair.public_id")
    chair_name = serializers.CharField(source="chair.name")
    starts_at = serializers.DateTimeField(source="gap.starts_at")
    ends_at = serializers.DateTimeField(source="gap.ends_at")
    free_until = serializers.DateTimeField(source="gap.free_until", help_text="A session must be over then.")
    matches = WaitingMatchOut(many=True, help_text="Oldest entry first.")
