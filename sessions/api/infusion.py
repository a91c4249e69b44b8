"""The infusion beside its steps: its events and what they come to, totals, cannulas, planned readings."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.common import clock
from sessions.api.contract import KEY_HEADER, SessionRoute, actor_of, checked, found_or_404
from sessions.api.facts import FactList, FactRoute
from sessions.api.fields import Instant
from sessions.api.serializers.facts import InfusionEventOut, RetractionIn
from sessions.api.serializers.infusion import (
    ChartedOut,
    EventDetailIn,
    EventIn,
    IVAccessIn,
    IVAccessOut,
    IVRemovalIn,
    IVRemovalOut,
    NotDoneIn,
    NotDoneOut,
    PlannedReadingOut,
    TotalsIn,
    TotalsOut,
)
from sessions.models import (
    InfusionEvent,
    InfusionSession,
    InfusionTotals,
    IVAccess,
    IVRemoval,
    ReadingNotDone,
)
from sessions.operations.infusion_events import (
    add_forgotten_event,
    change_rate,
    detail_event,
    retract_event,
)
from sessions.operations.infusion_totals import record_totals
from sessions.operations.iv_access import place_iv_access, remove_iv_access, retract_iv_access
from sessions.operations.readings_not_done import record_reading_not_done
from sessions.reports.planned_readings import planned_readings
from sessions.rules.delivery import charted
from sessions.rules.quantities import plain, thousandths


class EventRoute(FactRoute):
    model = InfusionEvent
    serializer_class = InfusionEventOut


class EventList(FactList, EventRoute):
    """The events of an infusion; detailed, corrected and struck ones too."""

    @extend_schema(request=EventIn, responses={201: InfusionEventOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Change the rate, or add a pause or a resume that was forgotten."""
        session, data = self.session(), checked(EventIn(data=request.data))
        if data["kind"] == "rate":
            del data["kind"]
            return self.write(change_rate, session=session, **data)
        return self.write(add_forgotten_event, session=session, **data)


class EventDetail(EventRoute):
    """More about an event."""

    @extend_schema(request=EventDetailIn, responses={201: InfusionEventOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any, fact_id: Any) -> Response:
        """Say why it was paused or stopped, or how it ended; its time stays."""
        event, data = self.fact(), checked(EventDetailIn(data=request.data))
        return self.write(detail_event, event=event, **data)


class EventRetract(EventRoute):
    """An event struck."""

    @extend_schema(request=RetractionIn, responses={201: InfusionEventOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any, fact_id: Any) -> Response:
        """Strike a change of rate, or a pause with the resume that ended it; it stays visible."""
        event, data = self.fact(), checked(RetractionIn(data=request.data))
        return self.write(retract_event, event=event, **data)


class Charted(SessionRoute):
    """What the events of an infusion come to."""

    @extend_schema(responses=ChartedOut, parameters=[OpenApiParameter("at", OpenApiTypes.DATETIME)])
    def get(self, request: Request, session_id: Any) -> Response:
        """Minutes infused, volume and milligrams by a moment; now, when it is left out."""
        mine = InfusionSession.objects.for_user(actor_of(request)).prefetch_related(
            "infusion_events", "doses"
        )
        session: InfusionSession = found_or_404(mine, session_id)
        typed = request.query_params.get("at")
        at = Instant().run_validation(typed) if typed else clock.now()
        found = charted(session, at=at)
        volume = found.microlitres
        told = {
            "at": at,
            "infused_seconds": found.infused.total_seconds(),
            "charted_ml": None if volume is None else plain(thousandths(round(volume))),
            "charted_mg": found.micrograms,
        }
        return Response(ChartedOut(told).data)


class TotalsList(FactList):
    """Pump and chart at the end; the last entry stands."""

    model = InfusionTotals
    serializer_class = TotalsOut

    @extend_schema(request=TotalsIn, responses={201: TotalsOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Enter the pump's volume infused and by which figure the record goes."""
        session, data = self.session(), checked(TotalsIn(data=request.data))
        return self.write(record_totals, session=session, **data)


class IVAccessRoute(FactRoute):
    model = IVAccess
    serializer_class = IVAccessOut

    def named(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return super().named(rows).select_related("removal")


class IVAccessList(FactList, IVAccessRoute):
    """The cannulas of a visit, with their removal."""

    @extend_schema(request=IVAccessIn, responses={201: IVAccessOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Record a cannula that was placed."""
        session, data = self.session(), checked(IVAccessIn(data=request.data))
        return self.write(place_iv_access, session=session, **data)


class IVAccessRetract(IVAccessRoute):
    """A cannula struck."""

    @extend_schema(request=RetractionIn, responses={201: IVAccessOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any, fact_id: Any) -> Response:
        """Strike a cannula that was entered in error; it stays visible."""
        access, data = self.fact(), checked(RetractionIn(data=request.data))
        return self.write(retract_iv_access, access=access, **data)


class IVAccessRemove(FactRoute):
    """A cannula taken out."""

    model = IVRemoval
    serializer_class = IVRemovalOut

    @extend_schema(request=IVRemovalIn, responses={201: IVRemovalOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any, fact_id: Any) -> Response:
        """Record that a cannula was taken out."""
        access, data = self.fact_of(IVAccess), checked(IVRemovalIn(data=request.data))
        return self.write(remove_iv_access, access=access, **data)


class NotDoneList(FactList):
    """Planned readings that were not taken."""

    model = ReadingNotDone
    serializer_class = NotDoneOut

    @extend_schema(request=NotDoneIn, responses={201: NotDoneOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Say why a planned reading was not taken."""
        session, data = self.session(), checked(NotDoneIn(data=request.data))
        return self.write(record_reading_not_done, session=session, **data)


class PlannedReadings(SessionRoute):
    """What the protocol plans to be measured."""

    @extend_schema(responses=PlannedReadingOut(many=True))
    def get(self, request: Request, session_id: Any) -> Response:
        """Every planned reading up to the next one, and what became of it."""
        mine = InfusionSession.objects.for_user(actor_of(request))
        rows = mine.select_related("site", "course__protocol_version")
        session: InfusionSession = found_or_404(
            rows.prefetch_related("vital_signs", "readings_not_done"), session_id
        )
        return Response(PlannedReadingOut(planned_readings(session, now=clock.now()), many=True).data)
