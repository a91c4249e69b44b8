"""Whether a whole page is asked for, or only what a form of the page brings back into it."""

from typing import Any

from django.http import HttpRequest

MAIN = "main"
"""The id of what a page is about, beside its frame."""


def is_part(request: HttpRequest) -> bool:
    """The browser has the frame: htmx asks for what comes into ``#main``. Going back asks for a whole page."""
    htmx: Any = getattr(request, "htmx", None)
    if not htmx:
        return False
    return htmx.target == MAIN and not htmx.history_restore_request


def layout(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: ``layout``, which a page that is asked for in parts extends."""
    return {"layout": "_layout/part.html" if is_part(request) else "_layout/base.html"}
