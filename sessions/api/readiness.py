"""Before the day: what is missing for each visit, what was settled, and who was called."""

from datetime import date
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.common import clock
from sessions.api.contract import KEY_HEADER, actor_of, checked
from sessions.api.facts import FactList
from sessions.api.places import site_seen
from sessions.api.serializers.readiness import (
    CallIn,
    CallOut,
    ReadinessAnswerIn,
    ReadinessAnswerOut,
    ReadinessDayOut,
    ReadinessOut,
)
from sessions.models import CallAttempt, ReadinessAnswer
from sessions.operations.readiness import answer_readiness, log_call
from sessions.reports.readiness import readiness


class ReadinessQuery(serializers.Serializer[Any]):
    """A site, and the first of two days; today there when it is left out."""

    site = serializers.UUIDField()
    day = serializers.DateField(required=False)

    def validate_day(self, day: date) -> date:
        if not 2000 <= day.year < 2200:
            raise serializers.ValidationError("Choose a day between 2000 and 2200.", code="range")
        return day


class ReadinessList(APIView):
    """The readiness list."""

    @extend_schema(
        parameters=[
            OpenApiParameter("site", OpenApiTypes.UUID, required=True),
            OpenApiParameter(
                "day", OpenApiTypes.DATE, description="The first of two days; today without it."
            ),
        ],
        responses=ReadinessOut,
    )
    def get(self, request: Request) -> Response:
        """The visits of two days that are not over, each with what is missing."""
        by, asked = actor_of(request), checked(ReadinessQuery(data=request.query_params))
        site = site_seen(request, asked["site"])
        first = asked.get("day") or clock.local_date(clock.now(), site.time_zone)
        days = readiness(site, first=first, actor=by)
        return Response({"site": site.public_id, "days": [ReadinessDayOut(day).data for day in days]})


class ReadinessAnswers(FactList):
    """What was settled with the patient before a visit."""

    model = ReadinessAnswer
    serializer_class = ReadinessAnswerOut

    @extend_schema(request=ReadinessAnswerIn, responses={201: ReadinessAnswerOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Record how the ride home or the fasting instruction stands."""
        session, data = self.session(), checked(ReadinessAnswerIn(data=request.data))
        return self.write(answer_readiness, session=session, **data)


class Calls(FactList):
    """The calls about a visit."""

    model = CallAttempt
    serializer_class = CallOut

    @extend_schema(request=CallIn, responses={201: CallOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Record a call, and what came of it."""
        session, data = self.session(), checked(CallIn(data=request.data))
        return self.write(log_call, session=session, **data)
