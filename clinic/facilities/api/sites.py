"""Sites and their chairs."""

from dataclasses import fields
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.accounts.api.contract import (
    KEY_HEADER,
    REVISION_HEADER,
    actor_of,
    answer,
    checked,
    create_with,
    edit,
    edit_with,
    found_or_404,
    is_for_the_document,
)
from clinic.common.api import writes
from clinic.facilities.models import Chair, Site
from clinic.facilities.operations.chairs import add_chair, edit_chair, return_to_service, take_out_of_service
from clinic.facilities.operations.sites import edit_site
from clinic.facilities.policy import SitePolicy
from clinic.facilities.rules.sites import LAST_POSITION, RANGES


def site_named(request: Request, public_id: Any) -> Site:
    """A site at which the caller has a role. Raises Http404."""
    found: Site = found_or_404(Site.objects.for_user(actor_of(request)), public_id)
    return found


def _rule(name: str, **options: Any) -> serializers.Field[Any, Any, Any, Any]:
    if name not in RANGES:
        return serializers.BooleanField(**options)
    lowest, highest = RANGES[name]
    return serializers.IntegerField(min_value=lowest, max_value=highest, **options)


class PolicyShape(serializers.Serializer[Any]):
    """What a site decides for itself; the units are in the names."""

    def get_fields(self) -> dict[str, Any]:
        return {rule.name: _rule(rule.name) for rule in fields(SitePolicy)}


class PolicyIn(serializers.Serializer[Any]):
    """The rules that change; what is left out stays."""

    def get_fields(self) -> dict[str, Any]:
        return {rule.name: _rule(rule.name, required=False) for rule in fields(SitePolicy)}


class SiteOut(serializers.ModelSerializer[Site]):
    """A site, with its rules as they hold."""

    id = serializers.UUIDField(source="public_id")
    policy = PolicyShape(source="rules")

    class Meta:
        model = Site
        fields = [
            "id",
            "code",
            "name",
            "phone",
            "address",
            "emergency_number",
            "crisis_line",
            "crisis_line_name",
            "time_zone",
            "is_demo",
            "policy",
            "revision",
        ]


class SiteIn(serializers.Serializer[Any]):
    """What changes; what is left out stays."""

    name = serializers.CharField(max_length=120)
    phone = serializers.CharField(max_length=40, allow_blank=True)
    address = serializers.CharField(max_length=200, allow_blank=True)
    emergency_number = serializers.CharField(max_length=40, allow_blank=True)
    crisis_line = serializers.CharField(max_length=40, allow_blank=True)
    crisis_line_name = serializers.CharField(max_length=80, allow_blank=True)
    time_zone = serializers.CharField(max_length=64)
    policy = PolicyIn()
    reason = serializers.CharField(max_length=1000, allow_blank=True)


class SiteList(ListAPIView[Site]):
    """The caller's sites, by name."""

    serializer_class = SiteOut

    def get_queryset(self) -> QuerySet[Site]:
        if is_for_the_document(self):
            return Site.objects.none()
        return Site.objects.for_user(actor_of(self.request)).order_by("name", "pk")


class SiteRoute(APIView):
    """A route below one site, which is loaded through the scope."""

    def site(self) -> Site:
        return site_named(self.request, self.kwargs["site_id"])


class SiteDetail(SiteRoute):
    """One site."""

    @extend_schema(responses=SiteOut)
    def get(self, request: Request, site_id: Any) -> Response:
        """The site, with the ETag that its next edit names."""
        return answer(self.site(), lambda site: SiteOut(site).data)

    @extend_schema(request=SiteIn(partial=True), responses=SiteOut, parameters=[REVISION_HEADER])
    def patch(self, request: Request, site_id: Any) -> Response:
        """Change some of the site's details and rules. Its code is in other systems' hands and stays."""
        site, revision = self.site(), writes.expected_revision(request)
        changes = checked(SiteIn(data=request.data, partial=True))
        reason = changes.pop("reason", "")
        edited = edit(
            edit_site,
            site=site,
            changes=changes,
            reason=reason,
            by=actor_of(request),
            expected_revision=revision,
        )
        return answer(edited, lambda found: SiteOut(found).data)


class ChairOut(serializers.ModelSerializer[Chair]):
    """A place where one patient can be infused."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.UUIDField(source="site.public_id")

    class Meta:
        model = Chair
        fields = ["id", "site", "name", "position", "is_in_service", "revision"]


class SiteChairIn(serializers.Serializer[Any]):
    """A chair's name, and its place in the order of the site's chairs."""

    name = serializers.CharField(max_length=40)
    position = serializers.IntegerField(min_value=0, max_value=LAST_POSITION, required=False)


class ReasonIn(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=1000, allow_blank=True, default="")


class ChairFilter(filters.FilterSet):
    """In service or not."""

    is_in_service = filters.BooleanFilter()

    class Meta:
        model = Chair
        fields: list[str] = []


def _shown(chair: Chair) -> dict[str, Any]:
    return ChairOut(chair).data


class ChairList(SiteRoute, ListAPIView[Chair]):
    """A site's chairs in their order."""

    serializer_class = ChairOut
    filterset_class = ChairFilter

    def get_queryset(self) -> QuerySet[Chair]:
        if is_for_the_document(self):
            return Chair.objects.none()
        chairs = Chair.objects.for_user(actor_of(self.request)).filter(site=self.site())
        return chairs.select_related("site").order_by("position", "name")

    @extend_schema(request=SiteChairIn, responses={201: ChairOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, site_id: Any) -> Response:
        """Add a chair; without a position it comes last."""
        site, data = self.site(), checked(SiteChairIn(data=request.data))
        return create_with(request, add_chair, rows=self.get_queryset, show=_shown, site=site, **data)


class ChairRoute(APIView):
    """A route below one chair, which is loaded through the scope."""

    def chair(self) -> Chair:
        rows = Chair.objects.for_user(actor_of(self.request)).select_related("site")
        found: Chair = found_or_404(rows, self.kwargs["chair_id"])
        return found


class ChairDetail(ChairRoute):
    """One chair."""

    @extend_schema(responses=ChairOut)
    def get(self, request: Request, chair_id: Any) -> Response:
        """The chair, with the ETag that its next edit names."""
        return answer(self.chair(), _shown)

    @extend_schema(request=SiteChairIn(partial=True), responses=ChairOut, parameters=[REVISION_HEADER])
    def patch(self, request: Request, chair_id: Any) -> Response:
        """Rename the chair or move it in the order."""
        return edit_with(SiteChairIn, request, edit_chair, show=_shown, as_="changes", chair=self.chair())


class ChairOutOfService(ChairRoute):
    """A chair that cannot be used."""

    @extend_schema(request=ReasonIn, responses=ChairOut, parameters=[REVISION_HEADER])
    def post(self, request: Request, chair_id: Any) -> Response:
        """Book nothing more into the chair. What is booked already stands until somebody moves it."""
        return edit_with(ReasonIn, request, take_out_of_service, show=_shown, chair=self.chair())


class ChairInService(ChairRoute):
    """A chair that can be used again."""

    @extend_schema(request=ReasonIn, responses=ChairOut, parameters=[REVISION_HEADER])
    def post(self, request: Request, chair_id: Any) -> Response:
        """Let the chair be booked again."""
        return edit_with(ReasonIn, request, return_to_service, show=_shown, chair=self.chair())
