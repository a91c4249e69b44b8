"""What every response carries, and the one place where a refusal becomes a page."""

import logging
import re
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from clinic.common import logs
from clinic.common.errors import ClinicError

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_KNOWN_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}\Z")


def public_address(request: HttpRequest, path: str) -> str:
    """A whole address for somebody outside: below ``CLINIC_URL``, or where that is not set as this request came."""
    return f"{settings.PUBLIC_URL or request.build_absolute_uri('/').rstrip('/')}{path}"


class RequestIdMiddleware:
    """Names the request: in the log, in the audit, on the error page and in the ``X-Request-Id`` header."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _KNOWN_REQUEST_ID.match(given) else uuid.uuid4().hex[:16]
        token = logs.request_id.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            logs.request_id.reset(token)
        response["X-Request-Id"] = request_id
        return response


class SecurityHeadersMiddleware:
    """A strict content security policy, and nothing about a patient left in any cache."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if not request.path.startswith("/static/"):
            response.setdefault("Cache-Control", "no-store")
            patch_vary_headers(response, ["HX-Request"])
        return response


class PageCompressionMiddleware(GZipMiddleware):
    """Compresses pages. An answer of the API keeps its strong ETag, which ``If-Match`` asks for."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if request.path.startswith("/api/") else super().process_response(request, response)


class ErrorPageMiddleware:
    """Shows a refusal that no form caught as a page, or as a fragment where htmx asked for one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, ClinicError):
            return None
        return refusal(request, error)


def refusal(request: HttpRequest, error: ClinicError) -> HttpResponse:
    """The page or fragment that says why something was turned down."""
    logger.info("refused: %s", error.code)
    request.refused_with = error.problems  # type: ignore[attr-defined]
    htmx = request.headers.get("HX-Request") == "true"
    template = "errors/_refusal.html" if htmx else "errors/refusal.html"
    # 412 and 428 are the API's words for an edit conflict; a browser's form knows only 409.
    status = 409 if error.status in {412, 428} else error.status
    return render(
        request, template, {"error": error, "back": request.headers.get("Referer", "/")}, status=status
    )
