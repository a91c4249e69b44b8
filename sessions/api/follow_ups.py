"""What is still open for patients, and what is done about it."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import cached_property
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions.api.contract import (
    KEY_HEADER,
    SessionRoute,
    actor_of,
    checked,
    create_with,
    found_or_404,
    is_for_the_document,
)
from sessions.api.serializers.effects import (
    AttemptIn,
    FollowUpCloseIn,
    FollowUpEntryOut,
    FollowUpIn,
    FollowUpNoteIn,
    FollowUpOut,
    ReassignIn,
)
from sessions.models import FollowUp
from sessions.operations.following_up import (
    add_follow_up,
    close_follow_up,
    log_attempt,
    note_follow_up,
    reassign_follow_up,
)
from sessions.reports.follow_ups import colleagues_at


class FollowUpFilter(filters.FilterSet):
    """By place, kind, what it belongs to, whose it is, and whether it is done."""

    site = filters.UUIDFilter(field_name="site__public_id")
    kind = filters.MultipleChoiceFilter(choices=FollowUp.Kind.choices)
    session = filters.UUIDFilter(field_name="session__public_id")
    patient = filters.UUIDFilter(field_name="patient__public_id")
    assigned_to = filters.UUIDFilter(field_name="carer_key", label="Whose it is")
    is_closed = filters.BooleanFilter(field_name="closed", label="Whether it is done")

    class Meta:
        model = FollowUp
        fields: list[str] = []


def reach(request: Request) -> QuerySet[Any]:
    """Those within reach, as they stand."""
    rows = FollowUp.objects.for_user(actor_of(request)).with_state()
    return rows.select_related("site", "patient", "session", "side_effect")


class FollowUpList(ListAPIView[FollowUp]):
    """Follow-ups within reach, the most urgent first."""

    serializer_class = FollowUpOut
    filterset_class = FollowUpFilter

    def get_queryset(self) -> QuerySet[FollowUp]:
        return FollowUp.objects.none() if is_for_the_document(self) else reach(self.request)


class SessionFollowUps(SessionRoute):
    """A follow-up opened by hand."""

    @extend_schema(request=FollowUpIn, responses={201: FollowUpOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Open a next-day check, or another follow-up, for the patient of a session."""
        session, data = self.session(), checked(FollowUpIn(data=request.data))
        mine = reach(request)
        return create_with(
            request,
            add_follow_up,
            rows=mine.all,
            show=lambda row: FollowUpOut(mine.get(pk=row.pk)).data,
            session=session,
            **data,
        )


class FollowUpRoute(APIView):
    """A route of one follow-up."""

    @cached_property
    def follow_up(self) -> FollowUp:
        found: FollowUp = found_or_404(reach(self.request), self.kwargs["follow_up_id"])
        return found

    def entries(self) -> QuerySet[Any]:
        return self.follow_up.entries.select_related("taken_by", "entered_by")

    def write(self, operation: Callable[..., Any], **given: Any) -> Response:
        """Append one entry, whose id is the key of the request."""
        return create_with(
            self.request,
            operation,
            rows=self.entries,
            show=lambda entry: FollowUpEntryOut(entry).data,
            follow_up=self.follow_up,
            **given,
        )


class FollowUpDetail(FollowUpRoute):
    """One follow-up."""

    @extend_schema(responses=FollowUpOut)
    def get(self, request: Request, follow_up_id: Any) -> Response:
        """How it stands."""
        return Response(FollowUpOut(self.follow_up).data)


class FollowUpEntries(FollowUpRoute):
    """What was done about it."""

    @extend_schema(responses=FollowUpEntryOut(many=True))
    def get(self, request: Request, follow_up_id: Any) -> Response:
        """Every entry in the order of time."""
        return Response([FollowUpEntryOut(row).data for row in self.entries()])


class FollowUpNote(FollowUpRoute):
    """A note on it."""

    @extend_schema(request=FollowUpNoteIn, responses={201: FollowUpEntryOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, follow_up_id: Any) -> Response:
        """Write down what was found out."""
        return self.write(note_follow_up, **checked(FollowUpNoteIn(data=request.data)))


class FollowUpAttempt(FollowUpRoute):
    """An attempt to reach the patient."""

    @extend_schema(request=AttemptIn, responses={201: FollowUpEntryOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, follow_up_id: Any) -> Response:
        """Log a call, what came of it, and when to try again."""
        return self.write(log_attempt, **checked(AttemptIn(data=request.data)))


class FollowUpReassign(FollowUpRoute):
    """Another person."""

    @extend_schema(request=ReassignIn, responses={201: FollowUpEntryOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, follow_up_id: Any) -> Response:
        """Hand it to a colleague who may record observations at the site."""
        data = checked(ReassignIn(data=request.data))
        key, people = data.pop("user"), colleagues_at(self.follow_up.site_id)
        colleague = next((each for each in people if each.public_id == key), None)
        return self.write(reassign_follow_up, to=colleague, **data)


class FollowUpClose(FollowUpRoute):
    """Its end."""

    @extend_schema(request=FollowUpCloseIn, responses={201: FollowUpEntryOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, follow_up_id: Any) -> Response:
        """Close it with what came of it."""
        return self.write(close_follow_up, **checked(FollowUpCloseIn(data=request.data)))
