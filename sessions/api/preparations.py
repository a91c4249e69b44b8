"""Drug drawn up for a session, what became of it, who saw it wasted, and the second check of the dose."""

from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.stock.models import DrugProduct
from sessions.api.contract import KEY_HEADER, actor_of, checked, found_or_404, is_for_the_document
from sessions.api.facts import FactList, FactRoute
from sessions.api.serializers.facts import RetractionIn
from sessions.api.serializers.preparations import (
    DoseCheckIn,
    DoseCheckOut,
    DrugUseIn,
    DrugUseOut,
    PreparationIn,
    PreparationOut,
    WitnessOut,
)
from sessions.models import DoseCheck, DrugUse, Preparation, WasteWitness
from sessions.operations import preparing as operations
from sessions.operations.second_check import check_dose

LOT = OpenApiParameter("lot", OpenApiTypes.STR, description="The lot, as it stands on the container.")


class PreparationList(ListModelMixin, GenericAPIView[Any]):
    """Preparations within reach, the latest first: who has had a lot, when it is recalled."""

    serializer_class = PreparationOut

    def get_queryset(self) -> QuerySet[Any]:
        if is_for_the_document(self):
            return Preparation.objects.none()
        rows = Preparation.objects.for_user(actor_of(self.request)).annotate(
            is_superseded=Q(corrected_by__isnull=False)
        )
        if lot := self.request.query_params.get("lot", "").strip().replace("\0", ""):
            rows = rows.filter(lot__iexact=lot)
        people = ("session", "product", "taken_by", "entered_by", "corrects")
        return rows.select_related(*people).order_by("-taken_at", "-pk")

    @extend_schema(parameters=[LOT])
    def get(self, request: Request) -> Response:
        """Struck ones too."""
        return self.list(request)


class PreparationRoute(FactRoute):
    """A route of preparations."""

    model = Preparation
    serializer_class = PreparationOut

    def named(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return super().named(rows).select_related("session", "product")


class Preparations(PreparationRoute, FactList):
    """The preparations of a session; struck ones too."""

    @extend_schema(request=PreparationIn, responses={201: PreparationOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Record drug drawn from a container. An expired one is refused without ``departure_reason``."""
        session, data = self.session(), checked(PreparationIn(data=request.data))
        data["product"] = found_or_404(DrugProduct.objects.for_user(actor_of(request)), data["product"])
        return self.write(operations.prepare_drug, session=session, **data)


class PreparationStrike(PreparationRoute):
    """A preparation that was entered in error."""

    @extend_schema(request=RetractionIn, responses={201: PreparationOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any, fact_id: Any) -> Response:
        """Strike it, while nothing of it was used."""
        found = self.fact()
        told = checked(RetractionIn(data=request.data))
        return self.write(operations.strike_preparation, preparation=found, **told)


class DrugUseRoute(FactRoute):
    """A route of what became of drug."""

    model = DrugUse
    serializer_class = DrugUseOut

    def named(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return super().named(rows).select_related("preparation", "witness", "witness__taken_by")


class DrugUses(DrugUseRoute, FactList):
    """What became of the drug of a session; struck rows too."""


class PreparationUses(DrugUseRoute):
    """What becomes of one preparation."""

    @extend_schema(request=DrugUseIn, responses={201: DrugUseOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any, fact_id: Any) -> Response:
        """Say what became of a part of it: given, wasted, or returned unopened."""
        preparation, data = self.fact_of(Preparation), checked(DrugUseIn(data=request.data))
        return self.write(operations.use_drug, preparation=preparation, **data)


class DrugUseStrike(DrugUseRoute):
    """What was said by mistake to have become of it."""

    @extend_schema(request=RetractionIn, responses={201: DrugUseOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any, fact_id: Any) -> Response:
        """Strike it. It stays readable, and counts no more."""
        return self.write(operations.strike_use, use=self.fact(), **checked(RetractionIn(data=request.data)))


class DrugUseWitness(FactRoute):
    """The witness of waste or of a return."""

    model = DrugUse
    serializer_class = WitnessOut

    def get_queryset(self) -> QuerySet[Any]:
        return WasteWitness.objects.for_user(actor_of(self.request)).select_related("taken_by")

    @extend_schema(request=None, responses={201: WitnessOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any, fact_id: Any) -> Response:
        """The caller saw it: a person who neither drew it up nor disposed of it."""
        use = found_or_404(
            self.scoped().select_related("session", "preparation__taken_by", "taken_by"), fact_id
        )
        return self.write(operations.witness_use, use=use)


class DoseChecks(FactList):
    """The second checks of the doses of a session."""

    model = DoseCheck
    serializer_class = DoseCheckOut

    def named(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return super().named(rows).select_related("dose")

    @extend_schema(request=DoseCheckIn, responses={201: DoseCheckOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Say what you have computed; ``agrees`` tells whether it is what was confirmed."""
        session, data = self.session(), checked(DoseCheckIn(data=request.data))
        return self.write(check_dose, session=session, **data)
