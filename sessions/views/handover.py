"""Handing patients over: my patients and the offer, the answers to one, and taking a patient over."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.submitting import sent, status_of
from clinic.facilities.current import current_site
from clinic.facilities.models import Site
from sessions.forms.handover import AcceptForm, DeclineForm, HandoverForm, TakeOverForm
from sessions.models import Handover
from sessions.operations import handing_over as operations
from sessions.reports import handovers as reports
from sessions.reports.care import cover
from sessions.reports.handover_summary import summarise
from sessions.states import PRESENT
from sessions.views.loading import session_row
from sessions.views.reaching import banner_at


@login_required
def handovers(request: StaffRequest) -> HttpResponse:
    """My patients and the form that offers them, what waits for me, and today's handovers."""
    actor, site, now = request.actor, current_site(request), clock.now()
    actor.require(Permission.VIEW_PATIENTS, site.pk)
    mine = reports.my_patients(site, actor=actor, now=now)
    people = reports.colleagues(site, actor=actor, now=now)
    form = HandoverForm(
        request.POST or None,
        site=site,
        mine=[patient.session for patient in mine],
        people=[(each.user, _load(each)) for each in people],
        now=now,
    )

    def do(key: uuid.UUID, now: datetime) -> None:
        operations.offer_handover(
            site=site,
            to_nurse=form.colleague,
            sessions=form.chosen,
            until=form.back_at,
            note=form.cleaned_data["note"],
            summarise=summarise,
            by=actor,
            public_id=key,
            now=now,
        )

    if sent(request, form, do):
        told = {"name": form.colleague.display_name}
        messages.success(request, _("Offered to %(name)s. They stay yours until it is accepted.") % told)
        return redirect("sessions:handovers")
    return _page(request, site, now, {"form": form, "mine": mine, "people": people}, status_of(form))


def _page(
    request: StaffRequest, site: Site, now: datetime, context: dict[str, Any], status: int
) -> HttpResponse:
    actor, only_mine = request.actor, request.GET.get("of") != "all"
    day = clock.local_date(now, site.time_zone)
    listed = reports.handovers_of_day(site, actor=actor, day=day, mine=only_mine, now=now)
    context |= {
        "site": site,
        "day": day,
        "only_mine": only_mine,
        "listed": listed,
        "waiting_handovers": reports.waiting_for(site, actor=actor, now=now),
        "warnings": reports.over_capacity(
            context["people"], sum(not patient.offered for patient in context["mine"]), site=site
        ),
        "may_nurse": actor.can(Permission.RUN_INFUSION, site.pk),
    }
    return render(request, "sessions/handover/handovers.html", context, status=status)


def _load(colleague: reports.Colleague) -> str:
    said = ngettext("%(n)s patient now", "%(n)s patients now", colleague.patients)
    return f"{colleague.user.printed_name} ({said % {'n': colleague.patients}})"


@login_required
@require_safe
def handover(request: StaffRequest, handover_id: uuid.UUID) -> HttpResponse:
    """One handover as it was told, with the answers that are mine to give."""
    return _show(request, handover_id)


def _show(
    request: StaffRequest, handover_id: uuid.UUID, refused: forms.BaseForm | None = None
) -> HttpResponse:
    now, actor = clock.now(), request.actor
    found = reports.one_handover(handover_id, actor=actor, now=now)
    if found is None:
        raise Http404
    row = found.handover
    is_open = reports.is_open(row, now)
    context = {
        "shown": found,
        "handover": row,
        "site": row.site,
        "is_open": is_open,
        "may_answer": is_open and row.to_nurse_id == actor.user_id,
        "may_withdraw": row.state == Handover.State.OFFERED and row.from_nurse_id == actor.user_id,
        "decline_form": refused if isinstance(refused, DeclineForm) else DeclineForm(),
        "refusal": getattr(refused, "refusal", None),
    }
    status = status_of(refused) if refused is not None else 200
    return render(request, "sessions/handover/handover.html", context, status=status)


@login_required
def accept(request: StaffRequest, handover_id: uuid.UUID) -> HttpResponse:
    """Look after the patients from now on; back to the page on which it was pressed."""
    return _answered(
        request,
        handover_id,
        AcceptForm(request.POST or None),
        lambda row, form, now: operations.accept_handover(handover=row, by=request.actor, now=now),
        said=_("Accepted. You look after these patients now."),
    )


@login_required
def decline(request: StaffRequest, handover_id: uuid.UUID) -> HttpResponse:
    """Say that it is not possible, and why."""
    return _answered(
        request,
        handover_id,
        DeclineForm(request.POST or None),
        lambda row, form, now: operations.decline_handover(
            handover=row, reason=form.cleaned_data["reason"], by=request.actor, now=now
        ),
        said=_("Declined. The patients stay where they are."),
    )


@login_required
def withdraw(request: StaffRequest, handover_id: uuid.UUID) -> HttpResponse:
    """Take an offer back."""
    return _answered(
        request,
        handover_id,
        AcceptForm(request.POST or None),
        lambda row, form, now: operations.withdraw_handover(handover=row, by=request.actor, now=now),
        said=_("Taken back. The patients stay with you."),
    )


def _answered(
    request: StaffRequest,
    handover_id: uuid.UUID,
    form: forms.Form,
    do: Callable[[Handover, Any, datetime], Any],
    *,
    said: str,
) -> HttpResponse:
    row = Handover.objects.for_user(request.actor).filter(public_id=handover_id).first()
    if row is None:
        raise Http404
    if request.method != "POST":
        # The address of an answer may be reloaded: there is nothing to show but the handover itself.
        return redirect("sessions:handover", handover_id)
    if sent(request, form, lambda key, now: do(row, form, now)):
        messages.success(request, said)
        return _back(request)
    return _show(request, handover_id, form)


def _back(request: StaffRequest) -> HttpResponse:
    place = request.POST.get("next", "")
    if place == "board":
        return redirect("sessions:today")
    try:
        return redirect("sessions:session", uuid.UUID(place))
    except ValueError:
        return redirect("sessions:handovers")


@login_required
def take_over(request: StaffRequest, session_id: uuid.UUID) -> HttpResponse:
    """Look after one patient from now on, though nobody handed over."""
    actor, session = request.actor, session_row(request, session_id)
    actor.require(Permission.RUN_INFUSION, session.site_id)
    form = TakeOverForm(request.POST or None)
    if sent(
        request,
        form,
        lambda key, now: operations.take_over(
            session=session, reason=form.cleaned_data["reason"], by=actor, now=now
        ),
    ):
        messages.success(request, _("You look after %(name)s now.") % {"name": session.patient.short_name})
        return redirect("sessions:session", session.public_id)
    here, now = session.state in PRESENT, clock.now()
    context = {
        "form": form,
        "session": session,
        "site": session.site,
        "banner": banner_at(request, session.patient, session.site),
        "care": cover([session], site=session.site, now=now).of[session.pk] if here else None,
    }
    return render(request, "sessions/handover/take_over.html", context, status=status_of(form))
