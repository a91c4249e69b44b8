"""Check-ins between sessions: what was asked, and what came of each."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from clinic.common import clock
from sessions.api.contract import actor_of, is_for_the_document
from sessions.models import HomeCheckIn
from sessions.reports.check_ins import CHOICES, OUTCOMES, by_outcome, outcome_of, reach
from sessions.rules.asking import told_why


class CheckInOut(serializers.ModelSerializer[HomeCheckIn]):
    """One check-in after an infusion; `parts` as the plan asks, `asked` as its link does."""

    id = serializers.UUIDField(source="public_id")
    session = serializers.UUIDField(source="session.public_id")
    course = serializers.UUIDField(source="session.course.public_id")
    patient = serializers.UUIDField(source="session.patient.public_id")
    site = serializers.UUIDField(source="session.site.public_id")
    link = serializers.UUIDField(source="link.public_id", allow_null=True, default=None)
    parts = serializers.ListField(child=serializers.CharField())
    asked = serializers.ListField(source="link.parts", child=serializers.CharField(), default=list)
    answered_at = serializers.DateTimeField(source="link.answered_at", allow_null=True, default=None)
    outcome = serializers.SerializerMethodField()
    why_code = serializers.SerializerMethodField(help_text="Stable; empty where there is nothing to say.")
    why = serializers.SerializerMethodField()

    class Meta:
        model = HomeCheckIn
        fields = [
            "id",
            "session",
            "course",
            "patient",
            "site",
            "link",
            "day",
            "parts",
            "asked",
            "channel",
            "due_at",
            "expires_at",
            "answered_at",
            "outcome",
            "attempts",
            "why_code",
            "why",
            "revision",
        ]

    @extend_schema_field(serializers.ChoiceField(choices=OUTCOMES))
    def get_outcome(self, check_in: HomeCheckIn) -> str:
        return outcome_of(check_in, clock.now()).value

    @extend_schema_field(serializers.CharField())
    def get_why_code(self, check_in: HomeCheckIn) -> str:
        return check_in.why.partition(":")[0]

    @extend_schema_field(serializers.CharField())
    def get_why(self, check_in: HomeCheckIn) -> str:
        return told_why(check_in.why) if check_in.why else ""


class CheckInFilter(filters.FilterSet):
    """Those that brought no answer lately, that were answered, or all; and what they belong to."""

    show = filters.ChoiceFilter(choices=CHOICES, method="of_outcome", label="missed: of the last 14 days")
    site = filters.UUIDFilter(field_name="session__site__public_id")
    course = filters.UUIDFilter(field_name="session__course__public_id")
    patient = filters.UUIDFilter(field_name="session__patient__public_id")

    class Meta:
        model = HomeCheckIn
        fields: list[str] = []

    def of_outcome(self, rows: QuerySet[HomeCheckIn], _name: str, value: Any) -> QuerySet[HomeCheckIn]:
        return by_outcome(rows, value, now=clock.now())


class CheckInList(ListAPIView[HomeCheckIn]):
    """Check-ins within reach, the latest due first."""

    serializer_class = CheckInOut
    filterset_class = CheckInFilter

    def get_queryset(self) -> QuerySet[HomeCheckIn]:
        return HomeCheckIn.objects.none() if is_for_the_document(self) else reach(actor_of(self.request))
