"""The waiting list: entries, what has become free, and a booking from it."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.common import clock
from sessions.api.contract import (
    KEY_HEADER,
    REVISION_HEADER,
    actor_of,
    answer,
    chair_named,
    checked,
    create_with,
    edit_with,
    found_or_404,
    is_for_the_document,
)
from sessions.api.places import site_seen
from sessions.api.serializers.sessions import SessionOut
from sessions.api.serializers.waiting import (
    BookWaitingIn,
    FreeTimeOut,
    WaitingIn,
    WaitingOut,
    WishesIn,
    WithdrawIn,
)
from sessions.api.sessions import opened, show
from sessions.models import Course, InfusionSession, WaitingEntry
from sessions.operations.waiting import (
    add_to_waiting_list,
    book_from_waiting_list,
    edit_waiting_entry,
    take_off_waiting_list,
)
from sessions.reports.freed_times import free_times


class WaitingFilter(filters.FilterSet):
    """By place, by course or patient, by what has become of it."""

    site = filters.UUIDFilter(field_name="site__public_id")
    patient = filters.UUIDFilter(field_name="patient__public_id")
    course = filters.UUIDFilter(field_name="course__public_id")
    state = filters.MultipleChoiceFilter(choices=WaitingEntry.State.choices)
    is_starred = filters.BooleanFilter()

    class Meta:
        model = WaitingEntry
        fields: list[str] = []


class WaitingRoute(GenericAPIView[WaitingEntry]):
    """A route of entries within reach."""

    serializer_class = WaitingOut
    filterset_class = WaitingFilter

    def get_queryset(self) -> QuerySet[WaitingEntry]:
        if is_for_the_document(self):
            return WaitingEntry.objects.none()
        mine = WaitingEntry.objects.for_user(actor_of(self.request))
        return mine.select_related("site", "patient", "course", "added_by", "session")

    def entry(self) -> WaitingEntry:
        found: WaitingEntry = found_or_404(self.get_queryset(), self.kwargs["entry_id"])
        return found

    def show(self, entry: WaitingEntry) -> dict[str, Any]:
        shown: dict[str, Any] = self.get_serializer(self.get_queryset().get(pk=entry.pk)).data
        return shown


class WaitingList(ListModelMixin, WaitingRoute):
    """The waiting list, oldest first."""

    def get(self, request: Request) -> Response:
        """Entries in every state unless filtered."""
        return self.list(request)

    @extend_schema(request=WaitingIn, responses={201: WaitingOut}, parameters=[KEY_HEADER])
    def post(self, request: Request) -> Response:
        """Put a course on the list."""
        data, by = checked(WaitingIn(data=request.data)), actor_of(request)
        course = found_or_404(Course.objects.for_user(by), data.pop("course"))
        return create_with(
            request, add_to_waiting_list, rows=self.get_queryset, show=self.show, course=course, wishes=data
        )


class WaitingDetail(WaitingRoute):
    """One entry."""

    def get(self, request: Request, entry_id: Any) -> Response:
        """An entry, with the ETag that editing or taking it off names."""
        return answer(self.entry(), self.show)

    @extend_schema(request=WishesIn(partial=True), responses=WaitingOut, parameters=[REVISION_HEADER])
    def patch(self, request: Request, entry_id: Any) -> Response:
        """Change some of the wishes."""
        return edit_with(
            WishesIn, request, edit_waiting_entry, show=self.show, as_="changes", entry=self.entry()
        )


class WaitingWithdraw(WaitingRoute):
    """The end of waiting without a booking."""

    @extend_schema(request=WithdrawIn, responses=WaitingOut, parameters=[REVISION_HEADER])
    def post(self, request: Request, entry_id: Any) -> Response:
        """Take a patient off the list, with a reason."""
        return edit_with(WithdrawIn, request, take_off_waiting_list, show=self.show, entry=self.entry())


class WaitingBook(WaitingRoute):
    """A booking from the list."""

    @extend_schema(request=BookWaitingIn, responses={201: SessionOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, entry_id: Any) -> Response:
        """Give a free time to somebody who waits: the session is booked and the entry is over, or neither."""
        entry, by = self.entry(), actor_of(request)
        data = checked(BookWaitingIn(data=request.data))
        if chair := data.pop("chair", None):
            chair = chair_named(request, chair)
        return create_with(
            request,
            book_from_waiting_list,
            rows=lambda: InfusionSession.objects.for_user(by),
            show=lambda row: show(opened(request, row.public_id)),
            entry=entry,
            chair=chair,
            **data,
        )


class FreeTimes(APIView):
    """What cancellations and no-shows have opened."""

    @extend_schema(responses=FreeTimeOut(many=True))
    def get(self, request: Request, site_id: Any) -> Response:
        """Times of the next two weeks that were called off and are free still, each with whom it suits."""
        site, by = site_seen(request, site_id), actor_of(request)
        found = free_times(site, actor=by, now=clock.now())
        return Response(FreeTimeOut(found, many=True).data)
