"""Side effects beyond the chair: the sheet, the moments of asking, what was told later, narrative, review, rates."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.common import clock
from sessions.api.contract import KEY_HEADER, SessionRoute, chart_of, checked
from sessions.api.facts import FactList
from sessions.api.monitoring import SideEffectRoute
from sessions.api.reporting import OF_A_PERIOD, question
from sessions.api.serializers.effects import (
    EffectRatesOut,
    EffectReviewIn,
    EffectReviewOut,
    LateEffectIn,
    LateEffectOut,
    MomentOut,
    NarrativeIn,
    NarrativeOut,
    SheetIn,
)
from sessions.api.serializers.facts import SideEffectOut
from sessions.models import LateEffect, SideEffect, SideEffectNarrative, SideEffectReview
from sessions.operations.effect_reviews import review_side_effect, write_narrative
from sessions.operations.effect_sheet import record_effect_sheet
from sessions.operations.late_effects import report_late_effect
from sessions.reports.effect_rates import effect_rates
from sessions.rules.effect_moments import asked_moments


class EffectSheets(SideEffectRoute):
    """The sheet at the chair."""

    @extend_schema(request=SheetIn, responses={201: SideEffectOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Record a side effect together with the steps taken because of it; all of it, or nothing."""
        session, data = self.session(), checked(SheetIn(data=request.data))
        steps = data.pop("steps")
        return self.write(record_effect_sheet, session=session, effect=data, steps=steps)


class EffectMoments(SessionRoute):
    """When the protocol asks about side effects."""

    @extend_schema(responses=MomentOut(many=True))
    def get(self, request: Request, session_id: Any) -> Response:
        """Each moment with its state: asked and none is another thing than not asked."""
        moments = asked_moments(chart_of(request, session_id), now=clock.now())
        return Response([MomentOut(moment).data for moment in moments])


class LateEffects(FactList):
    """What was told after the visit."""

    model = LateEffect
    serializer_class = LateEffectOut

    def named(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        people = ("side_effect__entries__taken_by", "side_effect__entries__entered_by")
        return super().named(rows).select_related("side_effect").prefetch_related(*people)

    @extend_schema(request=LateEffectIn, responses={201: LateEffectOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Record what was told, also on a signed chart, whose digest it leaves alone."""
        session, data = self.session(), checked(LateEffectIn(data=request.data))
        return self.write(report_late_effect, session=session, **data)


class PartOfEffect(FactList):
    """Base: rows of one side effect."""

    def scoped(self) -> QuerySet[Any]:
        return super().scoped().filter(side_effect__public_id=self.kwargs["fact_id"])

    def get(self, request: Request, session_id: Any, fact_id: Any) -> Response:  # type: ignore[override]
        self.fact_of(SideEffect)
        return self.list(request)


class Narratives(PartOfEffect):
    """The narrative in its versions."""

    model = SideEffectNarrative
    serializer_class = NarrativeOut

    @extend_schema(request=NarrativeIn, responses={201: NarrativeOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any, fact_id: Any) -> Response:
        """Write it, or write it anew; earlier versions stay."""
        effect, data = self.fact_of(SideEffect), checked(NarrativeIn(data=request.data))
        return self.write(write_narrative, side_effect=effect, **data)


class EffectReviews(PartOfEffect):
    """The prescriber's reviews."""

    model = SideEffectReview
    serializer_class = EffectReviewOut

    @extend_schema(request=EffectReviewIn, responses={201: EffectReviewOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any, fact_id: Any) -> Response:
        """Grade by CTCAE, judge the cause by WHO-UMC, say how it ended."""
        effect, data = self.fact_of(SideEffect), checked(EffectReviewIn(data=request.data))
        return self.write(review_side_effect, side_effect=effect, **data)


class EffectRates(APIView):
    """Side effects per 100 infusions."""

    @extend_schema(parameters=OF_A_PERIOD, responses=EffectRatesOut)
    def get(self, request: Request) -> Response:
        """Each side effect by its worst severity, and the serious ones, of the infusions started in the days."""
        asked = question(request)
        rates = effect_rates(actor=asked.by, site=asked.site, period=asked.period, now=clock.now())
        return Response(EffectRatesOut(rates).data)
