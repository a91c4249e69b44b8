"""What the routes of this floor share: how a session is reached. How writes are answered is the house's."""

from typing import Any

from django.http import Http404
from rest_framework.request import Request
from rest_framework.views import APIView

from clinic.accounts.api.contract import (
    KEY_HEADER,
    REVISION_HEADER,
    actor_of,
    answer,
    checked,
    create_with,
    create_with_secret,
    edit,
    edit_with,
    found_or_404,
    is_for_the_document,
    write_once,
)
from clinic.facilities.models import Chair
from sessions.models import InfusionSession
from sessions.reports.chart import read_chart

__all__ = [
    "KEY_HEADER",
    "REVISION_HEADER",
    "SessionRoute",
    "actor_of",
    "answer",
    "chair_named",
    "chair_or_none",
    "chart_of",
    "checked",
    "create_with",
    "create_with_secret",
    "edit",
    "edit_with",
    "found_or_404",
    "is_for_the_document",
    "write_once",
]


def chair_named(request: Request, public_id: Any) -> Chair:
    """A chair within reach."""
    chair: Chair = found_or_404(Chair.objects.for_user(actor_of(request)), public_id)
    return chair


def chair_or_none(request: Request, public_id: Any) -> Chair | None:
    """A chair within reach; None where it is left open."""
    return None if public_id is None else chair_named(request, public_id)


def chart_of(request: Request, session_id: Any, *, with_order: bool = True) -> InfusionSession:
    """A session within reach with its whole chart. Raises Http404."""
    mine = InfusionSession.objects.for_user(actor_of(request)).filter(public_id=session_id)
    session = read_chart(mine, with_order=with_order)
    if session is None:
        raise Http404
    return session


class SessionRoute(APIView):
    """A route below one session."""

    def session(self) -> InfusionSession:
        """The session's row alone: the operation reads it again, locked, with everything its rules ask for."""
        rows = InfusionSession.objects.for_user(actor_of(self.request))
        found: InfusionSession = found_or_404(
            rows.only("public_id", "site", "patient", "course", "chair"), self.kwargs["session_id"]
        )
        return found
