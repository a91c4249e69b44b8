"""Alerts answered and limits of one patient set, from the page of a session."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from clinic.accounts.requests import StaffRequest
from sessions.forms.alerts import AcknowledgeForm, PatientLimitForm, RevokeForm
from sessions.models import Alert, PatientLimit
from sessions.operations import patient_limits
from sessions.operations.acknowledging import acknowledge_alert
from sessions.views.loading import charted_session
from sessions.views.recording import recorded


@login_required
def acknowledge(request: StaffRequest, session_id: Any, alert_id: Any) -> HttpResponse:
    """Say what was done about an alert."""
    session = charted_session(request, session_id)
    mine = Alert.objects.for_user(request.actor).filter(session=session)
    alert = get_object_or_404(mine.select_related("session__site", "session__patient"), public_id=alert_id)
    form = AcknowledgeForm(request.POST or None, alert=alert)

    def do(key: Any, now: Any) -> None:
        typed = form.cleaned_data
        acknowledge_alert(
            alert=alert,
            actions=typed["actions"],
            note=typed["note"],
            by=request.actor,
            now=now,
            public_id=key,
        )

    return recorded(request, session, form, do, slot="acknowledge_form", said=_("Alert acknowledged."))


@login_required
def set_limit(request: StaffRequest, session_id: Any) -> HttpResponse:
    """Set a limit for this patient."""
    session = charted_session(request, session_id)
    form = PatientLimitForm(request.POST or None, session=session)

    def do(key: Any, now: Any) -> None:
        told = {"patient": session.patient, "site": session.site, **form.content}
        patient_limits.set_patient_limit(by=request.actor, now=now, public_id=key, **told)

    said = _("Limit set for this patient. It counts from the next reading.")
    return recorded(request, session, form, do, slot="limit_form", said=said)


@login_required
def revoke_limit(request: StaffRequest, session_id: Any, limit_id: Any) -> HttpResponse:
    """Take a patient's own limit back."""
    session = charted_session(request, session_id)
    mine = PatientLimit.objects.for_user(request.actor).filter(patient=session.patient)
    limit = get_object_or_404(mine, public_id=limit_id)
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and not form.is_valid():
        messages.error(request, _("Say why the limit is taken back. Nothing was changed."))
        return redirect("sessions:session", session.public_id)

    def do(key: Any, now: Any) -> None:
        reason = form.cleaned_data["reason"]
        told = {"limit": limit, "site": session.site, "reason": reason, "by": request.actor}
        patient_limits.revoke_patient_limit(now=now, public_id=key, **told)

    said = _("Taken back. The protocol's limit holds again.")
    return recorded(request, session, form, do, slot="taken_back_form", said=said)
