"""One page for each step of a session: a tap on the chairside posts to it; a refusal says what stands in the way."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.errors import problems_of
from clinic.common.submitting import sent, status_of
from sessions.forms.steps import StepForm
from sessions.operations.by_action import OPERATIONS
from sessions.operations.late_events import EVENT_OF, record_late_event
from sessions.rules.transitions import check_can, check_may, may_only_override
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
    needs_override = may_only_override(step, session=session, by=actor)
    check_may(step, session=session, by=actor, overriding=needs_override)
    form = StepForm(request.POST or None, session=session, action=step, needs_override=needs_override)

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
    asked = {"action": step, "session": session, "now": clock.now()}
    standing = problems_of(check_can, **asked)
    kept = problems_of(check_can, overriding=True, **asked) if needs_override else ()
    context = {
        "session": session,
        "site": session.site,
        "form": form,
        "action": step,
        "label": ACTION_LABELS[step],
        "banner": banner_at(request, session.patient, session.site),
        "refusal": getattr(form, "refusal", None),
        # To whom it is open by an override alone, the reason for that is what is asked for first.
        "although": ALTHOUGH[1:] if needs_override else ALTHOUGH,
        "keeps_chair": step is Action.ARRIVE and session.booking.is_chair_provisional,
        "is_blocked": bool(standing) and not needs_override,
        "overriding": [one for one in standing if one.code not in {each.code for each in kept}],
        "kept": kept,
        "needs_override": needs_override,
        "is_queued": step in EVENT_OF or step in ENDS_VISIT,
        "ends_visit": ENDS_VISIT,
    }
    return render(request, "sessions/act.html", context, status=status_of(form))
