"""Courses that wait to be moved to a safety version, and moving one."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.accounts.permissions import Permission
from clinic.common.api import writes
from sessions.api.contract import REVISION_HEADER, actor_of, answer, checked, edit, found_or_404
from sessions.api.courses import CourseRoute
from sessions.api.fields import Reason, Thousandths
from sessions.api.light import LightSerializer
from sessions.api.serializers.courses import CourseOut
from sessions.models import ProtocolVersion
from sessions.operations.moving_protocol import move_course_to_version
from sessions.reports.safety import safety_worklist


class MoveVersionIn(serializers.Serializer[Any]):
    """The version to go on under, why, and what changes of the order."""

    protocol_version = serializers.UUIDField()
    reason = Reason()
    dose_mg_per_kg = Thousandths(source="dose_micrograms_per_kg", required=False, max_value=2_000_000)
    cap_mg = Thousandths(source="cap_micrograms", required=False, max_value=2_000_000)
    duration_minutes = serializers.IntegerField(required=False, min_value=1, max_value=1000)


class AffectedOut(LightSerializer):
    """A course to be moved."""

    course = serializers.UUIDField(source="course.public_id")
    patient = serializers.UUIDField(source="course.patient.public_id")
    site = serializers.UUIDField(source="course.site.public_id")
    version = serializers.IntegerField(source="course.protocol_version.number")
    ordered_by = serializers.CharField(source="course.ordered_by.printed_name")
    booked = serializers.IntegerField()
    next_start = serializers.DateTimeField(allow_null=True)


class SafetyOut(LightSerializer):
    """A safety version, and the courses still under an earlier one."""

    protocol_version = serializers.UUIDField(source="version.public_id")
    number = serializers.IntegerField(source="version.number")
    safety_reason = serializers.CharField(source="version.safety_reason")
    courses = AffectedOut(many=True)


class SafetyWorklist(APIView):
    """What waits to be moved for safety."""

    @extend_schema(responses=SafetyOut(many=True))
    def get(self, request: Request) -> Response:
        """Active courses under versions that were replaced for safety; nothing starts under them."""
        by = actor_of(request)
        by.require(Permission.VIEW_PATIENTS)
        return Response([SafetyOut(row).data for row in safety_worklist(by)])


class CourseMoveVersion(CourseRoute):
    """A course that goes on under another version of its protocol."""

    @extend_schema(request=MoveVersionIn, responses=CourseOut, parameters=[REVISION_HEADER])
    def post(self, request: Request, course_id: Any) -> Response:
        """Move it. What is left out of the order stays as it was ordered."""
        by, revision = actor_of(request), writes.expected_revision(request)
        course, data = self.course(), checked(MoveVersionIn(data=request.data))
        version = found_or_404(ProtocolVersion.objects.for_user(by), data.pop("protocol_version"))
        moved = edit(
            move_course_to_version,
            course=course,
            version=version,
            by=by,
            expected_revision=revision,
            **data,
        )
        return answer(moved, self.show)
