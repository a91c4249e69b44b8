"""What is booked, one by one: looked at, moved, given to a nurse. A page, or a fragment in the schedule's dialog."""

import uuid
from datetime import UTC, datetime, time
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_time
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.editing import shown_revision, stored_beside_typed
from clinic.common.submitting import check_same_patient, sent, status_of
from clinic.facilities.models import Chair
from sessions.forms.placing import BlockPlaceForm, NurseForm, PlaceForm
from sessions.forms.schedule import Asked, day_of
from sessions.models import Booking, InfusionSession
from sessions.operations.assigning import assign_nurse
from sessions.operations.blocks import move_block
from sessions.operations.booking import move_booking
from sessions.reports.visits import Visit, read_visits
from sessions.rules.capacity import OVERRIDABLE
from sessions.rules.schedule import nurses_of


@login_required
@require_safe
def visit(request: StaffRequest, booking_id: uuid.UUID) -> HttpResponse:
    """Who, when, where, against which rules; and what can be done about it."""
    booking = booking_row(request, booking_id)
    shown = visit_of(request, booking)
    context: dict[str, Any] = {"nurse_form": None}
    if request.actor.can(Permission.BOOK, booking.site_id) and shown.is_assignable:
        context["nurse_form"] = _nurse_form(shown, booking)
    return answer(request, "visit", booking, shown, context)


@login_required
def move(request: StaffRequest, booking_id: uuid.UUID) -> HttpResponse:
    """Another time or chair for a session that has not begun, or for another use of a chair."""
    booking, actor = booking_row(request, booking_id), request.actor
    actor.require(Permission.BOOK, booking.site_id)
    shown = visit_of(request, booking)
    of = PlaceForm if shown.session_id else BlockPlaceForm
    place: dict[str, Any] = {"zone": booking.site.time_zone, "chairs": chairs_at(request, booking)}
    form = of(request.POST or None, initial=_asked_place(request, booking, shown), **place)

    def store(key: uuid.UUID, now: datetime) -> None:
        _move(request, booking, form, now)

    if sent(request, form, store):
        return done(request, booking, _("Moved to %(when)s.") % {"when": when(form.instant, booking)})
    context = {
        "form": form,
        "may_override": may_override(request, form, booking.site_id),
        "conflict": stored_beside_typed(form, row=booking, stored=_place_of(booking, shown)),
    }
    return answer(request, "move", booking, shown, context, status=status_of(form))


@login_required
def nurse(request: StaffRequest, booking_id: uuid.UUID) -> HttpResponse:
    """Who looks after the patient."""
    booking, actor = booking_row(request, booking_id), request.actor
    actor.require(Permission.BOOK, booking.site_id)
    shown = visit_of(request, booking)
    if shown.session_id is None:
        raise Http404
    form = _nurse_form(shown, booking, request.POST or None, chosen=request.GET.get("nurse"))
    session = InfusionSession.objects.for_user(actor).select_related("site").get(booking=booking)

    def store(key: uuid.UUID, now: datetime) -> None:
        revision = form.cleaned_data["revision"]
        assign_nurse(session=session, nurse=form.chosen_nurse, by=actor, expected_revision=revision, now=now)

    if sent(request, form, store):
        named = form.chosen_nurse.short_name if form.chosen_nurse else _("nobody yet")
        return done(request, booking, _("Nurse of this visit: %(name)s.") % {"name": named})
    context = {
        "form": form,
        "conflict": stored_beside_typed(form, row=booking, stored={"nurse": _nurse_now(shown)}),
    }
    return answer(request, "nurse", booking, shown, context, status=status_of(form))


def booking_row(request: StaffRequest, booking_id: uuid.UUID) -> Booking:
    """The booking with its place. Raises Http404 out of scope, Conflict for another patient's form."""
    rows = Booking.objects.for_user(request.actor).select_related("site", "patient", "chair")
    booking = rows.filter(public_id=booking_id).first()
    if booking is None:
        raise Http404
    if booking.patient:
        check_same_patient(request, booking.patient)
    return booking


def visit_of(request: StaffRequest, booking: Booking) -> Visit:
    """The booking as the schedule shows it. Raises Http404 for a chair that was freed."""
    start, end = booking.starts_at, booking.ends_at
    for found in read_visits(booking.site, start=start, end=end, actor=request.actor):
        if found.id == booking.public_id:
            return found
    raise Http404


def chairs_at(request: StaffRequest, booking: Booking) -> list[Chair]:
    return list(Chair.objects.for_user(request.actor).filter(site=booking.site_id).in_service())


