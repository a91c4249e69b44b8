"""The check as it stands, what a prescriber is asked and decides, the baseline, and the patient's wishes."""

from typing import Any

from rest_framework import serializers

from sessions.api.fields import Instant, ShortText
from sessions.api.light import LightSerializer
from sessions.api.serializers.checking import CheckAnswerOut
from sessions.api.serializers.facts import FactOut
from sessions.models import CheckAnswer, CheckDecision, PatientWish
from sessions.rules.protocols import Requirement


class ItemStateOut(LightSerializer):
    """One item of the check as it stands."""

    item = serializers.CharField(source="code")
    requirement = serializers.ChoiceField(choices=[one.value for one in Requirement])
    outcome = serializers.ChoiceField(
        choices=CheckAnswer.Outcome.choices, allow_blank=True, help_text="Empty while it is open."
    )
    blocks = serializers.BooleanField(help_text="It stands in the way of the clearance.")
    from_record = serializers.CharField(help_text="What the record says by itself.")
    answer = CheckAnswerOut(allow_null=True)

    @staticmethod
    def get_from_record(state: Any) -> str:
        return state.from_record.words if state.from_record else ""


class PrescriberQuestionIn(serializers.Serializer[Any]):
    """What a prescriber is asked."""

    question = serializers.CharField(max_length=1000)


class PrescriberQuestionOut(FactOut):
    """A question to a prescriber, and whether it is decided."""

    question = serializers.CharField()


class DecisionIn(serializers.Serializer[Any]):
    """A decision after the check."""

    outcome = serializers.ChoiceField(choices=CheckDecision.Outcome.choices)
    changes = serializers.ListField(
        child=serializers.ChoiceField(choices=CheckDecision.Change.choices), default=list, max_length=10
    )
    words = ShortText(help_text="Needed for everything but proceed.")
    waits_until = Instant(required=False, allow_null=True)


class DecisionOut(FactOut):
    """A decision as it stands in the chart; the last one holds."""

    outcome = serializers.ChoiceField(choices=CheckDecision.Outcome.choices)
    changes = serializers.ListField(child=serializers.CharField())
    words = serializers.CharField()
    waits_until = serializers.DateTimeField(allow_null=True)
    request = serializers.UUIDField(
        source="request.public_id", allow_null=True, help_text="The question that it answers."
    )
    by_prescriber = serializers.BooleanField()


class WaitingQuestionOut(PrescriberQuestionOut):
    """A question that waits, with the session it is about."""

    session = serializers.UUIDField(source="session.public_id")


class BaselineIn(serializers.Serializer[Any]):
    """Names the reading that is the baseline."""

    reading = serializers.UUIDField()
    reason = ShortText(help_text="Needed once the infusion has begun.")


class BaselineOut(FactOut):
    """Which reading was named the baseline; the last one stands."""

    reading = serializers.UUIDField(source="reading.public_id")
    reason = serializers.CharField()


class WishIn(serializers.Serializer[Any]):
    """All of the patient's wishes anew."""

    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=PatientWish.Kind.choices), default=list, max_length=20
    )
    words = ShortText()


class WishOut(FactOut):
    """The patient's wishes as told at a visit."""

    kinds = serializers.ListField(child=serializers.CharField())
    words = serializers.CharField()
