"""After the check: a nurse asks, a prescriber decides on a phone, the baseline is named, wishes are kept."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.audit.recording import record_access
from clinic.common import clock
from clinic.common.submitting import sent, status_of
from sessions.forms.check_answers import BaselineForm, DecisionForm, QuestionForm, WishForm
from sessions.models import DecisionRequest, InfusionSession, VitalSigns
from sessions.operations import check_deciding
from sessions.operations.patient_wishes import record_wishes
from sessions.reports.check_panel import check_panel
from sessions.reports.decisions import summary, waiting_requests
from sessions.states import Status
from sessions.views.loading import charted_session
from sessions.views.reaching import banner_at
from sessions.views.recording import recorded


@login_required
def ask(request: StaffRequest, session_id: uuid.UUID) -> HttpResponse:
    """A nurse asks a prescriber to decide."""
    session = charted_session(request, session_id)
    form = QuestionForm(request.POST or None, auto_id="question_%s")

    def do(key: uuid.UUID, now: datetime) -> None:
        check_deciding.ask_prescriber(
            session=session, by=request.actor, now=now, public_id=key, **form.cleaned_data
        )

    return recorded(request, session, form, do, slot="question_form", said=_("A prescriber is asked."))


@login_required
def decide_here(request: StaffRequest, session_id: uuid.UUID) -> HttpResponse:
    """A decision entered on the page of the session."""
    session = charted_session(request, session_id)
    form = DecisionForm(request.POST or None, session=session, auto_id="decision_%s")
    return recorded(
        request,
        session,
        form,
        lambda key, now: _decide(request, session, form, key, now),
        slot="decision_form",
        said=_("The decision is recorded."),
    )


def _decide(
    request: StaffRequest, session: InfusionSession, form: DecisionForm, key: uuid.UUID, now: datetime
) -> None:
    check_deciding.decide(session=session, by=request.actor, now=now, public_id=key, **form.arguments(now))


@login_required
@require_safe
def waiting(request: StaffRequest) -> HttpResponse:
    """What waits for this prescriber's decision."""
    request.actor.require(Permission.ORDER_COURSE)
    return render(request, "sessions/check/decisions.html", {"requests": waiting_requests(request.actor)})


@login_required
def decide(request: StaffRequest, session_id: uuid.UUID) -> HttpResponse:
    """One screen on a phone: what was asked, what there is to know, four buttons."""
    actor, session = request.actor, charted_session(request, session_id)
    actor.require(Permission.ORDER_COURSE, session.site_id)
    form = DecisionForm(request.POST or None, session=session)
    if sent(request, form, lambda key, now: _decide(request, session, form, key, now)):
        messages.success(request, _("Decided. The nurse sees it at once."))
        return redirect("sessions:decisions")
    now = clock.now()
    if request.method != "POST":
        record_access(what="session", patient=session.patient, by=actor, now=now)
    context = {
        "session": session,
        "site": session.site,
        "banner": banner_at(request, session.patient, session.site),
        "summary": summary(session, actor=actor, now=now),
        "check": check_panel(session, (), actor=actor, now=now),
        "form": form,
        "is_over": session.state not in {Status.ARRIVED, Status.READY},
    }
    return render(request, "sessions/check/decide.html", context, status=status_of(form))


@login_required
@require_safe
def state(request: StaffRequest, session_id: uuid.UUID) -> HttpResponse:
    """The decision's own part of the page; nothing while the question is still open."""
    asked = DecisionRequest.objects.for_user(request.actor).filter(session__public_id=session_id)
    if asked.unanswered().exists():
        # Asked every few seconds: the chart is read only once there is something to show.
        return HttpResponse(status=204)
    session = charted_session(request, session_id)
    panel = check_panel(session, (), actor=request.actor, now=clock.now())
    context = {"session": session, "site": session.site, "check": panel, "has_come": True}
    return render(request, "sessions/check/_decision.html", context)


@login_required
def baseline(request: StaffRequest, session_id: uuid.UUID) -> HttpResponse:
    """Name the reading that is the baseline."""
    session = charted_session(request, session_id)
    form = BaselineForm(request.POST or None, auto_id="baseline_%s")

    def do(key: uuid.UUID, now: datetime) -> None:
        check_deciding.choose_baseline(
            session=session,
            reading=_reading(request, session, form.cleaned_data["reading"]),
            reason=form.cleaned_data["reason"],
            by=request.actor,
            now=now,
            public_id=key,
        )

    return recorded(request, session, form, do, slot="baseline_form", said=_("The baseline is named."))


def _reading(request: StaffRequest, session: InfusionSession, public_id: Any) -> VitalSigns:
    rows = VitalSigns.objects.for_user(request.actor).filter(session=session, public_id=public_id)
    found: VitalSigns | None = rows.first()
    if found is None:
        raise Http404
    return found


@login_required
def wishes(request: StaffRequest, session_id: uuid.UUID) -> HttpResponse:
    """How the patient wants it to be; all of it anew."""
    session = charted_session(request, session_id)
    form = WishForm(request.POST or None, auto_id="wish_%s")

    def do(key: uuid.UUID, now: datetime) -> None:
        record_wishes(session=session, by=request.actor, now=now, public_id=key, **form.cleaned_data)

    return recorded(request, session, form, do, slot="wish_form", said=_("The wishes are kept."))
