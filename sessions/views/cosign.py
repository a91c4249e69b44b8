"""Verbal orders that wait for their prescriber."""

import uuid
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.submitting import check_same_patient, sent, status_of
from sessions.forms.medicines import AnswerForm
from sessions.models import MedicineOrder, OrderAnswer
from sessions.operations.ordering_medicines import answer_verbal_order
from sessions.reports.cosign import cosign_queue, count_waiting


@login_required
@require_safe
def cosign(request: StaffRequest) -> HttpResponse:
    """My queue, everybody's, and what was disputed lately."""
    return _page(request)


def _page(
    request: StaffRequest, refused: AnswerForm | None = None, of: uuid.UUID | None = None
) -> HttpResponse:
    actor, now = request.actor, clock.now()
    actor.require(Permission.VIEW_PATIENTS)
    context = {"queue": cosign_queue(actor, now=now), "refused": refused, "refused_of": of}
    status = 200 if refused is None else status_of(refused)
    return render(request, "sessions/cosign/queue.html", context, status=status)


@login_required
@require_safe
def count(request: StaffRequest) -> HttpResponse:
    """How many wait for me: the number beside the menu's entry."""
    return render(request, "sessions/cosign/_count.html", {"waiting": count_waiting(request.actor)})


@login_required
def answer(request: StaffRequest, order_id: uuid.UUID) -> HttpResponse:
    """Co-sign, or dispute with words."""
    rows = MedicineOrder.objects.for_user(request.actor).select_related(
        "session__patient", "session__site", "taken_by"
    )
    order = rows.filter(public_id=order_id).first()
    if order is None:
        raise Http404
    check_same_patient(request, order.session.patient)
    form = AnswerForm(request.POST or None)

    def do(key: uuid.UUID, now: datetime) -> None:
        answer_verbal_order(order=order, **form.cleaned_data, by=request.actor, now=now, public_id=key)

    if sent(request, form, do):
        signed = form.cleaned_data["verdict"] == OrderAnswer.Verdict.COSIGNED
        messages.success(request, _("Co-signed.") if signed else _("Disputed. The nurse can read it."))
        return redirect("sessions:cosign")
    if request.method != "POST":
        return redirect("sessions:cosign")
    return _page(request, form, order_id)
