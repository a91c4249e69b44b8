"""Opening and closing the site's day."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.submitting import sent, status_of
from clinic.facilities.current import current_site
from sessions.forms.day_list import DayListForm
from sessions.operations.day_list import answer_day_list
from sessions.reports.day_list import day_lists
from sessions.reports.day_signals import day_signals


@login_required
@require_safe
def lists(request: StaffRequest) -> HttpResponse:
    """Both lists of the site one works at."""
    return _show(request)


def _show(request: StaffRequest, form: Any = None) -> HttpResponse:
    actor, site, now = request.actor, current_site(request), clock.now()
    actor.require(Permission.VIEW_PATIENTS, site.pk)
    signals = day_signals(site, actor=actor, now=now)
    context = {
        "site": site,
        "lists": day_lists(site, actor=actor, now=now, signals=signals),
        "may_answer": actor.can(Permission.CHECK_IN, site.pk),
        "form": form,
    }
    return render(request, "sessions/opening/lists.html", context, status=status_of(form) if form else 200)


@login_required
def answer(request: StaffRequest) -> HttpResponse:
    """Answer one item."""
    site, form = current_site(request), DayListForm(request.POST or None)

    def do(key: Any, now: Any) -> None:
        answer_day_list(site=site, by=request.actor, now=now, public_id=key, **form.cleaned_data)

    if request.method != "POST" or sent(request, form, do):
        return redirect("sessions:day-lists")
    return _show(request, form)
