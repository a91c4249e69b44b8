"""How a route about a whole site reaches it."""

from typing import Any

from rest_framework.request import Request

from clinic.accounts.permissions import Permission
from clinic.facilities.api.sites import site_named
from clinic.facilities.models import Site
from sessions.api.contract import actor_of


def site_seen(request: Request, public_id: Any) -> Site:
    """A site whose patients the caller may see. Raises Http404; Refused where the right is not held there."""
    site = site_named(request, public_id)
    actor_of(request).require(Permission.VIEW_PATIENTS, site.pk)
    return site
