"""The Today board: the page, and its rows alone for the refresh every few seconds."""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.facilities.current import current_site
from sessions.operations.alert_escalating import escalate_alerts
from sessions.reports.board import board
from sessions.reports.board_version import Standing, lasting, standing_at, stands
from sessions.reports.handovers import waiting_for
from sessions.rules.alerts import job_at
from sessions.rules.responsible import responsible_prescriber

START_PAGES = (
    (Permission.VIEW_REPORTS, "sessions:overview"),
    (Permission.MANAGE_STAFF, "accounts:staff"),
    (Permission.VIEW_AUDIT, "audit:log"),
)


@login_required
@require_safe
def today(request: StaffRequest) -> HttpResponse:
    """The board of the site one works at; whoever may not see patients is taken to their own first page."""
    actor, site = request.actor, current_site(request)
    if not actor.can(Permission.VIEW_PATIENTS, site.pk):
        for permission, page in START_PAGES:
            if actor.can(permission):
                return redirect(page)
        actor.require(Permission.VIEW_PATIENTS, site.pk)
    now = clock.now()
    return _render(request, "sessions/today.html", standing_at(site, now=now), now)


@login_required
@require_safe
def rows(request: StaffRequest) -> HttpResponse:
    """What may have changed of the board; 304 while what was sent with ``version`` still stands."""
    actor, site = request.actor, current_site(request)
    actor.require(Permission.VIEW_PATIENTS, site.pk)
    # Whoever looks at a board passes on what nobody has answered; it costs nothing where nothing is due.
    escalate_alerts(site=site, by=job_at([site]))
    now = clock.now()
    standing = standing_at(site, now=now)
    if stands(request.GET.get("version", ""), standing.version, now=now):
        return HttpResponseNotModified()
    return _render(request, "sessions/_board.html", standing, now)


def _render(request: StaffRequest, template: str, standing: Standing, now: datetime) -> HttpResponse:
    actor, site = request.actor, current_site(request)
    shown = board(site, actor=actor, silent=standing.silent, now=now)
    waiting = waiting_for(site, actor=actor, now=now)
    named = responsible_prescriber(site, now)
    ends = (shown.changes_at, named and named.ends_at, *(offer.handover.until for offer in waiting))
    context = {
        "board": shown,
        "site": site,
        "version": lasting(standing.version, min(filter(None, ends), default=None)),
        "waiting_handovers": waiting,
        "may_nurse": actor.can(Permission.RUN_INFUSION, site.pk),
        "named": named,
        "may_check_in": actor.can(Permission.CHECK_IN, site.pk),
        "may_set_up_walls": actor.can(Permission.MANAGE_STAFF, site.pk)
        or actor.can(Permission.PLAN_ROSTER, site.pk),
        "may_book": actor.can(Permission.BOOK, site.pk),
    }
    return render(request, template, context)
