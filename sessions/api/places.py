"""How a route about a whole site reaches it."""

from typing import Any

from rest_framework.request import Request

from clinic.accounts.permissions import Permission
from clinic.facilities.models import Site
from sessions.api.contract import actor_of, found_or_404


def site_named(request: Request, public_id: Any, permission: Permission = Permission.VIEW_PATIENTS) -> Site:
    """A site within reach. Raises Http404; Refused where the right is not held there."""
    by = actor_of(request)
    site: Site = found_or_404(Site.objects.for_user(by), public_id)
    by.require(permission, site.pk)
    return site
