"""The audit, read only: what was done, who opened which record, and whether a line was altered."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from clinic.accounts.actor import Actor
from clinic.accounts.forms.log import ActsForm, LogForm
from clinic.accounts.models import User
from clinic.accounts.permissions import Permission
from clinic.accounts.reports.log import check_chains, in_words, log_rows
from clinic.accounts.reports.places import sites_with
from clinic.audit.models import AccessEvent, AuditEvent
from clinic.common import clock
from clinic.common.paging import PER_PAGE, page_number, pages, start_of


@login_required
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Every act at the sites whose log one may read, the newest first."""
    actor = _reader(request)
    sites = sites_with(Permission.VIEW_AUDIT, actor=actor)
    form = ActsForm(request.GET, people=_people(actor), sites=sites)
    asked = form.cleaned_data if form.is_valid() else {}
    events = _asked(AuditEvent.objects.for_user(actor), asked, sites)
    if asked.get("verb"):
        events = events.with_verb(asked["verb"].strip().lower().replace(" ", "_"))
    if asked.get("site"):
        events = events.at_site(asked["site"])
    start = start_of(page_number(request))
    shown = events.newest_first()[start : start + PER_PAGE]
    context = {
        "form": form,
        "rows": log_rows(shown, actor=actor),
        "pages": pages(request, total=events.count()),
        "may_open": actor.can(Permission.VIEW_PATIENTS),
    }
    return render(request, "audit/log.html", context, status=200 if form.is_valid() else 422)


@login_required
@require_safe
def access(request: HttpRequest) -> HttpResponse:
    """Who opened which patient's record, the newest first."""
    actor = _reader(request)
    sites = sites_with(Permission.VIEW_AUDIT, actor=actor)
    form = LogForm(request.GET, people=_people(actor))
    asked = form.cleaned_data if form.is_valid() else {}
    events = _asked(AccessEvent.objects.for_user(actor), asked, sites)
    start = start_of(page_number(request))
    context = {
        "form": form,
        "rows": [
            {"event": event, "words": in_words(event.what)}
            for event in events.newest_first()[start : start + PER_PAGE]
        ],
        "pages": pages(request, total=events.count()),
        "site": sites[0],
        "patient": asked.get("patient"),
        "may_open": actor.can(Permission.VIEW_PATIENTS),
    }
    return render(request, "audit/access.html", context, status=200 if form.is_valid() else 422)


@login_required
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Walk the chains. It stores nothing, and is asked for by a button because it reads the whole log."""
    chains = check_chains(actor=_reader(request))
    return render(
        request, "audit/checked.html", {"chains": chains, "total": sum(row.events for row in chains)}
    )


def _reader(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(Permission.VIEW_AUDIT)
    return actor


def _people(actor: Actor) -> Any:
    return User.objects.for_user(actor).order_by("display_name", "pk")


def _asked(events: Any, asked: dict[str, Any], sites: tuple[Any, ...]) -> Any:
    """Of the days on the clocks of the site asked for, or of the reader's first."""
    chosen = next((site for site in sites if str(site.public_id) == asked.get("site")), sites[0])
    if asked.get("first"):
        events = events.filter(at__gte=clock.day_range(asked["first"], chosen.time_zone)[0])
    if asked.get("last"):
        events = events.filter(at__lt=clock.day_range(asked["last"], chosen.time_zone)[1])
    if asked.get("person"):
        events = events.by_person(asked["person"])
    return events.about_patient(asked["patient"]) if asked.get("patient") else events
