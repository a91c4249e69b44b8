"""The downtime pack: printed, or kept by the device, before it is needed."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.audit.recording import record_accesses
from clinic.common import clock
from clinic.common.worker import keep_for
from clinic.facilities.current import current_site
from sessions.reports.downtime import ONE_KEEPING, downtime_pack


@login_required
@require_safe
def downtime(request: StaffRequest) -> HttpResponse:
    """Today's visits at the site one works at, each with its order and a blank flowsheet."""
    site, now, actor = current_site(request), clock.now(), request.actor
    actor.require(Permission.VIEW_PATIENTS, site.pk)
    pack = downtime_pack(site, day=clock.local_date(now, site.time_zone), actor=actor, now=now)
    patients = [sheet.session.patient for sheet in pack.sheets]
    record_accesses(what="downtime", patients=patients, by=actor, now=now, again_after=ONE_KEEPING)
    page = render(request, "sessions/downtime.html", {"pack": pack, "site": site})
    return keep_for(page, request.user)
