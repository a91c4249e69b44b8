"""The courses that wait for somebody, and the re-evaluation of one."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.submitting import sent, status_of
from sessions.forms.worklists import ReevaluationForm, SiteForm
from sessions.models import Course, Reevaluation
from sessions.operations.reevaluating import record_reevaluation
from sessions.reports.course_picture import course_picture
from sessions.reports.course_worklist import course_worklist
from sessions.reports.reevaluations import looks_at
from sessions.views.reaching import banner_at, course_row, shown_site, sites_to_show


@login_required
@require_safe
def courses(request: StaffRequest) -> HttpResponse:
    """The worklist of one site, or of all of the person's."""
    sites, actor = sites_to_show(request), request.actor
    site = shown_site(request, sites) if request.GET.get("site") or len(sites) == 1 else None
    context = {
        "form": SiteForm(request.GET.dict(), sites=sites, all_of_them=True),
        "site": site,
        "work": course_worklist([site] if site else sites, actor=actor, now=clock.now()),
        "may_book_at": actor.sites_with(Permission.BOOK),
        "may_order_at": actor.sites_with(Permission.ORDER_COURSE),
    }
    return render(request, "sessions/worklists/courses.html", context)


@login_required
def reevaluate(request: StaffRequest, course_id: uuid.UUID) -> HttpResponse:
    """Look at the course, and say how it goes on; a stop leads on to closing it."""
    actor, course = request.actor, course_row(request, course_id)
    actor.require(Permission.ORDER_COURSE, course.site_id)
    form = ReevaluationForm(request.POST or None)

    def store(key: uuid.UUID, now: datetime) -> None:
        record_reevaluation(course=course, by=actor, public_id=key, now=now, **form.cleaned_data)

    if sent(request, form, store):
        messages.success(request, _("The re-evaluation is recorded."))
        if form.cleaned_data["decision"] == Reevaluation.Decision.STOP:
            return redirect(reverse("sessions:close-course", args=[course.public_id]) + "?state=stopped")
        return redirect("sessions:course", course.public_id)
    return render(
        request, "sessions/worklists/reevaluate.html", _about(request, course, form), status=status_of(form)
    )


def _about(request: StaffRequest, course: Course, form: Any) -> dict[str, Any]:
    picture = course_picture(course, actor=request.actor, now=clock.now())
    return {
        "form": form,
        "course": course,
        "site": course.site,
        "banner": banner_at(request, course.patient, course.site),
        "picture": picture,
        "reevaluations": looks_at(picture, actor=request.actor),
    }
