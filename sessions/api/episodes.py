"""What a course belongs to: its part of an episode, infusions given elsewhere, the score it is measured against."""

from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from patients.models import Assessment
from sessions.api.contract import (
    KEY_HEADER,
    actor_of,
    checked,
    create_with,
    found_or_404,
    is_for_the_document,
)
from sessions.api.fields import Reason, ShortText, Thousandths
from sessions.api.serializers.facts import CorrectableOut, FactOut
from sessions.models import Course, CoursePhase, OutcomeBaseline, OutsideInfusion
from sessions.operations.episodes import (
    choose_outcome_baseline,
    record_outside_infusion,
    retract_outside_infusion,
    set_course_phase,
)


class CoursePhaseIn(serializers.Serializer[Any]):
    """Which part of an episode a course is."""

    phase = serializers.ChoiceField(choices=CoursePhase.Phase.choices)
    continues = serializers.UUIDField(
        required=False, allow_null=True, help_text="The earlier course of the patient that it goes on from."
    )
    reason = ShortText(help_text="Needed where something else was said before.")


class CoursePhaseOut(FactOut):
    """What was said; the latest row stands."""

    phase = serializers.ChoiceField(choices=CoursePhase.Phase.choices)
    continues = serializers.UUIDField(source="continues.public_id", allow_null=True)
    reason = serializers.CharField()


class OutsideInfusionIn(serializers.Serializer[Any]):
    """An infusion that was given elsewhere."""

    given_on = serializers.DateField()
    dose_mg = Thousandths(source="micrograms", required=False, allow_null=True, max_value=1_000_000)
    place = serializers.CharField(max_length=200, allow_blank=True)
    known_from = serializers.ChoiceField(source="source", choices=OutsideInfusion.Source.choices)
    note = ShortText()


class OutsideInfusionOut(CorrectableOut):
    """An infusion that was given elsewhere; one that was struck names the row it strikes."""

    given_on = serializers.DateField()
    dose_mg = Thousandths(source="micrograms", allow_null=True)
    place = serializers.CharField()
    known_from = serializers.ChoiceField(source="source", choices=OutsideInfusion.Source.choices)
    note = serializers.CharField()


class OutsideStrikeIn(serializers.Serializer[Any]):
    """Why it was never so."""

    reason = Reason()


class OutcomeBaselineIn(serializers.Serializer[Any]):
    """The score to measure against; without one the rule counts again."""

    instrument = serializers.CharField(max_length=20)
    assessment = serializers.UUIDField(required=False, allow_null=True)
    reason = Reason()


class OutcomeBaselineOut(FactOut):
    """A choice; the latest of a questionnaire stands."""

    instrument = serializers.CharField(source="instrument_code")
    assessment = serializers.UUIDField(source="assessment.public_id", allow_null=True)
    reason = serializers.CharField()


class CourseFactRoute(ListModelMixin, GenericAPIView[Any]):
    """A route of one kind of fact of a course."""

    model: Any
    also: tuple[str, ...] = ()

    def get_queryset(self) -> QuerySet[Any]:
        if is_for_the_document(self):
            return self.model.objects.none()
        mine = self.model.objects.for_user(actor_of(self.request))
        mine = mine.select_related("taken_by", "entered_by", *self.also)
        return mine.filter(course__public_id=self.kwargs["course_id"])

    def course(self) -> Course:
        rows = Course.objects.for_user(actor_of(self.request))
        found: Course = found_or_404(rows, self.kwargs["course_id"])
        return found

    def listed(self, request: Request) -> Response:
        self.course()
        return self.list(request)

    def made(self, request: Request, operation: Any, **told: Any) -> Response:
        show = lambda row: self.get_serializer(row).data  # noqa: E731 - the queryset's own joins serve the answer
        return create_with(request, operation, rows=self.get_queryset, show=show, **told)


class CoursePhases(CourseFactRoute):
    """What was said about the part that a course is."""

    model, also = CoursePhase, ("continues",)
    serializer_class = CoursePhaseOut

    def get(self, request: Request, course_id: Any) -> Response:
        """Every row in the order of entry; without any the course is an induction."""
        return self.listed(request)

    @extend_schema(request=CoursePhaseIn, responses={201: CoursePhaseOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, course_id: Any) -> Response:
        """Say which part of an episode the course is, and from which course it goes on."""
        course, data = self.course(), checked(CoursePhaseIn(data=request.data))
        if data.get("continues") is not None:
            earlier = Course.objects.for_user(actor_of(request))
            data["continues"] = found_or_404(earlier, data["continues"])
        return self.made(request, set_course_phase, course=course, **data)


class OutsideInfusions(CourseFactRoute):
    """Infusions that were given elsewhere."""

    model, also = OutsideInfusion, ("corrects",)
    serializer_class = OutsideInfusionOut

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().annotate(is_superseded=Q(corrected_by__isnull=False))

    def get(self, request: Request, course_id: Any) -> Response:
        """Every row in the order of the days, struck ones too."""
        return self.listed(request)

    @extend_schema(request=OutsideInfusionIn, responses={201: OutsideInfusionOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, course_id: Any) -> Response:
        """Record an infusion given elsewhere; it is counted in the numbering of the episode."""
        data = checked(OutsideInfusionIn(data=request.data))
        return self.made(request, record_outside_infusion, course=self.course(), **data)


class OutsideInfusionStrike(CourseFactRoute):
    """The striking of an infusion given elsewhere."""

    model, also = OutsideInfusion, ("corrects",)
    serializer_class = OutsideInfusionOut

    @extend_schema(request=OutsideStrikeIn, responses={201: OutsideInfusionOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, course_id: Any, infusion_id: Any) -> Response:
        """Strike one that was never given or was entered wrongly; it stays on record."""
        data = checked(OutsideStrikeIn(data=request.data))
        infusion = found_or_404(self.get_queryset(), infusion_id)
        return self.made(request, retract_outside_infusion, infusion=infusion, **data)


class OutcomeBaselines(CourseFactRoute):
    """Choices of the score that a course is measured against."""

    model, also = OutcomeBaseline, ("assessment",)
    serializer_class = OutcomeBaselineOut

    def get(self, request: Request, course_id: Any) -> Response:
        """Every choice in the order of entry."""
        return self.listed(request)

    @extend_schema(request=OutcomeBaselineIn, responses={201: OutcomeBaselineOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, course_id: Any) -> Response:
        """Measure the course against another score than the rule finds, with a reason."""
        course, data = self.course(), checked(OutcomeBaselineIn(data=request.data))
        named = data.pop("assessment", None)
        mine = Assessment.objects.for_user(actor_of(request))
        assessment = None if named is None else found_or_404(mine, named)
        return self.made(request, choose_outcome_baseline, course=course, assessment=assessment, **data)
