"""The wall: a page for a screen that nobody signs in to. It has no actor, no link, and no form but that of its code."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from clinic.common import clock
from clinic.common.submitting import sent, status_of
from sessions.forms.wall import CodeForm
from sessions.models import WallScreen
from sessions.operations.wall_screens import open_wall_screen
from sessions.reports.board_version import Standing, lasting, standing_at, stands
from sessions.reports.wall import ANY_SCREEN, screen_of, wall

COOKIE = "wall"
LONGEST = 400 * 24 * 3600
"""The most that a browser keeps anything; each look at the page begins it anew, so that a screen does not time out."""


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The board on the wall, or the question for its code."""
    secret = request.COOKIES.get(COOKIE, "")
    screen = screen_of(secret)
    if screen is None:
        return render(request, "sessions/wall/open.html", {"form": CodeForm()})
    now = clock.now()
    standing = standing_at(screen.site, now=now)
    return _kept(_render(request, screen, "sessions/wall/wall.html", standing, now), secret)


@require_safe
def rows(request: HttpRequest) -> HttpResponse:
    """What may have changed; 304 while nothing did. A screen that was revoked goes dark and asks no more."""
    screen = screen_of(request.COOKIES.get(COOKIE, ""))
    if screen is None:
        return render(request, "sessions/wall/_revoked.html")
    now = clock.now()
    standing = standing_at(screen.site, now=now)
    if stands(request.GET.get("version", ""), standing.version, now=now):
        return HttpResponseNotModified()
    return _render(request, screen, "sessions/wall/_wall.html", standing, now)


@require_POST
def open_screen(request: HttpRequest) -> HttpResponse:
    """Type the code once; this browser is the screen from then on."""
    form, opened = CodeForm(request.POST), []

    def do(key: UUID, now: datetime) -> None:
        opened.append(open_wall_screen(code=form.cleaned_data["code"], by=ANY_SCREEN, now=now))

    if not sent(request, form, do):
        return render(request, "sessions/wall/open.html", {"form": form}, status=status_of(form))
    response = redirect("sessions:wall")
    return _kept(response, opened[0][1]) if opened else response


def _render(
    request: HttpRequest, screen: WallScreen, template: str, standing: Standing, now: datetime
) -> HttpResponse:
    site, shown = screen.site, wall(screen, silent=standing.silent, now=now)
    context: dict[str, Any] = {
        "board": shown,
        "site": site,
        "screen": screen,
        "numbers": site.rules.wall_shows_numbers,
        "version": lasting(standing.version, shown.changes_at),
    }
    return render(request, template, context)


def _kept(response: HttpResponse, secret: str) -> HttpResponse:
    response.set_cookie(
        COOKIE,
        secret,
        max_age=LONGEST,
        path="/wall/",
        secure=settings.HTTPS,
        httponly=True,
        samesite="Strict",
    )
    return response
