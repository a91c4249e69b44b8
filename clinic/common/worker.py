"""The service worker: what lets a page that is open at the chairside be opened again without network.

It keeps static files, and of pages only those whose answer carries :data:`KEEP_HEADER` or to which a page that is
open has a link marked ``data-offline``. It never keeps an answer of the API.
"""

import hashlib
import json
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

T = TypeVar("T")

KEEP_HEADER = "X-Keep-Offline"
"""On a page that may be kept on the device: the public id of whoever opened it, and nobody else is shown it."""

STATIC = Path(__file__).parent / "static"
WORKER = STATIC / "clinic" / "offline" / "worker.js"
FROM_ELSEWHERE = ("django_htmx/htmx-2.min.js",)


def keep_for(response: HttpResponse, user: Any) -> HttpResponse:
    """The page, with the mark that lets this person's device keep it."""
    response[KEEP_HEADER] = str(user.public_id)
    return response


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The script, from the root so that every page is within its scope; another text whenever a file is another."""
    told = {
        "version": version(),
        "shell": [reverse("common:offline"), *(static(name) for name in files())],
        "nothing": reverse("common:offline"),
        "copy": _(
            "No network. Offline copy of {time}: what you record is kept on this tablet and sent later."
        ),
    }
    text = f"const TOLD = {json.dumps(told)};\n{WORKER.read_text(encoding='utf-8')}"
    response = HttpResponse(text, content_type="text/javascript")
    # The browser asks at every visit whether it is still the same.
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown in the place of a page that is not kept: which ones are. Holds nothing about anybody."""
    return render(request, "offline.html")


def _once(read: Callable[[], T]) -> Callable[[], T]:
    """Read once, but in development at every visit: there the files change under a server that runs."""
    known = cache(read)

    @wraps(read)
    def found() -> T:
        return read() if settings.DEBUG else known()

    return found


@_once
def files() -> tuple[str, ...]:
    """The static files of the pages, by name."""
    ours = (path for path in STATIC.rglob("*") if path.suffix in {".css", ".js", ".svg"} and path != WORKER)
    return (*sorted(path.relative_to(STATIC).as_posix() for path in ours), *FROM_ELSEWHERE)


@_once
def version() -> str:
    """A digest of everything that is kept."""
    found = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            found.update(path.read_bytes())
    return found.hexdigest()[:16]
