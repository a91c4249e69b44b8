"""Keeping a chair for another use, and freeing it again. Moving it is what is done with any visit."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_time
from django.utils.translation import gettext as _

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common.errors import Invalid, Problem
from clinic.common.submitting import sent, sent_before, status_of
from clinic.facilities.models import Chair, Site
from patients.models import Patient, Registration
from sessions.forms.placing import NewBlockForm, ReleaseForm
from sessions.forms.schedule import Asked
from sessions.models import Booking
from sessions.operations.blocks import block_chair, release_block
from sessions.views.placing import answer, booking_row, done, is_fragment, may_override, visit_of
from sessions.views.schedule import asked_here

USUAL = timedelta(minutes=30)


@login_required
def new(request: StaffRequest) -> HttpResponse:
    """Keep a chair of the site of the address."""
    asked, actor = asked_here(request), request.actor
    site = asked.site
    actor.require(Permission.BOOK, site.pk)
    chairs = list(Chair.objects.for_user(actor).filter(site=site).in_service())
    form = NewBlockForm(
        request.POST or None, zone=site.time_zone, chairs=chairs, initial=_proposed(request, asked.day)
    )

    def store(key: uuid.UUID, now: datetime) -> None:
        typed = form.cleaned_data
        told = {name: typed[name] for name in ("kind", "title", "override_reason")}
        patient = _patient(request, site, typed["record_number"])
        block_chair(**form.place, **told, patient=patient, by=actor, now=now, public_id=key)

    if sent(request, form, store):
        day: date = form.cleaned_data["day"]
        text = _("%(chair)s is kept for %(title)s.")
        shown = {"chair": form.place["chair"].name, "title": form.cleaned_data["title"]}
        messages.success(request, text % shown)
        if is_fragment(request):
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return redirect(reverse("sessions:schedule") + Asked(site, day).address())
    context = {
        "form": form,
        "site": site,
        "may_override": may_override(request, form, site.pk),
        "back": reverse("sessions:schedule") + asked.address(),
        "fragment": "sessions/schedule/_block.html",
        "action": reverse("sessions:new-block") + asked.address(),
    }
    template = context["fragment"] if is_fragment(request) else "sessions/schedule/page.html"
    return render(request, str(template), context, status=status_of(form))


@login_required
def release(request: StaffRequest, booking_id: uuid.UUID) -> HttpResponse:
    """The chair is not needed any more."""
    booking, actor = booking_row(request, booking_id), request.actor
    actor.require(Permission.BOOK, booking.site_id)
    message = _("%(chair)s is free again.") % {"chair": booking.chair.name}
    if request.method == "POST" and not booking.is_live and sent_before(request):
        return done(request, booking, message)
    shown = visit_of(request, booking)
    form = ReleaseForm(request.POST or None, initial={"revision": booking.revision})

    def store(key: uuid.UUID, now: datetime) -> None:
        typed = form.cleaned_data
        release_block(
            booking=booking, reason=typed["reason"], by=actor, expected_revision=typed["revision"], now=now
        )

    if sent(request, form, store):
        return done(request, booking, message)
    return answer(request, "release", booking, shown, {"form": form}, status=status_of(form))


def _proposed(request: StaffRequest, day: date) -> dict[str, Any]:
    """The place that the address proposes, half an hour long."""
    try:
        begins = parse_time(request.GET.get("at", ""))
    except ValueError:
        begins = None
    proposed: dict[str, Any] = {
        "kind": Booking.Kind.CONSULTATION,
        "day": day,
        "last_day": day,
        "chair": request.GET.get("chair", ""),
    }
    if begins is not None:
        ends = datetime.combine(day, begins) + USUAL
        proposed |= {"starts_at": begins, "ends_at": ends.time(), "last_day": ends.date()}
    return proposed


def _patient(request: StaffRequest, site: Site, number: str) -> Patient | None:
    """The patient under a record number of the site.

    Raises:
        Invalid: there is none within reach (``patient.unknown_number``).
    """
    if not number.strip():
        return None
    found = Registration.objects.for_user(request.actor).filter(site=site, record_number=number.strip())
    registration = found.select_related("patient").first()
    if registration is None:
        message = _("No patient of %(site)s has the record number %(number)s. Check the number.")
        problem = Problem("patient.unknown_number", message, {"site": site.name, "number": number.strip()})
        raise Invalid({"record_number": problem})
    return registration.patient
