"""The conflicts of a site: what disturbs which booking, and what can be done about it."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.errors import Invalid
from clinic.common.paging import page_number, pages, start_of
from clinic.common.submitting import check_same_patient, sent, status_of
from clinic.facilities.models import Chair, Site
from sessions.forms.conflicts import ConflictForm, KeepForm
from sessions.models import Booking
from sessions.operations.overriding import keep_as_planned
from sessions.reports.conflicts import ConflictFilter, by_kind, conflicts, count_of_chair, with_patients
from sessions.reports.ways_out import ways_out
from sessions.rules.conflicts import KINDS, clash_of
from sessions.states import Status
from sessions.views.places import at_current_site, site_named
from sessions.views.reaching import banner_at

PER_PAGE = 25


@login_required
@require_safe
def here(request: StaffRequest) -> HttpResponse:
    """The conflicts of the site one works at."""
    answer: HttpResponse = at_current_site(request, "sessions:conflicts-at")
    return answer


@login_required
@require_safe
def worklist(request: StaffRequest, site_id: uuid.UUID) -> HttpResponse:
    """Every conflict with its ways out, in the order of the bookings' times."""
    site = site_named(request, site_id, Permission.VIEW_PATIENTS)
    actor, now = request.actor, clock.now()
    chairs = Chair.objects.for_user(actor).filter(site=site)
    form = ConflictForm(request.GET, chairs=chairs)
    try:
        asked = ConflictFilter.of_query(request.GET)
    except Invalid as problem:
        form.refuse(problem)
        context = {"site": site, "form": form, "rows": [], "refused": True}
        return render(request, "sessions/conflicts/list.html", context, status=422)
    found = conflicts(site, actor=actor, now=now, asked=asked)
    first = start_of(page_number(request), PER_PAGE)
    shown = with_patients(found[first : first + PER_PAGE])
    context = {
        "site": site,
        "form": form,
        "asked": asked,
        "kinds": by_kind(found),
        "total": len(found),
        "rows": [
            {"clash": clash, "way": way, "acts": _acts(request, clash)}
            for clash, way in zip(shown, ways_out(shown, site=site, now=now), strict=True)
        ],
        "pages": pages(request, total=len(found), per=PER_PAGE),
        "may_book": actor.can(Permission.BOOK, site.pk),
        "may_keep": actor.can(Permission.OVERBOOK, site.pk),
    }
    return render(request, "sessions/conflicts/list.html", context)


def _acts(request: StaffRequest, clash: Any) -> dict[str, Any]:
    """Where the patient can be called from, and whether the chair is changed by moving or by seating."""
    session = clash.session
    if session is None:
        return {}
    try:
        call = reverse("sessions:log-call", args=[session.public_id])
    except NoReverseMatch:
        call = reverse("sessions:session", args=[session.public_id])
    return {"call": call, "is_scheduled": session.state is Status.SCHEDULED}


@login_required
def keep(request: StaffRequest, booking_id: uuid.UUID) -> HttpResponse:
    """Let a booking stand as it was planned, with a reason."""
    actor, booking = request.actor, _booking(request, booking_id)
    actor.require(Permission.OVERBOOK, booking.site_id)
    kind = request.POST.get("kind") or request.GET.get("kind", "")
    if kind not in KINDS:
        raise Http404
    form = KeepForm(request.POST or None, initial={"kind": kind, "revision": booking.revision})

    def store(key: uuid.UUID, now: datetime) -> None:
        said = form.cleaned_data
        keep_as_planned(
            booking=booking,
            kind=said["kind"],
            reason=said["reason"],
            by=actor,
            expected_revision=said["revision"],
            now=now,
        )

    if sent(request, form, store):
        messages.success(request, _("Kept as planned. The booking is flagged from now on."))
        return redirect("sessions:conflicts-at", booking.site.public_id)
    patient = booking.patient
    context = {
        "form": form,
        "booking": booking,
        "patient": patient,
        "label": KINDS[kind],
        "clash": clash_of(booking, kind, now=clock.now()),
        "banner": banner_at(request, patient, booking.site) if patient else None,
    }
    return render(request, "sessions/conflicts/keep.html", context, status=status_of(form))


@login_required
@require_safe
def count(request: StaffRequest, site_id: uuid.UUID) -> HttpResponse:
    """How many conflicts there are, for the head of the Today board."""
    site = site_named(request, site_id, Permission.VIEW_PATIENTS)
    if not request.headers.get("HX-Request"):
        return redirect("sessions:conflicts-at", site.public_id)
    found = conflicts(site, actor=request.actor, now=clock.now())
    return render(request, "sessions/conflicts/_count.html", {"site": site, "count": len(found)})


def _booking(request: StaffRequest, booking_id: uuid.UUID) -> Booking:
    rows = Booking.objects.for_user(request.actor).select_related("site", "patient", "chair")
    booking: Booking = get_object_or_404(rows, public_id=booking_id)
    if booking.patient is not None:
        check_same_patient(request, booking.patient)
    return booking


@login_required
@require_safe
def of_chair(request: StaffRequest, chair_id: uuid.UUID) -> HttpResponse:
    """How many bookings of a chair are in conflict, for the page of the site's chairs: a number and a link."""
    chairs = Chair.objects.for_user(request.actor).select_related("site")
    chair = get_object_or_404(chairs, public_id=chair_id)
    site: Site = chair.site
    if not request.headers.get("HX-Request"):
        url = reverse("sessions:conflicts-at", args=[site.public_id])
        return redirect(f"{url}?chair={chair.public_id}&ahead=year")
    context = {
        "chair": chair,
        "site": site,
        "count": count_of_chair(chair, now=clock.now()),
        "may_open": request.actor.can(Permission.VIEW_PATIENTS, site.pk),
    }
    return render(request, "sessions/conflicts/_of_chair.html", context)
