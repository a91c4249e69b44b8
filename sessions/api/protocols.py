"""Protocols and their versions: drafted, edited, approved."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from sessions.api.contract import (
    KEY_HEADER,
    REVISION_HEADER,
    actor_of,
    answer,
    checked,
    create_with,
    edit_with,
    found_or_404,
    is_for_the_document,
)
from sessions.api.serializers.protocols import ApproveIn, ProtocolIn, ProtocolOut, VersionIn, VersionOut
from sessions.models import Protocol, ProtocolVersion
from sessions.operations.protocols import approve_version, create_protocol, draft_version, edit_version


class ProtocolRoute(GenericAPIView[Any]):
    """A route of the organisation's protocols."""

    serializer_class: Any = ProtocolOut

    def get_queryset(self) -> QuerySet[Any]:
        if is_for_the_document(self):
            return Protocol.objects.none()
        return Protocol.objects.for_user(actor_of(self.request))

    def show(self, row: Any) -> dict[str, Any]:
        shown: dict[str, Any] = self.get_serializer(row).data
        return shown


class ProtocolList(ListModelMixin, ProtocolRoute):
    """Every protocol, by name."""

    def get(self, request: Request) -> Response:
        """The organisation's protocols."""
        return self.list(request)

    @extend_schema(request=ProtocolIn, responses={201: ProtocolOut}, parameters=[KEY_HEADER])
    def post(self, request: Request) -> Response:
        """Found a protocol, still without a version."""
        data = checked(ProtocolIn(data=request.data))
        return create_with(request, create_protocol, rows=self.get_queryset, show=self.show, **data)


class ProtocolDetail(ProtocolRoute):
    """One protocol."""

    def get(self, request: Request, protocol_id: Any) -> Response:
        """Its name and indication; what it says stands in its versions."""
        return answer(found_or_404(self.get_queryset(), protocol_id), self.show)


class VersionRoute(ProtocolRoute):
    """A route of versions."""

    serializer_class = VersionOut

    def get_queryset(self) -> QuerySet[Any]:
        if is_for_the_document(self):
            return ProtocolVersion.objects.none()
        versions = ProtocolVersion.objects.for_user(actor_of(self.request))
        return versions.select_related("protocol", "drafted_by", "approved_by")

    def version(self) -> ProtocolVersion:
        found: ProtocolVersion = found_or_404(self.get_queryset(), self.kwargs["version_id"])
        return found

    def show(self, row: Any) -> dict[str, Any]:
        return super().show(self.get_queryset().get(pk=row.pk))


class VersionList(ListModelMixin, VersionRoute):
    """The versions of one protocol, the latest first."""

    def get_queryset(self) -> QuerySet[Any]:
        rows = super().get_queryset()
        return rows if is_for_the_document(self) else rows.filter(protocol=self.protocol())

    def protocol(self) -> Protocol:
        found: Protocol = found_or_404(
            Protocol.objects.for_user(actor_of(self.request)), self.kwargs["protocol_id"]
        )
        return found

    def get(self, request: Request, protocol_id: Any) -> Response:
        """Drafts, the approved one, and those it has replaced."""
        return self.list(request)

    @extend_schema(request=VersionIn, responses={201: VersionOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, protocol_id: Any) -> Response:
        """Draft the next version."""
        protocol, content = self.protocol(), checked(VersionIn(data=request.data))
        return create_with(
            request, draft_version, rows=self.get_queryset, show=self.show, protocol=protocol, content=content
        )


class VersionDetail(VersionRoute):
    """One version."""

    def get(self, request: Request, version_id: Any) -> Response:
        """What a version says, with the ETag that editing or approving it names."""
        return answer(self.version(), self.show)

    @extend_schema(request=VersionIn(partial=True), responses=VersionOut, parameters=[REVISION_HEADER])
    def patch(self, request: Request, version_id: Any) -> Response:
        """Change a draft."""
        return edit_with(
            VersionIn, request, edit_version, show=self.show, as_="content", version=self.version()
        )


class VersionApprove(VersionRoute):
    """The approval of a draft."""

    @extend_schema(request=ApproveIn, responses=VersionOut, parameters=[REVISION_HEADER])
    def post(self, request: Request, version_id: Any) -> Response:
        """Approve the version that was read; earlier ones are retired. With ``safety_reason`` nothing starts under
        them any more."""
        return edit_with(ApproveIn, request, approve_version, show=self.show, version=self.version())
