"""What is written into a chart and how it reads in an answer; values as typed stand beside the metric ones."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from sessions.api.fields import Instant, LongText, Measured, Reason, ShortText, Thousandths, Typed
from sessions.api.light import LightSerializer
from sessions.models import SideEffect, SideEffectEntry, VitalSigns
from sessions.models.choices import END_CHOICES, EVENT_CHOICES
from sessions.states import Action


class FactOut(LightSerializer):
    """Base: when and by whom it was seen, when and by whom it was entered."""

    id = serializers.UUIDField(source="public_id")
    taken_at = serializers.DateTimeField()
    taken_by = serializers.CharField(source="taken_by.printed_name")
    entered_at = serializers.DateTimeField()
    entered_by = serializers.CharField(source="entered_by.printed_name")


class CorrectableOut(FactOut):
    """Base: a row that another may put right."""

    corrects = serializers.UUIDField(
        source="corrects.public_id", allow_null=True, help_text="The row that this one replaces or strikes."
    )
    correction_reason = serializers.CharField()
    retracted = serializers.BooleanField(
        help_text="It strikes the row it names and puts nothing in its place."
    )
    is_current = serializers.BooleanField(help_text="False once another row corrects or strikes it.")

    @staticmethod
    def get_is_current(row: Any) -> bool:
        # Only rows read from the database can have been corrected: one just written has no annotation.
        return not row.retracted and not getattr(row, "is_superseded", False)


class RetractionIn(serializers.Serializer[Any]):
    """Why a row is struck, or taken back."""

    reason = Reason()


READING = {
    "systolic": 134,
    "diastolic": 82,
    "heart_rate": 76,
    "respiratory_rate": 14,
    "oxygen_saturation": 98,
    "temperature": "36.6",
    "sedation": 5,
    "dissociation": 3,
}


@extend_schema_serializer(examples=[OpenApiExample("During the infusion", value=READING, request_only=True)])
class VitalSignsIn(serializers.Serializer[Any]):
    """One set of vital signs; what was not measured is left out. Ranges are judged by the rules."""

    systolic = Measured(help_text="mmHg")
    diastolic = Measured(help_text="mmHg")
    heart_rate = Measured(help_text="/min")
    respiratory_rate = Measured(help_text="/min")
    oxygen_saturation = Measured(help_text="%")
    temperature = Typed(
        required=False, allow_null=True, max_digits=5, decimal_places=2, help_text="in temperature_unit"
    )
    temperature_unit = serializers.ChoiceField(choices=VitalSigns.TemperatureUnit.choices, default="Cel")
    sedation = Measured(help_text="MOAA/S, 0 to 5")
    dissociation = Measured(help_text="0 to 10 at this moment")
    rass = Measured(min_value=-99, help_text="RASS, -5 to 4")
    pain = Measured(help_text="0 to 10 at this moment")
    oxygen_flow = Measured(help_text="Oxygen given, L/min")
    taken_at = Instant(required=False, help_text="Now, when left out.")
    confirmed = serializers.BooleanField(default=False, help_text="An unusual value was checked and stands.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Digits swapped",
            value={**READING, "systolic": 143, "reason": "Digits swapped"},
            request_only=True,
        )
    ]
)
class VitalSignsCorrectionIn(VitalSignsIn):
    """The whole set as it should have been, and what was wrong."""

    reason = Reason()


class VitalSignsOut(CorrectableOut):
    """One set of vital signs."""

    systolic = serializers.IntegerField(allow_null=True, help_text="mmHg")
    diastolic = serializers.IntegerField(allow_null=True, help_text="mmHg")
    heart_rate = serializers.IntegerField(allow_null=True, help_text="/min")
    respiratory_rate = serializers.IntegerField(allow_null=True, help_text="/min")
    oxygen_saturation = serializers.IntegerField(allow_null=True, help_text="%")
    temperature = serializers.CharField(
        source="temperature_typed", help_text="As typed, in temperature_unit."
    )
    temperature_unit = serializers.CharField()
    temperature_celsius = serializers.FloatField(allow_null=True)
    sedation = serializers.IntegerField(allow_null=True)
    dissociation = serializers.IntegerField(allow_null=True)
    rass = serializers.IntegerField(allow_null=True)
    pain = serializers.IntegerField(allow_null=True)
    oxygen_flow = serializers.IntegerField(allow_null=True, help_text="L/min")
    confirmed_unusual = serializers.BooleanField()

    @staticmethod
    def get_temperature_celsius(row: VitalSigns) -> float | None:
        return None if row.temperature_decicelsius is None else row.temperature_decicelsius / 10


class NoteIn(serializers.Serializer[Any]):
    """A note; at most 100 kB."""

    text = LongText()
    taken_at = Instant(required=False)


class NoteCorrectionIn(serializers.Serializer[Any]):
    """The note as it should read, and what was wrong."""

    text = LongText()
    reason = Reason()


class NoteOut(CorrectableOut):
    """A note."""

    text = serializers.CharField()


class InfusionEventOut(CorrectableOut):
    """Start, pause, resume, change of rate or end of the infusion."""

    kind = serializers.ChoiceField(choices=EVENT_CHOICES)
    end_kind = serializers.ChoiceField(choices=[("", ""), *END_CHOICES])
    reason = serializers.CharField()
    rate_ml_per_hour = Thousandths(
        source="rate_microlitres_per_hour", allow_null=True, help_text="Of a change of rate."
    )
    is_detail = serializers.BooleanField(help_text="It only says more about the event that it replaces.")


class EventCorrectionIn(serializers.Serializer[Any]):
    """The true time of an event."""

    at = Instant()
    reason = Reason()


class HowBadIn(serializers.Serializer[Any]):
    """Base: how bad it looks, in a word or a number, and whether it is serious, which is another thing."""

    severity = serializers.ChoiceField(choices=SideEffectEntry.Severity.choices, required=False)
    grade = serializers.ChoiceField(
        choices=SideEffectEntry.Grade.choices,
        required=False,
        help_text="The severity as a number; 4 is severe and life-threatening, so serious. Either of the two.",
    )
    serious = serializers.BooleanField(
        required=False, allow_null=True, help_text="Null, or left out: not answered."
    )
    serious_criteria = serializers.ListField(
        child=serializers.ChoiceField(choices=SideEffectEntry.Criterion.choices), default=list, max_length=6
    )


class SeverityIn(HowBadIn):
    """Base: how bad it looks at the chair, and what was done about it there."""

    action_taken = serializers.ChoiceField(choices=SideEffectEntry.ActionTaken.choices, default="none")
    note = ShortText()


class SideEffectIn(SeverityIn):
    """A side effect as first seen."""

    term = serializers.ChoiceField(choices=SideEffect._meta.get_field("term").flatchoices)
    onset_at = Instant(required=False)
    moment = serializers.CharField(
        max_length=24,
        default="",
        allow_blank=True,
        help_text="Found when asked at this moment of the protocol.",
    )


class SideEffectEntryIn(SeverityIn):
    """What has become of a side effect; a signed chart takes it too, beside what was signed."""

    resolved_at = Instant(required=False, allow_null=True)


class SideEffectEntryOut(FactOut):
    """What was seen of a side effect at a moment."""

    severity = serializers.ChoiceField(choices=SideEffectEntry.Severity.choices)
    grade = serializers.ChoiceField(choices=SideEffectEntry.Grade.choices)
    action_taken = serializers.ChoiceField(choices=SideEffectEntry.ActionTaken.choices)
    resolved_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()
    serious = serializers.BooleanField(allow_null=True, help_text="Null: not answered with this entry.")
    serious_criteria = serializers.ListField(child=serializers.CharField())
    after_signature = serializers.BooleanField(help_text="The author's signature does not cover it.")


class SideEffectOut(LightSerializer):
    """A side effect with everything seen of it; the last entry stands."""

    id = serializers.UUIDField(source="public_id")
    term = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    onset_at = serializers.DateTimeField()
    moment = serializers.CharField(help_text="Empty where it was not found by asking.")
    after_signature = serializers.BooleanField()
    is_serious = serializers.BooleanField()
    entries = SideEffectEntryOut(many=True)

    @staticmethod
    def get_label(row: SideEffect) -> str:
        return str(row.get_term_display())


class InquiryIn(serializers.Serializer[Any]):
    """When the patient was asked; now when left out."""

    taken_at = Instant(required=False)
    moment = serializers.CharField(
        max_length=24, default="", allow_blank=True, help_text="The moment of the protocol that this answers."
    )


class InquiryOut(FactOut):
    """The patient was asked and had none."""

    moment = serializers.CharField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Two criteria of the protocol",
            value={"criteria": {"alert": True, "escort-present": False}, "escort_name": "Eva Ruiz"},
            request_only=True,
        )
    ]
)
class DischargeAssessmentIn(serializers.Serializer[Any]):
    """Which of the protocol's discharge criteria are met; one left out stays as it was assessed before."""

    criteria = serializers.DictField(child=serializers.BooleanField())
    values = serializers.DictField(
        child=serializers.JSONField(),
        required=False,
        default=dict,
        help_text="What was seen: aldrete (its five parts, 0 to 2), alert (MOAA/S), no-dissociation (0 to 10).",
    )
    escort_name = serializers.CharField(max_length=120, allow_blank=True, default="")
    note = ShortText()


