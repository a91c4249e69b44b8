"""Which limits fire and what becomes of their alerts; the lists behind the numbers; the channels, tried."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.errors import Invalid
from clinic.common.paging import PER_PAGE, page_number, pages, start_of
from clinic.common.submitting import once
from clinic.facilities.current import current_site
from clinic.facilities.models import Site
from sessions.forms.overview import PeriodForm, asked_of
from sessions.operations import alert_sending
from sessions.reports.alert_channels import channel_states
from sessions.reports.alert_figures import WHAT, AlertFilter, alert_figures, list_alerts
from sessions.reports.period import Period
from sessions.rules.alerts import no_escalation
from sessions.views.overview import Reader, reader_of, site_asked


@login_required
@require_safe
def alerts(request: HttpRequest) -> HttpResponse:
    """Each limit that fired in a period: how often, how soon it was answered, how often nothing was needed."""
    reader = reader_of(request)
    if not reader.sites:
        return render(request, "sessions/overview/nothing.html")
    asked, form, site = _asked(request, reader)
    here = current_site(request)
    context: dict[str, Any] = {
        "form": form,
        "site": site,
        "asked": asked,
        "labels": list(WHAT.values()),
        "found": alert_figures(asked, actor=reader.actor),
        "here": here,
        "channels": channel_states(here),
        "no_escalation": no_escalation(here),
        "may_test": reader.actor.can(Permission.RECORD_OBSERVATIONS, here.pk),
    }
    status = 422 if form.errors else 200
    return render(request, "sessions/alerts/report.html", context, status=status)


@login_required
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """The alerts behind a number, the latest first."""
    reader = reader_of(request)
    if not reader.sites:
        return render(request, "sessions/overview/nothing.html")
    asked, form, site = _asked(request, reader)
    start = start_of(page_number(request))
    rows, total = list_alerts(asked, actor=reader.actor, start=start, limit=PER_PAGE)
    context = {
        "form": form,
        "site": site,
        "asked": asked,
        "what": WHAT[asked.what],
        "rows": rows,
        "pages": pages(request, total=total),
    }
    status = 422 if form.errors else 200
    return render(request, "sessions/alerts/list.html", context, status=status)


def _asked(request: HttpRequest, reader: Reader) -> tuple[AlertFilter, PeriodForm, Site | None]:
    """What the address asks for; four weeks of everything where it cannot be read, with the reason on the form."""
    query = asked_of(request.GET)
    site = site_asked(query, reader.sites)
    today = clock.local_date(clock.now(), (site or reader.sites[0]).time_zone)
    try:
        asked, problem = AlertFilter.of_query(query, site=site, today=today), None
    except Invalid as error:
        key = str(site.public_id) if site else ""
        asked, problem = AlertFilter(Period.ending(today), site=key), error
    days = {"from": asked.period.first.isoformat(), "to": asked.period.last.isoformat()}
    form = PeriodForm({**query, **days} if problem is None else query, sites=reader.sites)
    if problem is not None:
        form.refuse(problem)
    return asked, form, site


@login_required
@require_POST
def test_channels(request: StaffRequest, site_id: uuid.UUID) -> HttpResponse:
    """Try the channels of a site's alerts with a message to oneself."""
    site = get_object_or_404(Site.objects.for_user(request.actor), public_id=site_id)
    once(request, lambda key, now: alert_sending.test_channels(site=site, by=request.actor, now=now))
    messages.success(
        request, _("Tried. What came of each channel stands below; look whether it reached you.")
    )
    return redirect(
        "sessions:day-lists" if request.POST.get("next") == "opening" else "sessions:alert-report"
    )
