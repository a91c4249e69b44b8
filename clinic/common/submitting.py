"""How a page's form becomes one operation, once, without losing what was typed.

Every form of ours carries hidden fields: its key, which makes a double click harmless; whom the page was made for, so
that nobody sends what another person typed; and, where it is about a patient, that patient's id, so that a page left
open cannot write into another person's record.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clinic.common import clock, idempotency, outbox
from clinic.common.editing import with_theirs
from clinic.common.errors import ClinicError, Conflict, Invalid, PasswordNeeded, Problem
from clinic.common.models import Draft

KEY_FIELD = "idempotency_key"
PATIENT_FIELD = "for_patient"
DRAFT_FIELD = "draft_of"
TYPED_BY_FIELD = "typed_by"
SECRETS = {"password", "pin", "pin_again"}
# A secret is left out: the fingerprint is a fast hash, and is stored.
NOT_CONTENT = {"csrfmiddlewaretoken", KEY_FIELD, DRAFT_FIELD, TYPED_BY_FIELD, *SECRETS} | outbox.FIELDS


def check_same_patient(request: HttpRequest, patient: Any) -> None:
    """The two-patient guard: a form must name the patient of its own address.

    Raises:
        Conflict: it names another patient or none (``patient.mismatch``).
    """
    if request.method == "POST" and request.POST.get(PATIENT_FIELD) != str(patient.public_id):
        message = _(
            "This form was opened for another patient. Nothing was stored. Go back and open it again."
        )
        raise Conflict(Problem("patient.mismatch", message))


def check_same_person(request: HttpRequest) -> None:
    """A form is sent by whom its page was made for, whoever has signed in on the device since.

    Raises:
        Conflict: it was made for somebody else (``form.other_person``).
    """
    made_for = request.POST.get(TYPED_BY_FIELD)
    if made_for and made_for != str(request.user.public_id):  # type: ignore[union-attr]
        message = _("Somebody else typed this before you signed in. It was not stored under your name.")
        raise Conflict(Problem("form.other_person", message))


def once(request: HttpRequest, do: Callable[[uuid.UUID, datetime], Any]) -> bool:
    """Run ``do(key, now)`` in one transaction unless this very form was stored before.

    Returns:
        whether it was done just now.

    Raises:
        Invalid: the form carries no key (``form.key_missing``).
        Conflict: the page was made for somebody else (``form.other_person``).
        ClinicError: whatever the operation refuses; nothing is then stored and the form may be sent again.
    """
    try:
        key = uuid.UUID(request.POST.get(KEY_FIELD, ""))
    except ValueError:
        message = _(
            "This form came without its key, so it was not stored. Reload the page and send it again."
        )
        raise Invalid({"": Problem("form.key_missing", message)}) from None
    check_same_person(request)
    content = {name: request.POST.getlist(name) for name in request.POST if name not in NOT_CONTENT}
    with idempotency.one_write():
        now = clock.now()
        mark = idempotency.fingerprint(request.path, content)
        if not idempotency.first_time(actor=f"user:{request.user.pk}", key=key, fingerprint=mark, now=now):
            request.was_stored = True  # type: ignore[attr-defined]
            return False
        do(key, now)
        outbox.note(request, key=key, now=now)
        if drafts := [draft[:200] for draft in request.POST.getlist(DRAFT_FIELD)]:
            # What is stored is no draft any more, and would come back into the next empty form.
            Draft.objects.filter(owner=f"user:{request.user.pk}", form__in=drafts).delete()
    request.was_stored = True  # type: ignore[attr-defined]
    return True


def sent(request: HttpRequest, form: forms.BaseForm, do: Callable[[uuid.UUID, datetime], Any]) -> bool:
    """Whether a form was posted and stored. A refusal is written onto the form, beside what was typed.

    A view shows the form again with :func:`status_of` when this is False.
    """
    if request.method != "POST":
        return False
    form.data = with_theirs(form)
    if not form.is_valid():
        request.refused_with = _sentences(form)  # type: ignore[attr-defined]
        return False
    try:
        once(request, do)
    except Invalid as error:
        request.refused_with = error.problems  # type: ignore[attr-defined]
        _attach(form, error)
        return False
    except PasswordNeeded:
        # No mistake of the form: the password is asked for, and it is sent again.
        raise
    except ClinicError as error:
        request.refused_with = error.problems  # type: ignore[attr-defined]
        # What was stored under the key stays; the form that comes back is one of its own and can be sent.
        request.form_key_is_spent = error.code == idempotency.REUSED  # type: ignore[attr-defined]
        form.refusal = error  # type: ignore[attr-defined]
        for problem in error.problems:
            form.add_error(None, str(problem))
        return False
    return True


def _sentences(form: forms.BaseForm) -> list[str]:
    """What is wrong with the fields, each sentence behind the name of its field."""
    return [
        f"{form[name].label}: {sentence}" if name in form.fields else str(sentence)
        for name, sentences in form.errors.items()
        for sentence in sentences
    ]


def sent_before(request: HttpRequest) -> bool:
    """Whether this very form was stored before; for a page whose row its first sending has taken away."""
    try:
        key = uuid.UUID(request.POST.get(KEY_FIELD, ""))
    except ValueError:
        return False
    return idempotency.known(actor=f"user:{request.user.pk}", key=key)


def _attach(form: forms.BaseForm, error: Invalid) -> None:
    form.refusal = error  # type: ignore[attr-defined]
    for name, problems in error.fields.items():
        for problem in problems:
            form.add_error(name if name in form.fields else None, str(problem))


def status_of(form: forms.BaseForm) -> int:
    """The HTTP status of a page that shows a form: 200 fresh, 422 when it was turned down, or the refusal's own."""
    refusal = getattr(form, "refusal", None)
    if refusal is not None:
        return 409 if refusal.status in {412, 428} else int(refusal.status)
    return 422 if form.errors else 200
