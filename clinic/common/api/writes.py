"""The write policies. Every route that writes declares one, so that no retry and no race changes data twice.

======================  ==================================================================================
policy                  the caller sends
======================  ==================================================================================
:func:`created_once`    ``Idempotency-Key: <uuid>``; it becomes the ``id`` of the new row
:func:`done_once`       ``Idempotency-Key: <uuid>``; a repeated request answers with the row as it is now
:func:`edited`          ``If-Match: "<revision>"`` as given by the ``ETag`` of the row that was read
======================  ==================================================================================
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from clinic.common import clock, idempotency
from clinic.common.errors import Invalid, PreconditionRequired, Problem

T = TypeVar("T")

IDEMPOTENCY_HEADER = "Idempotency-Key"


def idempotency_key(request: Request) -> uuid.UUID:
    """The key sent with a write.

    Raises:
        PreconditionRequired: there is none (``idempotency.missing``).
        Invalid: it is not a UUID (``idempotency.unreadable``).
    """
    given = request.headers.get(IDEMPOTENCY_HEADER)
    if not given:
        message = _("Send an Idempotency-Key header with a new UUID, so that a retry does not do this twice.")
        raise PreconditionRequired(Problem("idempotency.missing", message))
    try:
        return uuid.UUID(given)
    except ValueError:
        message = _("The Idempotency-Key header must be a UUID.")
        raise Invalid({IDEMPOTENCY_HEADER: Problem("idempotency.unreadable", message)}) from None


def once(
    *,
    actor: str,
    key: uuid.UUID,
    route: str,
    body: Mapping[str, Any] | list[Any],
    do: Callable[[datetime], T],
    again: Callable[[], T],
) -> tuple[T, bool]:
    """Run ``do(now)`` in one transaction unless the same write has been done; then answer ``again()``.

    Returns:
        the row, and whether it was written just now.
    """
    with idempotency.one_write():
        now = clock.now()
        mark = idempotency.fingerprint(route, body)
        if idempotency.first_time(actor=actor, key=key, fingerprint=mark, now=now):
            return do(now), True
    return again(), False


def expected_revision(request: Request) -> int:
    """The revision that an edit is based on, from ``If-Match``.

    Raises:
        PreconditionRequired: the header is missing (``revision.missing``).
        Invalid: it is not one of our entity tags (``revision.unreadable``).
    """
    given = request.headers.get("If-Match", "").removeprefix("W/").strip('" ')
    if not given:
        message = _("Send an If-Match header with the ETag of the version that you edit.")
        raise PreconditionRequired(Problem("revision.missing", message))
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        message = _('The If-Match header must be an ETag as the API gave it, such as "3".')
        raise Invalid({"If-Match": Problem("revision.unreadable", message)})
    return int(given)


def etag(revision: int) -> str:
    """The entity tag of a row's revision."""
    return f'"{revision}"'
