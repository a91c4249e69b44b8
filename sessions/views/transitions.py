"""One page for each step of a session: a tap on the chairside posts to it; a refusal says what stands in the way."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.errors import ClinicError
from clinic.common.submitting import sent, status_of
from sessions.forms.steps import StepForm
from sessions.models import InfusionSession
from sessions.operations.by_action import OPERATIONS
from sessions.operations.late_events import EVENT_OF, record_late_event
from sessions.rules.transitions import check_can, check_may
from sessions.states import ACTION_LABELS, Action
from sessions.views.loading import charted_session
from sessions.views.reaching import banner_at

ENDS_VISIT = frozenset({Action.LEAVE, Action.TRANSFER_OUT})
"""That somebody went is recorded without network, too."""

ALTHOUGH = ("override_reason", "departure_reason")
"""Fields for what a gate refuses; they stay folded away where nothing stands in the way."""


@login_required
def act(request: StaffRequest, session_id: Any, action: str) -> HttpResponse:
    """Take a step, or show its form with everything that stands in the way."""
    if action not in set(Action):
        raise Http404
    step, actor = Action(action), request.actor
    session = charted_session(request, session_id)
    check_may(step, session=session, by=actor)
    form = StepForm(request.POST or None, session=session, action=step)

    def do(key: Any, now: Any) -> None:
        told = {"session": session, "by": actor, "at": form.moment(now), "now": now, **form.arguments()}
        typed_at = form.typed_at(now)
        if step in EVENT_OF and typed_at:
            record_late_event(action=step, typed_at=typed_at, **told)
        elif step in ENDS_VISIT:
            OPERATIONS[step](typed_at=typed_at, **told)
        else:
            OPERATIONS[step](**told)

    if sent(request, form, do):
        message = _("%(action)s: recorded for %(patient)s.")
        names = {"action": ACTION_LABELS[step], "patient": session.patient.short_name}
        messages.success(request, message % names)
        if request.POST.get("next") == "board":
            return redirect("sessions:today")
        return redirect("sessions:session", session.public_id)
    context = {
        "session": session,
        "site": session.site,
        "form": form,
        "action": step,
        "label": ACTION_LABELS[step],
        "banner": banner_at(request, session.patient, session.site),
        "refusal": getattr(form, "refusal", None),
        "although": ALTHOUGH,
        "keeps_chair": step is Action.ARRIVE and session.booking.is_chair_provisional,
        "is_queued": step in EVENT_OF or step in ENDS_VISIT,
        "ends_visit": ENDS_VISIT,
        "is_blocked": _is_blocked(step, session, clock.now()),
    }
    return render(request, "sessions/act.html", context, status=status_of(form))


def _is_blocked(step: Action, session: InfusionSession, now: datetime) -> bool:
    try:
        check_can(step, session=session, now=now)
    except ClinicError:
        return True
    return False
