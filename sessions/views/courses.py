"""The course: planned against given, every session, side effects, scores over time."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.audit.recording import record_access
from clinic.common import clock
from clinic.common.errors import problems_of
from patients.scoring.registry import CURRENT
from sessions.models import Course
from sessions.reports.check_ins import check_ins_of
from sessions.reports.course_comparison import course_comparison
from sessions.reports.course_figures import course_figures
from sessions.reports.course_letter import course_letter
from sessions.reports.course_outcomes import course_outcomes
from sessions.reports.course_picture import course_picture
from sessions.reports.reevaluations import looks_at
from sessions.reports.safety import moves_of
from sessions.reports.score_chart import score_chart
from sessions.rules.planning import check_can_book
from sessions.rules.small_groups import SMALLEST_GROUP
from sessions.views.reaching import LOOKED_BACK_ON, banner_at, course_row


@login_required
@require_safe
def course(request: StaffRequest, course_id: uuid.UUID) -> HttpResponse:
    """One course as a whole."""
    actor, found, now = request.actor, course_row(request, course_id, only=LOOKED_BACK_ON), clock.now()
    picture = course_picture(found, actor=actor, now=now)
    looks = looks_at(picture, actor=actor)
    context = {
        "course": found,
        "site": found.site,
        "banner": banner_at(request, found.patient, found.site),
        "picture": picture,
        "reevaluations": looks,
        "outcomes": course_outcomes(picture),
        "figures": course_figures(picture, actor=actor),
        "chart": score_chart(picture, looks=looks.rows),
        "check_ins": check_ins_of(found, actor=actor, now=now),
        "moves": moves_of(found, actor=actor),
        **_buttons(request, found, now),
    }
    record_access(what="course", patient=found.patient, by=actor, now=now)
    return render(request, "sessions/courses/course.html", context)


@login_required
@require_safe
def letter(request: StaffRequest, course_id: uuid.UUID) -> HttpResponse:
    """The summary of the course for the clinician who sent the patient."""
    actor, found, now = request.actor, course_row(request, course_id), clock.now()
    context = {
        "course": found,
        "banner": banner_at(request, found.patient, found.site),
        "letter": course_letter(found, actor=actor, now=now),
    }
    record_access(what="course-letter", patient=found.patient, by=actor, now=now)
    return render(request, "sessions/courses/letter.html", context)


@login_required
@require_safe
def compare(request: StaffRequest, course_id: uuid.UUID) -> HttpResponse:
    """The course beside the patient's others and the inductions of its site."""
    actor, found, now = request.actor, course_row(request, course_id), clock.now()
    context = {
        "course": found,
        "site": found.site,
        "banner": banner_at(request, found.patient, found.site),
        "comparison": course_comparison(found, actor=actor, now=now),
        "names": {code: instrument.name for code, instrument in CURRENT.items()},
        "smallest": SMALLEST_GROUP,
    }
    record_access(what="course", patient=found.patient, by=actor, now=now)
    return render(request, "sessions/courses/compare.html", context)


def _buttons(request: StaffRequest, found: Course, now: datetime) -> dict[str, Any]:
    """What this person may do here, and why booking is not possible where it is not."""
    actor, site = request.actor, found.site_id
    is_active = found.state == Course.State.ACTIVE
    may_book = actor.can(Permission.BOOK, site)
    return {
        "may_book": may_book,
        "cannot_book": problems_of(check_can_book, course=found, by=actor, starts_at=now, now=now)
        if may_book
        else (),
        "may_attach": is_active and actor.can(Permission.RECORD_CONSENT, site),
        "may_order": actor.can(Permission.ORDER_COURSE, site),
        "may_record": actor.can(Permission.RECORD_OBSERVATIONS, site),
        "may_close": is_active and actor.can(Permission.ORDER_COURSE, site),
    }