class DischargeAssessmentOut(FactOut):
    """An assessment against the discharge criteria."""

    criteria = serializers.DictField(child=serializers.BooleanField())
    values = serializers.DictField(child=serializers.JSONField())
    escort_name = serializers.CharField()
    note = serializers.CharField()


class StatementIn(serializers.Serializer[Any]):
    """What the signer states, if anything."""

    statement = ShortText()


class SignatureOut(LightSerializer):
    """A signature: printed name, moment, meaning, and the digest of what was signed."""

    id = serializers.UUIDField(source="public_id")
    meaning = serializers.ChoiceField(choices=["author", "review"])
    printed_name = serializers.CharField()
    signed_at = serializers.DateTimeField()
    statement = serializers.CharField()
    digest = serializers.CharField()


class AddendumIn(serializers.Serializer[Any]):
    """Something to add to a signed chart."""

    text = LongText()


class AddendumOut(FactOut):
    """An addendum."""

    text = serializers.CharField()


class ObstacleOut(serializers.Serializer[Any]):
    """What stood in the way then."""

    code = serializers.CharField()
    sentence = serializers.CharField()


class DepartureOut(FactOut):
    """Something happened although it would have been refused: what stood in the way, and why it happened."""

    action = serializers.ChoiceField(choices=[action.value for action in Action])
    obstacles = ObstacleOut(many=True)
    reason = serializers.CharField()
