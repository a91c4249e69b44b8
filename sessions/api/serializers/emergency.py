"""Emergencies, ready to leave, leaving early, and the lists of a day."""

from typing import Any

from rest_framework import serializers

from sessions.api.fields import Instant, Reason, ShortText
from sessions.api.light import LightSerializer
from sessions.api.serializers.facts import CorrectableOut, FactOut
from sessions.models import DayListAnswer, EarlyLeaving, EmergencyStep


class EmergencyStepIn(serializers.Serializer[Any]):
    """One thing done in an emergency."""

    kind = serializers.ChoiceField(choices=EmergencyStep.Kind.choices)
    note = ShortText()
    taken_at = Instant(required=False, help_text="Now, when left out.")


class EmergencyStepOut(CorrectableOut):
    """A line of the log."""

    kind = serializers.ChoiceField(choices=EmergencyStep.Kind.choices)
    note = serializers.CharField()


class ReadyIn(serializers.Serializer[Any]):
    """Ready to leave."""

    override_reason = ShortText(help_text="Sets open criteria aside, with the right to.")
    taken_at = Instant(required=False, help_text="Now, when left out.")


class ReadyOut(FactOut):
    """Since when the patient was ready to leave."""

    override_reason = serializers.CharField()


class LeavingIn(serializers.Serializer[Any]):
    """Words about how a patient went."""

    leaving = serializers.ChoiceField(
        choices=EarlyLeaving.Kind.choices, required=False, default="", help_text="As recorded, when left out."
    )
    note = Reason()


class EarlyLeavingOut(FactOut):
    """How a patient went before the discharge, and what of it was not met then."""

    kind = serializers.ChoiceField(choices=EarlyLeaving.Kind.choices)
    unmet = serializers.ListField(child=serializers.DictField())
    note = serializers.CharField()


class DayAnswerIn(serializers.Serializer[Any]):
    """The answer to one item of today's list."""

    moment = serializers.ChoiceField(choices=DayListAnswer.Moment.choices)
    item = serializers.CharField(max_length=40)
    outcome = serializers.ChoiceField(choices=DayListAnswer.Outcome.choices)
    note = ShortText()


class DayAnswerOut(FactOut):
    """An answer as it stands."""

    moment = serializers.CharField()
    item = serializers.CharField()
    outcome = serializers.ChoiceField(choices=DayListAnswer.Outcome.choices)
    note = serializers.CharField()


class DayLineOut(LightSerializer):
    """One item of a list."""

    item = serializers.CharField(source="item.code")
    label = serializers.CharField(source="item.label")  # type: ignore[assignment]
    is_automatic = serializers.BooleanField(source="item.is_automatic", help_text="Answered by the record.")
    is_ok = serializers.BooleanField(allow_null=True, help_text="Null while open, or where nobody can know.")
    words = serializers.CharField()
    answer = DayAnswerOut(allow_null=True)


class DayListsOut(LightSerializer):
    """Both lists of a site's day."""

    day = serializers.DateField()
    opening = DayLineOut(many=True)
    closing = DayLineOut(many=True)
