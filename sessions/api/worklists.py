"""The courses that wait for somebody, and second looks at a course."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.facilities.models import Site
from sessions.api.contract import (
    KEY_HEADER,
    actor_of,
    checked,
    create_with,
    found_or_404,
    is_for_the_document,
)
from sessions.api.places import site_seen
from sessions.api.serializers.readiness import ReevaluationIn, ReevaluationOut, WorklistOut
from sessions.models import Course, Reevaluation
from sessions.operations.reevaluating import record_reevaluation
from sessions.reports.course_worklist import course_worklist


class WorklistQuery(serializers.Serializer[Any]):
    """A site; all within reach when it is left out."""

    site = serializers.UUIDField(required=False)


class CourseWorklist(APIView):
    """The worklist of courses."""

    @extend_schema(
        parameters=[OpenApiParameter("site", OpenApiTypes.UUID, description="All within reach without it.")],
        responses=WorklistOut,
    )
    def get(self, request: Request) -> Response:
        """Active courses without a next booking, past their window, to be looked at again, or all given."""
        by, asked = actor_of(request), checked(WorklistQuery(data=request.query_params))
        by.require(Permission.VIEW_PATIENTS)
        sites = [site_seen(request, asked["site"])] if "site" in asked else list(Site.objects.for_user(by))
        return Response(WorklistOut(course_worklist(sites, actor=by, now=clock.now())).data)


class Reevaluations(ListModelMixin, GenericAPIView[Reevaluation]):
    """The second looks at a course, in the order of their times."""

    serializer_class = ReevaluationOut

    def get_queryset(self) -> QuerySet[Reevaluation]:
        if is_for_the_document(self):
            return Reevaluation.objects.none()
        mine = Reevaluation.objects.for_user(actor_of(self.request)).select_related("taken_by", "entered_by")
        return mine.filter(course__public_id=self.kwargs["course_id"])

    def course(self) -> Course:
        found: Course = found_or_404(
            Course.objects.for_user(actor_of(self.request)), self.kwargs["course_id"]
        )
        return found

    def get(self, request: Request, course_id: Any) -> Response:
        """What was decided, and after how many infusions."""
        self.course()
        return self.list(request)

    @extend_schema(request=ReevaluationIn, responses={201: ReevaluationOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, course_id: Any) -> Response:
        """Record how the course goes on. A decision to stop does not close it."""
        course, data = self.course(), checked(ReevaluationIn(data=request.data))
        return create_with(
            request,
            record_reevaluation,
            rows=self.get_queryset,
            show=lambda row: self.get_serializer(row).data,
            course=course,
            **data,
        )
