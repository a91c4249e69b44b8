"""A booked session in another place or at another time."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.common.api import writes
from sessions.api.contract import (
    KEY_HEADER,
    REVISION_HEADER,
    SessionRoute,
    actor_of,
    answer,
    chair_named,
    chair_or_none,
    checked,
    edit,
    write_once,
)
from sessions.api.serializers.sessions import ChairIn, MoveIn, SessionOut
from sessions.api.sessions import opened, show
from sessions.operations.booking import assign_chair, change_chair, move_booking


class SessionMove(SessionRoute):
    """The booking of a session that has not begun."""

    @extend_schema(request=MoveIn, responses=SessionOut, parameters=[REVISION_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Move a scheduled session to another time or chair."""
        session, revision = self.session(), writes.expected_revision(request)
        data = checked(MoveIn(data=request.data))
        edit(
            move_booking,
            session=session,
            by=actor_of(request),
            expected_revision=revision,
            **data | {"chair": chair_or_none(request, data["chair"])},
        )
        return answer(opened(request, session_id), show)


class SessionChair(SessionRoute):
    """The chair of a patient who has arrived."""

    @extend_schema(request=ChairIn, responses=SessionOut, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Seat the patient in another chair before the infusion."""
        session = self.session()
        chair = chair_named(request, checked(ChairIn(data=request.data))["chair"])
        return write_once(
            request,
            do=lambda key, now: change_chair(session=session, chair=chair, by=actor_of(request), now=now),
            again=lambda key: session,
            show=lambda row: show(opened(request, session_id)),
            created=False,
        )


class SessionAssignChair(SessionRoute):
    """The chair of a session that has not begun."""

    @extend_schema(request=ChairIn, responses=SessionOut, parameters=[KEY_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Settle a chair that was left open, or give the session another one for the same time."""
        session = self.session()
        chair = chair_named(request, checked(ChairIn(data=request.data))["chair"])
        return write_once(
            request,
            do=lambda key, now: assign_chair(session=session, chair=chair, by=actor_of(request), now=now),
            again=lambda key: session,
            show=lambda row: show(opened(request, session_id)),
            created=False,
        )
