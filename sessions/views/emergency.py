"""An emergency at the chair: one tap opens the log, one tap writes a line, one page goes with the ambulance."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.accounts.requests import StaffRequest
from clinic.audit.recording import record_access
from clinic.common import clock
from clinic.common.submitting import sent, status_of
from clinic.common.worker import keep_for
from sessions.forms.emergency import EmergencyStepForm, StrikeForm
from sessions.models import EmergencyStep, InfusionSession
from sessions.operations.emergency import log_emergency_step, strike_emergency_step
from sessions.reports.ambulance_sheet import ambulance_sheet
from sessions.reports.emergency import emergency_page
from sessions.views.loading import charted_session
from sessions.views.reaching import banner_at


@login_required
@require_safe
def emergency(request: StaffRequest, session_id: Any) -> HttpResponse:
    """The log with its buttons; opened by a link it begins nothing by itself."""
    found = charted_session(request, session_id)
    record_access(what="emergency", patient=found.patient, by=request.actor, now=clock.now())
    return _show(request, found)


def _show(request: StaffRequest, session: InfusionSession, form: Any = None) -> HttpResponse:
    context = {
        "session": session,
        "site": session.site,
        "page": emergency_page(session, actor=request.actor, now=clock.now()),
        "form": form or EmergencyStepForm(session=session, auto_id="emergency_%s"),
        "banner": banner_at(request, session.patient, session.site),
    }
    status = status_of(form) if form else 200
    page = render(request, "sessions/emergency/emergency.html", context, status=status)
    return keep_for(page, request.user)


@login_required
def step(request: StaffRequest, session_id: Any) -> HttpResponse:
    """Record one thing done; the first one begins the emergency."""
    session = charted_session(request, session_id)
    form = EmergencyStepForm(request.POST or None, session=session, auto_id="emergency_%s")

    def do(key: Any, now: Any) -> None:
        log_emergency_step(
            session=session,
            kind=form.cleaned_data["kind"],
            note=form.cleaned_data["note"],
            taken_at=form.moment(now),
            by=request.actor,
            now=now,
            public_id=key,
        )

    if request.method != "POST" or sent(request, form, do):
        return redirect("sessions:emergency", session.public_id)
    return _show(request, session, form)


@login_required
def strike(request: StaffRequest, session_id: Any, fact_id: Any) -> HttpResponse:
    """Strike a line that was tapped by mistake."""
    session = charted_session(request, session_id)
    rows = EmergencyStep.objects.for_user(request.actor).select_related("session")
    found = rows.filter(session=session, public_id=fact_id).first()
    if found is None:
        raise Http404
    form = StrikeForm(request.POST or None)

    def do(key: Any, now: Any) -> None:
        strike_emergency_step(
            step=found, reason=form.cleaned_data["reason"], by=request.actor, now=now, public_id=key
        )

    if sent(request, form, do):
        messages.success(request, _("Struck from the log; it stays readable in the chart."))
        return redirect("sessions:emergency", session.public_id)
    context = {
        "session": session,
        "site": session.site,
        "step": found,
        "form": form,
        "refusal": getattr(form, "refusal", None),
        "banner": banner_at(request, session.patient, session.site),
    }
    return render(request, "sessions/emergency/strike.html", context, status=status_of(form))


@login_required
@require_safe
def sheet(request: StaffRequest, session_id: Any) -> HttpResponse:
    """One page for the ambulance crew, to print or to show."""
    session, now = charted_session(request, session_id), clock.now()
    record_access(what="ambulance-sheet", patient=session.patient, by=request.actor, now=now)
    context = {
        "session": session,
        "site": session.site,
        "sheet": ambulance_sheet(session, actor=request.actor, now=now),
        "banner": banner_at(request, session.patient, session.site),
    }
    return render(request, "sessions/emergency/ambulance_sheet.html", context)
