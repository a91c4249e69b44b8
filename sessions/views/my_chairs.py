"""The strip of my chairs on every chairside page, and its refresh every few seconds."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.facilities.current import current_site
from sessions.reports.board_version import lasting, standing_at, stands
from sessions.reports.my_chairs import my_chairs, version_of_mine


@login_required
@require_safe
def strip(request: StaffRequest) -> HttpResponse:
    """My chairs at the site I work at; 304 while what was sent with ``version`` still stands."""
    actor, site, now = request.actor, current_site(request), clock.now()
    standing = standing_at(site, now=now)
    version = version_of_mine(standing, actor=actor)
    if stands(request.GET.get("version", ""), version, now=now):
        return HttpResponseNotModified()
    mine = my_chairs(site, actor=actor, silent=standing.silent, now=now)
    context = {
        "mine": mine,
        "site": site,
        "here": request.GET.get("here", "")[:36],
        "version": lasting(version, mine.stands_until(now)),
    }
    return render(request, "sessions/_my_chairs.html", context)
