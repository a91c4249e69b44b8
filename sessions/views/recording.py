"""What the chairside views share: a form of a session's page becomes one fact, once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from clinic.accounts.requests import StaffRequest
from clinic.common.submitting import sent
from sessions.models import InfusionSession
from sessions.views.chairside import show

Write = Callable[[UUID, datetime], Any]


def recorded(
    request: StaffRequest,
    session: InfusionSession,
    form: forms.BaseForm,
    do: Write,
    *,
    slot: str,
    said: str,
) -> HttpResponse:
    """Store the form and go back to the session's page; or show that page with the form as it was typed.

    Args:
        slot: the form's name on the page.
        said: the line that tells what was stored.
    """
    if request.method != "POST":
        # The address of a refused form may be reloaded: there is nothing to show but the session itself.
        return redirect("sessions:session", session.public_id)
    if sent(request, form, do):
        messages.success(request, said)
        return redirect("sessions:session", session.public_id)
    return show(request, session, **{slot: form})
