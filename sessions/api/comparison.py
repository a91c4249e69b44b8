"""A course beside the patient's others, and beside the inductions of its site."""

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
from sessions.reports.course_comparison import course_comparison


class JudgedOut(LightSerializer):
    """A course by one questionnaire."""

    baseline = serializers.IntegerField()
    latest = serializers.IntegerField()
    percent = serializers.IntegerField()
    responded = serializers.BooleanField(source="response.reached")
    days = serializers.IntegerField(
        source="response.days", help_text="To the response, or as long as it was watched."
    )


class OwnCourseOut(LightSerializer):
    """One course of the patient."""

    course = serializers.UUIDField(source="course.public_id")
    given = serializers.IntegerField()
    is_this = serializers.BooleanField()
    outcomes = serializers.DictField(child=JudgedOut(allow_null=True))

    @staticmethod
    def get_outcomes(row: Any) -> dict[str, Any]:
        return {code: JudgedOut(one).data if one else None for code, one in row.by_instrument}


class CurveRowOut(LightSerializer):
    """By a day, the share that had responded."""

    day = serializers.IntegerField()
    share = serializers.FloatField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    watched = serializers.IntegerField()


class SiteGroupOut(LightSerializer):
    """The site's inductions by one questionnaire; no figures where too few patients can be judged."""

    instrument = serializers.CharField(source="code")
    given = serializers.IntegerField()
    judged = serializers.IntegerField()
    is_shown = serializers.BooleanField()
    responded = serializers.IntegerField()
    quarters = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    median_days = serializers.FloatField(source="curve.median", allow_null=True)
    curve = CurveRowOut(source="rows", many=True)
    did_less = serializers.IntegerField(allow_null=True)


class ComparisonOut(LightSerializer):
    """The patient's courses, and the site's inductions where this course is one."""

    own = OwnCourseOut(many=True)
    is_induction = serializers.BooleanField()
    since = serializers.DateField()
    groups = SiteGroupOut(many=True)


class CourseComparison(CourseRoute):
    """A course beside others."""

    pagination_class = None

    @extend_schema(responses=ComparisonOut)
    def get(self, request: Request, course_id: Any) -> Response:
        """The patient's courses side by side, and the site's distribution; that it was read is noted."""
        course, by, now = self.course(), actor_of(request), clock.now()
        found = course_comparison(course, actor=by, now=now)
        record_access(what="course", patient=course.patient, by=by, now=now)
        return Response(ComparisonOut(found).data)
