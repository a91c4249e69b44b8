"""Readiness, calls, the courses that wait, and second looks at a course."""

from typing import Any

from rest_framework import serializers

from sessions.api.fields import Instant, ShortText
from sessions.api.light import LightSerializer
from sessions.api.serializers.facts import FactOut
from sessions.api.serializers.sessions import ProblemOut
from sessions.models import CallAttempt, ReadinessAnswer, Reevaluation
from sessions.reports.readiness import Visit

MISSING = ("ride", "fasting", "consent", "order", "weight", "scores", "authorization", "chair")


class ReadinessAnswerIn(serializers.Serializer[Any]):
    """How one item stands that only the patient can settle."""

    item = serializers.ChoiceField(choices=ReadinessAnswer.Item.choices)
    outcome = serializers.ChoiceField(choices=ReadinessAnswer.Outcome.choices)
    note = serializers.CharField(max_length=300, allow_blank=True, default="")
    taken_at = Instant(required=False)


class ReadinessAnswerOut(FactOut):
    """An answer; the latest one to an item stands."""

    item = serializers.ChoiceField(choices=ReadinessAnswer.Item.choices)
    outcome = serializers.ChoiceField(choices=ReadinessAnswer.Outcome.choices)
    note = serializers.CharField()


class CallIn(serializers.Serializer[Any]):
    """Somebody tried to reach the patient."""

    purpose = serializers.ChoiceField(choices=CallAttempt.Purpose.choices, default="readiness")
    outcome = serializers.ChoiceField(choices=CallAttempt.Outcome.choices)
    note = ShortText()
    taken_at = Instant(required=False)


class CallOut(FactOut):
    """A call, and what came of it."""

    purpose = serializers.ChoiceField(choices=CallAttempt.Purpose.choices)
    outcome = serializers.ChoiceField(choices=CallAttempt.Outcome.choices)
    note = serializers.CharField()


class ScoreDueOut(LightSerializer):
    """A questionnaire that is due, and the day it was last filled in."""

    code = serializers.CharField()
    name = serializers.CharField()
    last = serializers.DateField(allow_null=True)


class CoverOut(LightSerializer):
    """How the payer's authorization stands on the day of the visit."""

    kind = serializers.ChoiceField(choices=["none", "covered", "used_up", "lapsed"])
    left = serializers.IntegerField(allow_null=True, help_text="Authorised minus given since it began.")
    until = serializers.DateField(allow_null=True)


class ItemNineOut(LightSerializer):
    """The last answer to item 9 of the PHQ-9, where it was not 0."""

    answer = serializers.IntegerField()
    day = serializers.DateField()
    assessment = serializers.UUIDField(source="assessment.public_id")


class WorstMomentOut(LightSerializer):
    """What to expect from the infusion before."""

    session = serializers.UUIDField(source="session.public_id")
    day = serializers.DateField()
    systolic = serializers.IntegerField(allow_null=True, help_text="The highest after the start, mmHg.")
    diastolic = serializers.IntegerField(allow_null=True)
    minute = serializers.IntegerField(allow_null=True, help_text="After the start.")
    rise = serializers.IntegerField(allow_null=True, help_text="Systolic against the baseline.")
    side_effect = serializers.CharField(source="effect", allow_blank=True)
    grade = serializers.IntegerField(allow_null=True)

    @staticmethod
    def get_systolic(moment: Any) -> int | None:
        return moment.highest[0] if moment.highest else None

    @staticmethod
    def get_diastolic(moment: Any) -> int | None:
        return moment.highest[1] if moment.highest else None


