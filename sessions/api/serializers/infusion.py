"""The infusion beside its steps: events added and detailed, totals, cannulas, readings that were not done."""

from typing import Any

from rest_framework import serializers

from sessions.api.fields import Instant, Reason, ShortText, Thousandths
from sessions.api.light import LightSerializer
from sessions.api.serializers.facts import CorrectableOut, FactOut
from sessions.models import IVAccess, IVRemoval
from sessions.models.choices import END_CHOICES, TOTALS_CHOICES
from sessions.rules.vitals_schedule import PARAMETERS

ADDED = ("rate", "pause", "resume")


class EventIn(serializers.Serializer[Any]):
    """A change of the pump's rate; or a pause or a resume that was forgotten while the infusion ran."""

    kind = serializers.ChoiceField(choices=ADDED)
    rate_ml_per_hour = Thousandths(
        source="rate_microlitres_per_hour", required=False, help_text="Of a change of rate, from then on."
    )
    taken_at = Instant(required=False, help_text="Now, when left out.")
    reason = ShortText()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        is_rate = attrs["kind"] == "rate"
        if is_rate != ("rate_microlitres_per_hour" in attrs):
            message = "A change of rate names the rate, and nothing else does."
            raise serializers.ValidationError({"rate_ml_per_hour": message}, code="rate")
        if not is_rate and "taken_at" not in attrs:
            raise serializers.ValidationError({"taken_at": "Say when it happened."}, code="required")
        return attrs


class EventDetailIn(serializers.Serializer[Any]):
    """Why it was paused or stopped, and of an end how it ended."""

    reason = ShortText()
    end_kind = serializers.ChoiceField(choices=END_CHOICES, required=False)


class TotalsIn(serializers.Serializer[Any]):
    """What the pump shows at the end, or why that is not recorded."""

    pump_ml = Thousandths(
        source="pump_microlitres", allow_null=True, default=None, help_text="Null: not recorded; say why."
    )
    used = serializers.ChoiceField(
        choices=TOTALS_CHOICES, required=False, help_text="By which figure the record goes."
    )
    reason = ShortText(help_text="Why they differ, or why the pump's volume is not recorded.")
    residual_ml = Thousandths(source="residual_microlitres", allow_null=True, default=None)
    flush_ml = Thousandths(source="flush_microlitres", allow_null=True, default=None)
    taken_at = Instant(required=False)


class TotalsOut(FactOut):
    """Pump and chart side by side; the last entry stands."""

    pump_ml = Thousandths(source="pump_microlitres", allow_null=True)
    pump_mg = Thousandths(source="pump_micrograms", allow_null=True)
    charted_ml = Thousandths(source="charted_microlitres", allow_null=True)
    charted_mg = Thousandths(source="charted_micrograms", allow_null=True)
    tolerance_percent = serializers.IntegerField(allow_null=True, help_text="Null: not checked.")
    used = serializers.ChoiceField(choices=TOTALS_CHOICES)
    reason = serializers.CharField()
    residual_ml = Thousandths(source="residual_microlitres", allow_null=True)
    flush_ml = Thousandths(source="flush_microlitres", allow_null=True)


class ChartedOut(serializers.Serializer[Any]):
    """What the events come to at a moment, by exact arithmetic."""

    at = serializers.DateTimeField()
    infused_seconds = serializers.FloatField()
    charted_ml = serializers.CharField(allow_null=True, help_text="Null without a confirmed dose.")
    charted_mg = Thousandths(allow_null=True)


class IVAccessIn(serializers.Serializer[Any]):
    """A cannula as it was placed."""

    site = serializers.ChoiceField(choices=IVAccess.Site.choices)
    side = serializers.ChoiceField(choices=IVAccess.Side.choices)
    gauge = serializers.IntegerField(allow_null=True, help_text="G; null for a port.")
    attempts = serializers.IntegerField(min_value=0, max_value=99)
    patency = serializers.ChoiceField(choices=IVAccess.Patency.choices)
    note = ShortText()
    taken_at = Instant(required=False)


class IVRemovalIn(serializers.Serializer[Any]):
    """A cannula taken out, and how its place looks."""

    condition = serializers.ChoiceField(choices=IVRemoval.Condition.choices)
    note = ShortText()
    taken_at = Instant(required=False)


class IVRemovalOut(FactOut):
    """The removal of a cannula."""

    condition = serializers.ChoiceField(choices=IVRemoval.Condition.choices)
    note = serializers.CharField()


class IVAccessOut(CorrectableOut):
    """A cannula, with its removal."""

    site = serializers.ChoiceField(choices=IVAccess.Site.choices)
    side = serializers.ChoiceField(choices=IVAccess.Side.choices)
    gauge = serializers.IntegerField(allow_null=True)
    attempts = serializers.IntegerField()
    patency = serializers.ChoiceField(choices=IVAccess.Patency.choices)
    note = serializers.CharField()
    removed_at = serializers.DateTimeField(allow_null=True)
    removal_condition = serializers.CharField(allow_blank=True)

    @staticmethod
    def get_removed_at(row: IVAccess) -> Any:
        return row.removal.taken_at if hasattr(row, "removal") else None

    @staticmethod
    def get_removal_condition(row: IVAccess) -> str:
        return row.removal.condition if hasattr(row, "removal") else ""


class NotDoneIn(serializers.Serializer[Any]):
    """A planned reading that was not taken."""

    due_at = Instant()
    parameter = serializers.ChoiceField(
        choices=list(PARAMETERS), required=False, help_text="Left out: everything that was due then."
    )
    reason = Reason()


class NotDoneOut(FactOut):
    """A planned reading that was not taken, and why."""

    due_at = serializers.DateTimeField()
    parameter = serializers.CharField(allow_blank=True)
    reason = serializers.CharField()


class PlannedReadingOut(LightSerializer):
    """A planned reading, and what became of it."""

    parameter = serializers.CharField(allow_blank=True, help_text="Empty: the whole set.")
    phase = serializers.CharField()
    due_at = serializers.DateTimeField()
    state = serializers.CharField(help_text="planned, due, overdue, done, late, missed or not_done")
