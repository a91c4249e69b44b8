"""Who answers for the patients of the site one works at."""

import uuid
from datetime import datetime, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.editing import posted_revision
from clinic.common.submitting import once, sent, status_of
from clinic.facilities.current import current_site
from sessions.forms.responsible import ResponsibleForm, today_at
from sessions.models import ResponsiblePrescriber
from sessions.operations.naming_responsible import end_responsible, name_responsible
from sessions.rules.responsible import may_name, on_call_clinician, responsible_prescriber

SHOWN = timedelta(days=7)


@login_required
def responsible(request: StaffRequest) -> HttpResponse:
    """Who is named now and next, and the form that names somebody."""
    actor, site, now = request.actor, current_site(request), clock.now()
    form = ResponsibleForm(request.POST or None, site=site, initial=today_at(site, now))

    def do(key: uuid.UUID, now: datetime) -> None:
        name_responsible(site=site, **form.details(), by=actor, now=now, public_id=key)

    if sent(request, form, do):
        messages.success(request, _("%(name)s is named.") % {"name": form.person.display_name})
        return redirect("sessions:responsible")
    rows = ResponsiblePrescriber.objects.for_user(actor).filter(site=site).standing()
    context = {
        "site": site,
        "form": form,
        "named": responsible_prescriber(site, now),
        "on_call": on_call_clinician(site, now),
        "rows": rows.filter(ends_at__gt=now, starts_at__lt=now + SHOWN).select_related("user", "named_by"),
        "may_name": may_name(actor, site.pk),
    }
    return render(request, "sessions/responsible/responsible.html", context, status=status_of(form))


@login_required
@require_POST
def end(request: StaffRequest, named_id: uuid.UUID) -> HttpResponse:
    """It ends now; what has not begun is withdrawn."""
    actor = request.actor
    named = get_object_or_404(ResponsiblePrescriber.objects.for_user(actor), public_id=named_id)
    once(
        request,
        lambda key, now: end_responsible(
            named=named, by=actor, expected_revision=posted_revision(request), now=now
        ),
    )
    messages.success(request, _("Ended. Name who answers now."))
    return redirect("sessions:responsible")
