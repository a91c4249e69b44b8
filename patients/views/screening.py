"""The contraindication screen."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from clinic.accounts.permissions import Permission
from clinic.common.submitting import sent, status_of
from patients.forms.screening import ScreenForm
from patients.operations.screening import screen_contraindications
from patients.scoring.contraindications import CURRENT
from patients.views.opening import opened, to_record


@login_required
def screen(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """One pass through the questions; the last one counts."""
    found = opened(request, patient_id, Permission.EDIT_PATIENTS)
    data: Any = request.POST or None
    form = ScreenForm(data, screen=CURRENT, site=found.site, today=found.today)

    def do(key: uuid.UUID, now: datetime) -> None:
        screen_contraindications(
            patient=found.patient,
            answers=form.answers(),
            taken_at=form.taken_at,
            by=found.actor,
            public_id=key,
            now=now,
        )

    if sent(request, form, do):
        messages.success(request, _("The contraindications are recorded."))
        return to_record(found.patient, "screen")
    return render(request, "patients/screen.html", found.context(form=form), status=status_of(form))
