"""Leave: who is away, recorded by whoever plans, or by the one who is ill."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.audit.records import snapshot
from clinic.common import clock
from clinic.common.editing import posted_revision, shown_revision, stored_beside_typed
from clinic.common.paging import PER_PAGE, page_number, pages, start_of
from clinic.common.submitting import sent, status_of
from clinic.facilities.current import current_site
from clinic.facilities.forms.opening import WithdrawForm
from clinic.facilities.forms.roster import LeaveFilterForm, LeaveForm
from clinic.facilities.models import StaffLeave
from clinic.facilities.operations import leave as operations
from clinic.facilities.reports.leave import leave_at, leave_rows, shifts_lost
from clinic.facilities.reports.people import people_at
from clinic.facilities.rules.leave import check_may_record, may_plan_for, may_see_kind, people_planned_by
from clinic.facilities.views.opening import PLAN, actor_of, site_or_404


@login_required
@require_safe
def leave_list(request: HttpRequest) -> HttpResponse:
    """Who of the site one works at is away, from now on or in the days of the address."""
    site, actor = current_site(request), actor_of(request)
    form = LeaveFilterForm(request.GET or None, people=people_at(site))
    asked = form.cleaned_data if form.is_valid() else {}
    found = leave_at(site, actor=actor, asked=asked, now=clock.now())
    start = start_of(page_number(request))
    context = {
        "site": site,
        "form": form,
        "rows": leave_rows(found[start : start + PER_PAGE], actor=actor),
        "pages": pages(request, total=found.count()),
        "filtered": any(asked.values()),
        "may_plan": actor.can(PLAN, site.pk),
    }
    return render(request, "facilities/leave_list.html", context)


@login_required
def add(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """Leave of somebody at the site; without the right to plan it, one's own sickness."""
    site, actor = site_or_404(request, site_id), actor_of(request)
    may_plan = actor.can(PLAN, site.pk)
    initial = {"user": request.GET.get("user", ""), "first": clock.local_date(clock.now(), site.time_zone)}
    people = people_at(site) if may_plan else None
    form = LeaveForm(request.POST or None, site=site, people=people, initial=initial)
    me: Any = actor.user

    def do(key: UUID, now: Any) -> None:
        user = form.person(me)
        operations.record_leave(user=user, **form.details, by=actor, public_id=key, now=now)

    if sent(request, form, do):
        messages.success(request, _("Recorded. The shifts of that time do not count any more."))
        return redirect("facilities:leave", request.POST["idempotency_key"])
    context = {
        "site": site,
        "form": form,
        "title": _("Record leave") if may_plan else _("I am ill"),
        "lead": _("It is recorded whatever is booked; the next page says what it leaves uncovered."),
        "button": _("Record it"),
    }
    return render(request, "facilities/leave_form.html", context, status=status_of(form))


@login_required
@require_safe
def leave(request: HttpRequest, leave_id: UUID) -> HttpResponse:
    """One leave: the shifts that it takes away, and the booked hours that it leaves without a nurse."""
    found, actor = _leave_or_404(request, leave_id), actor_of(request)
    context = {
        "leave": found,
        "site": current_site(request),  # on whose clocks it is told: a leave belongs to no site
        "shifts": shifts_lost(found, actor=actor),
        "may_change": _may_change(request, found),
    }
    return render(request, "facilities/leave.html", context)


@login_required
def edit(request: HttpRequest, leave_id: UUID) -> HttpResponse:
    """Another time or kind."""
    found, actor = _leave_or_404(request, leave_id), actor_of(request)
    check_may_record(actor, found.user, found.kind)
    site = current_site(request)
    people = people_at(site) if may_plan_for(actor, found.user) else None
    shown = LeaveForm.initial_of(site, snapshot(found))
    form = LeaveForm(request.POST or None, site=site, people=people, fixed=True, initial=shown)

    def do(key: UUID, now: Any) -> None:
        operations.edit_leave(
            leave=found, changes=form.details, by=actor, expected_revision=posted_revision(request), now=now
        )

    if sent(request, form, do):
        messages.success(request, _("Saved."))
        return redirect("facilities:leave", found.public_id)
    stored = _leave_or_404(request, leave_id)
    context = {
        "site": site,
        "leave": stored,
        "form": form,
        "title": _("Edit the leave of %(name)s") % {"name": found.user.display_name},
        "button": _("Save"),
        "revision": shown_revision(request, form, stored),
        "conflict": stored_beside_typed(
            form, row=stored, stored=LeaveForm.initial_of(site, snapshot(stored))
        ),
    }
    return render(request, "facilities/leave_form.html", context, status=status_of(form))


@login_required
def withdraw(request: HttpRequest, leave_id: UUID) -> HttpResponse:
    """The person is there after all."""
    found, actor = _leave_or_404(request, leave_id), actor_of(request)
    check_may_record(actor, found.user, found.kind)
    form = WithdrawForm(request.POST or None)

    def do(key: UUID, now: Any) -> None:
        operations.withdraw_leave(
            leave=found,
            by=actor,
            expected_revision=posted_revision(request),
            reason=form.cleaned_data["reason"],
            now=now,
        )

    if sent(request, form, do):
        messages.success(request, _("Withdrawn. The shifts of that time count again."))
        return redirect("facilities:leave-list")
    context = {
        "site": current_site(request),
        "leave": found,
        "form": form,
        "title": _("Withdraw the leave of %(name)s") % {"name": found.user.display_name},
        "button": _("Withdraw it"),
        "revision": shown_revision(request, form, _leave_or_404(request, leave_id)),
    }
    return render(request, "facilities/leave_form.html", context, status=status_of(form))


def _leave_or_404(request: HttpRequest, leave_id: UUID) -> StaffLeave:
    """A leave that one may know the reason of; of others one sees only in the roster that somebody is away."""
    actor = actor_of(request)
    rows = StaffLeave.objects.for_user(actor).select_related("user")
    found: StaffLeave = get_object_or_404(rows, public_id=leave_id)
    if not may_see_kind(actor, found, planned=people_planned_by(actor)):
        raise Http404
    return found


def _may_change(request: HttpRequest, found: StaffLeave) -> bool:
    if found.is_withdrawn:
        return False
    actor, user = actor_of(request), found.user
    is_own_sickness = user.pk == actor.user_id and found.kind == StaffLeave.Kind.SICK
    return is_own_sickness or may_plan_for(actor, user)
