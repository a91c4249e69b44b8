"""Courses that wait to be moved to a safety version, and moving one."""

import uuid
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common.editing import posted_revision, shown_revision
from clinic.common.submitting import sent, status_of
from sessions.forms.moving_protocol import MoveVersionForm
from sessions.operations.moving_protocol import move_course_to_version
from sessions.reports.safety import safety_worklist, versions_to_move_to
from sessions.views.reaching import banner_at, course_row


@login_required
@require_safe
def worklist(request: StaffRequest) -> HttpResponse:
    """Every course under a version that was replaced for safety."""
    actor = request.actor
    actor.require(Permission.VIEW_PATIENTS)
    context = {
        "versions": safety_worklist(actor),
        "may_order_at": actor.sites_with(Permission.ORDER_COURSE),
    }
    return render(request, "sessions/safety/worklist.html", context)


@login_required
def move(request: StaffRequest, course_id: uuid.UUID) -> HttpResponse:
    """Move a course, with its order as it goes on, and say why."""
    actor, course = request.actor, course_row(request, course_id)
    actor.require(Permission.ORDER_COURSE, course.site_id)
    form = MoveVersionForm(request.POST or None, course=course, versions=versions_to_move_to(course))

    def do(key: uuid.UUID, now: datetime) -> None:
        move_course_to_version(
            course=course,
            **form.details(),
            by=actor,
            expected_revision=posted_revision(request),
            now=now,
        )

    if sent(request, form, do):
        messages.success(request, _("Moved. A dose that was confirmed before is confirmed again."))
        return redirect("sessions:course", course.public_id)
    course = course_row(request, course_id)
    context = {
        "form": form,
        "course": course,
        "banner": banner_at(request, course.patient, course.site),
        "revision": shown_revision(request, form, course),
    }
    return render(request, "sessions/safety/move.html", context, status=status_of(form))