class VisitOut(LightSerializer):
    """One visit of the readiness list."""

    session = serializers.UUIDField(source="session.public_id")
    course = serializers.UUIDField(source="session.course.public_id")
    patient = serializers.UUIDField(source="session.patient.public_id")
    patient_name = serializers.CharField(source="session.patient.full_name")
    record_number = serializers.CharField(allow_blank=True)
    local_date = serializers.DateField(source="session.local_date")
    scheduled_start = serializers.DateTimeField(source="session.scheduled_start")
    number = serializers.IntegerField(source="session.number")
    planned_infusions = serializers.IntegerField(source="session.course.planned_infusions")
    chair_name = serializers.CharField(source="session.chair.name")
    chair_is_open = serializers.BooleanField()
    nurse = serializers.CharField(allow_blank=True)
    missing = serializers.ListField(child=serializers.ChoiceField(choices=MISSING))
    ride = ReadinessAnswerOut(allow_null=True)
    fasting = ReadinessAnswerOut(allow_null=True)
    calls = CallOut(many=True)
    consent_in_date = serializers.BooleanField()
    order_problems = ProblemOut(many=True)
    weight_age_days = serializers.IntegerField(source="weight_age", allow_null=True)
    weight_is_valid = serializers.BooleanField(source="weight_valid")
    scores_due = ScoreDueOut(many=True)
    authorization = CoverOut(source="cover")
    item_nine = ItemNineOut(allow_null=True)
    is_first_infusion = serializers.BooleanField(source="is_first")
    last_time = WorstMomentOut(allow_null=True)
    overrides = serializers.ListField(child=serializers.CharField(), source="booking.overrides")
    override_reason = serializers.CharField(source="booking.override_reason", allow_blank=True)

    @staticmethod
    def get_nurse(visit: Visit) -> str:
        return visit.session.nurse.printed_name if visit.session.nurse else ""


class ReadinessDayOut(LightSerializer):
    """A day with its visits that are not over."""

    day = serializers.DateField()
    ready = serializers.IntegerField(help_text="Visits of which nothing is missing.")
    visits = VisitOut(many=True)


class ReadinessOut(LightSerializer):
    """The readiness list of a site."""

    site = serializers.UUIDField()
    days = ReadinessDayOut(many=True)


class WindowOut(LightSerializer):
    """The days on which the next infusion is due."""

    due_from = serializers.DateField(source="earliest")
    due_target = serializers.DateField(source="target")
    due_until = serializers.DateField(
        source="latest", allow_null=True, help_text="Null: the protocol sets no longest gap."
    )


class CourseRowOut(LightSerializer):
    """One course of the worklist; planned, booked and given are counted when asked for."""

    course = serializers.UUIDField(source="course.public_id")
    patient = serializers.UUIDField(source="course.patient.public_id")
    patient_name = serializers.CharField(source="course.patient.full_name")
    record_number = serializers.CharField(allow_blank=True)
    site = serializers.UUIDField(source="course.site.public_id")
    planned = serializers.IntegerField()
    booked = serializers.IntegerField()
    given = serializers.IntegerField()
    next_day = serializers.DateField(allow_null=True)
    next_session = serializers.UUIDField(source="next_visit.public_id", allow_null=True)
    left_open = serializers.UUIDField(
        source="left_open.public_id",
        allow_null=True,
        help_text="A visit of an earlier day that is still scheduled.",
    )
    window = WindowOut(allow_null=True)
    days_late = serializers.IntegerField()
    given_since_reevaluation = serializers.IntegerField(source="since_look")


class WorklistOut(LightSerializer):
    """The courses that wait for somebody; one course may stand in several lists."""

    unbooked = CourseRowOut(many=True)
    slipping = CourseRowOut(many=True)
    reevaluate = CourseRowOut(many=True)
    finished = CourseRowOut(many=True)
    active = serializers.IntegerField()
    unchecked = serializers.IntegerField(
        help_text="Active courses whose protocol sets no longest gap: never late."
    )


class ReevaluationIn(serializers.Serializer[Any]):
    """How a course goes on; a stop does not close it."""

    decision = serializers.ChoiceField(choices=Reevaluation.Decision.choices)
    note = serializers.CharField(
        max_length=4000, allow_blank=True, default="", help_text="Needed for a change or a stop."
    )
    taken_at = Instant(required=False)


class ReevaluationOut(FactOut):
    """A second look at a course."""

    delivered = serializers.IntegerField(help_text="Infusions given by then.")
    decision = serializers.ChoiceField(choices=Reevaluation.Decision.choices)
    note = serializers.CharField()
