"""The worklist of what is still open for patients, one of it, and what is done about it."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.submitting import check_same_patient, sent, status_of
from sessions.forms.follow_ups import AddForm, AttemptForm, CloseForm, NoteForm, ReassignForm, WorklistForm
from sessions.models import FollowUp
from sessions.operations import following_up as operations
from sessions.reports.follow_ups import (
    LATER,
    OVERDUE,
    TODAY,
    UNTIMED,
    FollowUpPage,
    count_pressing,
    follow_up_worklist,
    one_follow_up,
)
from sessions.rules.worsening import worsening_not_set
from sessions.views.loading import session_row
from sessions.views.reaching import banner_at, shown_site, sites_to_show

PARTS = {
    OVERDUE: _("Overdue"),
    TODAY: _("Due today"),
    UNTIMED: _("No clock set by the site"),
    LATER: _("Later"),
}


@login_required
@require_safe
def worklist(request: StaffRequest) -> HttpResponse:
    """Everything open, by urgency; mine, of one kind, or of one site where that is asked."""
    sites = sites_to_show(request)
    site = shown_site(request, sites) if request.GET.get("site") or len(sites) == 1 else None
    kind = request.GET.get("kind", "")
    kind = kind if kind in FollowUp.Kind.values else ""
    mine = request.GET.get("of") == "mine"
    work = follow_up_worklist(
        [site] if site else sites, actor=request.actor, now=clock.now(), kind=kind, mine=mine
    )
    asked = request.GET.dict()
    context = {
        "form": WorklistForm(asked, sites=sites),
        "site": site,
        "work": work,
        "parts": [(part, PARTS[part], rows) for part, rows in work.parts],
        "kinds": [(code, label, work.kinds[code]) for code, label in FollowUp.Kind.choices],
        "kind": kind,
        "mine": mine,
        "not_set": worsening_not_set([site] if site else sites),
        "may_work": request.actor.can(Permission.RECORD_OBSERVATIONS),
    }
    return render(request, "sessions/follow_ups/list.html", context)


@login_required
@require_safe
def count(request: StaffRequest) -> HttpResponse:
    """The number beside the menu's entry: what is overdue, due today, or without a clock."""
    pressing = count_pressing(sites_to_show(request), actor=request.actor, now=clock.now())
    return render(request, "_components/count.html", {"count": pressing})


@login_required
@require_safe
def follow_up(request: StaffRequest, follow_up_id: uuid.UUID) -> HttpResponse:
    """One follow-up and everything that was done about it."""
    return _show(request, _page_or_404(request, follow_up_id))


@login_required
def add(request: StaffRequest, session_id: uuid.UUID) -> HttpResponse:
    """Open one by hand for the patient of a session."""
    session = session_row(request, session_id)
    form = AddForm(request.POST or None, zone=session.site.time_zone)

    def do(key: uuid.UUID, now: datetime) -> None:
        told = {"kind": form.cleaned_data["kind"], "reason": form.cleaned_data["reason"], "due_at": form.due}
        operations.add_follow_up(session=session, by=request.actor, now=now, public_id=key, **told)

    if sent(request, form, do):
        messages.success(request, _("Follow-up opened."))
        return redirect("sessions:session", session.public_id)
    context = {
        "form": form,
        "session": session,
        "site": session.site,
        "banner": banner_at(request, session.patient, session.site),
    }
    return render(request, "sessions/follow_ups/add.html", context, status=status_of(form))


@login_required
def note(request: StaffRequest, follow_up_id: uuid.UUID) -> HttpResponse:
    """Write down what was found out."""
    page = _page_or_404(request, follow_up_id)
    form = NoteForm(request.POST or None, auto_id="note_%s")
    return _done(request, page, form, "note_form", operations.note_follow_up, lambda: form.cleaned_data)


@login_required
def attempt(request: StaffRequest, follow_up_id: uuid.UUID) -> HttpResponse:
    """Log a call, what came of it, and when to try again."""
    page = _page_or_404(request, follow_up_id)
    form = AttemptForm(request.POST or None, zone=page.follow_up.site.time_zone, auto_id="attempt_%s")
    told = lambda: {  # noqa: E731
        "result": form.cleaned_data["result"],
        "text": form.cleaned_data["text"],
        "taken_at": form.called_at,
        "due_at": form.due,
    }
    return _done(request, page, form, "attempt_form", operations.log_attempt, told)


@login_required
def reassign(request: StaffRequest, follow_up_id: uuid.UUID) -> HttpResponse:
    """Hand it on."""
    page = _page_or_404(request, follow_up_id)
    form = ReassignForm(request.POST or None, people=page.colleagues, auto_id="reassign_%s")
    told = lambda: {"text": form.cleaned_data["text"], "to": form.colleague}  # noqa: E731
    return _done(request, page, form, "reassign_form", operations.reassign_follow_up, told)


@login_required
def close(request: StaffRequest, follow_up_id: uuid.UUID) -> HttpResponse:
    """It is done."""
    page = _page_or_404(request, follow_up_id)
    form = CloseForm(request.POST or None, auto_id="close_%s")
    return _done(request, page, form, "close_form", operations.close_follow_up, lambda: form.cleaned_data)


def _done(
    request: StaffRequest,
    page: FollowUpPage,
    form: forms.BaseForm,
    slot: str,
    operation: Callable[..., Any],
    told: Callable[[], dict[str, Any]],
) -> HttpResponse:
    def do(key: uuid.UUID, now: datetime) -> None:
        operation(follow_up=page.follow_up, by=request.actor, now=now, public_id=key, **told())

    if sent(request, form, do):
        messages.success(request, _("Recorded."))
        if operation is operations.close_follow_up:
            return redirect("sessions:follow-ups")
        return redirect("sessions:follow-up", page.follow_up.public_id)
    return _show(request, page, **({slot: form} if form.is_bound else {}))


def _page_or_404(request: StaffRequest, follow_up_id: uuid.UUID) -> FollowUpPage:
    page = one_follow_up(follow_up_id, actor=request.actor, now=clock.now())
    if page is None:
        raise Http404
    check_same_patient(request, page.follow_up.patient)
    return page


def _show(request: StaffRequest, page: FollowUpPage, **refused: forms.BaseForm) -> HttpResponse:
    found = page.follow_up
    context: dict[str, Any] = {
        "page": page,
        "follow_up": found,
        "site": found.site,
        "banner": banner_at(request, found.patient, found.site),
        "note_form": NoteForm(auto_id="note_%s"),
        "attempt_form": AttemptForm(zone=found.site.time_zone, auto_id="attempt_%s"),
        "reassign_form": ReassignForm(people=page.colleagues, auto_id="reassign_%s"),
        "close_form": CloseForm(auto_id="close_%s"),
        **refused,
    }
    context["refusal"] = next(
        filter(None, (getattr(form, "refusal", None) for form in refused.values())), None
    )
    status = max((status_of(form) for form in refused.values()), default=200)
    return render(request, "sessions/follow_ups/follow_up.html", context, status=status)
