"""Sites: which one to work at, and, for administrators, their details and rules."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinic.accounts.permissions import Permission
from clinic.common.editing import posted_revision, shown_revision, stored_beside_typed
from clinic.common.submitting import sent, status_of
from clinic.facilities import current
from clinic.facilities.forms.sites import SiteForm, time_zones
from clinic.facilities.models import Chair, Site
from clinic.facilities.operations.sites import edit_site
from clinic.facilities.reports.opening import sites_with_hours
from clinic.facilities.rules.sites import LABELS

MANAGE = Permission.MANAGE_STAFF


@login_required
@require_POST
def choose_site(request: HttpRequest) -> HttpResponse:
    """Work at another site from now on; kept with the web session and nowhere else."""
    try:
        public_id = UUID(request.POST.get("site", ""))
    except ValueError:
        raise Http404 from None
    current.choose_site(request, public_id)
    back = request.POST.get("next", "/")
    return redirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "/")


@login_required
@require_safe
def sites(request: HttpRequest) -> HttpResponse:
    """The sites that one manages, with their chairs and rules."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    actor.require(MANAGE)
    chairs = Prefetch("chairs", queryset=Chair.objects.for_user(actor).order_by("position", "name"))
    found = Site.objects.for_user(actor).filter(pk__in=actor.sites_with(MANAGE)).prefetch_related(chairs)
    with_hours = sites_with_hours(found)
    rows = [{"site": site, "rules": _told(site), "has_hours": site.pk in with_hours} for site in found]
    return render(request, "facilities/sites.html", {"rows": rows})


def _told(site: Site) -> list[tuple[Any, Any]]:
    rules = site.rules
    return [(label, getattr(rules, name)) for name, label in LABELS.items()]


def managed_site_or_404(request: HttpRequest, site_id: UUID) -> Site:
    """A site within reach.

    Raises:
        Refused: without the right to manage it.
    """
    actor: Any = request.actor  # type: ignore[attr-defined]
    site: Site = get_object_or_404(Site.objects.for_user(actor), public_id=site_id)
    actor.require(MANAGE, site.pk)
    return site


@login_required
def edit(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """A site's name, telephone, time zone and rules."""
    site = managed_site_or_404(request, site_id)
    form = SiteForm(request.POST or None, initial=SiteForm.initial_of(site))

    def do(key: UUID, now: Any) -> None:
        edit_site(
            site=site,
            changes=form.changes,
            by=request.actor,  # type: ignore[attr-defined]
            expected_revision=posted_revision(request),
            reason=form.cleaned_data["reason"].strip(),
            now=now,
        )

    if sent(request, form, do):
        messages.success(request, _("Saved."))
        return redirect("facilities:sites")
    context = {
        "site": site,
        "form": form,
        "revision": shown_revision(request, form, site),
        "conflict": stored_beside_typed(form, row=site),
        "zones": time_zones(),
    }
    return render(request, "facilities/site_edit.html", context, status=status_of(form))
