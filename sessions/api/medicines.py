"""Medicines of a session: orders for it, what was given, and what it did."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.accounts.models import User
from sessions.api.contract import KEY_HEADER, actor_of, checked, found_or_404
from sessions.api.facts import FactList, FactRoute
from sessions.api.serializers.facts import RetractionIn
from sessions.api.serializers.medicines import (
    MedicationEffectIn,
    MedicationEffectOut,
    MedicineIn,
    MedicineOrderIn,
    MedicineOrderOut,
    MedicineOut,
    said_of,
)
from sessions.models import MedicationEffect, MedicationGiven, MedicineOrder, SideEffect, StandingOrder
from sessions.operations.medicines import give_medicine, note_effect, retract_medicine
from sessions.operations.ordering_medicines import order_medicine, take_verbal_order


class MedicineOrders(FactList):
    """The orders for medicines that were given for a session."""

    model = MedicineOrder
    serializer_class = MedicineOrderOut

    def named(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return (
            super().named(rows).select_related("session", "answer", "answer__taken_by", "answer__entered_by")
        )

    @extend_schema(request=MedicineOrderIn, responses={201: MedicineOrderOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Order a medicine as its prescriber, or write down a verbal order, which then waits to be co-signed."""
        session, data = self.session(), checked(MedicineOrderIn(data=request.data))
        said, named = said_of(data), data.pop("ordered_by")
        if named is None:
            return self.write(order_medicine, session=session, said=said)
        ordered_by = found_or_404(User.objects.for_user(actor_of(request)), named)
        return self.write(take_verbal_order, session=session, said=said, ordered_by=ordered_by, **data)


class MedicineRoute(FactRoute):
    """A route of medicines that were given."""

    model = MedicationGiven
    serializer_class = MedicineOut

    def named(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        people = ("effects__taken_by", "effects__entered_by")
        return (
            super()
            .named(rows)
            .select_related("standing_order", "order", "side_effect")
            .prefetch_related("effects", *people)
        )


class Medicines(MedicineRoute, FactList):
    """The medicines given in a session; struck ones too."""

    @extend_schema(request=MedicineIn, responses={201: MedicineOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Record a medicine that was given. What its order does not cover is refused without ``departure_reason``."""
        session, data, by = self.session(), checked(MedicineIn(data=request.data)), actor_of(request)
        for name, rows in (
            ("standing_order", StandingOrder.objects.for_user(by)),
            ("order", MedicineOrder.objects.for_user(by).filter(session=session)),
            ("side_effect", SideEffect.objects.for_user(by).filter(session=session)),
        ):
            data[name] = None if data[name] is None else found_or_404(rows, data[name])
        return self.write(give_medicine, session=session, **data)


class MedicineRetract(MedicineRoute):
    """A medicine that was entered in error."""

    @extend_schema(request=RetractionIn, responses={201: MedicineOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any, fact_id: Any) -> Response:
        """Strike it. It stays readable, and counts no more."""
        return self.write(retract_medicine, given=self.fact(), **checked(RetractionIn(data=request.data)))


class MedicineEffects(FactRoute):
    """What a medicine did."""

    model = MedicationGiven
    serializer_class = MedicationEffectOut

    def get_queryset(self) -> QuerySet[Any]:
        rows = MedicationEffect.objects.for_user(actor_of(self.request))
        return rows.select_related("taken_by", "entered_by")

    @extend_schema(request=MedicationEffectIn, responses={201: MedicationEffectOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any, fact_id: Any) -> Response:
        """Say what it did; said again, the last one stands."""
        return self.write(note_effect, given=self.fact(), **checked(MedicationEffectIn(data=request.data)))
