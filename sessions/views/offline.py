"""What a tablet at the chairside tells beside its entries: that it is there, and what it gives up."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.outbox import milliseconds
from clinic.common.submitting import sent
from sessions.forms.offline import DiscardForm
from sessions.models import InfusionSession
from sessions.operations.discarding import discard_entry
from sessions.operations.tablets import note_contact, note_leaving
from sessions.views.loading import session_row


@login_required
@require_POST
def contact(request: StaffRequest, session_id: Any) -> HttpResponse:
    """I am here, or (``leaving``) the page is being closed; answers with the server's time."""
    rows = InfusionSession.objects.for_user(request.actor).only("public_id", "status")
    session = rows.filter(public_id=session_id).first()
    if session is None:
        raise Http404
    now = clock.now()
    if "leaving" in request.POST:
        note_leaving(session=session, by=request.actor)
    else:
        note_contact(session=session, by=request.actor, now=now)
    return JsonResponse({"now": milliseconds(now)})


@login_required
@require_POST
def discarded(request: StaffRequest, session_id: Any) -> HttpResponse:
    """An unsent entry that was refused is given up, with a reason."""
    session = session_row(request, session_id)
    form = DiscardForm(request.POST)

    def do(key: Any, now: Any) -> None:
        typed = form.cleaned_data
        told = {"entry_id": typed["entry"], "what": typed["what"], "reason": typed["reason"]}
        discard_entry(session=session, by=request.actor, now=now, **told)

    sent(request, form, do)
    return redirect("sessions:session", session.public_id)
