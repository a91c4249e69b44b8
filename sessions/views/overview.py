"""How did the clinic do? Figures of a period and a site, each with the list behind it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.common.errors import Invalid
from clinic.facilities.current import sites_of
from clinic.facilities.models import Site
from sessions.forms.overview import PeriodForm, asked_of
from sessions.reports.overview import overview as figures_of
from sessions.reports.period import Period
from sessions.rules.report_reading import reader_of_reports
from sessions.views.figures import cancellations_of, charts_of, list_url, stats_of, weeks_of


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever reads reports, with nothing but the sites whose reports and records they may open."""

    actor: Actor
    sites: list[Site]


def reader_of(request: HttpRequest) -> Reader:
    """The person at the sites where they may open reports, narrowed to those whose records they may open too.

    Raises:
        Refused: without the right to open reports anywhere.
    """
    actor = reader_of_reports(request.actor)  # type: ignore[attr-defined]
    return Reader(actor, [site for site in sites_of(request) if site.pk in actor.site_ids])


def site_asked(asked: dict[str, Any], sites: list[Site]) -> Site | None:
    """The site of the address where it is one of the reader's; None for all of them."""
    if len(sites) == 1:
        return sites[0]
    return next((site for site in sites if str(site.public_id) == asked.get("site")), None)


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The page of managers. It prints on one sheet."""
    reader = reader_of(request)
    if not reader.sites:
        return render(request, "sessions/overview/nothing.html")
    now, asked = clock.now(), asked_of(request.GET)
    site = site_asked(asked, reader.sites)
    today = clock.local_date(now, (site or reader.sites[0]).time_zone)
    period, problem = asked_period(asked, today)
    form = PeriodForm({**asked, **_days(period)} if problem is None else asked, sites=reader.sites)
    if problem is not None:
        form.refuse(problem)
    found = figures_of(actor=reader.actor, site=site, period=period, now=now)
    columns, weeks = weeks_of(found)
    context = {
        "form": form,
        "period": period,
        "site": site,
        "presets": _presets(today, period, asked),
        "statuses": [(status, list_url(status.query)) for status in found.statuses],
        "stats": stats_of(found),
        "cancellations": cancellations_of(found),
        "charts": charts_of(found) if len(period.weeks) > 1 else [],
        "columns": columns,
        "weeks": weeks,
        "effects_query": urlencode(
            {**_days(period), **({"site": asked["site"]} if asked.get("site") else {})}
        ),
    }
    return render(request, "sessions/overview/overview.html", context, status=422 if problem else 200)


def asked_period(asked: dict[str, Any], today: date) -> tuple[Period, Invalid | None]:
    """The days of the address; the last weeks, and what is wrong with them, where they mean nothing."""
    try:
        return Period.of_query(asked, today=today), None
    except Invalid as problem:
        return Period.ending(today), problem


def _days(period: Period) -> dict[str, str]:
    return {"from": period.first.isoformat(), "to": period.last.isoformat()}


def _presets(today: date, period: Period, asked: dict[str, Any]) -> list[dict[str, Any]]:
    monday = today - timedelta(days=today.weekday())
    named = (
        (_("This week"), Period(monday, monday + timedelta(days=6))),
        (_("Last 4 weeks"), Period.ending(today)),
        (_("Last 13 weeks"), Period.ending(today, 91)),
    )
    site = {"site": asked["site"]} if asked.get("site") else {}
    return [
        {"label": label, "query": urlencode({**_days(each), **site}), "current": each == period}
        for label, each in named
    ]
