"""Several sessions of a course in one request: booked, moved, called off; all of them or none."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sessions.api.contract import KEY_HEADER, SessionRoute, actor_of, chair_or_none, checked, write_once
from sessions.api.courses import CourseRoute
from sessions.api.serializers.series import CancelLaterIn, SeriesIn, SeriesMoveIn, SeriesOut
from sessions.api.serializers.sessions import SessionRowOut
from sessions.models import InfusionSession
from sessions.operations.series import (
    Relocation,
    Slot,
    book_series,
    cancel_series,
    move_series,
)
from sessions.rules.planning import ids_of_series
from sessions.states import Status


def _shown(request: Request, sessions: Sequence[InfusionSession]) -> dict[str, Any]:
    """The sessions as they are now, in the order of their times."""
    mine = InfusionSession.objects.for_user(actor_of(request)).with_chart_state()
    rows = mine.select_related("site", "patient", "course", "chair", "nurse", "booking")
    found = rows.filter(pk__in=[session.pk for session in sessions])
    return {"sessions": SessionRowOut(found, many=True).data}


def _slot(request: Request, wanted: dict[str, Any]) -> Slot:
    return Slot(wanted["starts_at"], chair_or_none(request, wanted["chair"]))


class SeriesBook(CourseRoute):
    """The sessions that are still to be booked under a course."""

    @extend_schema(request=SeriesIn, responses={201: SeriesOut}, parameters=[KEY_HEADER])
    def post(self, request: Request, course_id: Any) -> Response:
        """Book several sessions, all or none; a refusal names everything that is in the way, each with its day."""
        course, by, data = self.course(), actor_of(request), checked(SeriesIn(data=request.data))
        slots = [_slot(request, wanted) for wanted in data["slots"]]

        def do(key: uuid.UUID, now: datetime) -> list[InfusionSession]:
            told = {"override_reason": data["override_reason"], "public_id": key, "now": now}
            return book_series(course=course, slots=slots, by=by, **told)

        return write_once(
            request,
            do=do,
            again=lambda key: course.sessions.filter(public_id__in=ids_of_series(key, len(slots))),
            show=lambda rows: _shown(request, rows),
        )


class SeriesMove(CourseRoute):
    """The sessions that are booked under a course."""

    @extend_schema(request=SeriesMoveIn, responses=SeriesOut, parameters=[KEY_HEADER])
    def post(self, request: Request, course_id: Any) -> Response:
        """Move several sessions, all or none; one may take the time that another gives up. Each names the revision
        that it was read with."""
        course, by, data = self.course(), actor_of(request), checked(SeriesMoveIn(data=request.data))
        rows = InfusionSession.objects.for_user(by).select_related("chair", "booking").filter(course=course)
        known = {row.public_id: row for row in rows}
        wanted = [(known.get(move["session"]), move) for move in data["moves"]]
        moves = [Relocation(row, move["revision"], _slot(request, move)) for row, move in wanted if row]
        if len(moves) < len(wanted):
            raise Http404

        def do(key: uuid.UUID, now: datetime) -> list[InfusionSession]:
            told = {"reason": data["reason"], "override_reason": data["override_reason"], "now": now}
            return move_series(course=course, moves=moves, by=by, **told)

        return write_once(
            request,
            do=do,
            again=lambda key: [move.session for move in moves],
            show=lambda rows: _shown(request, rows),
            created=False,
        )


class SessionCancelLater(SessionRoute):
    """A session that has not begun, and all later ones of its course."""

    @extend_schema(request=CancelLaterIn, responses=SeriesOut, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Call off this session and all later ones of its course."""
        session, by, data = self.session(), actor_of(request), checked(CancelLaterIn(data=request.data))

        def again(key: uuid.UUID) -> Any:
            later = session.course.sessions.filter(scheduled_start__gte=session.scheduled_start)
            return later.filter(status=Status.CANCELLED)

        return write_once(
            request,
            do=lambda key, now: cancel_series(session=session, by=by, now=now, **data),
            again=again,
            show=lambda rows: _shown(request, rows),
            created=False,
        )
