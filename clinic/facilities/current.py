"""The site a person works at: a preference of their web session, never a right and never the patient."""

from datetime import timedelta
from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.common.errors import Problem, Refused
from clinic.facilities.models import Shift, Site

KEY = "site"


def sites_of(request: HttpRequest) -> list[Site]:
    """The sites of whoever is signed in, by name; read once for a request."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not hasattr(request, "_sites"):
        request._sites = list(Site.objects.for_user(actor))  # type: ignore[attr-defined]
    found: list[Site] = request._sites  # type: ignore[attr-defined]
    return found


def current_site(request: HttpRequest) -> Site:
    """The site chosen last in this web session where the person still has a role there, else where they are on
    duty by the roster, else their first by name.

    Raises:
        Refused: the person has no role at any site (``site.none``).
    """
    sites = sites_of(request)
    if not sites:
        message = _("You have no role at any site. Ask an administrator to give you one.")
        raise Refused(Problem("site.none", message))
    chosen = request.session.get(KEY)
    found = next((site for site in sites if str(site.public_id) == chosen), None)
    if found is None and len(sites) == 1:
        return sites[0]
    if found is None:
        found = _on_duty_at(request, sites)
        # Looked up once: a shift that begins elsewhere meanwhile must not change the page under somebody's hands.
        request.session[KEY] = str(found.public_id)
    return found


def _on_duty_at(request: HttpRequest, sites: list[Site]) -> Site:
    now = clock.now()
    actor: Actor = request.actor  # type: ignore[attr-defined]
    shifts = Shift.objects.filter(user=actor.user).standing().overlapping(now, now + timedelta(minutes=1))
    here = set(shifts.values_list("site", flat=True))
    return next((site for site in sites if site.pk in here), sites[0])


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
