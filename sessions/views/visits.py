"""Seating a patient elsewhere, and calling a visit off: cancelled, or a no-show."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.errors import problems_of
from clinic.common.submitting import sent, status_of
from sessions.forms.booking import CancelForm, ChairForm, ReasonForm, SeatForm
from sessions.models import InfusionSession
from sessions.operations import arriving
from sessions.operations import booking as operations
from sessions.operations.series import cancel_series
from sessions.reports.seats import seats_of
from sessions.rules.planning import check_can_assign_chair
from sessions.rules.transitions import check_can
from sessions.states import ACTION_LABELS, TRANSITIONS, Action, Status
from sessions.views.booking import chairs_of
from sessions.views.freed import called_off_words
from sessions.views.loading import session_row
from sessions.views.reaching import banner_at
from sessions.views.readiness import about_calls


@login_required
def chair(request: StaffRequest, session_id: uuid.UUID) -> HttpResponse:
    """Seat a patient who has arrived in another chair."""
    actor, session = request.actor, session_row(request, session_id)
    actor.require(Permission.CHECK_IN, session.site_id)
    proposed = {"chair": request.GET.get("chair")}
    form = ChairForm(request.POST or None, chairs=chairs_of(request, session.course), initial=proposed)

    def store(key: uuid.UUID, now: datetime) -> None:
        operations.change_chair(session=session, chair=form.chosen_chair, by=actor, now=now)

    if sent(request, form, store):
        messages.success(request, _("Now in %(chair)s.") % {"chair": form.chosen_chair.name})
        return redirect("sessions:session", session.public_id)
    banner = banner_at(request, session.patient, session.site)
    context = {"form": form, "session": session, "banner": banner}
    return render(request, "sessions/booking/chair.html", context, status=status_of(form))


@login_required
def assign_chair(request: StaffRequest, session_id: uuid.UUID) -> HttpResponse:
    """Settle the chair of a visit to come, or give it another one for the same time."""
    actor, session = request.actor, session_row(request, session_id)
    actor.require(Permission.CHECK_IN, session.site_id)
    seats = seats_of(session, actor=actor)
    held = {"chair": session.chair.public_id}
    form = SeatForm(request.POST or None, seats=seats, zone=session.site.zone, initial=held)

    def store(key: uuid.UUID, now: datetime) -> None:
        operations.assign_chair(session=session, chair=form.chosen_chair, by=actor, now=now)

    if sent(request, form, store):
        told = {"chair": form.chosen_chair.name, "patient": session.patient.short_name}
        messages.success(request, _("%(chair)s is assigned to %(patient)s.") % told)
        if request.GET.get("next") == "board":
            return redirect("sessions:today")
        return redirect("sessions:session", session.public_id)
    context = {
        "form": form,
        "session": session,
        "problems": problems_of(check_can_assign_chair, session=session),
        "banner": banner_at(request, session.patient, session.site),
    }
    return render(request, "sessions/booking/assign_chair.html", context, status=status_of(form))


@login_required
def cancel(request: StaffRequest, session_id: uuid.UUID) -> HttpResponse:
    """Call a visit off before it begins, alone or with all later ones of its course."""
    session = session_row(request, session_id)
    form = CancelForm(request.POST or None, later=_later_ones(session))

    def store(key: uuid.UUID, now: datetime) -> None:
        told = {name: form.cleaned_data[name] for name in ("reason", "code")}
        operation: Any = cancel_series if form.is_for_later_ones else arriving.cancel
        operation(session=session, by=request.actor, now=now, **told)

    context = {"late_hours": _late_hours(session)}
    return _called_off(request, session, Action.CANCEL, form, store, context)


@login_required
def no_show(request: StaffRequest, session_id: uuid.UUID) -> HttpResponse:
    """Note that the patient did not come."""
    session = session_row(request, session_id)
    form = ReasonForm(request.POST or None)

    def store(key: uuid.UUID, now: datetime) -> None:
        arriving.no_show(session=session, reason=form.cleaned_data["reason"], by=request.actor, now=now)

    return _called_off(request, session, Action.NO_SHOW, form, store, {})


def _called_off(
    request: StaffRequest,
    session: InfusionSession,
    action: Action,
    form: ReasonForm,
    store: Callable[[uuid.UUID, datetime], None],
    context: dict[str, Any],
) -> HttpResponse:
    """A page that asks for the reason; where it is not possible now, the page says why."""
    request.actor.require(TRANSITIONS[action].permission, session.site_id)
    if sent(request, form, store):
        messages.success(request, called_off_words(request, session))
        return redirect("sessions:course", session.course.public_id)
    context |= {
        "form": form,
        "session": session,
        "label": ACTION_LABELS[action],
        "action": action.value,
        "problems": problems_of(check_can, action=action, session=session, now=clock.now()),
        "banner": banner_at(request, session.patient, session.site),
    }
    template = "sessions/booking/reason.html"
    if action is Action.NO_SHOW:
        template, context = "sessions/booking/no_show.html", context | about_calls(request, session)
    return render(request, template, context, status=status_of(form))


def _later_ones(session: InfusionSession) -> int:
    later = session.course.sessions.filter(scheduled_start__gt=session.scheduled_start)
    return later.filter(status=Status.SCHEDULED).count()


def _late_hours(session: InfusionSession) -> int:
    """The site's cut-off in hours where it has passed; else 0."""
    hours = session.site.rules.late_cancel_hours
    return hours if session.scheduled_start - clock.now() < timedelta(hours=hours) else 0
