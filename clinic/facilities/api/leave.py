"""Leave. Why somebody is away is told to themselves and to whoever plans their roster."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
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
    edit_with,
    found_or_404,
    is_for_the_document,
)
from clinic.accounts.models import User
from clinic.common.api.fields import Instant
from clinic.common.api.filters import InstantFilter
from clinic.facilities.api.sites import ReasonIn
from clinic.facilities.models import StaffLeave
from clinic.facilities.operations import leave as operations
from clinic.facilities.rules.leave import may_see_kind, people_planned_by


class LeaveOut(serializers.ModelSerializer[StaffLeave]):
    """Somebody is away. ``kind`` and ``note`` are null for those who may not know why."""

    id = serializers.UUIDField(source="public_id")
    user = serializers.UUIDField(source="user.public_id")
    name = serializers.CharField(source="user.printed_name")
    kind = serializers.SerializerMethodField()
    note = serializers.SerializerMethodField()

    class Meta:
        model = StaffLeave
        fields = [
            "id",
            "user",
            "name",
            "kind",
            "note",
            "starts_at",
            "ends_at",
            "is_withdrawn",
            "revision",
        ]

    def _may_know(self, leave: StaffLeave) -> bool:
        return may_see_kind(self.context["actor"], leave, planned=self.context["planned"])

    @extend_schema_field(serializers.ChoiceField(choices=StaffLeave.Kind.choices, allow_null=True))
    def get_kind(self, leave: StaffLeave) -> str | None:
        return leave.kind if self._may_know(leave) else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_note(self, leave: StaffLeave) -> str | None:
        return leave.note if self._may_know(leave) else None


class LeaveChange(serializers.Serializer[Any]):
    """What changes; what is left out stays."""

    kind = serializers.ChoiceField(choices=StaffLeave.Kind.choices)
    note = serializers.CharField(max_length=200, allow_blank=True, required=False)
    starts_at = Instant()
    ends_at = Instant()


class LeaveIn(LeaveChange):
    """Whose leave it is, of which kind and when."""

    user = serializers.UUIDField()


class LeaveFilter(filters.FilterSet):
    """Of people with a role at a site, of one person, and what shares an instant with a range."""

    site = filters.UUIDFilter(field_name="user__memberships__site__public_id", distinct=True)
    user = filters.UUIDFilter(field_name="user__public_id")
    ends_after = InstantFilter(field_name="ends_at", lookup_expr="gt")
    starts_before = InstantFilter(field_name="starts_at", lookup_expr="lt")
    is_withdrawn = filters.BooleanFilter()

    class Meta:
        model = StaffLeave
        fields: list[str] = []


class LeaveRoute(GenericAPIView[StaffLeave]):
    """A route of leave within reach: one's own and that of people at one's sites."""

    serializer_class = LeaveOut

    def get_queryset(self) -> QuerySet[StaffLeave]:
        if is_for_the_document(self):
            return StaffLeave.objects.none()
        rows = StaffLeave.objects.for_user(actor_of(self.request)).select_related("user")
        return rows.order_by("starts_at", "pk")

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if is_for_the_document(self):
            return context
        actor = actor_of(self.request)
        return {**context, "actor": actor, "planned": people_planned_by(actor)}

    def leave(self) -> StaffLeave:
        found: StaffLeave = found_or_404(self.get_queryset(), self.kwargs["leave_id"])
        return found

    def shown(self, leave: StaffLeave) -> dict[str, Any]:
        return dict(LeaveOut(leave, context=self.get_serializer_context()).data)


class LeaveList(LeaveRoute, ListAPIView[StaffLeave]):
    """Leave within reach, the earliest first."""

    filterset_class = LeaveFilter

    @extend_schema(request=LeaveIn, responses={201: LeaveOut}, parameters=[KEY_HEADER])
    def post(self, request: Request) -> Response:
        """Record that somebody is away, whatever is booked. ``leave/{id}/uncovered/`` then says what it costs."""
        data, actor = checked(LeaveIn(data=request.data)), actor_of(request)
        user = found_or_404(User.objects.for_user(actor), data.pop("user"))
        return create_with(
            request, operations.record_leave, rows=self.get_queryset, show=self.shown, user=user, **data
        )


class LeaveDetail(LeaveRoute):
    """One leave."""

    @extend_schema(responses=LeaveOut)
    def get(self, request: Request, leave_id: Any) -> Response:
        """The leave, with the ETag that its next edit names."""
        return answer(self.leave(), self.shown)

    @extend_schema(request=LeaveChange(partial=True), responses=LeaveOut, parameters=[REVISION_HEADER])
    def patch(self, request: Request, leave_id: Any) -> Response:
        """Change its kind, time or note."""
        return edit_with(
            LeaveChange, request, operations.edit_leave, show=self.shown, as_="changes", leave=self.leave()
        )


class LeaveWithdraw(LeaveRoute):
    """A leave that does not take place."""

    @extend_schema(request=ReasonIn, responses=LeaveOut, parameters=[REVISION_HEADER])
    def post(self, request: Request, leave_id: Any) -> Response:
        """The person is there after all, and their shifts count again."""
        return edit_with(ReasonIn, request, operations.withdraw_leave, show=self.shown, leave=self.leave())
