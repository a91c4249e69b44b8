"""The address of my calendar: made, replaced, revoked; shown in full once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinic.accounts.requests import StaffRequest
from clinic.common.submitting import once, sent, sent_before, status_of
from sessions.forms.calendar import FeedForm
from sessions.models import CalendarFeed
from sessions.operations.calendar_feeds import make_feed, replace_feed, revoke_feed


def _standing(request: StaffRequest) -> CalendarFeed | None:
    feed: CalendarFeed | None = CalendarFeed.objects.for_user(request.actor).standing().first()
    return feed


@login_required
@require_safe
def panel(request: StaffRequest) -> HttpResponse:
    """Whether I have an address, and the buttons: alone where htmx asked, else as a page."""
    template = "_panel" if request.headers.get("HX-Request") == "true" else "panel"
    return render(request, f"sessions/calendar/{template}.html", {"feed": _standing(request)})


@login_required
def make(request: StaffRequest) -> HttpResponse:
    """A first address."""
    return _new(request, make_feed, replaces=False)


@login_required
def replace(request: StaffRequest) -> HttpResponse:
    """Another address; the old one ends."""
    return _new(request, replace_feed, replaces=True)


def _new(request: StaffRequest, operation: Callable[..., Any], *, replaces: bool) -> HttpResponse:
    """The address stands on the answer itself: a redirect would have to store it somewhere."""
    form = FeedForm(request.POST or None)
    made: list[tuple[CalendarFeed, str]] = []

    def do(key: UUID, now: datetime) -> None:
        made.append(operation(only_mine=form.only_mine, by=request.actor, public_id=key, now=now))

    if not sent(request, form, do):
        context = {"form": form, "replaces": replaces}
        return render(request, "sessions/calendar/new.html", context, status=status_of(form))
    if not made:
        messages.warning(request, _("This address was made before. It was shown then, and only then."))
        return redirect("sessions:calendar")
    _feed, secret = made[0]
    address = request.build_absolute_uri(reverse("sessions:calendar-feed", args=[secret]))
    return render(request, "sessions/calendar/made.html", {"address": address}, status=201)


@login_required
@require_POST
def revoke(request: StaffRequest) -> HttpResponse:
    """End my address."""
    feed = _standing(request)
    if feed is None:
        if sent_before(request):
            return redirect("sessions:calendar")
        raise Http404
    once(request, lambda key, now: revoke_feed(feed=feed, by=request.actor, now=now))
    messages.success(request, _("The address is revoked. No program reads your calendar with it any more."))
    return redirect("accounts:me")
