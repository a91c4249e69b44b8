"""Reviews of answers on suicide, and safety plans."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.accounts.models import User
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record_access
from clinic.common import clock
from patients.api.contract import (
    KEY_HEADER,
    PatientRoute,
    actor_of,
    checked,
    create_with,
    found_or_404,
    is_for_the_document,
    write_once,
)
from patients.models import ReviewStep, SafetyPlan, SuicideReview, SuicideReviewEntry
from patients.operations.suicide_reviews import (
    assign_review,
    close_review,
    confirm_review,
    make_safety_plan,
    note_review,
)
from patients.reports.suicide_reviews import open_reviews, review_line


class ReviewEntryOut(serializers.Serializer[Any]):
    """One thing that happened to a review."""

    id = serializers.UUIDField(source="public_id")
    kind = serializers.ChoiceField(choices=SuicideReviewEntry.Kind.choices)
    owner = serializers.UUIDField(source="owner.public_id", allow_null=True, default=None)
    outcome = serializers.ChoiceField(choices=[("", ""), *SuicideReviewEntry.Outcome.choices])
    text = serializers.CharField()
    entered_at = serializers.DateTimeField()
    entered_by = serializers.CharField(source="taken_by.printed_name")


class ReviewStepOut(serializers.Serializer[Any]):
    """A review climbed to somebody, or they were told of it."""

    id = serializers.UUIDField(source="public_id")
    kind = serializers.ChoiceField(choices=ReviewStep.Kind.choices)
    step = serializers.ChoiceField(choices=ReviewStep.Who.choices)
    to = serializers.UUIDField(
        source="to.public_id", allow_null=True, default=None, help_text="Null: nobody was named."
    )
    channel = serializers.CharField(help_text="screen, sms or email; empty for the climbing itself.")
    note = serializers.CharField()
    at = serializers.DateTimeField()


class ReviewOut(serializers.Serializer[Any]):
    """A review as it stands."""

    id = serializers.UUIDField(source="review.public_id")
    patient = serializers.UUIDField(source="review.patient.public_id")
    assessment = serializers.UUIDField(source="review.assessment.public_id", allow_null=True, default=None)
    urgency = serializers.ChoiceField(source="review.urgency", choices=SuicideReview.Urgency.choices)
    reasons = serializers.ListField(source="review.reasons", child=serializers.CharField())
    opened_at = serializers.DateTimeField(source="review.opened_at")
    due_at = serializers.DateTimeField(
        source="review.due_at", help_text="By when somebody confirms that they have it."
    )
    owner = serializers.UUIDField(source="owner.public_id", allow_null=True, default=None)
    is_confirmed = serializers.BooleanField()
    is_overdue = serializers.BooleanField()
    is_closed = serializers.SerializerMethodField()
    entries = ReviewEntryOut(many=True)
    steps = ReviewStepOut(many=True, source="review.steps.all")
    escalation_minutes = serializers.SerializerMethodField(
        help_text="How long each next person has to confirm it; null: the site has not set it."
    )

    def get_escalation_minutes(self, line: Any) -> int | None:
        return line.review.site.rules.suicide_escalation_minutes or None

    def get_is_closed(self, line: Any) -> bool:
        return line.closed is not None


class WordsIn(serializers.Serializer[Any]):
    """What was found or done."""

    text = serializers.CharField(max_length=5000, allow_blank=True)


class ReviewCloseIn(WordsIn):
    """How a review ends."""

    outcome = serializers.ChoiceField(choices=SuicideReviewEntry.Outcome.choices)


class OwnerIn(serializers.Serializer[Any]):
    """To whom a review is given."""

    owner = serializers.UUIDField()


class SafetyPlanIn(serializers.Serializer[Any]):
    """A plan made with the patient."""

    text = serializers.CharField(max_length=20_000, allow_blank=True)
    review_by = serializers.DateField()


class SafetyPlanOut(serializers.ModelSerializer[SafetyPlan]):
    """A safety plan; the last one stands."""

    id = serializers.UUIDField(source="public_id")
    taken_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = SafetyPlan
        fields = ["id", "text", "review_by", "taken_at", "taken_by"]


class OpenReviews(APIView):
    """The worklist of answers on suicide."""

    @extend_schema(responses=ReviewOut(many=True))
    def get(self, request: Request) -> Response:
        """Every open review within reach, the earliest due first."""
        actor = actor_of(request)
        actor.require(Permission.VIEW_PATIENTS)
        return Response(ReviewOut(open_reviews(actor=actor, now=clock.now()), many=True).data)


class ReviewRoute(APIView):
    """A route of one review, which is loaded through the scope."""

    def review(self) -> SuicideReview:
        rows = SuicideReview.objects.for_user(actor_of(self.request)).with_entries()
        found: SuicideReview = found_or_404(rows, self.kwargs["review_id"])
        return found

    def shown(self, review: SuicideReview, *, now: datetime) -> dict[str, Any]:
        shown: dict[str, Any] = ReviewOut(review_line(review, now=now)).data
        return shown

    def act(self, operation: Callable[..., Any], **given: Any) -> Response:
        """Run an operation that appends an entry; the review as it is then is the answer."""
        review, by = self.review(), actor_of(self.request)
        return write_once(
            self.request,
            do=lambda key, now: operation(review=review, by=by, public_id=key, now=now, **given),
            again=lambda key: review,
            show=lambda row: self.shown(self.review(), now=clock.now()),
            created=False,
        )


class ReviewDetail(ReviewRoute):
    """One review."""

    @extend_schema(responses=ReviewOut)
    def get(self, request: Request, review_id: Any) -> Response:
        """The review with its entries; that it was opened is noted."""
        review, now = self.review(), clock.now()
        record_access(what="suicide_review", patient=review.patient, by=actor_of(request), now=now)
        return Response(self.shown(review, now=now))


class ReviewConfirm(ReviewRoute):
    """Receipt."""

    @extend_schema(request=None, responses=ReviewOut, parameters=[KEY_HEADER])
    def post(self, request: Request, review_id: Any) -> Response:
        """Say that one has the review; whoever confirms owns it."""
        return self.act(confirm_review)


class ReviewNote(ReviewRoute):
    """What was done."""

    @extend_schema(request=WordsIn, responses=ReviewOut, parameters=[KEY_HEADER])
    def post(self, request: Request, review_id: Any) -> Response:
        """Write down what was done."""
        return self.act(note_review, **checked(WordsIn(data=request.data)))


class ReviewAssign(ReviewRoute):
    """Who has it."""

    @extend_schema(request=OwnerIn, responses=ReviewOut, parameters=[KEY_HEADER])
    def post(self, request: Request, review_id: Any) -> Response:
        """Give the review to somebody, who confirms it."""
        data = checked(OwnerIn(data=request.data))
        people: QuerySet[User] = User.objects.for_user(actor_of(request))
        return self.act(assign_review, owner=found_or_404(people, data["owner"]))


class ReviewClose(ReviewRoute):
    """The end of a review."""

    @extend_schema(request=ReviewCloseIn, responses=ReviewOut, parameters=[KEY_HEADER])
    def post(self, request: Request, review_id: Any) -> Response:
        """Close the review with what was found."""
        return self.act(close_review, **checked(ReviewCloseIn(data=request.data)))


class SafetyPlans(PatientRoute, ListModelMixin, GenericAPIView[SafetyPlan]):
    """The safety plans made with a patient; the last one stands."""

    serializer_class = SafetyPlanOut

    def get_queryset(self) -> QuerySet[SafetyPlan]:
        if is_for_the_document(self):
            return SafetyPlan.objects.none()
        mine = SafetyPlan.objects.for_user(actor_of(self.request))
        found: QuerySet[SafetyPlan] = mine.filter(patient__public_id=self.kwargs["patient_id"])
        return found.select_related("taken_by")

    def get(self, request: Request, patient_id: Any) -> Response:
        """Every plan."""
        self.patient()
        return self.list(request)

    @extend_schema(request=SafetyPlanIn, responses={201: SafetyPlanOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, patient_id: Any) -> Response:
        """Record the plan made with the patient."""
        patient = self.patient(Permission.RECORD_SCORES)
        data = checked(SafetyPlanIn(data=request.data))
        return create_with(
            request,
            make_safety_plan,
            rows=self.get_queryset,
            show=lambda row: SafetyPlanOut(row).data,
            patient=patient,
            **data,
        )
