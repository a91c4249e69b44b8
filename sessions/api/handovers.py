"""Handovers between nurses, and taking one patient over."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.accounts.models import User
from clinic.common import clock
from clinic.facilities.api.sites import site_named
from sessions.api.contract import (
    KEY_HEADER,
    SessionRoute,
    actor_of,
    checked,
    create_with,
    found_or_404,
    is_for_the_document,
    write_once,
)
from sessions.api.serializers.handovers import DeclineIn, HandoverIn, HandoverOut, TakeOverIn
from sessions.api.serializers.sessions import SessionOut
from sessions.api.sessions import opened, show
from sessions.models import Handover, InfusionSession
from sessions.operations import handing_over as operations
from sessions.reports.handover_summary import summarise
from sessions.reports.handovers import one_handover, read, shown


class HandoverFilter(filters.FilterSet):
    """By place, by state, by who is asked."""

    site = filters.UUIDFilter(field_name="site__public_id")
    state = filters.MultipleChoiceFilter(choices=Handover.State.choices)
    to_nurse = filters.UUIDFilter(field_name="to_nurse__public_id", label="Who is asked")
    from_nurse = filters.UUIDFilter(field_name="from_nurse__public_id", label="Who asks")

    class Meta:
        model = Handover
        fields: list[str] = []


def told(request: Request, public_id: Any) -> dict[str, Any]:
    """A handover within reach as it is answered. Raises Http404."""
    found = one_handover(public_id, actor=actor_of(request), now=clock.now())
    if found is None:
        raise Http404
    return dict(HandoverOut(found).data)


class HandoverList(ListAPIView[Handover]):
    """Handovers within reach, the latest first."""

    serializer_class = HandoverOut
    filterset_class = HandoverFilter

    def get_queryset(self) -> QuerySet[Handover]:
        if is_for_the_document(self):
            return Handover.objects.none()
        actor = actor_of(self.request)
        return read(Handover.objects.for_user(actor), actor=actor, now=clock.now())

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        return None if page is None else [shown(row) for row in page]

    @extend_schema(request=HandoverIn, responses={201: HandoverOut}, parameters=[KEY_HEADER])
    def post(self, request: Request) -> Response:
        """Offer patients to a colleague; nothing changes before the colleague accepts."""
        data, by = checked(HandoverIn(data=request.data)), actor_of(request)
        site = site_named(request, data["site"])
        colleague = found_or_404(User.objects.for_user(by), data["to_nurse"])
        chosen = _sessions_named(request, data["sessions"])
        return create_with(
            request,
            operations.offer_handover,
            rows=lambda: Handover.objects.for_user(by),
            show=lambda row: told(request, row.public_id),
            site=site,
            to_nurse=colleague,
            sessions=chosen,
            until=data["until"],
            note=data["note"],
            summarise=summarise,
        )


def _sessions_named(request: Request, ids: list[Any] | None) -> list[InfusionSession] | None:
    """The sessions of these ids, each within reach. Raises Http404."""
    if ids is None:
        return None
    found = list(InfusionSession.objects.for_user(actor_of(request)).filter(public_id__in=ids))
    if len(found) < len(set(ids)):
        raise Http404
    return found


class HandoverDetail(APIView):
    """One handover."""

    @extend_schema(responses=HandoverOut)
    def get(self, request: Request, handover_id: Any) -> Response:
        """A handover as it stands, with what was told of each patient."""
        return Response(told(request, handover_id))


class AnswerRoute(APIView):
    """A route that answers one handover."""

    def answered(self, operation: Callable[..., Any], **given: Any) -> Response:
        request, by = self.request, actor_of(self.request)
        row = found_or_404(Handover.objects.for_user(by), self.kwargs["handover_id"])
        return write_once(
            request,
            do=lambda key, now: operation(handover=row, by=by, now=now, **given),
            again=lambda key: row,
            show=lambda row: told(request, row.public_id),
            created=False,
        )


class HandoverAccept(AnswerRoute):
    """The colleague who was asked takes the patients."""

    @extend_schema(request=None, responses=HandoverOut, parameters=[KEY_HEADER])
    def post(self, request: Request, handover_id: Any) -> Response:
        """Look after the patients from now on; who has left meanwhile falls out."""
        return self.answered(operations.accept_handover)


class HandoverDecline(AnswerRoute):
    """The colleague who was asked cannot."""

    @extend_schema(request=DeclineIn, responses=HandoverOut, parameters=[KEY_HEADER])
    def post(self, request: Request, handover_id: Any) -> Response:
        """Say why not; the patients stay where they are."""
        return self.answered(operations.decline_handover, **checked(DeclineIn(data=request.data)))


class HandoverWithdraw(AnswerRoute):
    """Whoever offered takes the offer back."""

    @extend_schema(request=None, responses=HandoverOut, parameters=[KEY_HEADER])
    def post(self, request: Request, handover_id: Any) -> Response:
        """Take an unanswered offer back."""
        return self.answered(operations.withdraw_handover)


class SessionTakeOver(SessionRoute):
    """Who looks after the patient of a session."""

    @extend_schema(request=TakeOverIn, responses=SessionOut, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Look after a patient from now on, though nobody handed over."""
        session, data = self.session(), checked(TakeOverIn(data=request.data))
        return write_once(
            request,
            do=lambda key, now: operations.take_over(session=session, by=actor_of(request), now=now, **data),
            again=lambda key: session,
            show=lambda row: show(opened(request, session_id)),
            created=False,
        )
