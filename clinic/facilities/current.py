"""The site a person works at: a preference of their web session, never a right and never the patient."""

from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common.errors import Problem, Refused
from clinic.facilities.models import Site

KEY = "site"


def sites_of(request: HttpRequest) -> list[Site]:
    """The sites of whoever is signed in, by name; read once for a request."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not hasattr(request, "_sites"):
        request._sites = list(Site.objects.for_user(actor))  # type: ignore[attr-defined]
    found: list[Site] = request._sites  # type: ignore[attr-defined]
    return found


def current_site(request: HttpRequest) -> Site:
    """The site chosen last in this web session where the person still has a role there, else their first by name.

    Raises:
        Refused: the person has no role at any site (``site.none``).
    """
    sites = sites_of(request)
    if not sites:
        message = _("You have no role at any site. Ask an administrator to give you one.")
        raise Refused(Problem("site.none", message))
    chosen = request.session.get(KEY)
    return next((site for site in sites if str(site.public_id) == chosen), sites[0])


def choose_site(request: HttpRequest, public_id: UUID) -> Site:
    """Work at this site from now on.

    Raises:
        Http404: no such site within the person's reach.
    """
    for site in sites_of(request):
        if site.public_id == public_id:
            request.session[KEY] = str(site.public_id)
            return site
    raise Http404
