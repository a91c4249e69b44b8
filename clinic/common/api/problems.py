"""Every API error is a problem document (RFC 9457) with the codes and sentences that the pages show."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from clinic.common import logs
from clinic.common.errors import ClinicError, Invalid, Problem, Stale

CONTENT_TYPE = "application/problem+json"


def document(
    status: int, *, code: str, detail: str, errors: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """The body of an error answer."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": logs.request_id.get(),
    }
    if errors:
        body["errors"] = errors
    return body


def of_error(error: ClinicError) -> dict[str, Any]:
    """The problem document of one of our own refusals."""
    if isinstance(error, Invalid):
        errors = [_entry(problem, name) for name, problems in error.fields.items() for problem in problems]
    else:
        errors = [_entry(problem) for problem in error.problems]
    body = document(error.status, code=error.code, detail=str(error.problem), errors=errors)
    if isinstance(error, Stale) and error.current is not None:
        body["current"] = error.current
    return body


def _entry(problem: Problem, field: str = "") -> dict[str, str]:
    return {"field": field, "code": problem.code, "detail": str(problem)}


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Django REST framework's hook: ours first, then its own exceptions in the same shape."""
    if isinstance(error, ClinicError):
        return Response(of_error(error), status=error.status, content_type=CONTENT_TYPE)
    response = drf_exception_handler(error, context)
    if response is None:
        return None
    response.data = _of_framework(error, response)
    response.content_type = CONTENT_TYPE
    return response


def _of_framework(error: Exception, response: Response) -> dict[str, Any]:
    status = response.status_code
    if isinstance(error, exceptions.ValidationError):
        # A body of the wrong shape and a value out of range are one kind of mistake to whoever sent it.
        response.status_code = 422
        errors = list(_flatten(error.get_full_details()))
        detail = errors[0]["detail"] if errors else str(error)
        return document(422, code=errors[0]["code"] if errors else "invalid", detail=detail, errors=errors)
    if isinstance(error, Http404):
        return document(404, code="not_found", detail="There is no such record within your reach.")
    if isinstance(error, PermissionDenied):
        return document(403, code="permission_denied", detail="You may not do this.")
    code = error.default_code if isinstance(error, exceptions.APIException) else "error"
    return document(status, code=str(code), detail=str(getattr(error, "detail", error)))


def _flatten(details: Any, field: str = "") -> Any:
    """DRF nests validation details by field; a flat list with dotted names is easier to show beside a form."""
    if (
        isinstance(details, Mapping)
        and {"message", "code"} <= set(details)
        and isinstance(details["message"], str)
    ):
        yield {"field": field, "code": f"field.{details['code']}", "detail": str(details["message"])}
    elif isinstance(details, Mapping):
        for name, inner in details.items():
            name = "" if name == "non_field_errors" else str(name)
            yield from _flatten(inner, ".".join(part for part in (field, name) if part))
    else:
        for index, inner in enumerate(details):
            leaf = isinstance(inner, Mapping) and {"message", "code"} <= set(inner)
            yield from _flatten(inner, field if leaf else f"{field}.{index}" if field else str(index))


def plain(status: int) -> JsonResponse:
    """The problem document of an error that happened outside any API view."""
    details = {
        400: ("bad_request", "The request could not be read."),
        403: ("permission_denied", "You may not do this."),
        404: ("not_found", "There is nothing at this address."),
        500: (
            "server_error",
            "Something went wrong on the server. Nothing was stored. Quote the request id when asking.",
        ),
    }
    code, detail = details[status]
    return JsonResponse(document(status, code=code, detail=detail), status=status, content_type=CONTENT_TYPE)


@csrf_exempt
def no_such_route(request: HttpRequest) -> JsonResponse:
    """Every verb is told that there is nothing; without the exemption a write was told that it may not."""
    return plain(404)
