"""What is recorded outside the plan: an emergency, ready to leave, leaving before the discharge, the day's lists."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.common import clock
from clinic.facilities.api.sites import SiteRoute
from sessions.api.contract import KEY_HEADER, actor_of, checked, create_with, write_once
from sessions.api.facts import FactList, FactRoute
from sessions.api.serializers.emergency import (
    DayAnswerIn,
    DayAnswerOut,
    DayListsOut,
    EarlyLeavingOut,
    EmergencyStepIn,
    EmergencyStepOut,
    LeavingIn,
    ReadyIn,
    ReadyOut,
)
from sessions.api.serializers.facts import RetractionIn
from sessions.models import DayListAnswer, EarlyLeaving, EmergencyStep, ReadyToLeave
from sessions.operations.day_list import answer_day_list
from sessions.operations.discharging import mark_ready
from sessions.operations.emergency import log_emergency_step, strike_emergency_step
from sessions.operations.leaving import describe_leaving
from sessions.reports.day_list import day_lists
from sessions.reports.day_signals import day_signals


class EmergencySteps(FactList):
    """The log of emergencies in a session, in the order of their times; struck lines too."""

    model = EmergencyStep
    serializer_class = EmergencyStepOut

    @extend_schema(request=EmergencyStepIn, responses={201: EmergencyStepOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Record one thing done; the first one begins the emergency, a second alarm joins it."""
        session, data = self.session(), checked(EmergencyStepIn(data=request.data))
        return write_once(
            request,
            do=lambda key, now: log_emergency_step(
                session=session, by=actor_of(request), public_id=key, now=now, **data
            ),
            again=lambda key: self._again(key, data["kind"]),
            show=lambda row: self.get_serializer(row).data,
        )

    def _again(self, key: Any, kind: str) -> Any:
        rows = self.get_queryset()
        # An alarm that joined a running emergency left no row of its own.
        return rows.filter(public_id=key).first() or rows.filter(kind=kind, retracted=False).latest(
            "taken_at"
        )


class EmergencyStepStrike(FactRoute):
    """Striking a line of the log."""

    model = EmergencyStep
    serializer_class = EmergencyStepOut

    @extend_schema(request=RetractionIn, responses={201: EmergencyStepOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any, fact_id: Any) -> Response:
        """Strike what was recorded by mistake; it stays readable."""
        step, data = self.fact(), checked(RetractionIn(data=request.data))
        return self.write(strike_emergency_step, step=step, **data)


class ReadyMarks(FactList):
    """When the patient was ready to leave; when they went is the discharge."""

    model = ReadyToLeave
    serializer_class = ReadyOut

    @extend_schema(request=ReadyIn, responses={201: ReadyOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Mark the patient as ready to leave."""
        session, data = self.session(), checked(ReadyIn(data=request.data))
        return self.write(mark_ready, session=session, **data)


class EarlyLeavings(FactList):
    """How a patient went who was not discharged; the last row stands."""

    model = EarlyLeaving
    serializer_class = EarlyLeavingOut

    @extend_schema(request=LeavingIn, responses={201: EarlyLeavingOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Say afterwards how and why; that the patient went is recorded by leave or transfer-out."""
        session, data = self.session(), checked(LeavingIn(data=request.data))
        return self.write(describe_leaving, session=session, **data)


class DayLists(SiteRoute):
    """The opening and closing list of the site's present day."""

    @extend_schema(responses=DayListsOut)
    def get(self, request: Request, site_id: Any) -> Response:
        """Both lists: what is answered, by whom, and what the record answers itself."""
        actor, site, now = actor_of(request), self.site(), clock.now()
        signals = day_signals(site, actor=actor, now=now)
        return Response(DayListsOut(day_lists(site, actor=actor, now=now, signals=signals)).data)

    @extend_schema(request=DayAnswerIn, responses={201: DayAnswerOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, site_id: Any) -> Response:
        """Answer one item; answering again replaces what stood."""
        site, data = self.site(), checked(DayAnswerIn(data=request.data))
        rows = DayListAnswer.objects.for_user(actor_of(request)).select_related("taken_by", "entered_by")
        return create_with(
            request,
            answer_day_list,
            rows=rows.all,
            show=lambda row: DayAnswerOut(row).data,
            site=site,
            **data,
        )
