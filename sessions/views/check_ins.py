"""The worklist of check-ins between sessions: those that brought no answer first."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.paging import PER_PAGE, page_number, pages, start_of
from sessions.reports.check_ins import CHOICES, check_in_rows, latest_missed, matching


@login_required
@require_safe
def check_ins(request: StaffRequest) -> HttpResponse:
    """Check-ins within reach; without a choice those that brought no answer lately."""
    actor, now = request.actor, clock.now()
    actor.require(Permission.VIEW_PATIENTS)
    asked = request.GET.get("show", "missed")
    shown = asked if asked in dict(CHOICES) else "missed"
    found = latest_missed(actor, now=now) if shown == "missed" else matching(shown, actor=actor, now=now)
    start = start_of(page_number(request))
    context = {
        "choices": CHOICES,
        "shown": shown,
        "rows": check_in_rows(found[start : start + PER_PAGE], now=now),
        "pages": pages(request, total=found.count()),
        "several_sites": len(actor.sites_with(Permission.VIEW_PATIENTS)) > 1,
    }
    return render(request, "sessions/check_ins/list.html", context)
