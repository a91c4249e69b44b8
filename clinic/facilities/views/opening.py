"""When a site is open: its hours, its closures."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.records import snapshot
from clinic.common import clock
from clinic.common.editing import changed_by, posted_revision, shown_revision, stored_beside_typed
from clinic.common.errors import Stale
from clinic.common.paging import PER_PAGE, page_number, pages, start_of
from clinic.common.submitting import sent, status_of
from clinic.facilities.forms.opening import ClosureForm, HoursForm, WithdrawForm
from clinic.facilities.models import Closure, Site
from clinic.facilities.operations import opening as operations
from clinic.facilities.reports.opening import in_words, week_of
from clinic.facilities.rules.hours import Stretch

PLAN = Permission.PLAN_ROSTER


@login_required
@require_safe
def opening(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """The week of a site and its closures: those to come, or with ``?past=1`` those that are over."""
    site, actor = site_or_404(request, site_id), actor_of(request)
    past, now = bool(request.GET.get("past")), clock.now()
    closures = Closure.objects.for_user(actor).filter(site=site).standing()
    closures = closures.filter(ends_at__lte=now) if past else closures.filter(ends_at__gt=now)
    closures = closures.order_by("-starts_at" if past else "starts_at", "pk")
    start = start_of(page_number(request))
    context = {
        "site": site,
        "days": in_words(week_of(site)),
        "closures": closures[start : start + PER_PAGE],
        "pages": pages(request, total=closures.count()),
        "past": past,
        "may_plan": actor.can(PLAN, site.pk),
    }
    return render(request, "facilities/opening.html", context)


@login_required
def hours(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """The whole week at once. The button that copies a day fills the form and stores nothing."""
    site = planned_site_or_404(request, site_id)
    week = week_of(site)
    if request.method == "POST" and "copy" in request.POST:
        return _hours_page(request, site, _copied(request, week))
    form = HoursForm.of_week(week, request.POST or None)

    def do(key: UUID, now: Any) -> None:
        operations.set_opening_hours(
            site=site,
            hours=form.week,
            by=actor_of(request),
            expected_revision=posted_revision(request),
            reason=form.cleaned_data["reason"],
            now=now,
        )

    if sent(request, form, do):
        messages.success(request, _("The opening hours are saved."))
        return redirect("facilities:opening", site.public_id)
    return _hours_page(request, site, form)


def _copied(request: HttpRequest, week: list[Stretch]) -> HoursForm:
    stretches = HoursForm.of_week(week).stretches
    source, targets = request.POST.get("copy_from", ""), request.POST.getlist("copy_to")
    return HoursForm.copied(stretches, request.POST, source, targets)


def _hours_page(request: HttpRequest, site: Site, form: HoursForm) -> HttpResponse:
    refusal, conflict = getattr(form, "refusal", None), []
    if isinstance(refusal, Stale):
        stored = ", ".join(refusal.current["opening_hours"])
        conflict = [
            {
                "label": _("Opening hours"),
                "stored": stored or "–",
                "typed": form.in_words(),
                "by": changed_by(site),
            }
        ]
        # The newer version is named from here on: both are shown.
        site.refresh_from_db(fields=["revision"])
    context = {
        "site": site,
        "form": form,
        "days": form.days(),
        "revision": shown_revision(request, form, site),
        "conflict": conflict,
        "copies": "copy" in request.POST,
    }
    return render(request, "facilities/opening_hours.html", context, status=status_of(form))


@login_required
def closure_add(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """One more holiday or closure."""
    site = planned_site_or_404(request, site_id)
    form = ClosureForm(request.POST or None, site=site, initial={"kind": Closure.Kind.HOLIDAY})

    def do(key: UUID, now: Any) -> None:
        operations.add_closure(site=site, **form.details, by=actor_of(request), public_id=key, now=now)

    if sent(request, form, do):
        messages.success(request, _("%(name)s is added.") % {"name": form.cleaned_data["reason"]})
        return redirect("facilities:opening", site.public_id)
    context = {
        "site": site,
        "form": form,
        "title": _("Add a holiday or closure"),
        "lead": _("What is booked then stays booked until somebody moves it."),
        "button": _("Add it"),
    }
    return render(request, "facilities/closure_form.html", context, status=status_of(form))


@login_required
def closure_edit(request: HttpRequest, closure_id: UUID) -> HttpResponse:
    """Another name, or another time."""
    closure = _closure_or_404(request, closure_id)
    site, shown = closure.site, ClosureForm.initial_of(closure.site, snapshot(closure))
    form = ClosureForm(request.POST or None, site=site, initial=shown)

    def do(key: UUID, now: Any) -> None:
        operations.edit_closure(
            closure=closure,
            changes=form.details,
            by=actor_of(request),
            expected_revision=posted_revision(request),
            now=now,
        )

    if sent(request, form, do):
        messages.success(request, _("Saved."))
        return redirect("facilities:opening", site.public_id)
    closure.refresh_from_db()
    context = {
        "site": site,
        "closure": closure,
        "form": form,
        "title": _("Edit a closure"),
        "button": _("Save"),
        "revision": shown_revision(request, form, closure),
        "conflict": stored_beside_typed(
            form, row=closure, stored=ClosureForm.initial_of(site, snapshot(closure))
        ),
    }
    return render(request, "facilities/closure_form.html", context, status=status_of(form))


@login_required
def closure_withdraw(request: HttpRequest, closure_id: UUID) -> HttpResponse:
    """The site is open then after all."""
    closure = _closure_or_404(request, closure_id)
    form = WithdrawForm(request.POST or None)

    def do(key: UUID, now: Any) -> None:
        operations.withdraw_closure(
            closure=closure,
            by=actor_of(request),
            expected_revision=posted_revision(request),
            reason=form.cleaned_data["reason"],
            now=now,
        )

    if sent(request, form, do):
        messages.success(request, _("%(name)s is withdrawn.") % {"name": closure.reason})
        return redirect("facilities:opening", closure.site.public_id)
    closure.refresh_from_db()
    context = {
        "site": closure.site,
        "form": form,
        "title": _("Withdraw %(name)s") % {"name": closure.reason},
        "lead": _("The site is open then after all."),
        "button": _("Withdraw it"),
        "revision": shown_revision(request, form, closure),
    }
    return render(request, "facilities/closure_form.html", context, status=status_of(form))


def actor_of(request: HttpRequest) -> Actor:
    """Whoever has signed in."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def site_or_404(request: HttpRequest, site_id: UUID) -> Site:
    """A site at which one has a role."""
    found: Site = get_object_or_404(Site.objects.for_user(actor_of(request)), public_id=site_id)
    return found


def planned_site_or_404(request: HttpRequest, site_id: UUID) -> Site:
    """A site within reach.

    Raises:
        Refused: without the right to plan it.
    """
    site = site_or_404(request, site_id)
    actor_of(request).require(PLAN, site.pk)
    return site


def _closure_or_404(request: HttpRequest, closure_id: UUID) -> Closure:
    actor = actor_of(request)
    rows = Closure.objects.for_user(actor).select_related("site")
    found: Closure = get_object_or_404(rows, public_id=closure_id)
    actor.require(PLAN, found.site_id)
    return found
