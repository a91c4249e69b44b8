"""Booking the next session of a course into a chair, and moving it."""

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.editing import shown_revision
from clinic.common.errors import ClinicError, problems_of
from clinic.common.submitting import sent, status_of
from clinic.facilities.models import Chair
from sessions.forms.booking import OPEN_CHAIR, BookingForm, MoveForm
from sessions.models import Course
from sessions.operations import booking as operations
from sessions.reports.chair_day import chair_day, next_window
from sessions.rules.capacity import OVERRIDABLE
from sessions.rules.planning import check_can_book, check_can_move, check_gap
from sessions.views.conflict import changed_meanwhile
from sessions.views.loading import session_row
from sessions.views.reaching import banner_at, course_row

LAST_DAY = timedelta(days=366)


@login_required
def book(request: StaffRequest, course_id: uuid.UUID) -> HttpResponse:
    """The chairs of a day with the times that are free, and the booking of one."""
    actor, course = request.actor, course_row(request, course_id)
    actor.require(Permission.BOOK, course.site_id)
    now = clock.now()
    day = _day(request, course, now)
    form = BookingForm(
        request.POST or None,
        zone=course.site.time_zone,
        chairs=chairs_of(request, course),
        initial={"day": day, "chair": request.GET.get("chair"), "starts_at": request.GET.get("at")},
    )

    def store(key: uuid.UUID, now: datetime) -> None:
        operations.book(course=course, by=actor, public_id=key, now=now, **form.chosen)

    if sent(request, form, store):
        messages.success(request, _("Booked for %(when)s.") % {"when": _when(form.instant, course)})
        return redirect("sessions:course", course.public_id)
    context = {"problems": problems_of(check_can_book, course=course, by=actor, starts_at=now, now=now)}
    return _chairs_page(request, "sessions/booking/book.html", form, course, day, now, context)


@login_required
def move(request: StaffRequest, session_id: uuid.UUID) -> HttpResponse:
    """Another time or chair for a session that has not begun."""
    actor, session = request.actor, session_row(request, session_id)
    actor.require(Permission.BOOK, session.site_id)
    course, now = session.course, clock.now()
    local = session.scheduled_start.astimezone(session.site.zone)
    held = OPEN_CHAIR if session.booking.is_chair_provisional else session.chair.public_id
    day = _day(request, course, now, otherwise=session.local_date)
    form = MoveForm(
        request.POST or None,
        zone=session.site.time_zone,
        chairs=chairs_of(request, course),
        initial={
            "day": day,
            "chair": request.GET.get("chair", held),
            "starts_at": request.GET.get("at", local.strftime("%H:%M")),
        },
    )

    def store(key: uuid.UUID, now: datetime) -> None:
        told: dict[str, Any] = {"expected_revision": form.cleaned_data["revision"], "now": now}
        operations.move_booking(session=session, by=actor, **told, **form.chosen)

    if sent(request, form, store):
        messages.success(request, _("Moved to %(when)s.") % {"when": _when(form.instant, course)})
        return redirect("sessions:course", course.public_id)
    return _chairs_page(
        request,
        "sessions/booking/move.html",
        form,
        course,
        day,
        now,
        {
            "session": session,
            "problems": problems_of(check_can_move, session=session),
            "revision": shown_revision(request, form, session),
            "theirs": changed_meanwhile(form, session),
        },
    )


def _chairs_page(
    request: StaffRequest,
    template: str,
    form: BookingForm,
    course: Course,
    day: date,
    now: datetime,
    context: dict[str, Any],
) -> HttpResponse:
    """The day picker, the chairs of the day, and the form below."""
    session = context.get("session")
    today = clock.local_date(now, course.site.time_zone)
    context |= {
        "form": form,
        "course": course,
        "banner": banner_at(request, course.patient, course.site),
        "day": day,
        "before": day - timedelta(days=1) if day > today else None,
        "after": day + timedelta(days=1),
        "last_day": today + LAST_DAY,
        "today": today,
        "chairs": chair_day(course, day=day, actor=request.actor, now=now, besides=session),
        "gap": problems_of(check_gap, course=course, day=day, besides=session),
        "window": None if session else next_window(course),
        "chosen_chair": str(form["chair"].value() or ""),
        "chosen_time": str(form["starts_at"].value() or "")[:5],
    }
    context["may_override"] = may_override(form, request.actor, course)
    context["until"] = _until(course, day, context["chosen_time"])
    window = context["window"]
    if window:
        count = min((window.target - window.earliest).days, 13) + 1
        days = [window.earliest + timedelta(days=n) for n in range(count)]
        context["window_days"] = [fitting for fitting in days if fitting >= today]
    return render(request, template, context, status=status_of(form))


def may_override(form: BookingForm, actor: Actor, course: Course) -> bool:
    """Whether the page offers to book anyway: after a refusal that a reason mends, to whoever has the right."""
    refusal = getattr(form, "refusal", None)
    codes = {problem.code for problem in refusal.problems} if refusal else set()
    is_asked = bool(codes) and codes <= OVERRIDABLE
    return actor.can(Permission.OVERBOOK, course.site_id) and (
        is_asked or bool(form["override_reason"].value())
    )


def chairs_of(request: StaffRequest, course: Course) -> list[Chair]:
    chairs = Chair.objects.for_user(request.actor)
    return list(chairs.filter(site=course.site_id).in_service())


def _day(request: StaffRequest, course: Course, now: datetime, *, otherwise: date | None = None) -> date:
    """The day asked for; else the day on which the next session belongs, and never one that has passed."""
    today = clock.local_date(now, course.site.time_zone)
    typed = request.POST.get("day") or request.GET.get("day") or ""
    try:
        asked = parse_date(typed)
    except ValueError:
        asked = None
    if asked is None and otherwise is None:
        window = next_window(course)
        asked = window.target if window else today
    return min(max(asked or otherwise or today, today), today + LAST_DAY)


def _until(course: Course, day: date, typed: str) -> str:
    """When a session would be over that begins at the time in the form; empty while that is none."""
    try:
        begins = clock.from_local(datetime.combine(day, time.fromisoformat(typed)), course.site.time_zone)
    except (ClinicError, ValueError):
        return ""
    ends = begins + timedelta(minutes=course.chair_minutes)
    return ends.astimezone(course.site.zone).strftime("%H:%M")


def _when(instant: datetime, course: Course) -> str:
    local = instant.astimezone(course.site.zone)
    return f"{local:%a} {local.day} {local:%b} {local:%H:%M}"
