"""The line of a session's page that says who else has it open."""

import hashlib
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clinic.accounts.devices import device_of
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from sessions.models import InfusionSession
from sessions.operations.presence import note_presence
from sessions.reports.presence import who_is_here


@login_required
@require_safe
def here(request: StaffRequest, session_id: Any) -> HttpResponse:
    """Say that I am here, and hear who else is; the page asks every twenty seconds."""
    rows = InfusionSession.objects.for_user(request.actor).select_related("site")
    session = get_object_or_404(rows, public_id=session_id)
    now = clock.now()
    device = device_of(request, now=now)
    key = str(device.public_id) if device else ""
    name = device.name if device else ""
    if not key:
        # The session's key itself opens the session, and is not written down.
        key = hashlib.sha256((request.session.session_key or "").encode()).hexdigest()
    note_presence(session=session, device=key, device_name=name, by=request.actor, now=now)
    context = {"session": session, "here": who_is_here(session, actor=request.actor, now=now)}
    name = "sessions/_here.html" if request.headers.get("HX-Request") else "sessions/here.html"
    return render(request, name, context)
