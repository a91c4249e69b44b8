"""What this floor shows on a patient's page: courses and sessions, fetched as a fragment."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.facilities.current import current_site
from patients.rules.scope import patient_or_404
from sessions.reports.patient_panel import patient_panel
from sessions.views.reaching import banner_at


@login_required
@require_safe
def patient(request: StaffRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The patient's courses and sessions: alone where htmx asked, else as a page."""
    actor = request.actor
    found = patient_or_404(actor, patient_id)
    registered = {registration.site_id for registration in found.visible_registrations}  # type: ignore[attr-defined]
    context = {
        "patient": found,
        "panel": patient_panel(found, actor=actor, now=clock.now()),
        "may_order": bool(registered & actor.sites_with(Permission.ORDER_COURSE)),
        "may_book_at": actor.sites_with(Permission.BOOK),
    }
    if request.headers.get("HX-Request") == "true":
        return render(request, "sessions/panels/_patient.html", context)
    context["banner"] = banner_at(request, found, current_site(request))
    return render(request, "sessions/panels/patient.html", context)
