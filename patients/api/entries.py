"""The lists of a patient's record: the same five routes for each."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView, ListCreateAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.accounts.permissions import Permission
from clinic.common.api.fields import Instant
from patients.api.contract import (
    KEY_HEADER,
    REVISION_HEADER,
    PatientRoute,
    actor_of,
    answer,
    checked,
    create_with,
    edit_with,
    found_or_404,
    is_for_the_document,
)
from patients.models import (
    Allergy,
    AntidepressantTrial,
    Authorization,
    Contact,
    Diagnosis,
    Medication,
    NoKnownAllergies,
    RecordEntry,
    ReferringClinician,
)
from patients.models.diagnosis import normal_code
from patients.operations.entries import add_entry, assert_no_known_allergies, edit_entry, end_entry

ENTRY_FIELDS = [
    "id",
    "recorded_at",
    "recorded_by",
    "ended_on",
    "end_reason",
    "entered_in_error",
    "revision",
]


class EntrySerializer(serializers.ModelSerializer[Any]):
    """Base: what every row of a list says beside its own fields, all of it read only."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    recorded_by = serializers.StringRelatedField[Any](read_only=True)


class AllergySerializer(EntrySerializer):
    class Meta:
        model = Allergy
        fields = ["substance", "reaction", "severity", *ENTRY_FIELDS]
        read_only_fields = ENTRY_FIELDS


class MedicationSerializer(EntrySerializer):
    class Meta:
        model = Medication
        fields = ["name", "dose", "rems_class", "is_antihypertensive", "started_on", *ENTRY_FIELDS]
        read_only_fields = ENTRY_FIELDS


class DiagnosisSerializer(EntrySerializer):
    class Meta:
        model = Diagnosis
        fields = ["code", "label", "noted_on", *ENTRY_FIELDS]
        read_only_fields = ENTRY_FIELDS

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("code"), str):
            data = {**data, "code": normal_code(data["code"])}
        return super().to_internal_value(data)


class AntidepressantTrialSerializer(EntrySerializer):
    class Meta:
        model = AntidepressantTrial
        fields = ["drug", "dose", "weeks", "result", "in_current_episode", *ENTRY_FIELDS]
        read_only_fields = ENTRY_FIELDS


class ContactSerializer(EntrySerializer):
    class Meta:
        model = Contact
        fields = ["kind", "name", "relationship", "phone", *ENTRY_FIELDS]
        read_only_fields = ENTRY_FIELDS


class ReferringClinicianSerializer(EntrySerializer):
    class Meta:
        model = ReferringClinician
        fields = ["name", "organisation", "address", "phone", "email", *ENTRY_FIELDS]
        read_only_fields = ENTRY_FIELDS


class AuthorizationSerializer(EntrySerializer):
    class Meta:
        model = Authorization
        fields = ["payer", "reference", "infusions", "valid_from", "valid_until", *ENTRY_FIELDS]
        read_only_fields = ENTRY_FIELDS


class EndIn(serializers.Serializer[Any]):
    """Why and from when a row does not hold any more."""

    ended_on = serializers.DateField(allow_null=True, default=None)
    reason = serializers.CharField(allow_blank=True, default="", max_length=200)
    entered_in_error = serializers.BooleanField(default=False)


Shape = serializers.Serializer[Any]


class EntryFilter(filters.FilterSet):
    """What stands today, or what has ended."""

    active = filters.BooleanFilter(field_name="ended_on", lookup_expr="isnull", label="Stands today")


class EntryRoute(PatientRoute, GenericAPIView[Any]):
    """A route of one list; a subclass names the list by its serializer."""

    model: type[RecordEntry] = RecordEntry  # type: ignore[type-abstract]
    filterset_class = EntryFilter

    def get_queryset(self) -> QuerySet[Any]:
        if is_for_the_document(self):
            return self.model.objects.none()
        rows = self.model.objects.for_user(actor_of(self.request)).select_related("recorded_by", "patient")
        return rows.filter(patient__public_id=self.kwargs["patient_id"])

    def entry(self) -> Any:
        return found_or_404(self.get_queryset(), self.kwargs["entry_id"])

    def show(self, entry: Any) -> dict[str, Any]:
        return self.get_serializer(entry).data


class EntryList(EntryRoute, ListCreateAPIView[Any]):
    """One list of a patient's record."""

    def get(self, request: Request, patient_id: Any) -> Response:
        """The rows of the list, ended ones too unless filtered."""
        self.patient()
        return self.list(request)

    @extend_schema(parameters=[KEY_HEADER])
    def post(self, request: Request, patient_id: Any) -> Response:
        """Add a row."""
        patient = self.patient(Permission.EDIT_PATIENTS)
        data = checked(cast(Shape, self.get_serializer(data=request.data)))
        return create_with(
            request,
            add_entry,
            rows=self.get_queryset,
            show=self.show,
            entry=self.model(patient=patient, **data),
        )


class EntryDetail(EntryRoute):
    """One row of a list."""

    def get(self, request: Request, patient_id: Any, entry_id: Any) -> Response:
        """The row, with the ETag that its next edit names."""
        return answer(self.entry(), self.show)

    @extend_schema(parameters=[REVISION_HEADER])
    def patch(self, request: Request, patient_id: Any, entry_id: Any) -> Response:
        """Change some fields of the row."""
        entry = self.entry()
        return edit_with(
            partial(cast(Callable[..., Shape], self.get_serializer), entry),
            request,
            edit_entry,
            show=self.show,
            as_="changes",
            entry=entry,
        )


class EntryEnd(EntryRoute):
    """The end of a row."""

    @extend_schema(request=EndIn, parameters=[REVISION_HEADER])
    def post(self, request: Request, patient_id: Any, entry_id: Any) -> Response:
        """Take the row off its list; it stays readable."""
        return edit_with(EndIn, request, end_entry, show=self.show, entry=self.entry())


class NoKnownAllergiesOut(serializers.ModelSerializer[NoKnownAllergies]):
    """When the patient was asked, and by whom."""

    id = serializers.UUIDField(source="public_id")
    taken_by = serializers.StringRelatedField[Any]()
    entered_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = NoKnownAllergies
        fields = ["id", "taken_at", "taken_by", "entered_at", "entered_by"]


class NoKnownAllergiesIn(serializers.Serializer[Any]):
    """When the patient was asked; now when left out."""

    taken_at = Instant(allow_null=True, default=None)


class NoKnownAllergiesRoute(PatientRoute):
    """The statement that no allergy is known."""

    @extend_schema(request=NoKnownAllergiesIn, responses={201: NoKnownAllergiesOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, patient_id: Any) -> Response:
        """Record that the patient was asked and knows of none."""
        patient = self.patient(Permission.EDIT_PATIENTS)
        data = checked(NoKnownAllergiesIn(data=request.data))
        return create_with(
            request,
            assert_no_known_allergies,
            rows=lambda: NoKnownAllergies.objects.for_user(actor_of(request)),
            show=lambda fact: NoKnownAllergiesOut(fact).data,
            patient=patient,
            **data,
        )


LISTS: dict[str, tuple[type[RecordEntry], type[EntrySerializer]]] = {
    "allergies": (Allergy, AllergySerializer),
    "medications": (Medication, MedicationSerializer),
    "diagnoses": (Diagnosis, DiagnosisSerializer),
    "antidepressant-trials": (AntidepressantTrial, AntidepressantTrialSerializer),
    "contacts": (Contact, ContactSerializer),
    "referring-clinicians": (ReferringClinician, ReferringClinicianSerializer),
    "authorizations": (Authorization, AuthorizationSerializer),
}
