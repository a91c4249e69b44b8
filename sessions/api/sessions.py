"""Sessions: listed, opened, booked."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.audit.recording import record_access
from clinic.common import clock
from sessions.api.contract import (
    KEY_HEADER,
    SessionRoute,
    actor_of,
    answer,
    chair_or_none,
    chart_of,
    checked,
    create_with,
    found_or_404,
    is_for_the_document,
)
from sessions.api.serializers.sessions import BookIn, SessionOut, SessionRowOut
from sessions.models import Course, InfusionSession
from sessions.models.choices import STATUS_CHOICES
from sessions.operations.booking import book
from sessions.reports.offline import offline_entries
from sessions.rules.transitions import available_actions

ONE_READING = timedelta(minutes=10)
"""A program that asks for a session again and again reads it once, for the log of who opened what."""


class SessionFilter(filters.FilterSet):
    """By place, by state, by day at the site, by what it belongs to."""

    site = filters.UUIDFilter(field_name="site__public_id")
    status = filters.MultipleChoiceFilter(choices=STATUS_CHOICES)
    date_from = filters.DateFilter(field_name="local_date", lookup_expr="gte", label="First day")
    date_to = filters.DateFilter(field_name="local_date", lookup_expr="lte", label="Last day")
    patient = filters.UUIDFilter(field_name="patient__public_id")
    course = filters.UUIDFilter(field_name="course__public_id")
    chair = filters.UUIDFilter(field_name="chair__public_id")

    class Meta:
        model = InfusionSession
        fields: list[str] = []


def opened(request: Request, session_id: Any) -> InfusionSession:
    """A session within reach with its whole chart and what the caller can do with it. Raises Http404."""
    session = chart_of(request, session_id, with_order=False)
    session.available_actions = available_actions(  # type: ignore[attr-defined]
        session=session, by=actor_of(request), now=clock.now()
    )
    session.offline_entries = offline_entries(session)  # type: ignore[attr-defined]
    return session


def show(session: InfusionSession) -> dict[str, Any]:
    """An opened session as it is answered."""
    return SessionOut(session).data


class SessionList(ListAPIView[InfusionSession]):
    """Sessions within reach, in the order of their times."""

    serializer_class = SessionRowOut
    filterset_class = SessionFilter

    def get_queryset(self) -> QuerySet[InfusionSession]:
        if is_for_the_document(self):
            return InfusionSession.objects.none()
        mine = InfusionSession.objects.for_user(actor_of(self.request)).with_chart_state()
        return mine.select_related("site", "patient", "course", "chair", "nurse", "booking")

    @extend_schema(request=BookIn, responses={201: SessionOut}, parameters=[KEY_HEADER])
    def post(self, request: Request) -> Response:
        """Book the next session of a course into a chair, or without one yet."""
        data, by = checked(BookIn(data=request.data)), actor_of(request)
        courses = Course.objects.for_user(by).select_related("site", "patient", "protocol_version")
        course = found_or_404(courses, data["course"])
        told = {"starts_at": data["starts_at"], "override_reason": data["override_reason"]}
        told["chair"] = chair_or_none(request, data["chair"])
        return create_with(
            request,
            book,
            rows=lambda: InfusionSession.objects.for_user(by),
            show=lambda row: show(opened(request, row.public_id)),
            course=course,
            **told,
        )


class SessionDetail(SessionRoute):
    """One session."""

    @extend_schema(responses=SessionOut)
    def get(self, request: Request, session_id: Any) -> Response:
        """The whole chart, with the ETag that moving the booking names; that it was opened is noted."""
        session = opened(request, session_id)
        record_access(
            what="session",
            patient=session.patient,
            by=actor_of(request),
            now=clock.now(),
            again_after=ONE_READING,
        )
        return answer(session, show)
