"""The roster of a site: a week at a time, its shifts, and the week copied."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from clinic.audit.records import snapshot
from clinic.common import clock
from clinic.common.editing import posted_revision, shown_revision, stored_beside_typed
from clinic.common.submitting import sent, status_of
from clinic.facilities.current import current_site, sites_of
from clinic.facilities.forms.opening import WithdrawForm
from clinic.facilities.forms.roster import CopyForm, ShiftForm
from clinic.facilities.models import Shift, Site
from clinic.facilities.operations import copying
from clinic.facilities.operations import roster as operations
from clinic.facilities.reports.people import people_at
from clinic.facilities.reports.roster import clock_words, roster_week
from clinic.facilities.rules.copying import PlannedCopy, monday_of, planned_copies
from clinic.facilities.rules.roster import breaks_of
from clinic.facilities.views.opening import PLAN, actor_of, planned_site_or_404

FIRST, LAST = date(1990, 1, 1), date(2199, 12, 1)


@login_required
@require_safe
def roster(request: HttpRequest) -> HttpResponse:
    """A week of the site one works at, or of ``?site=``; the one of ``?week=``, or this one."""
    asked, actor = request.GET.get("site"), actor_of(request)
    site = next((each for each in sites_of(request) if str(each.public_id) == asked), None)
    site = site or current_site(request)
    today = clock.local_date(clock.now(), site.time_zone)
    monday = _monday(request.GET.get("week", ""), today)
    week, may_plan = roster_week(site, monday, actor=actor), actor.can(PLAN, site.pk)
    context = {
        "site": site,
        "week": week,
        # Whoever plans may roster anybody; the others look for who is there.
        "rows": [row for row in week.rows if may_plan or row.person.is_nurse or not row.is_idle],
        "today": today,
        "last": monday + timedelta(days=6),
        "before": monday - timedelta(days=7),
        "after": monday + timedelta(days=7),
        "may_plan": may_plan,
    }
    return render(request, "facilities/roster.html", context)


@login_required
def shift_add(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """One more shift; the person and the day of the address stand in the form."""
    site = planned_site_or_404(request, site_id)
    initial = {"user": request.GET.get("user", ""), "day": request.GET.get("day", "")}
    form = ShiftForm(request.POST or None, site=site, people=people_at(site), initial=initial)

    def do(key: UUID, now: Any) -> None:
        operations.add_shift(site=site, **form.details, by=actor_of(request), public_id=key, now=now)

    if sent(request, form, do):
        messages.success(request, _("The shift of %(name)s is added.") % {"name": form.person.display_name})
        return redirect(_week_address(site, form.cleaned_data["day"]))
    context = {
        "site": site,
        "form": form,
        "title": _("Add a shift"),
        "button": _("Add the shift"),
        "back": _week_address(site, _monday(initial["day"], clock.local_date(clock.now(), site.time_zone))),
    }
    return render(request, "facilities/shift_form.html", context, status=status_of(form))


@login_required
def shift_edit(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Other times or breaks, or another person."""
    shift = _shift_or_404(request, shift_id)
    site, breaks = shift.site, len(breaks_of(shift))
    form = ShiftForm(
        request.POST or None, site=site, people=people_at(site), breaks=breaks + 1, initial=_shown(shift)
    )

    def do(key: UUID, now: Any) -> None:
        operations.edit_shift(
            shift=shift,
            changes=form.details,
            by=actor_of(request),
            expected_revision=posted_revision(request),
            now=now,
        )

    if sent(request, form, do):
        messages.success(request, _("Saved."))
        return redirect(_week_address(site, form.cleaned_data["day"]))
    stored = _shift_or_404(request, shift_id)
    context = {
        "site": site,
        "shift": stored,
        "form": form,
        "title": _("Edit a shift"),
        "button": _("Save"),
        "revision": shown_revision(request, form, stored),
        "conflict": stored_beside_typed(form, row=stored, stored=_shown(stored)),
        "back": _week_address(site, clock.local_date(shift.starts_at, site.time_zone)),
    }
    return render(request, "facilities/shift_form.html", context, status=status_of(form))


