"""One route for each row of the table of transitions, made from the table."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from sessions.api.contract import KEY_HEADER, SessionRoute, actor_of, checked, write_once
from sessions.api.serializers.sessions import SessionOut
from sessions.api.serializers.transitions import body_of
from sessions.api.sessions import opened, show
from sessions.operations.by_action import OPERATIONS
from sessions.states import TRANSITIONS, Action


class TransitionRoute(SessionRoute):
    """A step of a session; a subclass names it. Answers with the session as it is then."""

    action: Action
    body: type[serializers.Serializer[Any]]

    def post(self, request: Request, session_id: Any) -> Response:
        session, data = self.session(), checked(self.body(data=request.data))
        return write_once(
            request,
            do=lambda key, now: OPERATIONS[self.action](
                session=session, by=actor_of(request), now=now, **data
            ),
            again=lambda key: session,
            show=lambda row: show(opened(request, session_id)),
            created=False,
        )


def route_of(action: Action) -> type[TransitionRoute]:
    """The route of an action: its body and its words are those of its operation."""
    operation = OPERATIONS[action]
    body = body_of(operation)
    name = body.__name__.removesuffix("StepIn")
    route = type(name, (TransitionRoute,), {"action": action, "body": body, "__module__": __name__})
    told = extend_schema(
        request=body, responses=SessionOut, parameters=[KEY_HEADER], description=body.__doc__
    )
    return extend_schema_view(post=told)(route)


ROUTES: dict[Action, type[TransitionRoute]] = {action: route_of(action) for action in TRANSITIONS}
