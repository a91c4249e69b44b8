"""The rows behind a number: sessions, or side effects."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.common import clock
from clinic.common.errors import Invalid
from clinic.common.paging import PER_PAGE, page_number, pages, start_of
from sessions.forms.overview import KINDS, ListForm, asked_of
from sessions.models.choices import END_CHOICES
from sessions.reports.list_totals import totals_of
from sessions.reports.session_filter import SIDE_EFFECTS, SessionFilter
from sessions.reports.sessions_list import list_rows
from sessions.views.overview import reader_of, site_asked


@login_required
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """Filtered sessions or side effects, the latest first, with what they come to."""
    reader = reader_of(request)
    if not reader.sites:
        return render(request, "sessions/overview/nothing.html")
    now, asked = clock.now(), asked_of(request.GET)
    site = site_asked(asked, reader.sites)
    today = clock.local_date(now, (site or reader.sites[0]).time_zone)
    form = ListForm(asked, sites=reader.sites)
    wanted = _wanted(asked, form, today)
    if wanted is None:
        return render(request, "sessions/lists/sessions.html", {"form": form, "refused": True}, status=422)
    listed = list_rows(
        wanted, actor=reader.actor, now=now, start=start_of(page_number(request)), limit=PER_PAGE
    )
    context = {
        "form": form,
        "asked": wanted,
        "kinds": _kinds(wanted),
        "rows": listed.rows,
        "pages": pages(request, total=listed.total),
        "totals": totals_of(wanted, actor=reader.actor, now=now),
        "outcomes": dict(END_CHOICES),
        "site": site,
        "is_side_effects": wanted.kind == SIDE_EFFECTS,
    }
    return render(request, "sessions/lists/sessions.html", context)


def _wanted(asked: dict[str, Any], form: ListForm, today: date) -> SessionFilter | None:
    try:
        return SessionFilter.of_query(asked, today=today)
    except Invalid as problem:
        form.errors.clear()
        form.refuse(problem)
        return None


def _kinds(wanted: SessionFilter) -> list[dict[str, Any]]:
    """The same filter, listed as the other kind."""
    return [
        {
            "label": label,
            "query": replace(wanted, kind=kind, min_grade=0, term="", worst=0, serious=False).query_string,
            "current": kind == wanted.kind,
        }
        for kind, label in KINDS.items()
    ]
