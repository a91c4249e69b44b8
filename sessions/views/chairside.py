"""The page of one session: what to do now, the chart, and what has happened."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.audit.recording import record_access
from clinic.common import clock
from clinic.common.submitting import status_of
from clinic.common.worker import keep_for
from sessions.forms.check_answers import CheckAnswerForm
from sessions.forms.checking import DoseForm, WeightForm
from sessions.forms.discharging import AssessmentForm, LeavingForm, ReadyForm
from sessions.forms.infusion import flow_forms
from sessions.forms.monitoring import NoteForm, VitalSignsForm
from sessions.forms.signing import AddendumForm, StatementForm
from sessions.forms.steps import StepForm
from sessions.models import InfusionSession
from sessions.reports.care import cover
from sessions.reports.chairside import Chairside, chairside
from sessions.reports.flow import flow
from sessions.reports.follow_ups import open_calls_of
from sessions.reports.handovers import waiting_for
from sessions.reports.offline import offline_data, with_offline_times
from sessions.reports.orders_panel import orders_panel
from sessions.states import PRESENT, Action, Status
from sessions.views.alert_panel import alerts_of
from sessions.views.check_page import check_context
from sessions.views.effects_context import side_effects_of
from sessions.views.loading import charted_session
from sessions.views.reaching import banner_at

STEPS_WITH_FORM = {
    "pause_form": Action.PAUSE,
    "end_form": Action.END,
    "leave_form": Action.LEAVE,
    "discharge_form": Action.DISCHARGE,
}


@login_required
@require_safe
def session(request: StaffRequest, session_id: Any) -> HttpResponse:
    """Open a session; that a record was opened is noted."""
    found = charted_session(request, session_id)
    record_access(what="session", patient=found.patient, by=request.actor, now=clock.now())
    return show(request, found)


def show(request: StaffRequest, session: InfusionSession, **refused: forms.BaseForm) -> HttpResponse:
    """The page, with the form that was turned down in its place and what was typed still in it."""
    now, actor = clock.now(), request.actor
    site = session.site
    page = chairside(session, actor=actor, now=now)
    context: dict[str, Any] = {
        "page": page,
        "entries": with_offline_times(page.entries),
        "offline": offline_data(page),
        "session": session,
        "site": site,
        "banner": banner_at(request, session.patient, site),
        "waiting_handovers": waiting_for(site, actor=actor, now=now),
        "may_nurse": actor.can(Permission.RUN_INFUSION, site.pk),
        **check_context(page, actor=actor, now=now),
        "orders": orders_panel(session, actor=actor, now=now),
        **_forms(page, refused),
        **side_effects_of(request, session, now=now, refused=refused),
        **alerts_of(request, session, refused, now),
        "flow": flow(session, page.readings, due_at=page.due_at, now=now),
    }
    if session.state is Status.NO_SHOW:
        context["call"] = open_calls_of([session.pk]).get(session.pk)
    if session.state in PRESENT:
        context["care"] = cover([session], site=site, now=now).of[session.pk]
    context["refusal"] = next(
        filter(None, (getattr(form, "refusal", None) for form in refused.values())), None
    )
    status = max((status_of(form) for form in refused.values()), default=200)
    return keep_for(render(request, "sessions/session.html", context, status=status), request.user)


def _forms(page: Chairside, refused: dict[str, Any]) -> dict[str, Any]:
    session = page.session
    fresh: dict[str, Any] = {
        "vitals_form": VitalSignsForm(session=session, auto_id="vitals_%s"),
        "note_form": NoteForm(session=session, auto_id="note_%s"),
        "weight_form": WeightForm(auto_id="weight_%s"),
        "dose_form": DoseForm(auto_id="dose_%s"),
        "assessment_form": AssessmentForm(session=session, auto_id="discharge_%s"),
        "ready_form": ReadyForm(auto_id="ready_%s"),
        "leaving_form": LeavingForm(auto_id="leaving_%s"),
        "answer_form": CheckAnswerForm(session=session, auto_id="answer_%s"),
        "statement_form": StatementForm(auto_id="sign_%s"),
        "addendum_form": AddendumForm(auto_id="addendum_%s"),
        **flow_forms(session),
    }
    for name, action in STEPS_WITH_FORM.items():
        fresh[name] = StepForm(session=session, action=action, auto_id=f"{action.value}_%s")
    return fresh | refused
