"""The site that a person works at, for the head of every page."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from clinic.facilities.current import current_site, sites_of


def sites(request: HttpRequest) -> dict[str, Any]:
    """Read only by templates that show them: a fragment costs no query."""
    if not getattr(request, "actor", None):
        return {}
    return {
        "my_sites": SimpleLazyObject(lambda: sites_of(request)),
        "working_at": SimpleLazyObject(lambda: current_site(request)),
    }
