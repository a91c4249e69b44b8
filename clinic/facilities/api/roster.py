"""Shifts with their breaks, and a week of them copied."""

import uuid
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
    write_once,
)
from clinic.accounts.models import User
from clinic.common.api import writes
from clinic.common.api.fields import Instant
from clinic.common.api.filters import InstantFilter
from clinic.facilities.api.sites import ReasonIn, SiteRoute, site_named
from clinic.facilities.models import Shift, Site
from clinic.facilities.operations import copying
from clinic.facilities.operations import roster as operations
from clinic.facilities.rules.copying import MOST_WEEKS, id_of_copy, monday_of, planned_copies


class BreakShape(serializers.Serializer[Any]):
    """Part of a shift in which its owner looks after nobody."""

    starts_at = Instant()
    ends_at = Instant()


class ShiftOut(serializers.ModelSerializer[Shift]):
    """Somebody on duty at a site, but for the breaks."""

    id = serializers.UUIDField(source="public_id")
    site = serializers.UUIDField(source="site.public_id")
    user = serializers.UUIDField(source="user.public_id")
    name = serializers.CharField(source="user.printed_name")
    breaks = BreakShape(many=True)

    class Meta:
        model = Shift
        fields = [
            "id",
            "site",
            "user",
            "name",
            "starts_at",
            "ends_at",
            "breaks",
            "is_withdrawn",
            "revision",
        ]


class ShiftChange(serializers.Serializer[Any]):
    """What changes; what is left out stays. Breaks are replaced all at once."""

    user = serializers.UUIDField()
    starts_at = Instant()
    ends_at = Instant()
    breaks = BreakShape(many=True, required=False)


class ShiftIn(ShiftChange):
    """A person, a site, a time and the breaks in it."""

    site = serializers.UUIDField()


class ShiftFilter(filters.FilterSet):
    """By site, by person, and those that share an instant with a range."""

    site = filters.UUIDFilter(field_name="site__public_id")
    user = filters.UUIDFilter(field_name="user__public_id")
    ends_after = InstantFilter(field_name="ends_at", lookup_expr="gt")
    starts_before = InstantFilter(field_name="starts_at", lookup_expr="lt")
    is_withdrawn = filters.BooleanFilter()

    class Meta:
        model = Shift
        fields: list[str] = []


def _shown(shift: Shift) -> dict[str, Any]:
    return ShiftOut(shift).data


class ShiftRoute(GenericAPIView[Shift]):
    """A route of shifts within reach."""

    serializer_class = ShiftOut

    def get_queryset(self) -> QuerySet[Shift]:
        if is_for_the_document(self):
            return Shift.objects.none()
        rows = Shift.objects.for_user(actor_of(self.request)).select_related("site", "user")
        return rows.prefetch_related("breaks").order_by("starts_at", "pk")

    def shift(self) -> Shift:
        found: Shift = found_or_404(self.get_queryset(), self.kwargs["shift_id"])
        return found

    def details(self, data: dict[str, Any]) -> dict[str, Any]:
        """What was sent as the operation takes it: a person within reach, and breaks as ranges."""
        if "user" in data:
            data["user"] = found_or_404(User.objects.for_user(actor_of(self.request)), data["user"])
        if "breaks" in data:
            data["breaks"] = [(pause["starts_at"], pause["ends_at"]) for pause in data["breaks"]]
        return data


class ShiftList(ShiftRoute, ListAPIView[Shift]):
    """Shifts at the caller's sites, the earliest first."""

    filterset_class = ShiftFilter

    @extend_schema(request=ShiftIn, responses={201: ShiftOut}, parameters=[KEY_HEADER])
    def post(self, request: Request) -> Response:
        """Put somebody on duty. One person's shifts may not overlap, at whichever site."""
        data = checked(ShiftIn(data=request.data))
        site = site_named(request, data.pop("site"))
        details = self.details(data)
        return create_with(
            request, operations.add_shift, rows=self.get_queryset, show=_shown, site=site, **details
        )


class ShiftDetail(ShiftRoute):
    """One shift."""

    @extend_schema(responses=ShiftOut)
    def get(self, request: Request, shift_id: Any) -> Response:
        """The shift, with the ETag that its next edit names."""
        return answer(self.shift(), _shown)

    @extend_schema(request=ShiftChange(partial=True), responses=ShiftOut, parameters=[REVISION_HEADER])
    def patch(self, request: Request, shift_id: Any) -> Response:
        """Change its person, times or breaks."""
        shift, revision = self.shift(), writes.expected_revision(request)
        changes = self.details(checked(ShiftChange(data=request.data, partial=True)))
        edited = edit(
            operations.edit_shift,
            shift=shift,
            changes=changes,
            by=actor_of(request),
            expected_revision=revision,
        )
        return answer(edited, _shown)


class ShiftWithdraw(ShiftRoute):
    """A shift that does not take place."""

    @extend_schema(request=ReasonIn, responses=ShiftOut, parameters=[REVISION_HEADER])
    def post(self, request: Request, shift_id: Any) -> Response:
        """Nobody is on duty in it any more. What is booked then stands until somebody moves it."""
        return edit_with(ReasonIn, request, operations.withdraw_shift, show=_shown, shift=self.shift())


class CopyIn(serializers.Serializer[Any]):
    """Any day of the week that is copied, and to how many of the weeks after it."""

    week = serializers.DateField()
    weeks = serializers.IntegerField(min_value=1, max_value=MOST_WEEKS, default=1)


class LeftOut(serializers.Serializer[Any]):
    """A shift that was not copied, and why."""

    shift = serializers.UUIDField(source="source.public_id")
    week = serializers.IntegerField(help_text="How many weeks later.")
    code = serializers.CharField(source="problem.code")
    detail = serializers.CharField(source="problem")


class CopiedOut(serializers.Serializer[Any]):
    """The shifts that were made, and those left out."""

    made = ShiftOut(many=True)
    left_out = LeftOut(many=True)


class WeekCopy(SiteRoute):
    """A week of the roster copied to the weeks after it."""

    @extend_schema(request=CopyIn, responses={201: CopiedOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, site_id: Any) -> Response:
        """Copy every shift that can stand. A repeated request answers with what the first one made."""
        site, data, actor = self.site(), checked(CopyIn(data=request.data)), actor_of(request)
        return write_once(
            request,
            do=lambda key, now: copying.copy_week(site=site, **data, by=actor, key=key, now=now),
            again=lambda key: self._made(site, key, **data),
            show=self._copied_shown,
        )

    def _made(self, site: Site, key: uuid.UUID, *, week: Any, weeks: int) -> copying.Copied:
        plan = planned_copies(site, monday_of(week), weeks=weeks)
        by_id = {id_of_copy(key, each): each for each in plan}
        made = Shift.objects.for_user(actor_of(self.request)).filter(public_id__in=by_id)
        copied = {shift.public_id for shift in made}
        left_out = [each for id_, each in by_id.items() if id_ not in copied and each.problem]
        return copying.Copied(tuple(made), tuple(left_out))

    def _copied_shown(self, done: copying.Copied) -> dict[str, Any]:
        ids = [shift.pk for shift in done.made]
        rows = Shift.objects.for_user(actor_of(self.request)).filter(pk__in=ids)
        made = rows.select_related("site", "user").prefetch_related("breaks").order_by("starts_at", "pk")
        return CopiedOut({"made": made, "left_out": done.left_out}).data
