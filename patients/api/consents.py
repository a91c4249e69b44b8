"""Consents, and the texts they refer to."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.accounts.permissions import Permission
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
from patients.models import Consent, ConsentDocument, ConsentEvent
from patients.operations.consenting import publish_consent_document, record_consent, revoke_consent


class ConsentDocumentSerializer(serializers.ModelSerializer[ConsentDocument]):
    """One version of a text that patients agree to."""

    id = serializers.UUIDField(source="public_id", read_only=True)

    class Meta:
        model = ConsentDocument
        fields = ["id", "code", "version", "title", "language", "body", "valid_days", "published_at"]
        read_only_fields = ["published_at"]
        # The operation answers for the order of versions; a validator here would look at every one of them.
        validators: list[Any] = []


class ConsentEventOut(serializers.ModelSerializer[ConsentEvent]):
    """What happened to a consent."""

    taken_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = ConsentEvent
        fields = ["kind", "reason", "taken_at", "taken_by"]


class ConsentOut(serializers.ModelSerializer[Consent]):
    """A patient's consent and what became of it."""

    id = serializers.UUIDField(source="public_id")
    document = serializers.UUIDField(source="document.public_id")
    document_title = serializers.CharField(source="document.title")
    document_version = serializers.IntegerField(source="document.version")
    taken_by = serializers.StringRelatedField[Any]()
    events = ConsentEventOut(many=True)

    class Meta:
        model = Consent
        fields = [
            "id",
            "document",
            "document_title",
            "document_version",
            "purpose",
            "given_on",
            "given_by",
            "valid_until",
            "revoked_on",
            "taken_by",
            "events",
            "revision",
        ]


class ConsentIn(serializers.Serializer[Any]):
    """A consent to one document; given today when no day is named."""

    document = serializers.UUIDField()
    purpose = serializers.ChoiceField(choices=Consent.Purpose.choices, default=Consent.Purpose.TREATMENT)
    given_on = serializers.DateField(allow_null=True, default=None)
    given_by = serializers.CharField(allow_blank=True, default="", max_length=150)


class RevokeIn(serializers.Serializer[Any]):
    """Why a consent does not hold any more, and from which day; today when none is named."""

    reason = serializers.CharField(max_length=2000)
    revoked_on = serializers.DateField(allow_null=True, default=None)


class ConsentDocuments(ListAPIView[ConsentDocument]):
    """The texts that are offered: the latest version of each in each language."""

    serializer_class = ConsentDocumentSerializer

    def get_queryset(self) -> QuerySet[ConsentDocument]:
        if is_for_the_document(self):
            return ConsentDocument.objects.none()
        return ConsentDocument.objects.for_user(actor_of(self.request)).offered()

    @extend_schema(responses={201: ConsentDocumentSerializer}, parameters=[KEY_HEADER])
    def post(self, request: Request) -> Response:
        """Publish the next version of a text."""
        data = checked(ConsentDocumentSerializer(data=request.data))
        mine = ConsentDocument.objects.for_user(actor_of(request))
        return create_with(
            request,
            publish_consent_document,
            rows=mine.all,
            show=lambda document: ConsentDocumentSerializer(document).data,
            **data,
        )


class ConsentRoute(PatientRoute, GenericAPIView[Consent]):
    """A route of one patient's consents."""

    serializer_class = ConsentOut

    def get_queryset(self) -> QuerySet[Consent]:
        if is_for_the_document(self):
            return Consent.objects.none()
        mine = Consent.objects.for_user(actor_of(self.request)).filter(
            patient__public_id=self.kwargs["patient_id"]
        )
        found: QuerySet[Consent] = mine.select_related("document", "taken_by", "patient").prefetch_related(
            "events__taken_by"
        )
        return found

    def show(self, consent: Consent) -> dict[str, Any]:
        return ConsentOut(self.get_queryset().get(pk=consent.pk)).data


class ConsentList(ListModelMixin, ConsentRoute):
    """A patient's consents, the latest first."""

    def get(self, request: Request, patient_id: Any) -> Response:
        """Every consent, revoked and run out ones too."""
        self.patient()
        return self.list(request)

    @extend_schema(request=ConsentIn, responses={201: ConsentOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, patient_id: Any) -> Response:
        """Record that the patient consented."""
        patient = self.patient(Permission.RECORD_CONSENT)
        data = checked(ConsentIn(data=request.data))
        documents = ConsentDocument.objects.for_user(actor_of(request))
        document = found_or_404(documents, data.pop("document"))
        return create_with(
            request,
            record_consent,
            rows=self.get_queryset,
            show=self.show,
            patient=patient,
            document=document,
            **data,
        )


class ConsentDetail(ConsentRoute):
    """One consent."""

    def consent(self) -> Consent:
        found: Consent = found_or_404(self.get_queryset(), self.kwargs["consent_id"])
        return found

    def get(self, request: Request, patient_id: Any, consent_id: Any) -> Response:
        """The consent, with the ETag that revoking it names."""
        return answer(self.consent(), self.show)


class ConsentRevoke(ConsentDetail):
    """The end of a consent."""

    http_method_names = ["post", "options"]

    @extend_schema(request=RevokeIn, responses=ConsentOut, parameters=[REVISION_HEADER])
    def post(self, request: Request, patient_id: Any, consent_id: Any) -> Response:
        """Record that the consent is revoked."""
        return edit_with(RevokeIn, request, revoke_consent, show=self.show, consent=self.consent())
