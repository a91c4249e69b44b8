"""Overrides of the check: a count for each item, and the rows behind it."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.common import clock
from clinic.common.errors import Invalid
from clinic.common.paging import PER_PAGE, page_number, pages, start_of
from sessions.forms.overview import PeriodForm, asked_of
from sessions.reports.check_overrides import override_counts, override_rows
from sessions.reports.period import Period
from sessions.views.overview import reader_of, site_asked


@login_required
@require_safe
def overrides(request: HttpRequest) -> HttpResponse:
    """The page of a period and a site; ``item`` in the address narrows the rows to one."""
    reader = reader_of(request)
    if not reader.sites:
        return render(request, "sessions/overview/nothing.html")
    asked = asked_of(request.GET)
    site = site_asked(asked, reader.sites)
    sites = [site] if site else reader.sites
    today = clock.local_date(clock.now(), sites[0].time_zone)
    form = PeriodForm(asked, sites=reader.sites)
    try:
        period = Period.of_query(asked, today=today)
    except Invalid as problem:
        form.refuse(problem)
        period = Period.ending(today)
    else:
        form = PeriodForm({**asked, **_days(period)}, sites=reader.sites)
    item = asked.get("item", "")[:40]
    rows = override_rows(sites, period=period, actor=reader.actor, item=item)
    total, start = rows.count(), start_of(page_number(request))
    context = {
        "form": form,
        "period": period,
        "counts": _counts(sites, period, reader.actor, asked),
        "item": item,
        "rows": rows[start : start + PER_PAGE],
        "pages": pages(request, total=total),
    }
    return render(request, "sessions/check/overrides.html", context, status=422 if form.errors else 200)


def _days(period: Period) -> dict[str, str]:
    return {"from": period.first.isoformat(), "to": period.last.isoformat()}


def _counts(sites: Any, period: Period, actor: Any, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """All of them first, then each item, with the address of exactly its rows."""
    base = _days(period) | ({"site": asked["site"]} if asked.get("site") else {})
    found = override_counts(sites, period=period, actor=actor)
    every = {
        "item": "",
        "label": _("All items"),
        "n": sum(one.n for one in found),
        "url": f"?{urlencode(base)}",
    }
    each = [
        {"item": one.item, "label": one.label, "n": one.n, "url": f"?{urlencode({**base, 'item': one.item})}"}
        for one in found
    ]
    return [every, *each]
