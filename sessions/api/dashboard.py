"""The figures of a course: planned against given, doses, vital signs, side effects, scores, relief, spacing."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.audit.recording import record_access
from clinic.common import clock
from sessions.api.contract import actor_of
from sessions.api.courses import CourseRoute
from sessions.api.fields import Thousandths
from sessions.api.light import LightSerializer
from sessions.models import CoursePhase
from sessions.reports.course_figures import course_figures
from sessions.reports.course_picture import course_picture
from sessions.reports.reevaluations import looks_at
from sessions.rules.relief import Ending


class GivenInfusionOut(LightSerializer):
    """Infusions and the sum of the known doses."""

    infusions = serializers.IntegerField()
    mg = Thousandths(source="micrograms")
    without_dose = serializers.IntegerField(source="unknown")


class ExtremeOut(LightSerializer):
    """The end of one vital sign after the start."""

    parameter = serializers.CharField()
    end = serializers.CharField()
    value = serializers.IntegerField()
    change = serializers.IntegerField(allow_null=True, help_text="Against the baseline of the session.")


class CourseEffectOut(LightSerializer):
    """A side effect of one infusion at its worst."""

    term = serializers.CharField()
    worst_grade = serializers.IntegerField(source="worst")
    is_serious = serializers.BooleanField()
    resolved = serializers.BooleanField()


class CourseInfusionOut(LightSerializer):
    """One infusion of the course."""

    session = serializers.UUIDField(source="line.session_id")
    number = serializers.IntegerField(source="line.number")
    number_in_episode = serializers.IntegerField(source="number")
    day = serializers.DateField(source="line.day")
    days_since_last = serializers.IntegerField(source="gap", allow_null=True)
    confirmed_mg = Thousandths(source="line.dose_micrograms", allow_null=True)
    given_mg = Thousandths(source="line.given_micrograms", allow_null=True)
    minutes = serializers.IntegerField(source="line.minutes")
    ended = serializers.CharField(source="line.end_kind")
    reasons = serializers.ListField(child=serializers.CharField(), source="line.dose_reasons")
    side_effects_asked = serializers.BooleanField(source="line.asked")
    side_effects = CourseEffectOut(source="line.side_effects", many=True)
    vital_signs = ExtremeOut(many=True)

    @staticmethod
    def get_vital_signs(row: Any) -> Any:
        return [end for end in row.line.vitals.ends if end is not None]


class ReliefOut(LightSerializer):
    """How long relief lasted after one infusion, by the daily mood."""

    number_in_episode = serializers.IntegerField(source="number")
    days = serializers.IntegerField(source="relief.days", allow_null=True)
    ending = serializers.ChoiceField(
        source="relief.ending", choices=[(one.value, one.value) for one in Ending]
    )
    moods = serializers.IntegerField(source="relief.ratings")
    sentence = serializers.CharField()


class CourseScoreOut(LightSerializer):
    """One total, or a questionnaire that was not completed."""

    assessment = serializers.UUIDField(source="assessment_id")
    day = serializers.DateField()
    total = serializers.IntegerField(allow_null=True)
    band = serializers.CharField()
    change = serializers.IntegerField(allow_null=True)
    percent = serializers.IntegerField(allow_null=True)


class CourseScoresOut(LightSerializer):
    """The scores of one questionnaire in the order of time; changes are counted from the baseline."""

    instrument = serializers.CharField(source="code")
    baseline = serializers.IntegerField(source="baseline.total", allow_null=True)
    baseline_is_chosen = serializers.BooleanField()
    scores = CourseScoreOut(many=True)

    @staticmethod
    def get_baseline_is_chosen(row: Any) -> bool:
        return row.chosen is not None


class DashboardOut(LightSerializer):
    """Everything that the page of a course counts."""

    phase = serializers.ChoiceField(source="picture.episode.own.phase", choices=CoursePhase.Phase.choices)
    planned = serializers.IntegerField(source="picture.planned")
    given = serializers.IntegerField(source="picture.given")
    completed = serializers.IntegerField(source="picture.completed")
    stopped_early = serializers.IntegerField(source="picture.stopped_early")
    missed = serializers.IntegerField(source="picture.missed")
    cancelled = serializers.IntegerField(source="picture.cancelled")
    booked = serializers.IntegerField(source="picture.to_come")
    next_from = serializers.DateField(source="picture.next_due.earliest", allow_null=True)
    next_until = serializers.DateField(source="picture.next_due.until", allow_null=True)
    days_late = serializers.IntegerField(source="picture.days_late")
    reevaluation_due = serializers.BooleanField(source="looks.is_due")
    in_course = GivenInfusionOut(source="figures.course")
    in_episode = GivenInfusionOut(source="figures.episode")
    in_365_days = GivenInfusionOut(source="figures.year", help_text="Of the patient, whatever the course.")
    gaps_in_days = serializers.ListField(child=serializers.IntegerField(), source="figures.spacing.gaps")
    spacing_shrinks = serializers.BooleanField(source="figures.shrinks")
    infusions = CourseInfusionOut(source="figures.doses", many=True)
    relief = ReliefOut(source="figures.relief", many=True)
    scores = CourseScoresOut(source="picture.scores", many=True)


class Shown:
    """The parts that the serializer reads."""

    def __init__(self, picture: Any, figures: Any, looks: Any) -> None:
        self.picture, self.figures, self.looks = picture, figures, looks


class CourseDashboard(CourseRoute):
    """The figures of a course."""

    pagination_class = None

    @extend_schema(responses=DashboardOut)
    def get(self, request: Request, course_id: Any) -> Response:
        """What the page of the course counts; that it was read is noted. Verdicts stand at ``outcomes/``."""
        course, by, now = self.course(), actor_of(request), clock.now()
        picture = course_picture(course, actor=by, now=now)
        looks = looks_at(picture, actor=by)
        shown = Shown(picture, course_figures(picture, actor=by), looks)
        record_access(what="course", patient=course.patient, by=by, now=now)
        return Response(DashboardOut(shown).data)
