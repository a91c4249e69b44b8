"""The end of a visit on paper: discharge assessment, signatures, addenda."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sessions.api.contract import KEY_HEADER, checked
from sessions.api.facts import FactList, FactRoute
from sessions.api.serializers.facts import (
    AddendumIn,
    AddendumOut,
    DischargeAssessmentIn,
    DischargeAssessmentOut,
    SignatureOut,
    StatementIn,
)
from sessions.models import Addendum, DischargeAssessment, Signature
from sessions.operations.discharging import assess_discharge
from sessions.operations.signing import add_addendum, review, sign


class DischargeAssessments(FactList):
    """The assessments against the protocol's discharge criteria; the last one stands."""

    model = DischargeAssessment
    serializer_class = DischargeAssessmentOut

    @extend_schema(
        request=DischargeAssessmentIn, responses={201: DischargeAssessmentOut}, parameters=[KEY_HEADER]
    )
    def post(self, request: Request, session_id: Any) -> Response:
        """Assess whether the patient can go home."""
        session, data = self.session(), checked(DischargeAssessmentIn(data=request.data))
        return self.write(assess_discharge, session=session, **data)


class SignatureRoute(FactRoute):
    model = Signature
    serializer_class = SignatureOut

    def named(self, rows: Any) -> Any:
        return rows


class Sign(SignatureRoute):
    """The author's signature."""

    @extend_schema(request=StatementIn, responses={201: SignatureOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Sign the chart as its author; from then on it is only added to."""
        session, data = self.session(), checked(StatementIn(data=request.data))
        return self.write(sign, session=session, **data)


class Review(SignatureRoute):
    """The reviewing prescriber's signature."""

    @extend_schema(request=StatementIn, responses={201: SignatureOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Sign the chart as the reviewing prescriber."""
        session, data = self.session(), checked(StatementIn(data=request.data))
        return self.write(review, session=session, **data)


class Addenda(FactList):
    """What was added to a signed chart."""

    model = Addendum
    serializer_class = AddendumOut

    @extend_schema(request=AddendumIn, responses={201: AddendumOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Add to a signed chart: dated, with its author, beside the original."""
        session, data = self.session(), checked(AddendumIn(data=request.data))
        return self.write(add_addendum, session=session, **data)
