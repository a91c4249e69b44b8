"""Asking a patient to answer themselves: on this tablet, handed over, or through a link that is passed on."""

import uuid
from datetime import datetime, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinic.accounts import web_session
from clinic.accounts.permissions import Permission
from clinic.common.http import public_address
from clinic.common.submitting import once, sent, status_of
from patients.forms.one_time_links import AskForm
from patients.models import OneTimeLink
from patients.operations.one_time_links import make_link, revoke_link
from patients.reports.one_time_links import link_rows
from patients.views.opening import Opened, opened

ON_TABLET = timedelta(hours=2)


@login_required
def ask(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Choose what is asked and how; below it the links that were made lately."""
    found = opened(request, patient_id, Permission.RECORD_SCORES)
    form = AskForm(request.POST or None, site=found.site, now=found.now)
    handed_over = "tablet" in request.POST
    made: list[str] = []

    def do(key: uuid.UUID, now: datetime) -> None:
        life = ON_TABLET if handed_over else timedelta(days=form.cleaned_data["days"] or 2)
        purpose = OneTimeLink.Purpose.TABLET if handed_over else OneTimeLink.Purpose.ASKED
        _link, secret = make_link(
            patient=found.patient,
            site=found.site,
            parts=form.cleaned_data["parts"],
            purpose=purpose,
            expires_at=now + life,
            by=found.actor,
            public_id=key,
            now=now,
        )
        made.append(secret)

    if sent(request, form, do):
        if not made:
            messages.info(
                request, _("This was made before, and its address is told only once. Make another.")
            )
            return redirect("patients:ask", found.patient.public_id)
        # The questions are shown by the floor above; its address is all that is known of it here.
        path = reverse("sessions:answer", args=[made[0]])
        if handed_over:
            back = reverse("patients:detail", args=[found.patient.public_id])
            web_session.hand_over(request, path=path, back=back)
            return redirect(path)
        # The form below is another one, and its key its own.
        request.form_key_is_spent = True  # type: ignore[attr-defined]
        fresh = AskForm(site=found.site, now=found.now)
        return _page(request, found, fresh, address=public_address(request, path))
    return _page(request, found, form)


def _page(request: HttpRequest, found: Opened, form: AskForm, *, address: str = "") -> HttpResponse:
    links = link_rows(found.patient, actor=found.actor, now=found.now)
    context = found.context(form=form, address=address, links=links)
    return render(request, "patients/ask.html", context, status=status_of(form))


@login_required
@require_POST
def revoke(request: HttpRequest, patient_id: uuid.UUID, link_id: uuid.UUID) -> HttpResponse:
    """End a link now."""
    found = opened(request, patient_id, Permission.RECORD_SCORES)
    links = OneTimeLink.objects.for_user(found.actor).filter(patient=found.patient)
    link = links.select_related("patient", "site").filter(public_id=link_id).first()
    if link is None:
        raise Http404
    once(request, lambda key, now: revoke_link(link=link, by=found.actor, now=now))
    messages.success(request, _("Revoked. The link does not open any more."))
    return redirect("patients:ask", found.patient.public_id)
