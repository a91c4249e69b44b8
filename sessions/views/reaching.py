"""How a page about planning reaches a course, and the line about the patient that stands on top of it."""

import uuid
from typing import Any

from django.http import Http404

from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.submitting import check_same_patient
from patients.models import Patient
from patients.reports.banner import Banner, banner_of
from sessions.models import Course


def course_row(request: StaffRequest, course_id: uuid.UUID) -> Course:
    """The course with its protocol. Raises Http404 out of scope, Conflict for another patient's form."""
    rows = Course.objects.for_user(request.actor).select_related(
        "patient", "site", "protocol_version__protocol", "ordered_by", "consent__document"
    )
    course = rows.filter(public_id=course_id).first()
    if course is None:
        raise Http404
    check_same_patient(request, course.patient)
    return course


def banner_at(request: StaffRequest, patient: Patient, site: Any) -> Banner:
    """The banner as it reads today at a site."""
    today = clock.local_date(clock.now(), site.time_zone)
    return banner_of(patient, actor=request.actor, today=today, site=site)
