"""Standing orders, and verbal orders that wait for their prescriber."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.common.api import writes
from clinic.facilities.api.sites import site_named
from sessions.api.contract import (
    KEY_HEADER,
    REVISION_HEADER,
    actor_of,
    answer,
    checked,
    create_with,
    edit,
    edit_with,
    found_or_404,
    is_for_the_document,
)
from sessions.api.serializers.facts import RetractionIn
from sessions.api.serializers.medicines import (
    AnswerIn,
    MedicineOrderOut,
    OrderAnswerOut,
    StandingOrderChange,
    StandingOrderIn,
    StandingOrderOut,
)
from sessions.models import MedicineOrder, OrderAnswer, StandingOrder
from sessions.operations import standing_orders as operations
from sessions.operations.ordering_medicines import answer_verbal_order
from sessions.reports.cosign import waiting_orders


class StandingOrderRoute(GenericAPIView[Any]):
    """A route of standing orders within reach."""

    serializer_class: Any = StandingOrderOut

    def get_queryset(self) -> QuerySet[Any]:
        if is_for_the_document(self):
            return StandingOrder.objects.none()
        rows = StandingOrder.objects.for_user(actor_of(self.request))
        return rows.select_related("site", "drafted_by", "approved_by")

    def order(self) -> StandingOrder:
        found: StandingOrder = found_or_404(self.get_queryset(), self.kwargs["order_id"])
        return found

    def show(self, row: Any) -> dict[str, Any]:
        shown: dict[str, Any] = StandingOrderOut(self.get_queryset().get(pk=row.pk)).data
        return shown


class StandingOrderList(ListModelMixin, StandingOrderRoute):
    """Every version of every standing order."""

    def get(self, request: Request) -> Response:
        """Drafts, those in use, and those they have replaced."""
        return self.list(request)

    @extend_schema(request=StandingOrderIn, responses={201: StandingOrderOut}, parameters=[KEY_HEADER])
    def post(self, request: Request) -> Response:
        """Draft a standing order, or the next version of one."""
        content = checked(StandingOrderIn(data=request.data))
        code, named = content.pop("code"), content.pop("site")
        site = None if named is None else site_named(request, named)
        return create_with(
            request,
            operations.draft_standing_order,
            rows=self.get_queryset,
            show=self.show,
            code=code,
            site=site,
            content=content,
        )


class StandingOrderDetail(StandingOrderRoute):
    """One version of a standing order."""

    def get(self, request: Request, order_id: Any) -> Response:
        """What it says, with the ETag that editing or approving it names."""
        return answer(self.order(), self.show)

    @extend_schema(
        request=StandingOrderChange(partial=True), responses=StandingOrderOut, parameters=[REVISION_HEADER]
    )
    def patch(self, request: Request, order_id: Any) -> Response:
        """Change a draft."""
        return edit_with(
            StandingOrderChange,
            request,
            operations.edit_standing_order,
            show=self.show,
            as_="content",
            order=self.order(),
        )


class StandingOrderApprove(StandingOrderRoute):
    """The approval of a draft."""

    @extend_schema(request=None, responses=StandingOrderOut, parameters=[REVISION_HEADER])
    def post(self, request: Request, order_id: Any) -> Response:
        """Put the draft that was read into use; the version before is retired."""
        order, revision = self.order(), writes.expected_revision(request)
        approve = operations.approve_standing_order
        approved = edit(approve, order=order, by=actor_of(request), expected_revision=revision)
        return answer(approved, self.show)


class StandingOrderRetire(StandingOrderRoute):
    """A standing order taken out of use."""

    @extend_schema(request=RetractionIn, responses=StandingOrderOut, parameters=[REVISION_HEADER])
    def post(self, request: Request, order_id: Any) -> Response:
        """Nothing more is given by it."""
        retire = operations.retire_standing_order
        return edit_with(RetractionIn, request, retire, show=self.show, order=self.order())


class CosignList(ListModelMixin, GenericAPIView[Any]):
    """Verbal orders that nobody has answered for, the one due first first."""

    serializer_class = MedicineOrderOut

    def get_queryset(self) -> QuerySet[Any]:
        if is_for_the_document(self):
            return MedicineOrder.objects.none()
        people = ("session", "taken_by", "entered_by", "answer")
        rows: QuerySet[Any] = waiting_orders(actor_of(self.request)).select_related(*people)
        return rows

    def get(self, request: Request) -> Response:
        """The queue of the caller's sites; ``ordered_by`` says whose answer it waits for."""
        return self.list(request)


class OrderAnswers(GenericAPIView[Any]):
    """The prescriber's answer for a verbal order."""

    serializer_class = OrderAnswerOut

    @extend_schema(request=AnswerIn, responses={201: OrderAnswerOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, order_id: Any) -> Response:
        """Co-sign it, or dispute it with words. Only who gave the order can."""
        by, data = actor_of(request), checked(AnswerIn(data=request.data))
        orders = MedicineOrder.objects.for_user(by).select_related("session__site", "taken_by")
        order = found_or_404(orders, order_id)
        mine = OrderAnswer.objects.for_user(by).select_related("taken_by", "entered_by")
        return create_with(
            request,
            answer_verbal_order,
            rows=mine.all,
            show=lambda row: OrderAnswerOut(row).data,
            order=order,
            **data,
        )
