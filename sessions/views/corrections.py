"""Corrections: a new entry that names the old one, which stays in the chart, struck through."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.accounts.requests import StaffRequest
from clinic.common.submitting import sent, status_of
from sessions.forms.monitoring import (
    EventCorrectionForm,
    NoteCorrectionForm,
    ReasonForm,
    VitalSignsCorrectionForm,
)
from sessions.models import InfusionEvent, InfusionSession, Note, VitalSigns
from sessions.operations import monitoring, running
from sessions.operations.monitoring import WHOLE_NUMBERS
from sessions.reports.timeline import reading_text
from sessions.views.loading import charted_session
from sessions.views.reaching import banner_at

Write = Callable[[Any, Any], Any]


@login_required
def vital_signs(request: StaffRequest, session_id: Any, fact_id: Any) -> HttpResponse:
    """Replace a set of vital signs by what it should have been."""
    session = charted_session(request, session_id)
    reading = get_object_or_404(
        VitalSigns.objects.for_user(request.actor), session=session, public_id=fact_id
    )
    typed = {name: getattr(reading, name) for name in WHOLE_NUMBERS}
    typed |= {"temperature": reading.temperature_typed, "temperature_unit": reading.temperature_unit}
    local = reading.taken_at.astimezone(session.site.zone).time()
    form = VitalSignsCorrectionForm(request.POST or None, session=session, initial=typed | {"at": local})

    def do(key: Any, now: Any) -> None:
        monitoring.correct_vital_signs(
            reading=reading,
            values=form.values(),
            reason=form.cleaned_data["reason"],
            confirmed=form.cleaned_data["confirmed"],
            taken_at=form.moment(now) if "at" in form.changed_data else None,
            by=request.actor,
            now=now,
            public_id=key,
        )

    title = _("Correct the reading: %(reading)s") % {"reading": reading_text(reading)}
    strike = reverse("sessions:vital-signs-retract", args=[session.public_id, reading.public_id])
    return _page(request, session, form, do, title=title, strike=strike)


@login_required
def retract_vital_signs(request: StaffRequest, session_id: Any, fact_id: Any) -> HttpResponse:
    """Strike a set of vital signs that was never this patient's."""
    session = charted_session(request, session_id)
    reading = get_object_or_404(
        VitalSigns.objects.for_user(request.actor), session=session, public_id=fact_id
    )
    form = ReasonForm(request.POST or None)

    def do(key: Any, now: Any) -> None:
        by, reason = request.actor, form.cleaned_data["reason"]
        monitoring.retract_vital_signs(reading=reading, by=by, reason=reason, now=now, public_id=key)

    title = _("Strike the reading: %(reading)s") % {"reading": reading_text(reading)}
    return _page(request, session, form, do, title=title)


@login_required
def note(request: StaffRequest, session_id: Any, fact_id: Any) -> HttpResponse:
    """Replace a note by what it should have said."""
    session = charted_session(request, session_id)
    found = get_object_or_404(Note.objects.for_user(request.actor), session=session, public_id=fact_id)
    form = NoteCorrectionForm(request.POST or None, initial={"text": found.text})

    def do(key: Any, now: Any) -> None:
        typed, by = form.cleaned_data, request.actor
        monitoring.correct_note(
            note=found, text=typed["text"], reason=typed["reason"], by=by, now=now, public_id=key
        )

    return _page(request, session, form, do, title=_("Correct the note"))


@login_required
def event(request: StaffRequest, session_id: Any, fact_id: Any) -> HttpResponse:
    """Give an event of the infusion its true time; minutes and milligrams are computed anew."""
    session = charted_session(request, session_id)
    found = get_object_or_404(
        InfusionEvent.objects.for_user(request.actor), session=session, public_id=fact_id
    )
    local = found.taken_at.astimezone(session.site.zone).time()
    form = EventCorrectionForm(request.POST or None, session=session, initial={"at": local})

    def do(key: Any, now: Any) -> None:
        reason, by = form.cleaned_data["reason"], request.actor
        at = form.moment(now) or found.taken_at
        running.correct_event(event=found, at=at, reason=reason, by=by, now=now, public_id=key)

    title = _("Correct the time: %(event)s") % {"event": found.get_kind_display()}
    return _page(request, session, form, do, title=title)


def _page(
    request: StaffRequest,
    session: InfusionSession,
    form: forms.BaseForm,
    do: Write,
    *,
    title: str,
    strike: str = "",
) -> HttpResponse:
    if sent(request, form, do):
        messages.success(request, _("Corrected. The first entry stays in the chart, struck through."))
        return redirect("sessions:session", session.public_id)
    context = {
        "session": session,
        "site": session.site,
        "form": form,
        "title": title,
        "strike": strike,
        "banner": banner_at(request, session.patient, session.site),
    }
    return render(request, "sessions/correct.html", context, status=status_of(form))
