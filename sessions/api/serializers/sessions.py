"""Sessions: as a row of a list, and as a chart with everything in it."""

from typing import Any

from rest_framework import serializers

from sessions.api.fields import Instant
from sessions.api.light import LightSerializer
from sessions.api.serializers.checking import CheckAnswerOut, DoseOut, WeightOut
from sessions.api.serializers.facts import (
    AddendumOut,
    DepartureOut,
    DischargeAssessmentOut,
    FactOut,
    InfusionEventOut,
    NoteOut,
    SideEffectOut,
    SignatureOut,
    VitalSignsOut,
)
from sessions.models import InfusionSession
from sessions.models.choices import END_CHOICES, STATUS_CHOICES
from sessions.states import Action


class BookIn(serializers.Serializer[Any]):
    """A booking: the next session of a course, in a chair from a moment on."""

    course = serializers.UUIDField()
    chair = serializers.UUIDField()
    starts_at = Instant()


class MoveIn(serializers.Serializer[Any]):
    """Another time, another chair, or both."""

    chair = serializers.UUIDField()
    starts_at = Instant()


class ChairIn(serializers.Serializer[Any]):
    """The chair in which the patient is seated."""

    chair = serializers.UUIDField()


class SessionRowOut(LightSerializer):
    """A session as listed."""

    id = serializers.UUIDField(source="public_id")
    status = serializers.ChoiceField(choices=STATUS_CHOICES)
    site = serializers.UUIDField(source="site.public_id")
    patient = serializers.UUIDField(source="patient.public_id")
    patient_name = serializers.CharField(source="patient.full_name")
    course = serializers.UUIDField(source="course.public_id")
    chair = serializers.UUIDField(source="chair.public_id")
    chair_name = serializers.CharField(source="chair.name")
    nurse = serializers.CharField(
        allow_blank=True, help_text="Who is to look after the patient, or who started the infusion."
    )
    local_date = serializers.DateField(help_text="The day at the site.")
    scheduled_start = serializers.DateTimeField()
    scheduled_end = serializers.DateTimeField()
    arrived_at = serializers.DateTimeField(allow_null=True)
    infusion_started_at = serializers.DateTimeField(allow_null=True)
    infusion_ended_at = serializers.DateTimeField(allow_null=True)
    running_since = serializers.DateTimeField(allow_null=True, help_text="Null while the pump stands.")
    infused_seconds = serializers.IntegerField(help_text="Completed stretches, pauses left out.")
    end_kind = serializers.ChoiceField(choices=[("", ""), *END_CHOICES])
    closed_at = serializers.DateTimeField(allow_null=True)
    is_signed = serializers.BooleanField(source="is_authored")
    is_reviewed = serializers.BooleanField()
    revision = serializers.IntegerField()

    @staticmethod
    def get_nurse(row: InfusionSession) -> str:
        return row.nurse.printed_name if row.nurse else ""


class ProblemOut(LightSerializer):
    """One thing that stands in the way, in words."""

    code = serializers.CharField()
    detail = serializers.CharField(source="*")
    link = serializers.CharField(allow_blank=True, help_text="Where it is mended, as the pages name it.")

    @staticmethod
    def get_detail(problem: Any) -> str:
        return str(problem)


class AvailableActionOut(LightSerializer):
    """What the caller may do with the session as it stands; the problems say why it is not possible now."""

    action = serializers.ChoiceField(choices=[action.value for action in Action])
    label = serializers.CharField()  # type: ignore[assignment]
    is_possible = serializers.BooleanField()
    needs_reason = serializers.BooleanField()
    problems = ProblemOut(many=True)


class SessionOut(SessionRowOut):
    """A session as opened: the whole chart, and what can be done with it."""

    check_answers = CheckAnswerOut(many=True)
    weights = WeightOut(many=True)
    doses = DoseOut(many=True, help_text="The last one stands.")
    events = InfusionEventOut(many=True, source="infusion_events")
    vital_signs = VitalSignsOut(many=True)
    side_effects = SideEffectOut(many=True)
    side_effect_inquiries = FactOut(many=True)
    notes = NoteOut(many=True)
    discharge_assessments = DischargeAssessmentOut(many=True, help_text="The last one stands.")
    departures = DepartureOut(many=True)
    signatures = SignatureOut(many=True)
    addenda = AddendumOut(many=True)
    available_actions = AvailableActionOut(many=True)
