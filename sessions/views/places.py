"""How a page about a whole site reaches it: by the address, and with the right that is held there."""

import uuid
from typing import Any

from django.http import Http404
from django.shortcuts import redirect

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.facilities.current import current_site, sites_of
from clinic.facilities.models import Site


def site_named(request: StaffRequest, site_id: uuid.UUID, permission: Permission) -> Site:
    """The site of the address.

    Raises:
        Http404: the person has no role there.
        Refused: their role does not include the right.
    """
    site = next((site for site in sites_of(request) if site.public_id == site_id), None)
    if site is None:
        raise Http404
    request.actor.require(permission, site.pk)
    return site


def at_current_site(request: StaffRequest, name: str) -> Any:
    """To the page of this name at the site one works at; the address then says which."""
    return redirect(name, current_site(request).public_id)
