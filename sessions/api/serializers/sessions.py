"""Sessions: as a row of a list, and as a chart with everything in it."""

from typing import Any

from rest_framework import serializers

from sessions.api.fields import Instant, ShortText, Thousandths
from sessions.api.light import LightSerializer
from sessions.api.serializers.checking import CheckAnswerOut, DoseOut, WeightOut
from sessions.api.serializers.facts import (
    AddendumOut,
    DepartureOut,
    DischargeAssessmentOut,
    InfusionEventOut,
    InquiryOut,
    NoteOut,
    SideEffectOut,
    SignatureOut,
    VitalSignsOut,
)
from sessions.models import InfusionSession
from sessions.models.choices import CANCEL_CHOICES, END_CHOICES, STATUS_CHOICES, TOTALS_CHOICES
from sessions.states import Action


class MoveIn(serializers.Serializer[Any]):
    """Another time, another chair, or both."""

    chair = serializers.UUIDField(allow_null=True, help_text="Null: the chair is decided at check-in.")
    starts_at = Instant()
    override_reason = ShortText(
        help_text="Books against a taken chair, too few nurses or the opening hours, with the right to."
    )
    reason = ShortText(help_text="Why it is moved.")


class BookIn(serializers.Serializer[Any]):
    """A booking: the next session of a course, in a chair from a moment on."""

    course = serializers.UUIDField()
    chair = serializers.UUIDField(allow_null=True, help_text="Null: the chair is decided at check-in.")
    starts_at = Instant()
    override_reason = ShortText(
        help_text="Books against a taken chair, too few nurses or the opening hours, with the right to."
    )


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
        allow_blank=True, help_text="Whose patient it is; cover until a time stands among the handovers."
    )
    local_date = serializers.DateField(help_text="The day at the site.")
    scheduled_start = serializers.DateTimeField()
    scheduled_end = serializers.DateTimeField()
    arrived_at = serializers.DateTimeField(allow_null=True)
    infusion_started_at = serializers.DateTimeField(allow_null=True)
    infusion_ended_at = serializers.DateTimeField(allow_null=True)
    running_since = serializers.DateTimeField(allow_null=True, help_text="Null while the pump stands.")
    infused_seconds = serializers.IntegerField(help_text="Completed stretches, pauses left out.")
    delivered_ml = Thousandths(
        source="delivered_microlitres", allow_null=True, help_text="By rate_since; null without a dose."
    )
    rate_ml_per_hour = Thousandths(
        source="rate_microlitres_per_hour", allow_null=True, help_text="The pump's last rate by the chart."
    )
    rate_since = serializers.DateTimeField(allow_null=True, help_text="Null while the pump stands.")
    given_mg = Thousandths(
        source="given_micrograms", allow_null=True, help_text="As the totals settled it; null until then."
    )
    totals_used = serializers.ChoiceField(choices=[("", ""), *TOTALS_CHOICES])
    end_kind = serializers.ChoiceField(choices=[("", ""), *END_CHOICES])
    closed_at = serializers.DateTimeField(allow_null=True)
    is_chair_provisional = serializers.BooleanField(
        source="booking.is_chair_provisional", help_text="The chair is decided at check-in."
    )
    is_overbooked = serializers.BooleanField(
        source="booking.is_overbooked", help_text="Booked deliberately although the chair was taken."
    )
    overrides = serializers.ListField(
        child=serializers.CharField(),
        source="booking.overrides",
        help_text="Codes of the rules it was booked against.",
    )
    override_reason = serializers.CharField(source="booking.override_reason", allow_blank=True)
    cancel_code = serializers.ChoiceField(choices=[("", ""), *CANCEL_CHOICES], help_text="Who called it off.")
    is_late_cancel = serializers.BooleanField(help_text="Called off after the site's cut-off.")
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
    needs_override = serializers.BooleanField(
        help_text="Open to the caller by an override_reason, and in no other way."
    )
    problems = ProblemOut(many=True)


class OfflineEntryOut(LightSerializer):
    """Something that was typed on a tablet without network and arrived later."""

    id = serializers.UUIDField(
        source="key", help_text="Of the row; of an event of the infusion, see received_at."
    )
    typed_at = serializers.DateTimeField(help_text="By the tablet's own clock.")
    clock_offset_ms = serializers.IntegerField(
        allow_null=True, help_text="What the server's clock was ahead of it; null: never measured."
    )
    received_at = serializers.DateTimeField(help_text="The entered_at of every row that it wrote.")


class SessionOut(SessionRowOut):
    """A session as opened: the whole chart, and what can be done with it."""

    check_answers = CheckAnswerOut(many=True)
    weights = WeightOut(many=True)
    doses = DoseOut(many=True, help_text="The last one stands.")
    events = InfusionEventOut(many=True, source="infusion_events")
    vital_signs = VitalSignsOut(many=True)
    side_effects = SideEffectOut(many=True)
    side_effect_inquiries = InquiryOut(many=True)
    notes = NoteOut(many=True)
    discharge_assessments = DischargeAssessmentOut(many=True, help_text="The last one stands.")
    departures = DepartureOut(many=True)
    signatures = SignatureOut(many=True)
    addenda = AddendumOut(many=True)
    offline_entries = OfflineEntryOut(many=True, help_text="Which of the rows bear an offline time.")
    available_actions = AvailableActionOut(many=True)
