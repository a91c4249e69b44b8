"""Patients: listed, searched, registered, edited."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.accounts.permissions import Permission
from clinic.audit.recording import record_access
from clinic.common import clock
from clinic.common.api.filters import InstantFilter
from clinic.facilities.api.sites import site_named
from patients.api.contract import (
    KEY_HEADER,
    REVISION_HEADER,
    PatientRoute,
    actor_of,
    answer,
    checked,
    create_with,
    edit_with,
    is_for_the_document,
)
from patients.models import AllergyStatus, Patient, Registration, allergy_status
from patients.operations.registering import (
    edit_patient,
    record_death,
    register_known_patient,
    register_patient,
)
from patients.reports.searching import find_patients
from patients.rules.duplicates import Match, Reason, possible_duplicates
from patients.rules.people import DETAILS


class RegistrationOut(serializers.ModelSerializer[Registration]):
    """A patient's registration at a site within reach."""

    site = serializers.UUIDField(source="site.public_id")
    site_code = serializers.CharField(source="site.code")

    class Meta:
        model = Registration
        fields = ["site", "site_code", "record_number", "registered_at"]


class PatientDetails(serializers.ModelSerializer[Patient]):
    """What is known of a person and can be edited."""

    class Meta:
        model = Patient
        fields = list(DETAILS)


class PatientOut(PatientDetails):
    """A patient as listed."""

    id = serializers.UUIDField(source="public_id")
    registrations = RegistrationOut(many=True, source="visible_registrations")

    class Meta(PatientDetails.Meta):
        fields = ["id", "full_name", *DETAILS, "deceased_on", "registrations", "revision", "updated_at"]


class PatientRecordOut(PatientOut):
    """A patient as opened."""

    allergy_status = serializers.SerializerMethodField()

    class Meta(PatientOut.Meta):
        fields = [*PatientOut.Meta.fields, "allergy_status"]

    @extend_schema_field(serializers.ChoiceField(choices=AllergyStatus.choices))
    def get_allergy_status(self, patient: Patient) -> str:
        return allergy_status(patient).value


class IdentifierIn(serializers.Serializer[Any]):
    """The person's name in another system."""

    system = serializers.CharField(max_length=80)
    value = serializers.CharField(max_length=120)


class KnownPatientIn(PatientDetails):
    """Somebody known at another site, as they stand there."""

    site = serializers.UUIDField()
    record_number = serializers.CharField(max_length=40, allow_blank=True, default="")

    class Meta(PatientDetails.Meta):
        fields = [*DETAILS, "site", "record_number"]


class RegisterIn(KnownPatientIn):
    """A person to be registered at a site."""

    identifiers = IdentifierIn(many=True, default=list)
    confirmed_not_duplicate = serializers.BooleanField(default=False)

    class Meta(KnownPatientIn.Meta):
        fields = [*KnownPatientIn.Meta.fields, "deceased_on", "identifiers", "confirmed_not_duplicate"]


class SearchIn(serializers.Serializer[Any]):
    """A part of a name, a birth date, a record number or a telephone number, or several of them."""

    term = serializers.CharField(max_length=200)


class SearchOut(serializers.Serializer[Any]):
    """At most 25 patients, and whether there are more."""

    results = PatientOut(many=True)
    more = serializers.BooleanField()


class MatchOut(serializers.Serializer[Match]):
    """Somebody who may be the same person."""

    patient = PatientOut()
    reasons = serializers.ListField(
        child=serializers.ChoiceField(choices=[reason.value for reason in Reason])
    )


class DuplicatesOut(serializers.Serializer[Any]):
    """Who may be the same person: within reach by name, elsewhere as a number."""

    here = MatchOut(many=True)
    elsewhere = serializers.IntegerField()


class DeathIn(serializers.Serializer[Any]):
    """The day of death; null takes a wrong record back and needs a reason."""

    deceased_on = serializers.DateField(allow_null=True)
    reason = serializers.CharField(allow_blank=True, default="", max_length=1000)


class PatientFilter(filters.FilterSet):
    """By site, by birth date, or what changed since a moment."""

    site = filters.UUIDFilter(method="at_site", label="Site")
    updated_since = InstantFilter(field_name="updated_at", lookup_expr="gte")
    birth_date = filters.DateFilter()

    class Meta:
        model = Patient
        fields: list[str] = []

    def at_site(self, queryset: QuerySet[Patient], name: str, value: Any) -> QuerySet[Patient]:
        mine = Registration.objects.for_user(actor_of(self.request)).filter(site__public_id=value)
        return queryset.filter(Exists(mine.filter(patient=OuterRef("pk"))))


