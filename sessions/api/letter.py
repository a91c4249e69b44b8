"""The summary of a course for the clinician who sent the patient."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.audit.recording import record_access
from clinic.common import clock
from sessions.api.contract import actor_of
from sessions.api.courses import CourseRoute
from sessions.api.light import LightSerializer
from sessions.reports.course_letter import course_letter


class LetterTableOut(LightSerializer):
    """A table in plain words."""

    title = serializers.CharField()
    head = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


class CourseLetterOut(LightSerializer):
    """The letter in words; the chart as the words that stand for it."""

    title = serializers.CharField()
    site = serializers.CharField()
    day = serializers.CharField()
    to = serializers.ListField(child=serializers.CharField(), help_text="The lines of the addressee.")
    patient = serializers.CharField()
    born = serializers.CharField()
    record_number = serializers.CharField()
    is_example = serializers.BooleanField(help_text="The protocol is an example, not approved.")
    course = serializers.ListField(child=serializers.CharField())
    outcome = serializers.ListField(child=serializers.CharField())
    chart = serializers.CharField(source="chart.description", allow_null=True)
    scores = LetterTableOut(many=True)
    effects = LetterTableOut(allow_null=True)
    infusions = LetterTableOut(allow_null=True)
    plan = serializers.ListField(child=serializers.CharField())


class CourseLetterDetail(CourseRoute):
    """The summary of a course."""

    pagination_class = None

    @extend_schema(responses=CourseLetterOut)
    def get(self, request: Request, course_id: Any) -> Response:
        """What the letter says, in the words of its page and its PDF; that it was read is noted."""
        course, by, now = self.course(), actor_of(request), clock.now()
        found = course_letter(course, actor=by, now=now)
        record_access(what="course-letter", patient=course.patient, by=by, now=now)
        return Response(CourseLetterOut(found).data)
