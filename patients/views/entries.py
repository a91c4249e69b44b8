"""The lists of the record: a row is added, edited and ended; an empty list of allergies is explained."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from clinic.accounts.permissions import Permission
from clinic.common.submitting import once, sent, status_of
from patients.forms.entries import FORMS, EndForm, EntryForm, editing
from patients.models import Contact, RecordEntry
from patients.models.diagnosis import SUGGESTED_CODES
from patients.operations.entries import add_entry, assert_no_known_allergies, edit_entry, end_entry
from patients.views.conflict import conflict, is_stale, read_again
from patients.views.opening import Opened, opened, to_record

# List -> (adding a row, one row).
TITLES: dict[str, tuple[Any, Any]] = {
    "allergies": (gettext_lazy("Add an allergy"), gettext_lazy("Allergy")),
    "medications": (gettext_lazy("Add a medicine"), gettext_lazy("Medicine")),
    "diagnoses": (gettext_lazy("Add a diagnosis"), gettext_lazy("Diagnosis")),
    "antidepressant-trials": (
        gettext_lazy("Add an earlier antidepressant"),
        gettext_lazy("Earlier antidepressant"),
    ),
    "contacts": (gettext_lazy("Add a contact"), gettext_lazy("Contact")),
    "referring-clinicians": (gettext_lazy("Add a referring clinician"), gettext_lazy("Referring clinician")),
    "authorizations": (gettext_lazy("Add an authorization"), gettext_lazy("Authorization")),
}


def form_of(kind: str) -> type[EntryForm]:
    if kind not in FORMS:
        raise Http404
    return FORMS[kind]


def entry_of(found: Opened, kind: str, entry_id: uuid.UUID) -> Any:
    """A row of one of the patient's lists.

    Raises:
        Http404: there is none.
    """
    rows = form_of(kind).model.objects.for_user(found.actor).select_related("patient")
    entry: RecordEntry | None = rows.filter(patient=found.patient, public_id=entry_id).first()
    if entry is None:
        raise Http404
    return entry


@login_required
def add(request: HttpRequest, patient_id: uuid.UUID, kind: str) -> HttpResponse:
    """A new row; with "and another" the form comes again, empty."""
    found, form_class = opened(request, patient_id, Permission.EDIT_PATIENTS), form_of(kind)
    given = request.GET.get("for", "")
    initial = {"kind": given} if given in Contact.Kind.values else {}
    form = form_class(request.POST or None, initial=initial)

    def do(key: uuid.UUID, now: datetime) -> None:
        entry = form_class.model(patient=found.patient, **form.cleaned_data)
        add_entry(entry=entry, by=found.actor, public_id=key, now=now)

    if sent(request, form, do):
        messages.success(request, _("Added."))
        return redirect(request.path) if "another" in request.POST else to_record(found.patient, kind)
    return _form_page(request, found, form, kind=kind, title=TITLES[kind][0], is_new=True)


@login_required
def edit(request: HttpRequest, patient_id: uuid.UUID, kind: str, entry_id: uuid.UUID) -> HttpResponse:
    found = opened(request, patient_id, Permission.EDIT_PATIENTS)
    entry, form_class = entry_of(found, kind, entry_id), editing(form_of(kind))
    form: Any = form_class(request.POST or None, initial=form_class.initial_of(entry))

    def do(key: uuid.UUID, now: datetime) -> None:
        revision = form.cleaned_data["revision"]
        edit_entry(entry=entry, changes=form.changes(), by=found.actor, expected_revision=revision, now=now)

    if sent(request, form, do):
        messages.success(request, _("Saved."))
        return to_record(found.patient, kind)
    if is_stale(form):
        back = to_record(found.patient, kind)["Location"]
        return conflict(request, found, form, row=entry, title=TITLES[kind][1], back=back)
    return _form_page(request, found, form, kind=kind, title=TITLES[kind][1], entry=entry)


@login_required
def end(request: HttpRequest, patient_id: uuid.UUID, kind: str, entry_id: uuid.UUID) -> HttpResponse:
    """Take a row off its list; it stays readable below it."""
    found = opened(request, patient_id, Permission.EDIT_PATIENTS)
    entry = entry_of(found, kind, entry_id)
    form = EndForm(request.POST or None, initial={"revision": entry.revision})

    def do(key: uuid.UUID, now: datetime) -> None:
        said = form.cleaned_data
        end_entry(
            entry=entry,
            by=found.actor,
            expected_revision=said["revision"],
            ended_on=said["ended_on"],
            reason=said["end_reason"],
            entered_in_error=said["entered_in_error"],
            now=now,
        )

    if sent(request, form, do):
        messages.success(request, _("Ended. It stays readable below the list."))
        return to_record(found.patient, kind)
    read_again(form, entry.revision)
    title = _("End: %(what)s") % {"what": entry}
    return _form_page(request, found, form, kind=kind, title=title, entry=entry, is_end=True)


@login_required
@require_POST
def no_known_allergies(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The patient was asked and knows of none."""
    found = opened(request, patient_id, Permission.EDIT_PATIENTS)
    once(
        request,
        lambda key, now: assert_no_known_allergies(
            patient=found.patient, by=found.actor, public_id=key, now=now
        ),
    )
    messages.success(request, _("Recorded: no known allergies."))
    return to_record(found.patient, "allergies")


def _form_page(
    request: HttpRequest, found: Opened, form: Any, *, kind: str, title: Any, **also: Any
) -> HttpResponse:
    context = found.context(form=form, kind=kind, title=title, codes=SUGGESTED_CODES, **also)
    return render(request, "patients/entry.html", context, status=status_of(form))