def opened(request: Request, patient: Patient) -> dict[str, Any]:
    """The patient as written in an answer, read back with the registrations within reach."""
    found = (
        Patient.objects.for_user(actor_of(request)).with_record_numbers(actor_of(request)).get(pk=patient.pk)
    )
    return PatientRecordOut(found).data


class PatientList(ListAPIView[Patient]):
    """Patients within reach, in the order of their names."""

    serializer_class = PatientOut
    filterset_class = PatientFilter

    def get_queryset(self) -> QuerySet[Patient]:
        if is_for_the_document(self):
            return Patient.objects.none()
        actor = actor_of(self.request)
        return Patient.objects.for_user(actor).with_record_numbers(actor)

    @extend_schema(request=RegisterIn, responses={201: PatientRecordOut}, parameters=[KEY_HEADER])
    def post(self, request: Request) -> Response:
        """Register a person. A possible duplicate is a 409 until it is confirmed to be somebody else."""
        data = checked(RegisterIn(data=request.data))
        site = site_named(request, data.pop("site"))
        named = {"deceased_on", "record_number", "confirmed_not_duplicate"}
        return create_with(
            request,
            register_patient,
            rows=lambda: Patient.objects.for_user(actor_of(request)),
            show=lambda patient: opened(request, patient),
            site=site,
            details={name: value for name, value in data.items() if name in DETAILS},
            identifiers=[(one["system"], one["value"]) for one in data["identifiers"]],
            **{name: value for name, value in data.items() if name in named},
        )


class KnownPatient(APIView):
    """Registering somebody who is known at another site."""

    @extend_schema(request=KnownPatientIn, responses={201: PatientRecordOut}, parameters=[KEY_HEADER])
    def post(self, request: Request) -> Response:
        """Register here under the one record there is; name and birth date must be the very same."""
        data = checked(KnownPatientIn(data=request.data))
        site, number = site_named(request, data.pop("site")), data.pop("record_number")
        return create_with(
            request,
            register_known_patient,
            rows=lambda: Registration.objects.for_user(actor_of(request)),
            show=lambda registration: opened(request, registration.patient),
            site=site,
            details=data,
            record_number=number,
        )


class PatientSearch(APIView):
    """Searching. The term is in the body, so that no name stands in any log of addresses."""

    @extend_schema(request=SearchIn, responses=SearchOut)
    def post(self, request: Request) -> Response:
        """Find patients by part of a name, birth date, record number or telephone number."""
        data = checked(SearchIn(data=request.data))
        results, more = find_patients(data["term"], actor=actor_of(request))
        return Response(SearchOut({"results": results, "more": more}).data)


class DuplicateCheck(APIView):
    """Looking before registering."""

    @extend_schema(request=PatientDetails, responses=DuplicatesOut)
    def post(self, request: Request) -> Response:
        """Who may be the person described. Nothing is written."""
        data = checked(PatientDetails(data=request.data))
        found = possible_duplicates(details=data, by=actor_of(request))
        return Response(DuplicatesOut({"here": found.here, "elsewhere": len(found.elsewhere)}).data)


class PatientDetail(PatientRoute):
    """One patient."""

    @extend_schema(responses=PatientRecordOut)
    def get(self, request: Request, patient_id: Any) -> Response:
        """Open a patient's record; that it was opened is noted."""
        patient = self.patient()
        record_access(what="patient", patient=patient, by=actor_of(request), now=clock.now())
        return answer(patient, lambda found: PatientRecordOut(found).data)

    @extend_schema(
        request=PatientDetails(partial=True), responses=PatientRecordOut, parameters=[REVISION_HEADER]
    )
    def patch(self, request: Request, patient_id: Any) -> Response:
        """Change some of the details."""
        return edit_with(
            PatientDetails,
            request,
            edit_patient,
            show=lambda found: opened(request, found),
            as_="changes",
            patient=self.patient(Permission.EDIT_PATIENTS),
        )


class Death(PatientRoute):
    """The record of a death."""

    @extend_schema(request=DeathIn, responses=PatientRecordOut, parameters=[REVISION_HEADER])
    def post(self, request: Request, patient_id: Any) -> Response:
        """Record the day of death, or take a wrong record back."""
        return edit_with(
            DeathIn,
            request,
            record_death,
            show=lambda found: opened(request, found),
            patient=self.patient(Permission.EDIT_PATIENTS),
        )