def may_override(request: StaffRequest, form: Any, site_id: int) -> bool:
    """Whether a reason is asked for: only after rules refused that it can outweigh, and of those who may give one."""
    refusal = getattr(form, "refusal", None)
    codes = {problem.code for problem in refusal.problems} if refusal else set()
    typed = bool(form.data.get("override_reason", "").strip())
    return request.actor.can(Permission.OVERBOOK, site_id) and (typed or bool(codes) and codes <= OVERRIDABLE)


def answer(
    request: StaffRequest,
    name: str,
    booking: Booking,
    shown: Visit,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """The page ``name``, or the fragment that it includes where the schedule's dialog asks for it."""
    form = context.get("form")
    context |= {
        "visit": shown,
        "revision": shown_revision(request, form, shown) if form else shown.revision,
        "booking": booking,
        "site": booking.site,
        "may_book": request.actor.can(Permission.BOOK, booking.site_id),
        "may_check_in": request.actor.can(Permission.CHECK_IN, booking.site_id),
        "back": _schedule_of(booking),
        "fragment": f"sessions/schedule/_{name}.html",
    }
    template = context["fragment"] if is_fragment(request) else "sessions/schedule/page.html"
    return render(request, template, context, status=status)


def done(request: StaffRequest, booking: Booking, message: str) -> HttpResponse:
    """Back to the schedule, which says what was done."""
    messages.success(request, message)
    if is_fragment(request):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return redirect(_schedule_of(booking))


def is_fragment(request: StaffRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def when(instant: datetime, booking: Booking) -> str:
    local = instant.astimezone(booking.site.zone)
    return f"{local:%a} {local.day} {local:%b} {local:%H:%M}"


def _schedule_of(booking: Booking) -> str:
    return reverse("sessions:schedule") + Asked(booking.site, booking.local_date).address()


def _move(request: StaffRequest, booking: Booking, form: Any, now: datetime) -> None:
    typed = form.cleaned_data
    told: dict[str, Any] = {
        "by": request.actor,
        "expected_revision": typed["revision"],
        "override_reason": typed["override_reason"],
        "now": now,
    }
    if isinstance(form, BlockPlaceForm):
        move_block(booking=booking, **form.place, **told)
        return
    rows = InfusionSession.objects.for_user(request.actor)
    session = rows.select_related("site", "patient", "course__protocol_version").get(booking=booking)
    move_booking(session=session, chair=form.chosen_chair, starts_at=form.instant, **told)


def _asked_place(request: StaffRequest, booking: Booking, shown: Visit) -> dict[str, Any]:
    """The place that the address proposes; else where it is now."""
    zone = booking.site.zone
    local = shown.starts_at.astimezone(zone)
    day, at = day_of(request.GET.get("day", "")), _time(request.GET.get("at", ""))
    begins = datetime.combine(day or local.date(), at or local.time(), zone)
    proposed = _place_of(booking, shown)
    if begins != local:
        # A time that is skipped is shown as it was asked for; of one that comes twice it is asked which is meant.
        proposed = _place(booking, shown, begins.astimezone(UTC)) | {"starts_at": begins.time(), "fold": ""}
    return proposed | {"chair": request.GET.get("chair", proposed["chair"]), "revision": shown.revision}


def _place_of(booking: Booking, shown: Visit) -> dict[str, Any]:
    """Where it stands now, in the fields of its form."""
    return _place(booking, shown, shown.starts_at)


def _place(booking: Booking, shown: Visit, starts: datetime) -> dict[str, Any]:
    """A place of the same length from ``starts`` on, in the fields of a form."""
    zone = booking.site.time_zone
    ends = starts + (booking.ends_at - booking.starts_at)
    first, last = (at.astimezone(booking.site.zone) for at in (starts, ends))
    return {
        "day": first.date(),
        "starts_at": first.time(),
        "fold": _which(starts, zone),
        "ends_at": last.time(),
        "end_fold": _which(ends, zone),
        "last_day": last.date(),
        "chair": "" if shown.is_provisional else str(shown.chair.public_id),
    }


def _which(at: datetime, zone: str) -> str:
    fold = clock.fold_of(at, zone)
    return "" if fold is None else str(fold)


def _time(text: str) -> time | None:
    try:
        return parse_time(text)
    except ValueError:
        return None


def _nurse_form(shown: Visit, booking: Booking, data: Any = None, *, chosen: str | None = None) -> NurseForm:
    initial = {"nurse": _nurse_now(shown) if chosen is None else chosen, "revision": shown.revision}
    return NurseForm(data, nurses=nurses_of(booking.site), initial=initial)


def _nurse_now(shown: Visit) -> str:
    return str(shown.nurse.public_id) if shown.nurse else ""
