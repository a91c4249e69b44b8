"""What a tablet kept while it had no network, and sends when it has one again.

The tablet sends each kept form to the form's own address, as it would have been sent, so that there is no second way
to store anything. Beside what was typed stand the author, the tablet's own time of typing and how far its clock was
off; the header :data:`HEADER` asks for a few words of JSON in place of a page.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _

from clinic.common import clock
from clinic.common.errors import Invalid, Problem
from clinic.common.models import OfflineEntry

HEADER = "X-Outbox"
TYPED_FIELD = "typed_at"
OFFSET_FIELD = "clock_offset_ms"
FIELDS = frozenset({TYPED_FIELD, OFFSET_FIELD})
"""How a form travelled is not what it says: sent at once or later, it is the same form."""

_FARTHEST = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Typing:
    """When something was typed without network: the tablet's own time, and what the server's was ahead of it then.

    Example: ``Typing(datetime(2026, 3, 10, 10, 14, tzinfo=UTC), timedelta(seconds=-4))``
    """

    at: datetime
    offset: timedelta | None

    def moment(self, now: datetime) -> datetime:
        """The moment by the server's clock; never after ``now``, which a clock that was set meanwhile could claim."""
        return min(self.at + (self.offset or timedelta()), now)


def typing_of(data: Mapping[str, Any]) -> Typing | None:
    """What a form says about its typing; None where it was sent as it was typed.

    Raises:
        Invalid: it cannot be read (``outbox.time``).
    """
    if not data.get(TYPED_FIELD):
        return None
    try:
        at = datetime.fromisoformat(data[TYPED_FIELD]).astimezone(UTC)
        given = data.get(OFFSET_FIELD)
        offset = timedelta(milliseconds=int(given)) if given else None
    except (ValueError, OverflowError):
        raise _unreadable() from None
    # Farther than that it is no clock that is off, and no instant to compute with.
    if abs(offset or timedelta()) > _FARTHEST or not 2000 < at.year < 9000:
        raise _unreadable()
    return Typing(at, offset)


def typed_moment(data: Mapping[str, Any], now: datetime) -> datetime | None:
    """When a form that was kept was typed, by the server's clock; None where "now" is meant."""
    typing = typing_of(data)
    return typing.moment(now) if typing else None


def _unreadable() -> Invalid:
    message = _("The tablet's time of this entry cannot be read. Enter it again with its time.")
    return Invalid({"": Problem("outbox.time", message)})


def note(request: HttpRequest, *, key: uuid.UUID, now: datetime) -> None:
    """Keep beside a form that was stored just now that it was typed without network; inside its transaction."""
    if typing := typing_of(request.POST):
        keep_typing(typing, actor=f"user:{request.user.pk}", key=key, now=now)


def keep_typing(typing: Typing, *, actor: str, key: uuid.UUID, now: datetime) -> None:
    """Keep that what ``actor`` has entered at ``now`` under ``key`` was typed without network."""
    offset = None if typing.offset is None else round(typing.offset.total_seconds() * 1000)
    OfflineEntry.objects.create(
        actor=actor, key=key, typed_at=typing.at, clock_offset_ms=offset, received_at=now
    )


class OutboxMiddleware:
    """Answers a kept form in a few words: that it is stored, or the sentences that say why not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if HEADER not in request.headers:
            return self.get_response(request)
        if not request.user.is_authenticated:
            return answer(stored=False, status=401)
        response = self.get_response(request)
        # What a page would have said at its next showing is said here, and once.
        list(get_messages(request))
        if getattr(request, "was_stored", False):
            return answer(stored=True)
        if response.status_code >= 500:
            return response
        return answer(stored=False, status=_status(response), problems=_sentences(request, response))


def answer(*, stored: bool, status: int = 200, problems: Iterable[str] = ()) -> JsonResponse:
    """The answer, with the server's time, by which the tablet measures its clock."""
    body = {"stored": stored, "problems": list(problems), "now": milliseconds(clock.now())}
    return JsonResponse(body, status=status)


def milliseconds(moment: datetime) -> int:
    """An instant as browsers count them."""
    return round(moment.timestamp() * 1000)


def _status(response: HttpResponse) -> int:
    return response.status_code if response.status_code >= 400 else 422


def _sentences(request: HttpRequest, response: HttpResponse) -> list[str]:
    told = [str(sentence) for sentence in getattr(request, "refused_with", ())]
    # A form without a valid token is turned down before any view: that says nothing about what was typed.
    if told or response.status_code == 403:
        return told
    if response.status_code == 404:
        return [str(_("There is no such record within your reach any more."))]
    return [str(_("The server did not take this. Open the session and enter it again."))]
