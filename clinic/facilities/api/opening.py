"""A site's opening hours and closures."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

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
from clinic.common.api.fields import Instant
from clinic.common.api.filters import InstantFilter
from clinic.facilities.api.sites import ReasonIn, SiteRoute, site_named
from clinic.facilities.models import Closure, Site, Weekday
from clinic.facilities.operations import opening as operations
from clinic.facilities.reports.opening import week_of
from clinic.facilities.rules.hours import MIDNIGHT


class StretchShape(serializers.Serializer[Any]):
    """A stretch of a weekday, 0 Monday to 6 Sunday, on the site's clocks. ``closes_at`` 00:00 ends the day."""

    weekday = serializers.IntegerField(min_value=min(Weekday.values), max_value=max(Weekday.values))
    opens_at = serializers.TimeField(format="%H:%M")
    closes_at = serializers.TimeField(format="%H:%M")


class OpeningHoursOut(serializers.Serializer[Any]):
    """The whole week; empty: hours are not set, and so not checked."""

    site = serializers.UUIDField()
    opening_hours = StretchShape(many=True)
    revision = serializers.IntegerField()


class OpeningHoursIn(serializers.Serializer[Any]):
    """The whole week that is to hold."""

    opening_hours = StretchShape(many=True)
    reason = serializers.CharField(max_length=200, allow_blank=True, default="")


def _week_shown(site: Site) -> dict[str, Any]:
    stretches = [
        {"weekday": weekday, "opens_at": opens, "closes_at": opens.min if closes == MIDNIGHT else closes}
        for weekday, opens, closes in week_of(site)
    ]
    shown = {"site": site.public_id, "opening_hours": stretches, "revision": site.revision}
    return OpeningHoursOut(shown).data


class OpeningHoursDetail(SiteRoute):
    """A site's week of opening hours."""

    @extend_schema(responses=OpeningHoursOut)
    def get(self, request: Request, site_id: Any) -> Response:
        """The week, with the ETag of the site that its next edit names."""
        return answer(self.site(), _week_shown)

    @extend_schema(request=OpeningHoursIn, responses=OpeningHoursOut, parameters=[REVISION_HEADER])
    def put(self, request: Request, site_id: Any) -> Response:
        """Replace the whole week. What is booked already stands until somebody moves it."""
        site, revision = self.site(), writes.expected_revision(request)
        data = checked(OpeningHoursIn(data=request.data))
        week = [(row["weekday"], row["opens_at"], row["closes_at"]) for row in data["opening_hours"]]
        edited = edit(
            operations.set_opening_hours,
            site=site,
            hours=week,
            reason=data["reason"],
            by=actor_of(request),
            expected_revision=revision,
        )
        return answer(edited, _week_shown)


class ClosureOut(serializers.ModelSerializer[Closure]):
    """A time in which a site is closed, whatever its hours."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.UUIDField(source="site.public_id")

    class Meta:
        model = Closure
        fields = ["id", "site", "kind", "reason", "starts_at", "ends_at", "is_withdrawn", "revision"]


class ClosureChange(serializers.Serializer[Any]):
    """What changes; what is left out stays."""

    kind = serializers.ChoiceField(choices=Closure.Kind.choices)
    reason = serializers.CharField(max_length=120)
    starts_at = Instant()
    ends_at = Instant()


class ClosureIn(ClosureChange):
    """A holiday or another closure of a site."""

    site = serializers.UUIDField()


class ClosureFilter(filters.FilterSet):
    """By site, and those that share an instant with a range. Withdrawn ones only when asked for."""

    site = filters.UUIDFilter(field_name="site__public_id")
    kind = filters.ChoiceFilter(choices=Closure.Kind.choices)
    ends_after = InstantFilter(field_name="ends_at", lookup_expr="gt")
    starts_before = InstantFilter(field_name="starts_at", lookup_expr="lt")
    is_withdrawn = filters.BooleanFilter()

    class Meta:
        model = Closure
        fields: list[str] = []


def _closure_shown(closure: Closure) -> dict[str, Any]:
    return ClosureOut(closure).data


class ClosureRoute(GenericAPIView[Closure]):
    """A route of closures within reach."""

    serializer_class = ClosureOut

    def get_queryset(self) -> QuerySet[Closure]:
        if is_for_the_document(self):
            return Closure.objects.none()
        rows = Closure.objects.for_user(actor_of(self.request)).select_related("site")
        return rows.order_by("starts_at", "pk")

    def closure(self) -> Closure:
        found: Closure = found_or_404(self.get_queryset(), self.kwargs["closure_id"])
        return found


class ClosureList(ClosureRoute, ListAPIView[Closure]):
    """Closures of the caller's sites, the earliest first."""

    filterset_class = ClosureFilter

    @extend_schema(request=ClosureIn, responses={201: ClosureOut}, parameters=[KEY_HEADER])
    def post(self, request: Request) -> Response:
        """Close a site for a time. What is booked then stands until somebody moves it."""
        data = checked(ClosureIn(data=request.data))
        site = site_named(request, data.pop("site"))
        return create_with(
            request, operations.add_closure, rows=self.get_queryset, show=_closure_shown, site=site, **data
        )


class ClosureDetail(ClosureRoute):
    """One closure."""

    @extend_schema(responses=ClosureOut)
    def get(self, request: Request, closure_id: Any) -> Response:
        """The closure, with the ETag that its next edit names."""
        return answer(self.closure(), _closure_shown)

    @extend_schema(request=ClosureChange(partial=True), responses=ClosureOut, parameters=[REVISION_HEADER])
    def patch(self, request: Request, closure_id: Any) -> Response:
        """Change its name, kind or time."""
        return edit_with(
            ClosureChange,
            request,
            operations.edit_closure,
            show=_closure_shown,
            as_="changes",
            closure=self.closure(),
        )


class ClosureWithdraw(ClosureRoute):
    """A closure that does not take place."""

    @extend_schema(request=ReasonIn, responses=ClosureOut, parameters=[REVISION_HEADER])
    def post(self, request: Request, closure_id: Any) -> Response:
        """The site is open then after all."""
        return edit_with(
            ReasonIn, request, operations.withdraw_closure, show=_closure_shown, closure=self.closure()
        )
