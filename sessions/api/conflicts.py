"""The conflicts of a site, and a booking that is kept as it was planned."""

from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.common import clock
from sessions.api.contract import REVISION_HEADER, actor_of, checked, edit_with, found_or_404
from sessions.api.places import site_seen
from sessions.api.serializers.conflicts import ConflictOut, ConflictQuery, KeepIn, KeptBookingOut
from sessions.models import Booking
from sessions.operations.overriding import keep_as_planned
from sessions.reports.conflicts import ConflictFilter, conflicts, with_patients
from sessions.reports.ways_out import Way, ways_out
from sessions.rules.conflicts import Clash


@dataclass(frozen=True, slots=True)
class _Row:
    """A conflict with its ways out, as one answer."""

    clash: Clash
    way: Way

    def __getattr__(self, name: str) -> Any:
        return getattr(self.clash, name)

    @property
    def free_chairs(self) -> Any:
        return self.way.chairs

    @property
    def free_times(self) -> Any:
        return self.way.times


class Conflicts(APIView):
    """Bookings that do not fit what is."""

    @extend_schema(parameters=[ConflictQuery], responses=ConflictOut(many=True))
    def get(self, request: Request, site_id: Any) -> Response:
        """Every conflict of the coming days with its ways out, in the order of the bookings' times."""
        site, by, now = site_seen(request, site_id), actor_of(request), clock.now()
        asked = ConflictFilter.of_query(checked(ConflictQuery(data=request.query_params)))
        found = with_patients(conflicts(site, actor=by, now=now, asked=asked))
        rows = map(_Row, found, ways_out(found, site=site, now=now))
        return Response(ConflictOut(list(rows), many=True).data)


class BookingKeep(APIView):
    """A booking that stands although it is in conflict."""

    @extend_schema(request=KeepIn, responses=KeptBookingOut, parameters=[REVISION_HEADER])
    def post(self, request: Request, booking_id: Any) -> Response:
        """Keep a booking as it was planned, with a reason; it is flagged from then on."""
        bookings = Booking.objects.for_user(actor_of(request)).select_related("site", "chair")
        return edit_with(
            KeepIn,
            request,
            keep_as_planned,
            show=lambda row: KeptBookingOut(row).data,
            booking=found_or_404(bookings, booking_id),
        )
