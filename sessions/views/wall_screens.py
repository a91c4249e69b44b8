"""The screens on the walls of a site: made, with a code that is shown once, and revoked."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.submitting import once, sent, status_of
from clinic.facilities.current import current_site
from sessions.forms.wall import ScreenForm
from sessions.models import WallScreen
from sessions.operations.wall_screens import make_screen, revoke_screen
from sessions.reports.wall import screens_at


@login_required
def screens(request: StaffRequest) -> HttpResponse:
    """The site's screens, and a new one: its code stands on the answer itself, and nowhere else."""
    actor, site = request.actor, current_site(request)
    actor.require(Permission.PLAN_ROSTER, site.pk)
    form, made = ScreenForm(request.POST or None), []

    def do(key: UUID, now: datetime) -> None:
        name = form.cleaned_data["name"]
        made.append(make_screen(site=site, name=name, by=actor, public_id=key, now=now))

    if sent(request, form, do) and not made:
        messages.warning(request, _("This screen was made before. Its code was shown then, and only then."))
        return redirect("sessions:wall-screens")
    context = {
        "form": ScreenForm() if made else form,
        "site": site,
        "screens": [
            {"screen": row, "is_waiting": row.is_waiting(clock.now())}
            for row in screens_at(site, actor=actor)
        ],
        "made": made[0][0] if made else None,
        "code": f"{made[0][1][:4]}-{made[0][1][4:]}" if made else "",
    }
    status = 201 if made else status_of(form)
    return render(request, "sessions/wall/screens.html", context, status=status)


@login_required
@require_POST
def revoke(request: StaffRequest, screen_id: Any) -> HttpResponse:
    """End a screen; within seconds it shows nothing any more."""
    screen = WallScreen.objects.for_user(request.actor).filter(public_id=screen_id).first()
    if screen is None:
        raise Http404
    once(request, lambda key, now: revoke_screen(screen=screen, by=request.actor, now=now))
    messages.success(request, _("The screen is revoked. It shows nothing any more."))
    return redirect("sessions:wall-screens")
