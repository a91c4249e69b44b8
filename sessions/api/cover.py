"""Booked hours that somebody's leave leaves without enough nurses."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.accounts.api.contract import actor_of, found_or_404
from clinic.common import clock
from clinic.facilities.models import StaffLeave
from clinic.facilities.rules.leave import may_see_kind, people_planned_by
from sessions.reports.cover import uncovered_by


class GapOut(serializers.Serializer[Any]):
    """A stretch with too few nurses, at its worst."""

    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    patients = serializers.IntegerField()
    nurses = serializers.IntegerField()


class UncoveredOut(serializers.Serializer[Any]):
    """What a leave leaves uncovered at one site; two patients for an hour are 120 minutes."""

    site = serializers.UUIDField(source="site.public_id")
    minutes = serializers.SerializerMethodField()
    visits = serializers.IntegerField()
    gaps = GapOut(many=True)

    def get_minutes(self, row: Any) -> int:
        return clock.whole_minutes(row.time)


class LeaveUncoveredOut(serializers.Serializer[Any]):
    """Site by site; empty where no shift falls into the leave."""

    sites = UncoveredOut(many=True)


class LeaveUncovered(APIView):
    """The booked hours that a leave leaves uncovered."""

    @extend_schema(responses=LeaveUncoveredOut)
    def get(self, request: Request, leave_id: Any) -> Response:
        """Booked hours that would have a nurse if this person were there."""
        actor = actor_of(request)
        leave = found_or_404(StaffLeave.objects.for_user(actor), leave_id)
        if not may_see_kind(actor, leave, planned=people_planned_by(actor)):
            raise Http404
        found = [] if leave.is_withdrawn else uncovered_by(leave, actor=actor)
        return Response(LeaveUncoveredOut({"sites": found}).data)
