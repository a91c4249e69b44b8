"""Registering a person, mending what is known of them, recording a death."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clinic.accounts.permissions import Permission
from clinic.common.submitting import sent, status_of
from clinic.facilities.current import current_site
from clinic.facilities.models import Site
from patients.forms.registering import DeathForm, DeathTakenBackForm, PatientForm, RegisterForm
from patients.models import Registration
from patients.operations.registering import (
    edit_patient,
    record_death,
    register_known_patient,
    register_patient,
)
from patients.rules.duplicates import PossibleDuplicate
from patients.views.conflict import conflict, is_stale, read_again
from patients.views.opening import actor_of, key_of, opened, to_record


@login_required
def register(request: HttpRequest) -> HttpResponse:
    """A new person. Somebody like them is shown first; the same form is then sent with the decision."""
    actor = actor_of(request)
    actor.require(Permission.EDIT_PATIENTS)
    sites = Site.objects.for_user(actor).filter(pk__in=actor.sites_with(Permission.EDIT_PATIENTS))
    form = RegisterForm(
        request.POST or None, sites=sites, initial={"site": str(current_site(request).public_id)}
    )
    is_known = "known" in request.POST
    if sent(request, form, _known(request, form) if is_known else _new(request, form)):
        messages.success(request, _("Registered. Complete the record below."))
        return redirect("patients:detail", _patient_of(request, is_known))
    refusal = getattr(form, "refusal", None)
    found = refusal.found if isinstance(refusal, PossibleDuplicate) else None
    return render(
        request, "patients/register.html", {"form": form, "duplicates": found}, status=status_of(form)
    )


def _new(request: HttpRequest, form: RegisterForm) -> Any:
    def do(key: uuid.UUID, now: datetime) -> None:
        register_patient(
            site=form.chosen_site,
            details=form.details(),
            record_number=form.cleaned_data["record_number"],
            confirmed_not_duplicate="confirmed" in request.POST,
            by=actor_of(request),
            public_id=key,
            now=now,
        )

    return do


def _known(request: HttpRequest, form: RegisterForm) -> Any:
    def do(key: uuid.UUID, now: datetime) -> None:
        register_known_patient(
            site=form.chosen_site,
            details=form.details(),
            record_number=form.cleaned_data["record_number"],
            by=actor_of(request),
            public_id=key,
            now=now,
        )

    return do


def _patient_of(request: HttpRequest, is_known: bool) -> Any:
    """The key is the public id of the patient, or of the registration where the patient was known elsewhere."""
    if not is_known:
        return key_of(request)
    mine = Registration.objects.for_user(actor_of(request)).select_related("patient")
    return mine.get(public_id=key_of(request)).patient.public_id


@login_required
def edit(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    found = opened(request, patient_id, Permission.EDIT_PATIENTS)
    form = PatientForm(request.POST or None, initial=PatientForm.initial_of(found.patient))

    def do(key: uuid.UUID, now: datetime) -> None:
        revision = form.cleaned_data["revision"]
        edit_patient(
            patient=found.patient, changes=form.changes(), by=found.actor, expected_revision=revision, now=now
        )

    if sent(request, form, do):
        messages.success(request, _("Saved."))
        return to_record(found.patient, "details")
    if is_stale(form):
        back = to_record(found.patient)["Location"]
        return conflict(request, found, form, row=found.patient, title=_("Edit the details"), back=back)
    return render(request, "patients/edit.html", found.context(form=form), status=status_of(form))


@login_required
def death(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Record the day of death, or take a wrong record back."""
    found = opened(request, patient_id, Permission.EDIT_PATIENTS)
    is_deceased = found.patient.is_deceased
    form_class = DeathTakenBackForm if is_deceased else DeathForm
    form = form_class(request.POST or None, initial={"revision": found.patient.revision})

    def do(key: uuid.UUID, now: datetime) -> None:
        record_death(
            patient=found.patient,
            deceased_on=form.cleaned_data.get("deceased_on"),
            reason=form.cleaned_data["reason"],
            by=found.actor,
            expected_revision=form.cleaned_data["revision"],
            now=now,
        )

    if sent(request, form, do):
        messages.success(request, _("Taken back.") if is_deceased else _("The death is recorded."))
        return to_record(found.patient)
    read_again(form, found.patient.revision)
    return render(request, "patients/death.html", found.context(form=form), status=status_of(form))
