"""A whole course planned on one page: proposed, changed by hand, and booked or moved together or not at all."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.errors import problems_of
from clinic.common.submitting import sent, status_of
from sessions.forms.series import WishesForm
from sessions.models import Course, InfusionSession
from sessions.operations import series as operations
from sessions.operations.wishes import remember_wishes
from sessions.reports.free_times import spacing_of
from sessions.rules.planning import check_can_book, check_can_move
from sessions.states import Status
from sessions.views.booking import chairs_of
from sessions.views.loading import session_row
from sessions.views.reaching import banner_at, course_row
from sessions.views.series_page import BOOK, SeriesPage


@login_required
def plan(request: StaffRequest, course_id: uuid.UUID) -> HttpResponse:
    """Every infusion that the order still leaves, proposed at once."""
    actor, course, now = request.actor, course_row(request, course_id), clock.now()
    actor.require(Permission.BOOK, course.site_id)
    page = SeriesPage(request, course, now=now)
    form = page.form

    def store(key: uuid.UUID, now: datetime) -> None:
        slots = [operations.Slot(start, chair) for start, chair in page.slots()]
        told = {"override_reason": form.cleaned_data["override_reason"], "public_id": key, "now": now}
        operations.book_series(course=course, slots=slots, by=actor, **told)

    if page.do == BOOK and sent(request, form, store):
        number = len(form.rows)
        messages.success(
            request, ngettext("%(n)s session booked.", "%(n)s sessions booked.", number) % {"n": number}
        )
        return redirect("sessions:course", course.public_id)
    context = {
        "problems": problems_of(check_can_book, course=course, by=request.actor, starts_at=now, now=now)
    }
    return _answer(request, "sessions/plan/plan.html", page, context)


@login_required
def replan(request: StaffRequest, session_id: uuid.UUID) -> HttpResponse:
    """A scheduled session and all later ones of its course, proposed anew inside their windows."""
    actor, session, now = request.actor, session_row(request, session_id), clock.now()
    actor.require(Permission.BOOK, session.site_id)
    course = course_row(request, session.course.public_id)
    page = SeriesPage(request, course, now=now, sessions=_this_and_later(request, session))
    form, done = page.form, list[InfusionSession]()

    def store(key: uuid.UUID, now: datetime) -> None:
        moves = [
            operations.Relocation(moved, revision, operations.Slot(start, chair))
            for moved, revision, start, chair in page.moves()
        ]
        told = {name: form.cleaned_data[name] for name in ("reason", "override_reason")}
        done.extend(operations.move_series(course=course, moves=moves, by=actor, now=now, **told))

    if page.do == BOOK and sent(request, form, store):
        messages.success(request, _moved_words(len(done)))
        return redirect("sessions:course", course.public_id)
    context = {"problems": problems_of(check_can_move, session=session), "session": session}
    return _answer(request, "sessions/plan/replan.html", page, context)


@login_required
@require_POST
def wishes(request: StaffRequest, course_id: uuid.UUID) -> HttpResponse:
    """Remember what suits the patient, and propose anew."""
    actor, course, now = request.actor, course_row(request, course_id), clock.now()
    actor.require(Permission.BOOK, course.site_id)
    session = _session_named(request, course)
    chairs = chairs_of(request, course)
    form = WishesForm(request.POST, chairs=chairs, spacing=spacing_of(course), initial={})

    def store(key: uuid.UUID, now: datetime) -> None:
        revision = form.cleaned_data["revision"]
        remember_wishes(course=course, wishes=form.wishes, by=actor, expected_revision=revision, now=now)

    if sent(request, form, store):
        return redirect(_address(course, session))
    course.refresh_from_db(fields=["wishes", "revision"])
    moved = _this_and_later(request, session) if session else None
    page = SeriesPage(request, course, now=now, sessions=moved, wishes_form=form)
    context = {"session": session, "problems": ()}
    template = "sessions/plan/replan.html" if session else "sessions/plan/plan.html"
    return _answer(request, template, page, context)


def _answer(request: StaffRequest, template: str, page: SeriesPage, context: dict[str, Any]) -> HttpResponse:
    """The whole page, or only the series where htmx has asked for it."""
    course = page.course
    context |= {"series_url": _address(course, context.get("session"))}
    status = max(_status_of_booking(page), status_of(page.wishes_form))
    if request.headers.get("HX-Request") == "true":
        return render(request, "sessions/plan/_series.html", page.context() | context, status=status)
    context |= {"banner": banner_at(request, course.patient, course.site)}
    return render(request, template, page.context() | context, status=status)


def _moved_words(number: int) -> str:
    # None where this very form was stored before: its sessions stand where it put them, so there is nothing to count.
    if not number:
        return _("The sessions are moved.")
    return ngettext("%(n)s session moved.", "%(n)s sessions moved.", number) % {"n": number}


def _address(course: Course, session: InfusionSession | None) -> str:
    if session is not None:
        return reverse("sessions:replan", args=[session.public_id])
    return reverse("sessions:plan", args=[course.public_id])


def _this_and_later(request: StaffRequest, session: InfusionSession) -> Sequence[InfusionSession]:
    scheduled = InfusionSession.objects.for_user(request.actor).filter(
        course=session.course_id, status=Status.SCHEDULED, scheduled_start__gte=session.scheduled_start
    )
    return list(scheduled.select_related("chair", "booking").order_by("scheduled_start"))


def _session_named(request: StaffRequest, course: Course) -> InfusionSession | None:
    """The session from which on a course is planned anew, where the form names one."""
    try:
        named = uuid.UUID(request.POST.get("session", ""))
    except ValueError:
        return None
    sessions = InfusionSession.objects.for_user(request.actor).select_related("site", "patient", "course")
    return sessions.filter(course=course, public_id=named).first()


def _status_of_booking(page: SeriesPage) -> int:
    """200 while nothing was to be booked; a row that does not say when is as wrong as a field of the form."""
    if page.do != BOOK:
        return 200
    return status_of(page.form) if all(row.is_valid() for row in page.form.rows) else 422
