"""What a course has brought, by each questionnaire that has a definition."""

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
from sessions.reports.course_outcomes import course_outcomes
from sessions.reports.course_picture import course_picture
from sessions.rules.outcome_definitions import Concept
from sessions.rules.outcomes import State


class RatingOut(LightSerializer):
    """A total on a day."""

    assessment = serializers.UUIDField(source="id")
    day = serializers.DateField()
    total = serializers.IntegerField()


class OutcomeLineOut(LightSerializer):
    """One definition applied to the course."""

    concept = serializers.ChoiceField(choices=[(one.value, one.value) for one in Concept])
    state = serializers.ChoiceField(choices=[(one.value, one.value) for one in State])
    sentence = serializers.CharField(help_text="What the verdict rests on, or why there is none.")
    rule = serializers.CharField(help_text="The definition, its version, its source and the source's grade.")
    percent = serializers.IntegerField(source="verdict.percent", allow_null=True)
    since_infusion = serializers.IntegerField(source="verdict.since_infusion", allow_null=True)
    rating = RatingOut(source="verdict.rating", allow_null=True)


class InstrumentOutcomeOut(LightSerializer):
    """All verdicts by one questionnaire."""

    instrument = serializers.CharField(source="code")
    baseline = RatingOut(allow_null=True)
    outcomes = OutcomeLineOut(source="lines", many=True)
    measured = serializers.CharField(help_text="Which score the baseline is, in words; empty without one.")
    days_to_response = serializers.IntegerField(source="response.days", allow_null=True)
    response_reached = serializers.BooleanField(source="response.reached", allow_null=True)
    came = serializers.CharField(help_text="How soon a response came, in words; empty where undefined.")
    lasted = serializers.CharField(help_text="How long a response lasted, in words; empty without one.")


class CourseOutcomes(CourseRoute):
    """Response, remission and worsening of a course."""

    pagination_class = None

    @extend_schema(responses=InstrumentOutcomeOut(many=True))
    def get(self, request: Request, course_id: Any) -> Response:
        """A verdict for each definition in use, with its reasons; that they were read is noted."""
        course, by, now = self.course(), actor_of(request), clock.now()
        found = course_outcomes(course_picture(course, actor=by, now=now))
        record_access(what="course", patient=course.patient, by=by, now=now)
        return Response(InstrumentOutcomeOut(found, many=True).data)
