"""What the routes of this floor share: how a session is reached, how a write is made once."""

from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404
from rest_framework.views import APIView

from patients.api.contract import KEY_HEADER, REVISION_HEADER, actor_of, answer, checked, write_once
from sessions.models import InfusionSession

__all__ = [
    "KEY_HEADER",
    "REVISION_HEADER",
    "SessionRoute",
    "actor_of",
    "answer",
    "checked",
    "found_or_404",
    "write_once",
]


def found_or_404(rows: QuerySet[Any], public_id: Any) -> Any:
    """The row of a scoped queryset. Raises Http404: what is out of reach does not exist."""
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


class SessionRoute(APIView):
    """A route below one session."""

    def session(self) -> InfusionSession:
        """The session's row alone: the operation reads it again, locked, with everything its rules ask for."""
        rows = InfusionSession.objects.for_user(actor_of(self.request))
        found: InfusionSession = found_or_404(
            rows.only("public_id", "site", "patient", "course", "chair"), self.kwargs["session_id"]
        )
        return found


def public_id_of(row: Model | None) -> UUID | None:
    """How a row is named outside."""
    return getattr(row, "public_id", None)
