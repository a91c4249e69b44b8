"""Questionnaires: filled in, read, corrected."""

import uuid
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission
from clinic.common.submitting import sent, status_of
from patients.forms.assessing import AssessmentForm, CorrectionForm
from patients.models import Assessment, LicensedWording
from patients.operations.assessing import correct_assessment, record_assessment
from patients.reports.record import history_of
from patients.reports.wordings import Asked, as_answered, asked_at
from patients.rules.wordings import ENGLISH
from patients.scoring.registry import CURRENT
from patients.views.opening import Opened, key_of, opened, row_named, to_record


def assessment_of(found: Opened, public_id: uuid.UUID | str) -> Assessment:
    """One of the patient's questionnaires.

    Raises:
        Http404: there is none.
    """
    mine = Assessment.objects.for_user(found.actor).filter(patient=found.patient)
    one: Assessment | None = (
        mine.select_related("taken_by", "entered_by", "corrects", "patient", "imported_in", "wording__site")
        .filter(public_id=public_id)
        .first()
    )
    if one is None:
        raise Http404
    return one


@login_required
def assess(request: HttpRequest, patient_id: uuid.UUID, instrument: str) -> HttpResponse:
    """The questions of one questionnaire; it is stored as far as it is answered."""
    found = opened(request, patient_id, Permission.RECORD_SCORES)
    if instrument not in CURRENT:
        raise Http404
    asked = _asked(request, found, instrument)
    form = AssessmentForm(
        request.POST or None, instrument=asked.instrument, site=found.site, today=found.today
    )

    def do(key: uuid.UUID, now: datetime) -> None:
        record_assessment(
            patient=found.patient,
            instrument=instrument,
            answers=form.answers(),
            taken_at=form.taken_at,
            mode=form.cleaned_data["mode"],
            wording=asked.wording,
            by=found.actor,
            public_id=key,
            now=now,
        )

    if sent(request, form, do):
        _say(request, assessment_of(found, key_of(request)))
        return to_record(found.patient, "scores")
    context = found.context(form=form, asked=asked)
    return render(request, "patients/assess.html", context, status=status_of(form))


def _asked(request: HttpRequest, found: Opened, instrument: str) -> Asked:
    """In which words: those the posted form was shown in, whatever became of their licence since; else today's."""
    if request.method == "POST" and (shown := request.POST.get("wording")):
        rows = LicensedWording.objects.for_user(found.actor).select_related("site")
        wording = row_named(rows.filter(site=found.site, instrument_code=instrument), shown)
        if wording is None:
            raise Http404
        return Asked(wording.instrument, wording, (), "")
    return asked_at(found.site, instrument, language=request.GET.get("language", ENGLISH), now=found.now)


@login_required
@require_safe
def assessment(request: HttpRequest, patient_id: uuid.UUID, assessment_id: uuid.UUID) -> HttpResponse:
    """The answers as they were given, and what they were corrected from."""
    found = opened(request, patient_id)
    one = assessment_of(found, assessment_id)
    by = Assessment.objects.for_user(found.actor).filter(corrects=one).first()
    shown = as_answered(one, site=found.site, now=found.now)
    context = found.context(
        assessment=one, corrected_by=by, earlier=history_of(one), shown=shown, rows=one.rows(shown)
    )
    return render(request, "patients/assessment.html", context)


@login_required
def correct(request: HttpRequest, patient_id: uuid.UUID, assessment_id: uuid.UUID) -> HttpResponse:
    """A right entry beside a wrong one, or nothing in its place."""
    found = opened(request, patient_id, Permission.RECORD_SCORES)
    wrong = assessment_of(found, assessment_id)
    form = CorrectionForm(
        request.POST or None,
        instrument=as_answered(wrong, site=found.site, now=found.now),
        site=found.site,
        today=found.today,
        initial=CorrectionForm.initial_of(wrong.answers),
    )

    def do(key: uuid.UUID, now: datetime) -> None:
        correct_assessment(
            assessment=wrong,
            reason=form.cleaned_data["correction_reason"],
            answers=None if "retract" in request.POST else form.answers(),
            taken_at=form.taken_at,
            by=found.actor,
            public_id=key,
            now=now,
        )

    if sent(request, form, do):
        return _corrected(request, found, assessment_of(found, key_of(request)))
    context = found.context(form=form, assessment=wrong)
    return render(request, "patients/correct.html", context, status=status_of(form))


def _corrected(request: HttpRequest, found: Opened, correction: Assessment) -> HttpResponse:
    if correction.retracted:
        messages.success(request, _("Retracted. The entry stays readable in the audit."))
        return to_record(found.patient, "scores")
    _say(request, correction)
    return redirect("patients:assessment", found.patient.public_id, correction.public_id)


def _say(request: HttpRequest, one: Assessment) -> None:
    """What came of it: the total and its band, or that there is none and why."""
    shown = {"name": one.instrument.name, "total": one.total, "band": one.band_label}
    if one.total is not None:
        messages.success(request, _("%(name)s is stored: %(total)s, %(band)s.") % shown)
    else:
        count = len(one.missing)
        text = ngettext(
            "%(name)s is stored without a total: %(count)s question is not answered.",
            "%(name)s is stored without a total: %(count)s questions are not answered.",
            count,
        )
        messages.warning(request, text % (shown | {"count": count}))
    if one.is_flagged:
        messages.warning(
            request, _("An answer must be looked at by a clinician before any infusion: it is marked below.")
        )
