"""Seating a patient elsewhere, and calling a visit off: cancelled, or a no-show."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.errors import ClinicError, Problem
from clinic.common.submitting import sent, status_of
from sessions.forms.booking import ChairForm, ReasonForm
from sessions.models import InfusionSession
from sessions.operations import arriving
from sessions.operations.booking import change_chair
from sessions.rules.transitions import check_can
from sessions.states import ACTION_LABELS, TRANSITIONS, Action
from sessions.views.booking import chairs_of
from sessions.views.freed import called_off_words
from sessions.views.loading import session_row
from sessions.views.reaching import banner_at


@login_required
def chair(request: StaffRequest, session_id: uuid.UUID) -> HttpResponse:
    """Seat a patient who has arrived in another chair."""
    actor, session = request.actor, session_row(request, session_id)
    actor.require(Permission.CHECK_IN, session.site_id)
    proposed = {"chair": request.GET.get("chair")}
    form = ChairForm(request.POST or None, chairs=chairs_of(request, session.course), initial=proposed)

    def store(key: uuid.UUID, now: datetime) -> None:
        change_chair(session=session, chair=form.chosen_chair, by=actor, now=now)

    if sent(request, form, store):
        messages.success(request, _("Now in %(chair)s.") % {"chair": form.chosen_chair.name})
        return redirect("sessions:session", session.public_id)
    banner = banner_at(request, session.patient, session.site)
    context = {"form": form, "session": session, "banner": banner}
    return render(request, "sessions/booking/chair.html", context, status=status_of(form))


@login_required
def cancel(request: StaffRequest, session_id: uuid.UUID) -> HttpResponse:
    """Call a visit off before it begins."""
    return _called_off(request, session_id, Action.CANCEL, arriving.cancel)


@login_required
def no_show(request: StaffRequest, session_id: uuid.UUID) -> HttpResponse:
    """Note that the patient did not come."""
    return _called_off(request, session_id, Action.NO_SHOW, arriving.no_show)


def _called_off(request: StaffRequest, session_id: uuid.UUID, action: Action, operation: Any) -> HttpResponse:
    """A page that asks for the reason; where it is not possible now, the page says why."""
    actor, session = request.actor, session_row(request, session_id)
    actor.require(TRANSITIONS[action].permission, session.site_id)
    form = ReasonForm(request.POST or None)
    if sent(
        request,
        form,
        lambda key, now: operation(session=session, reason=form.cleaned_data["reason"], by=actor, now=now),
    ):
        messages.success(request, called_off_words(request, session))
        return redirect("sessions:course", session.course.public_id)
    context = {
        "form": form,
        "session": session,
        "label": ACTION_LABELS[action],
        "action": action.value,
        "problems": _why_not(action, session),
        "banner": banner_at(request, session.patient, session.site),
    }
    return render(request, "sessions/booking/reason.html", context, status=status_of(form))


def _why_not(action: Action, session: InfusionSession) -> tuple[Problem, ...]:
    try:
        check_can(action, session=session, now=clock.now())
    except ClinicError as refusal:
        return refusal.problems
    return ()
