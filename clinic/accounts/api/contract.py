"""What the routes of every floor share: how a write is made once, how an edit names its version, how both read in
the API's document.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.accounts.actor import Actor
from clinic.common.api import writes
from clinic.common.errors import Invalid, Problem

R = TypeVar("R")
Body = serializers.Serializer[Any]

KEY_HEADER = OpenApiParameter(
    writes.IDEMPOTENCY_HEADER,
    OpenApiTypes.UUID,
    OpenApiParameter.HEADER,
    required=True,
    description="A new UUID for each write; a retry sends the same one again. A created row takes it as its id.",
)
REVISION_HEADER = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description='The ETag of the version that is edited, such as "3".',
)


def is_for_the_document(view: Any) -> bool:
    """Whether only the API's document is being written: nobody calls, and nothing may be read."""
    return getattr(view, "swagger_fake_view", False)


def actor_of(request: Request) -> Actor:
    """Whoever calls, narrowed to the scopes of their token."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def found_or_404(rows: QuerySet[Any], public_id: Any) -> Any:
    """The row of a scoped queryset. Raises Http404: what is out of reach does not exist."""
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def write_once(
    request: Request,
    *,
    do: Callable[..., Any],
    again: Callable[[Any], Any],
    show: Callable[[Any], dict[str, Any]],
    body: Mapping[str, Any] | None = None,
    created: bool = True,
) -> Response:
    """Answer a write that carries an idempotency key.

    Args:
        do: gets ``key`` and ``now`` and returns the row.
        again: gets the key and finds the row of the first time.
        body: what was asked, where it is not the JSON body itself.
    """
    key = writes.idempotency_key(request)
    row, is_new = writes.once(
        actor=actor_of(request).key,
        key=key,
        route=f"{request.method} {request.path}",
        body=request.data if body is None else body,
        do=lambda now: do(key=key, now=now),
        again=lambda: again(key),
    )
    return answer(row, show, status=201 if created and is_new else 200)


def create_with(
    request: Request,
    operation: Callable[..., Any],
    /,
    *,
    rows: Callable[[], QuerySet[Any]],
    show: Callable[[Any], dict[str, Any]],
    **given: Any,
) -> Response:
    """Answer a write that makes one row, whose id is the key of the request; ``rows`` is where it is found again."""
    by = actor_of(request)
    return write_once(
        request,
        do=lambda key, now: operation(by=by, public_id=key, now=now, **given),
        again=lambda key: found_or_404(rows(), key),
        show=show,
    )


def create_with_secret(
    request: Request,
    make: Callable[[Any, Any], tuple[Any, str]],
    *,
    rows: Callable[[], QuerySet[Any]],
    show: Callable[[Any], dict[str, Any]],
    told_as: str,
) -> Response:
    """Answer a write that makes one row and a secret, which comes this once; a repeated request gives null.

    Args:
        make: with the key of the request and the moment, the row and its secret.
        told_as: the field of the answer with the secret.
    """
    secrets: dict[Any, str] = {}

    def do(key: Any, now: Any) -> Any:
        row, secret = make(key, now)
        secrets[row.pk] = secret
        return row

    return write_once(
        request,
        do=do,
        again=lambda key: found_or_404(rows(), key),
        show=lambda row: {**show(row), told_as: secrets.get(row.pk)},
    )


def edit(operation: Callable[..., R], **arguments: Any) -> R:
    """Run an operation as one transaction, so that a refusal leaves the connection usable for the answer."""
    with transaction.atomic():
        return operation(**arguments)


def edit_with(
    shape: Callable[..., Body],
    request: Request,
    operation: Callable[..., Any],
    *,
    show: Callable[[Any], dict[str, Any]],
    as_: str | None = None,
    **row: Any,
) -> Response:
    """Answer an edit that takes the fields of a body, such as a reason, on the version that the caller names.

    Args:
        shape: the body's serializer. Of a PATCH any field may be left out.
        as_: the one argument, such as ``changes``, in which the operation takes all fields together.
    """
    revision = writes.expected_revision(request)
    told = checked(shape(data=request.data, partial=request.method == "PATCH"))
    given = told if as_ is None else {as_: told}
    done = edit(operation, **row, **given, by=actor_of(request), expected_revision=revision)
    return answer(done, show)


def answer(row: Any, show: Callable[[Any], dict[str, Any]], *, status: int = 200) -> Response:
    """A row with the entity tag that its next edit must name."""
    response = Response(show(row), status=status)
    if hasattr(row, "revision"):
        response["ETag"] = writes.etag(row.revision)
    return response


def checked(serializer: Body) -> dict[str, Any]:
    """The body in its right shape; DRF's own refusal otherwise.

    Raises:
        Invalid: a field that the route does not know (``field.unknown``). Left alone, a slip such as ``dose_mg`` for
            another name would be answered as if it had been heard.
    """
    serializer.is_valid(raise_exception=True)
    sent = serializer.initial_data
    if isinstance(sent, Mapping) and (unknown := sorted(set(sent) - set(serializer.fields))):
        message = _("This route takes no field %(name)s. The API's document lists those that it takes.")
        raise Invalid({name: Problem("field.unknown", message, {"name": name[:80]}) for name in unknown[:20]})
    data: dict[str, Any] = serializer.validated_data
    return data
