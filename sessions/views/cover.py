"""What this floor shows on the pages of the roster: booked hours without enough nurses, fetched as a fragment."""

import uuid
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.facilities.models import Site, StaffLeave
from clinic.facilities.rules.copying import monday_of
from clinic.facilities.rules.leave import may_see_kind, people_planned_by
from sessions.reports.cover import uncovered, uncovered_by
from sessions.reports.period import Period

LONGEST = 92


@login_required
@require_safe
def cover(request: StaffRequest, site_id: uuid.UUID) -> HttpResponse:
    """Of the days ``from`` and ``to`` of the address, or of this week."""
    site: Site = get_object_or_404(Site.objects.for_user(request.actor), public_id=site_id)
    today = clock.local_date(clock.now(), site.time_zone)
    week = {"from": monday_of(today).isoformat(), "to": (monday_of(today) + timedelta(days=6)).isoformat()}
    period = Period.of_query({**week, **request.GET.dict()}, today=today)
    last = min(period.last, period.first + timedelta(days=LONGEST - 1))
    start, end = clock.day_range(period.first, site.time_zone)[0], clock.day_range(last, site.time_zone)[1]
    context = {"answers": [uncovered(site, start, end)], "period": Period(period.first, last)}
    return _shown(request, context, title=_("Booked hours without enough nurses"))


@login_required
@require_safe
def leave(request: StaffRequest, leave_id: uuid.UUID) -> HttpResponse:
    """Of the shifts that a leave takes away."""
    actor = request.actor
    rows = StaffLeave.objects.for_user(actor).select_related("user")
    found: StaffLeave = get_object_or_404(rows, public_id=leave_id)
    if not may_see_kind(actor, found, planned=people_planned_by(actor)):
        raise Http404
    answers = [] if found.is_withdrawn else uncovered_by(found, actor=actor)
    return _shown(request, {"answers": answers, "leave": found}, title=_("Left uncovered by this leave"))


def _shown(request: StaffRequest, context: dict[str, Any], *, title: str) -> HttpResponse:
    alone = request.headers.get("HX-Request") == "true"
    template = "sessions/cover/_panel.html" if alone else "sessions/cover/page.html"
    return render(request, template, {**context, "title": title})
