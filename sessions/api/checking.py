"""The pre-infusion check: answers, weights, dose."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sessions.api.contract import KEY_HEADER, actor_of, checked, found_or_404
from sessions.api.facts import FactList, FactRoute
from sessions.api.serializers.checking import (
    CheckAnswerIn,
    CheckAnswerOut,
    DoseIn,
    DoseOut,
    DoseStateOut,
    WeightIn,
    WeightOut,
)
from sessions.models import CheckAnswer, DoseConfirmation, InfusionSession, WeightMeasurement
from sessions.operations.checking import answer_check_item, confirm_dose, record_weight
from sessions.rules import dosing
from sessions.rules.checking import asks_for_dosing_weight, dose_input, valid_weight


class CheckAnswers(FactList):
    """The answers to the pre-infusion check; the last one of an item stands."""

    model = CheckAnswer
    serializer_class = CheckAnswerOut

    @extend_schema(request=CheckAnswerIn, responses={201: CheckAnswerOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Answer one item of the check; answering again replaces what stood."""
        session, data = self.session(), checked(CheckAnswerIn(data=request.data))
        return self.write(answer_check_item, session=session, **data)


class Weights(FactList):
    """The weights taken in a session."""

    model = WeightMeasurement
    serializer_class = WeightOut

    @extend_schema(request=WeightIn, responses={201: WeightOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Record a body weight."""
        session, data = self.session(), checked(WeightIn(data=request.data))
        return self.write(record_weight, session=session, **data)


@dataclass(frozen=True, slots=True)
class Computed:
    """A dose with what it was computed from."""

    weight: WeightMeasurement
    given: dosing.DoseInput
    dose: dosing.Dose

    @property
    def working(self) -> list[str]:
        return dosing.working(self.given, self.dose)


@dataclass(frozen=True, slots=True)
class DoseState:
    """The dose that would be confirmed now, and the one that is."""

    computed: Computed | None
    confirmed: DoseConfirmation | None


class Dose(FactRoute):
    """The dose of a session."""

    model = DoseConfirmation
    serializer_class = DoseOut

    def named(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return super().named(rows).select_related("weight", "preparation")

    @extend_schema(responses=DoseStateOut)
    def get(self, request: Request, session_id: Any) -> Response:
        """The dose that order and weight give, with its working, and the confirmation that stands."""
        mine = InfusionSession.objects.for_user(actor_of(request))
        session = found_or_404(mine.select_related("site", "course__protocol_version"), session_id)
        weight = valid_weight(session)
        computed = None
        if weight is not None and not asks_for_dosing_weight(session):
            given = dose_input(session, weight)
            computed = Computed(weight, given, dosing.compute(given))
        confirmed = self.get_queryset().order_by("entered_at", "pk").last()
        return Response(DoseStateOut(DoseState(computed, confirmed)).data)

    @extend_schema(request=DoseIn, responses={201: DoseOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Confirm the computed dose, or a departure from the order with the right and a reason."""
        session, data = self.session(), checked(DoseIn(data=request.data))
        return self.write(confirm_dose, session=session, **data)
