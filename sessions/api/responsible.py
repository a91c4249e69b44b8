"""Who answers for a site's patients."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.accounts.models import User
from clinic.common.api import writes
from clinic.common.api.filters import InstantFilter
from clinic.facilities.api.sites import site_named
from sessions.api.contract import (
    KEY_HEADER,
    REVISION_HEADER,
    actor_of,
    answer,
    checked,
    create_with,
    edit,
    found_or_404,
    is_for_the_document,
)
from sessions.api.serializers.medicines import ResponsibleIn, ResponsibleOut
from sessions.models import ResponsiblePrescriber
from sessions.operations.naming_responsible import end_responsible, name_responsible


class ResponsibleFilter(filters.FilterSet):
    """By site and kind, and those that share an instant with a range."""

    site = filters.UUIDFilter(field_name="site__public_id")
    kind = filters.ChoiceFilter(choices=ResponsiblePrescriber.Kind.choices)
    ends_after = InstantFilter(field_name="ends_at", lookup_expr="gt")
    starts_before = InstantFilter(field_name="starts_at", lookup_expr="lt")

    class Meta:
        model = ResponsiblePrescriber
        fields: list[str] = []


class ResponsibleRoute(GenericAPIView[Any]):
    """A route of those who are named at the caller's sites."""

    serializer_class = ResponsibleOut

    def get_queryset(self) -> QuerySet[Any]:
        if is_for_the_document(self):
            return ResponsiblePrescriber.objects.none()
        rows = ResponsiblePrescriber.objects.for_user(actor_of(self.request))
        return rows.select_related("site", "user", "named_by").order_by("starts_at", "pk")

    def show(self, row: Any) -> dict[str, Any]:
        shown: dict[str, Any] = ResponsibleOut(row).data
        return shown


class ResponsibleList(ResponsibleRoute, ListAPIView[Any]):
    """Those who are named, the earliest first; withdrawn ones too."""

    filterset_class = ResponsibleFilter

    @extend_schema(request=ResponsibleIn, responses={201: ResponsibleOut}, parameters=[KEY_HEADER])
    def post(self, request: Request) -> Response:
        """Name somebody. Two of a kind may not overlap at a site."""
        data, by = checked(ResponsibleIn(data=request.data)), actor_of(request)
        site = site_named(request, data.pop("site"))
        user = found_or_404(User.objects.for_user(by), data.pop("user"))
        return create_with(
            request, name_responsible, rows=self.get_queryset, show=self.show, site=site, user=user, **data
        )


class ResponsibleEnd(ResponsibleRoute):
    """The end of somebody's turn."""

    @extend_schema(request=None, responses=ResponsibleOut, parameters=[REVISION_HEADER])
    def post(self, request: Request, named_id: Any) -> Response:
        """It ends now; what has not begun is withdrawn."""
        named, revision = found_or_404(self.get_queryset(), named_id), writes.expected_revision(request)
        ended = edit(end_responsible, named=named, by=actor_of(request), expected_revision=revision)
        return answer(ended, self.show)
