"""One-time links of a patient: made, listed, revoked."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.common.http import public_address
from clinic.facilities.api.sites import site_named
from patients.api.contract import (
    KEY_HEADER,
    PatientRoute,
    actor_of,
    checked,
    create_with_secret,
    found_or_404,
    write_once,
)
from patients.models import OneTimeLink
from patients.operations.one_time_links import make_link, revoke_link


class LinkOut(serializers.ModelSerializer[OneTimeLink]):
    """A link and how it stands. Its address is told once, when it is made."""

    id = serializers.UUIDField(source="public_id")
    patient = serializers.UUIDField(source="patient.public_id")
    site = serializers.UUIDField(source="site.public_id")
    parts = serializers.ListField(child=serializers.CharField())
    state = serializers.SerializerMethodField()

    class Meta:
        model = OneTimeLink
        fields = [
            "id",
            "patient",
            "site",
            "purpose",
            "parts",
            "language",
            "due_at",
            "expires_at",
            "sent_at",
            "opened_at",
            "answered_at",
            "revoked_at",
            "state",
            "revision",
        ]

    @extend_schema_field(serializers.ChoiceField(choices=OneTimeLink.State.choices))
    def get_state(self, link: OneTimeLink) -> str:
        return link.state(clock.now()).value


class MadeLinkOut(LinkOut):
    """A link that was just made."""

    address = serializers.CharField(
        allow_null=True, help_text="Told once; null when the same request is sent again."
    )

    class Meta(LinkOut.Meta):
        fields = [*LinkOut.Meta.fields, "address"]


class LinkIn(serializers.Serializer[Any]):
    """What is asked, at which of the patient's sites, and until when."""

    site = serializers.UUIDField()
    parts = serializers.ListField(child=serializers.CharField(max_length=20), min_length=1, max_length=10)
    language = serializers.ChoiceField(choices=[("en", "English"), ("es", "Spanish")], default="en")
    due_at = serializers.DateTimeField(required=False, help_text="From when it opens; now, when left out.")
    expires_at = serializers.DateTimeField()


class LinkRevokeIn(serializers.Serializer[Any]):
    """Why, if there is something to say."""

    reason = serializers.CharField(max_length=1000, allow_blank=True, default="")


class LinkRoute(PatientRoute):
    """Below the links of one patient."""

    def links(self, permission: Permission | None = None) -> QuerySet[OneTimeLink]:
        rows = OneTimeLink.objects.for_user(actor_of(self.request)).select_related("patient", "site")
        found: QuerySet[OneTimeLink] = rows.filter(patient=self.patient(permission))
        return found


class LinkList(LinkRoute):
    """The links of a patient."""

    @extend_schema(responses=LinkOut(many=True))
    def get(self, request: Request, patient_id: Any) -> Response:
        """The last hundred, the newest first."""
        return Response(LinkOut(self.links(Permission.VIEW_PATIENTS)[:100], many=True).data)

    @extend_schema(request=LinkIn, responses={201: MadeLinkOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, patient_id: Any) -> Response:
        """Make a link, to be passed on to the patient by whoever asked for it."""
        data = checked(LinkIn(data=request.data))
        site, patient = site_named(request, data.pop("site")), self.patient()

        def make(key: Any, now: Any) -> tuple[OneTimeLink, str]:
            link, secret = make_link(
                patient=patient,
                site=site,
                purpose=OneTimeLink.Purpose.ASKED,
                by=actor_of(request),
                public_id=key,
                now=now,
                **data,
            )
            return link, public_address(request, reverse("sessions:answer", args=[secret]))

        return create_with_secret(
            request, make, rows=self.links, show=lambda link: LinkOut(link).data, told_as="address"
        )


class LinkRevoke(LinkRoute):
    """The end of a link."""

    @extend_schema(request=LinkRevokeIn, responses=LinkOut, parameters=[KEY_HEADER])
    def post(self, request: Request, patient_id: Any, link_id: Any) -> Response:
        """End it now; revoking it twice changes nothing."""
        link = found_or_404(self.links(), link_id)
        reason = checked(LinkRevokeIn(data=request.data))["reason"]
        return write_once(
            request,
            do=lambda key, now: revoke_link(link=link, by=actor_of(request), reason=reason, now=now),
            again=lambda key: found_or_404(self.links(), link_id),
            show=lambda found: LinkOut(found).data,
            created=False,
        )
