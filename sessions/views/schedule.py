"""The schedule of a site, by day or by week, and the day as a list to print."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.facilities.current import current_site, sites_of
from clinic.facilities.models import Site
from sessions.forms.schedule import WEEK, Asked, asked_of
from sessions.reports.board_version import written_at
from sessions.reports.schedule import CHAIR, day_schedule, day_schedules, week_schedule
from sessions.rules.schedule import check_can_see_schedule, may_see_schedule


@login_required
@require_safe
def schedule(request: StaffRequest) -> HttpResponse:
    """The page."""
    asked, now = asked_here(request), clock.now()
    sites = [site for site in sites_of(request) if may_see_schedule(request.actor, site.pk)]
    context = {"sites": sites, "today": clock.local_date(now, asked.site.time_zone)}
    return render(request, "sessions/schedule/schedule.html", context | _shown(request, asked, now))


@login_required
@require_safe
def rows(request: StaffRequest) -> HttpResponse:
    """What may have changed of the page; 304 when nothing was written at the site since ``version``."""
    asked, now = asked_here(request), clock.now()
    if request.GET.get("version") == written_at(asked.site, day=asked.day):
        return HttpResponseNotModified()
    return render(request, "sessions/schedule/_grid.html", _shown(request, asked, now))


@login_required
@require_safe
def print_list(request: StaffRequest) -> HttpResponse:
    """Each day on a page of its own: who comes when, in which chair, to whom."""
    asked, now = asked_here(request), clock.now()
    days = day_schedules(asked.site, days=asked.days, by=CHAIR, actor=request.actor, now=now)
    context = {"asked": asked, "site": asked.site, "days": days}
    return render(request, "sessions/schedule/print.html", context)


def asked_here(request: StaffRequest) -> Asked:
    """What the address asks for. Raises Refused without any schedule to see, Http404 for a site out of reach."""
    working_at = current_site(request)
    sites = [site for site in sites_of(request) if may_see_schedule(request.actor, site.pk)]
    if not sites:
        check_can_see_schedule(request.actor, working_at.pk)
    return asked_of(request.GET, sites=sites, working_at=working_at, today=_today)


def _today(site: Site) -> Any:
    return clock.local_date(clock.now(), site.time_zone)


def _shown(request: StaffRequest, asked: Asked, now: Any) -> dict[str, Any]:
    """The grid. Its version is read before it: a write in between shows again at the next refresh, never too late."""
    actor, site = request.actor, asked.site
    version = written_at(site, day=asked.day)
    told: dict[str, Any] = {"day": asked.day, "by": asked.by, "actor": actor, "now": now}
    week = week_schedule(site, **told) if asked.view == WEEK else None
    plan = None if week else day_schedule(site, **told)
    return {
        "asked": asked,
        "site": site,
        "version": version,
        "may_book": actor.can(Permission.BOOK, site.pk),
        # Others see initials, and no more of the visit.
        "reachable": actor.can(Permission.VIEW_PATIENTS, site.pk),
        "week": week,
        "plan": plan,
        "off": (week or plan).off,  # type: ignore[union-attr]
    }
