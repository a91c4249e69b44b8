"""The check as it stands; asking a prescriber, deciding, naming the baseline, keeping the patient's wishes."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.accounts.permissions import Permission
from sessions.api.contract import KEY_HEADER, SessionRoute, actor_of, chart_of, checked, found_or_404
from sessions.api.facts import FactList
from sessions.api.serializers.check_deciding import (
    BaselineIn,
    BaselineOut,
    DecisionIn,
    DecisionOut,
    ItemStateOut,
    PrescriberQuestionIn,
    PrescriberQuestionOut,
    WaitingQuestionOut,
    WishIn,
    WishOut,
)
from sessions.models import (
    BaselineChoice,
    CheckDecision,
    DecisionRequest,
    PatientWish,
    VitalSigns,
)
from sessions.operations.check_deciding import ask_prescriber, choose_baseline, decide
from sessions.operations.patient_wishes import record_wishes
from sessions.reports.decisions import waiting_requests
from sessions.rules.checking import item_states


class CheckState(SessionRoute):
    """The check of a session."""

    @extend_schema(responses=ItemStateOut(many=True))
    def get(self, request: Request, session_id: Any) -> Response:
        """Every item of the protocol with the answer that stands, from a person or from the record."""
        states = item_states(chart_of(request, session_id))
        return Response([ItemStateOut(state).data for state in states])


class DecisionRequests(FactList):
    """The questions to a prescriber."""

    model = DecisionRequest
    serializer_class = PrescriberQuestionOut

    @extend_schema(
        request=PrescriberQuestionIn, responses={201: PrescriberQuestionOut}, parameters=[KEY_HEADER]
    )
    def post(self, request: Request, session_id: Any) -> Response:
        """Ask a prescriber; nothing is cleared or started before the answer."""
        session, data = self.session(), checked(PrescriberQuestionIn(data=request.data))
        return self.write(ask_prescriber, session=session, **data)


class Decisions(FactList):
    """The decisions after the check; the last one stands."""

    model = CheckDecision
    serializer_class = DecisionOut

    def named(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return super().named(rows).select_related("request")

    @extend_schema(request=DecisionIn, responses={201: DecisionOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Decide how it goes on; a prescriber's decision answers the open question."""
        session, data = self.session(), checked(DecisionIn(data=request.data))
        return self.write(decide, session=session, **data)


class Baselines(FactList):
    """Which readings were named the baseline."""

    model = BaselineChoice
    serializer_class = BaselineOut

    def named(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return super().named(rows).select_related("reading")

    @extend_schema(request=BaselineIn, responses={201: BaselineOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Name the reading before the start against which changes are counted."""
        session, data = self.session(), checked(BaselineIn(data=request.data))
        mine = VitalSigns.objects.for_user(actor_of(request)).filter(session=session)
        reading = found_or_404(mine, data.pop("reading"))
        return self.write(choose_baseline, session=session, reading=reading, **data)


class Wishes(FactList):
    """How the patient wants it to be, as told at this visit."""

    model = PatientWish
    serializer_class = WishOut

    @extend_schema(request=WishIn, responses={201: WishOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Keep the patient's wishes, all of them anew."""
        session, data = self.session(), checked(WishIn(data=request.data))
        return self.write(record_wishes, session=session, **data)


class DecisionsWaiting(APIView):
    """What waits for the caller's decision."""

    @extend_schema(responses=WaitingQuestionOut(many=True))
    def get(self, request: Request) -> Response:
        """Open questions at the sites where the caller prescribes, the oldest first."""
        by = actor_of(request)
        by.require(Permission.ORDER_COURSE)
        return Response([WaitingQuestionOut(row).data for row in waiting_requests(by)])
