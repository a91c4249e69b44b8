"""The audit, read only: what was done, and who opened which record."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from clinic.accounts.api.contract import actor_of, is_for_the_document
from clinic.accounts.permissions import Permission
from clinic.audit.models import AccessEvent, AuditEvent
from clinic.common.api.filters import InstantFilter


class ChangeOut(serializers.Serializer[Any]):
    """One value before and after."""

    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class AuditEventOut(serializers.ModelSerializer[AuditEvent]):
    """One act. The site is null for what belongs to the whole organisation."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.SerializerMethodField()
    actor = serializers.UUIDField(source="actor.public_id", allow_null=True, default=None)
    changes = serializers.SerializerMethodField()

    class Meta:
        model = AuditEvent
        fields = [
            "id",
            "site",
            "sequence",
            "at",
            "verb",
            "actor",
            "actor_kind",
            "actor_label",
            "subject_type",
            "subject_id",
            "patient_id",
            "reason",
            "changes",
            "request_id",
            "hash",
        ]

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_site(self, event: AuditEvent) -> str | None:
        return event.site_key or None

    @extend_schema_field(serializers.DictField(child=ChangeOut()))
    def get_changes(self, event: AuditEvent) -> dict[str, Any]:
        """Values of a patient's record only for those who may open it; their names for everybody else."""
        hidden = event.patient_id is not None and event.site_key not in self.context["sites_of_patients"]
        return {
            name: {"before": None, "after": None} if hidden else {"before": before, "after": after}
            for name, (before, after) in event.changed().items()
        }


class LogFilter(filters.FilterSet):
    """By person, patient, and a half-open range of instants."""

    actor = filters.UUIDFilter(field_name="actor__public_id", label="Person")
    patient = filters.UUIDFilter(field_name="patient_id", label="Patient")
    since = InstantFilter(field_name="at", lookup_expr="gte")
    until = InstantFilter(field_name="at", lookup_expr="lt", label="Before this instant")


class AuditEventFilter(LogFilter):
    """Also by site, and by verb or family of verbs."""

    site = filters.UUIDFilter(method="at_site", label="Site")
    verb = filters.CharFilter(method="with_verb", label="Verb, or the first part of several", max_length=60)

    class Meta:
        model = AuditEvent
        fields: list[str] = []

    def at_site(self, queryset: Any, name: str, value: Any) -> Any:
        return queryset.at_site(value)

    def with_verb(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.with_verb(value)


class AccessEventFilter(LogFilter):
    class Meta:
        model = AccessEvent
        fields: list[str] = []


class AuditEventList(ListAPIView[AuditEvent]):
    """The log of the sites whose log the caller may read, and of the organisation; the newest first."""

    serializer_class = AuditEventOut
    filterset_class = AuditEventFilter

    def get_queryset(self) -> QuerySet[AuditEvent]:
        if is_for_the_document(self):
            return AuditEvent.objects.none()
        actor = actor_of(self.request)
        actor.require(Permission.VIEW_AUDIT)
        events: QuerySet[AuditEvent] = AuditEvent.objects.for_user(actor).newest_first()
        return events.select_related("chain", "actor")

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if not is_for_the_document(self):
            actor = actor_of(self.request)
            context["sites_of_patients"] = actor.site_keys_with(Permission.VIEW_PATIENTS)
        return context


class AccessEventOut(serializers.ModelSerializer[AccessEvent]):
    """Somebody opened a patient's record."""

    id = serializers.UUIDField(source="public_id")
    actor = serializers.UUIDField(source="actor.public_id", allow_null=True, default=None)

    class Meta:
        model = AccessEvent
        fields = ["id", "at", "actor", "actor_label", "what", "patient_id", "request_id"]


class AccessEventList(ListAPIView[AccessEvent]):
    """Who opened the records of patients of the sites whose log the caller may read; the newest first."""

    serializer_class = AccessEventOut
    filterset_class = AccessEventFilter

    def get_queryset(self) -> QuerySet[AccessEvent]:
        if is_for_the_document(self):
            return AccessEvent.objects.none()
        actor = actor_of(self.request)
        actor.require(Permission.VIEW_AUDIT)
        events: QuerySet[AccessEvent] = AccessEvent.objects.for_user(actor).newest_first()
        return events.select_related("actor")
