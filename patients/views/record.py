"""The page of a patient: the whole record on one page."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.audit.recording import record_access
from patients.reports.record import record_of
from patients.reports.wordings import licensed_codes
from patients.views.opening import opened


@login_required
@require_safe
def detail(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The record; that it was opened is noted."""
    found = opened(request, patient_id)
    record = record_of(
        found.patient,
        today=found.today,
        allergy_status=found.banner.allergy_status,
        licensed=licensed_codes(found.site, now=found.now),
    )
    record_access(what="patient", patient=found.patient, by=found.actor, now=found.now)
    return render(request, "patients/detail.html", found.context(record=record))
