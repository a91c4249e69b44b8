"""Going home: the assessment, ready to leave, and words about a patient who went before."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.utils.translation import gettext as _

from clinic.accounts.requests import StaffRequest
from sessions.forms.discharging import AssessmentForm, LeavingForm, ReadyForm
from sessions.operations import discharging, leaving
from sessions.views.loading import charted_session
from sessions.views.recording import recorded


@login_required
def assessment(request: StaffRequest, session_id: Any) -> HttpResponse:
    """Assess some or all of the discharge criteria."""
    session = charted_session(request, session_id)
    form = AssessmentForm(request.POST or None, session=session, auto_id="discharge_%s")

    def do(key: Any, now: Any) -> None:
        discharging.assess_discharge(
            session=session,
            criteria=form.assessed(),
            values=form.seen(),
            escort_name=form.cleaned_data["escort_name"],
            note=form.cleaned_data["note"],
            by=request.actor,
            now=now,
            public_id=key,
        )

    return recorded(request, session, form, do, slot="assessment_form", said=_("Assessment recorded."))


@login_required
def ready(request: StaffRequest, session_id: Any) -> HttpResponse:
    """Mark the patient as ready to leave."""
    session = charted_session(request, session_id)
    form = ReadyForm(request.POST or None, auto_id="ready_%s")

    def do(key: Any, now: Any) -> None:
        discharging.mark_ready(session=session, by=request.actor, now=now, public_id=key, **form.cleaned_data)

    said = _("Ready to leave. Record the discharge when the patient goes.")
    return recorded(request, session, form, do, slot="ready_form", said=said)


@login_required
def describe(request: StaffRequest, session_id: Any) -> HttpResponse:
    """Say how and why the patient went before the discharge."""
    session = charted_session(request, session_id)
    form = LeavingForm(request.POST or None, auto_id="leaving_%s")

    def do(key: Any, now: Any) -> None:
        leaving.describe_leaving(
            session=session, by=request.actor, now=now, public_id=key, **form.cleaned_data
        )

    return recorded(request, session, form, do, slot="leaving_form", said=_("Recorded how the patient left."))