@login_required
def shift_withdraw(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Nobody is on duty in it any more."""
    shift = _shift_or_404(request, shift_id)
    site = shift.site
    form = WithdrawForm(request.POST or None)
    back = _week_address(site, clock.local_date(shift.starts_at, site.time_zone))

    def do(key: UUID, now: Any) -> None:
        operations.withdraw_shift(
            shift=shift,
            by=actor_of(request),
            expected_revision=posted_revision(request),
            reason=form.cleaned_data["reason"],
            now=now,
        )

    if sent(request, form, do):
        messages.success(
            request, _("The shift of %(name)s is withdrawn.") % {"name": shift.user.display_name}
        )
        return redirect(back)
    context = {
        "site": site,
        "form": form,
        "title": _("Withdraw the shift of %(name)s") % {"name": shift.user.display_name},
        "lead": _("%(times)s. What is booked then stays booked.")
        % {"times": clock_words((shift.starts_at, shift.ends_at), site)},
        "button": _("Withdraw it"),
        "revision": shown_revision(request, form, _shift_or_404(request, shift_id)),
        "back": back,
    }
    return render(request, "facilities/shift_form.html", context, status=status_of(form))


@login_required
def copy(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """What a copy of the week would be, shift by shift; sent, it is made."""
    site, actor = planned_site_or_404(request, site_id), actor_of(request)
    monday = _monday(request.GET.get("week", ""), clock.local_date(clock.now(), site.time_zone))
    weeks = {"weeks": request.GET.get("weeks") or "1"}
    form = CopyForm(request.POST or weeks)
    chosen = form.cleaned_data["weeks"] if form.is_valid() else 1
    made = []

    def do(key: UUID, now: Any) -> None:
        made.append(copying.copy_week(site=site, week=monday, weeks=chosen, by=actor, key=key, now=now))

    if sent(request, form, do):
        if made:
            messages.success(request, _copied_words(made[0]))
        return redirect(_week_address(site, monday + timedelta(days=7)))
    context = {
        "site": site,
        "form": form,
        "monday": monday,
        "last": monday + timedelta(days=6),
        "weeks": chosen,
        **_preview(planned_copies(site, monday, weeks=chosen), site),
        "back": _week_address(site, monday),
    }
    return render(request, "facilities/roster_copy.html", context, status=status_of(form))


def _copied_words(done: copying.Copied) -> str:
    count = len(done.made)
    words = ngettext("%(count)s shift is copied.", "%(count)s shifts are copied.", count) % {"count": count}
    if not done.left_out:
        return words
    return f"{words} " + _("%(count)s left out.") % {"count": len(done.left_out)}


def _preview(plan: list[PlannedCopy], site: Site) -> dict[str, Any]:
    rows = [
        {
            "name": copied.source.user.printed_name,
            "starts_at": copied.time[0],
            "week": copied.week,
            "words": clock_words(copied.time, site),
            "breaks": [clock_words(pause, site) for pause in copied.breaks],
            "problem": copied.problem,
        }
        for copied in plan
    ]
    return {
        "made": [row for row in rows if row["problem"] is None],
        "left_out": [row for row in rows if row["problem"] is not None],
    }


def _shown(shift: Shift) -> dict[str, Any]:
    times = ShiftForm.initial_of(shift.site, snapshot(shift), breaks_of(shift))
    return {"user": str(shift.user.public_id), **times}


def _shift_or_404(request: HttpRequest, shift_id: UUID) -> Shift:
    actor = actor_of(request)
    rows = Shift.objects.for_user(actor).select_related("site", "user").prefetch_related("breaks")
    found: Shift = get_object_or_404(rows, public_id=shift_id)
    actor.require(PLAN, found.site_id)
    return found


def _monday(text: str, today: date) -> date:
    """The Monday of a day in an address; of today where it is none, or one that no calendar here reaches."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = today
    return monday_of(found if FIRST <= found <= LAST else today)


def _week_address(site: Site, day: date) -> str:
    return f"{reverse('facilities:roster')}?site={site.public_id}&week={monday_of(day).isoformat()}"
