"""Side effects per 100 infusions: a table, with the list behind every number."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.common import clock
from sessions.forms.overview import PeriodForm, asked_of
from sessions.reports.effect_rates import Rated, TermRates, effect_rates
from sessions.views.figures import Linked, list_url
from sessions.views.overview import asked_period, reader_of, site_asked


@login_required
@require_safe
def rates(request: HttpRequest) -> HttpResponse:
    """Each side effect by how bad it was at worst, and the serious ones."""
    reader = reader_of(request)
    if not reader.sites:
        return render(request, "sessions/overview/nothing.html")
    now, asked = clock.now(), asked_of(request.GET)
    site = site_asked(asked, reader.sites)
    today = clock.local_date(now, (site or reader.sites[0]).time_zone)
    period, problem = asked_period(asked, today)
    days = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    form = PeriodForm({**asked, **days} if problem is None else asked, sites=reader.sites)
    if problem is not None:
        form.refuse(problem)
    found = effect_rates(actor=reader.actor, site=site, period=period, now=now)
    context = {
        "form": form,
        "site": site,
        "period": period,
        "infusions": Linked(found.infusions.count, list_url(found.infusions.query)),
        "rows": [_row(row) for row in found.rows],
        "total": _row(found.total),
        "overview_query": urlencode({**days, **({"site": asked["site"]} if asked.get("site") else {})}),
    }
    return render(request, "sessions/overview/effect_rates.html", context, status=422 if problem else 200)


def _row(row: TermRates) -> dict[str, Any]:
    return {
        "label": row.label,
        "all": _cell(row.all),
        "severities": [_cell(each) for each in row.by_severity],
        "serious": _cell(row.serious),
        "patients": row.patients,
    }


def _cell(rated: Rated) -> dict[str, Any]:
    return {"number": Linked(rated.count, list_url(rated.query)), "rate": rated.rate}
