"""Other uses of a chair: listed, kept, moved, freed."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.common.api import writes
from patients.models import Patient
from sessions.api.contract import (
    KEY_HEADER,
    REVISION_HEADER,
    actor_of,
    answer,
    chair_named,
    checked,
    create_with,
    edit,
    edit_with,
    found_or_404,
    is_for_the_document,
)
from sessions.api.serializers.blocks import KINDS, BlockIn, BlockMoveIn, BlockOut, ReleaseIn
from sessions.models import Booking
from sessions.operations.blocks import OTHER_KINDS, block_chair, move_block, release_block


class BlockFilter(filters.FilterSet):
    """By place, by what for, by day at the site, freed ones or not."""

    site = filters.UUIDFilter(field_name="site__public_id")
    chair = filters.UUIDFilter(field_name="chair__public_id")
    patient = filters.UUIDFilter(field_name="patient__public_id")
    kind = filters.MultipleChoiceFilter(choices=KINDS)
    is_live = filters.BooleanFilter()
    date_from = filters.DateFilter(field_name="local_date", lookup_expr="gte", label="First day")
    date_to = filters.DateFilter(field_name="local_date", lookup_expr="lte", label="Last day")

    class Meta:
        model = Booking
        fields: list[str] = []


class BlockRoute(GenericAPIView[Booking]):
    """A route of blocks within reach."""

    serializer_class = BlockOut
    filterset_class = BlockFilter

    def get_queryset(self) -> QuerySet[Booking]:
        if is_for_the_document(self):
            return Booking.objects.none()
        mine = Booking.objects.for_user(actor_of(self.request)).filter(kind__in=OTHER_KINDS)
        return mine.select_related("site", "chair", "patient").order_by("starts_at", "pk")

    def block(self) -> Booking:
        found: Booking = found_or_404(self.get_queryset(), self.kwargs["block_id"])
        return found

    def show(self, block: Booking) -> dict[str, Any]:
        shown: dict[str, Any] = BlockOut(self.get_queryset().get(pk=block.pk)).data
        return shown


class BlockList(ListModelMixin, BlockRoute):
    """Blocks within reach, in the order of their times."""

    def get(self, request: Request) -> Response:
        """Blocks, freed ones too unless filtered."""
        return self.list(request)

    @extend_schema(request=BlockIn, responses={201: BlockOut}, parameters=[KEY_HEADER])
    def post(self, request: Request) -> Response:
        """Keep a chair for another visit, with or without a patient, or for its maintenance."""
        data, by = checked(BlockIn(data=request.data)), actor_of(request)
        data["chair"] = chair_named(request, data["chair"])
        if data["patient"] is not None:
            data["patient"] = found_or_404(Patient.objects.for_user(by), data["patient"])
        return create_with(request, block_chair, rows=self.get_queryset, show=self.show, **data)


class BlockDetail(BlockRoute):
    """One block."""

    def get(self, request: Request, block_id: Any) -> Response:
        """What the chair is kept for, with the ETag that moving and freeing it name."""
        return answer(self.block(), self.show)


class BlockMove(BlockRoute):
    """Another time or chair."""

    @extend_schema(request=BlockMoveIn, responses=BlockOut, parameters=[REVISION_HEADER])
    def post(self, request: Request, block_id: Any) -> Response:
        """Give the visit another time or chair."""
        block, revision = self.block(), writes.expected_revision(request)
        data = checked(BlockMoveIn(data=request.data))
        data["chair"] = chair_named(request, data["chair"])
        moved = edit(move_block, booking=block, by=actor_of(request), expected_revision=revision, **data)
        return answer(moved, self.show)


class BlockRelease(BlockRoute):
    """A chair that is not needed."""

    @extend_schema(request=ReleaseIn, responses=BlockOut, parameters=[REVISION_HEADER])
    def post(self, request: Request, block_id: Any) -> Response:
        """Free the chair again."""
        return edit_with(ReleaseIn, request, release_block, show=self.show, booking=self.block())
