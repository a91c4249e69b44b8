"""Consents: given to a text, read again, revoked."""

import uuid
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission
from clinic.common.submitting import sent, status_of
from patients.forms.consenting import ConsentForm, RevokeForm
from patients.models import Consent, ConsentDocument
from patients.operations.consenting import record_consent, revoke_consent
from patients.reports.record import standing
from patients.views.conflict import read_again
from patients.views.opening import Opened, opened, to_record


def consent_of(found: Opened, consent_id: uuid.UUID) -> Consent:
    """One of the patient's consents.

    Raises:
        Http404: there is none.
    """
    mine = Consent.objects.for_user(found.actor).select_related("document", "taken_by", "patient")
    consent: Consent | None = mine.filter(patient=found.patient, public_id=consent_id).first()
    if consent is None:
        raise Http404
    return consent


@login_required
def record(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The text to read with the patient, and beside it who agreed to it."""
    found = opened(request, patient_id, Permission.RECORD_CONSENT)
    documents = list(ConsentDocument.objects.for_user(found.actor).offered())
    initial = {"purpose": Consent.Purpose.TREATMENT.value}
    if len(documents) == 1:
        initial["document"] = str(documents[0].public_id)
    form = ConsentForm(request.POST or None, documents=documents, initial=initial)

    def do(key: uuid.UUID, now: datetime) -> None:
        said = {name: form.cleaned_data[name] for name in ("purpose", "given_on", "given_by")}
        document = form.chosen_document
        record_consent(
            patient=found.patient, document=document, by=found.actor, public_id=key, now=now, **said
        )

    if sent(request, form, do):
        messages.success(request, _("The consent is recorded."))
        return to_record(found.patient, "consents")
    context = found.context(form=form, documents=documents)
    return render(request, "patients/consent_record.html", context, status=status_of(form))


@login_required
@require_safe
def consent(request: HttpRequest, patient_id: uuid.UUID, consent_id: uuid.UUID) -> HttpResponse:
    """A consent, the text that it is a consent to, and what became of it."""
    found = opened(request, patient_id)
    one = consent_of(found, consent_id)
    events = one.events.select_related("taken_by").order_by("taken_at")
    context = found.context(consent=one, standing=standing(one, found.today), events=events)
    return render(request, "patients/consent.html", context)


@login_required
def revoke(request: HttpRequest, patient_id: uuid.UUID, consent_id: uuid.UUID) -> HttpResponse:
    found = opened(request, patient_id, Permission.RECORD_CONSENT)
    one = consent_of(found, consent_id)
    form = RevokeForm(request.POST or None, initial={"revision": one.revision})

    def do(key: uuid.UUID, now: datetime) -> None:
        revoke_consent(
            consent=one,
            reason=form.cleaned_data["reason"],
            revoked_on=form.cleaned_data["revoked_on"],
            by=found.actor,
            expected_revision=form.cleaned_data["revision"],
            now=now,
        )

    if sent(request, form, do):
        messages.success(request, _("The consent is revoked."))
        return to_record(found.patient, "consents")
    read_again(form, one.revision)
    context = found.context(form=form, consent=one)
    return render(request, "patients/consent_revoke.html", context, status=status_of(form))
