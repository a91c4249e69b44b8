"""Licensed wording: which questionnaires a site shows in its own words, entering them, approving, withdrawing."""

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.common.submitting import sent, status_of
from clinic.facilities.current import current_site
from clinic.facilities.models import Site
from patients.forms.wordings import WithdrawForm, WordingForm
from patients.models import LicensedWording
from patients.operations.wordings import approve_wording, enter_wording, withdraw_wording
from patients.reports.wordings import questionnaires_at, version_line
from patients.scoring.registry import LICENSABLE
from patients.views.opening import actor_of, key_of, row_named


def _site(request: HttpRequest) -> Site:
    """The site at which one works.

    Raises:
        Refused: without the right to keep wordings there.
    """
    site = current_site(request)
    actor_of(request).require(Permission.LICENSE_WORDING, site.pk)
    return site


def _found(request: HttpRequest, wording_id: uuid.UUID) -> LicensedWording:
    rows = LicensedWording.objects.for_user(actor_of(request)).select_related("site", "entered_by")
    wording: LicensedWording | None = rows.filter(public_id=wording_id).first()
    if wording is None:
        raise Http404
    actor_of(request).require(Permission.LICENSE_WORDING, wording.site_id)
    return wording


@login_required
@require_safe
def wordings(request: HttpRequest) -> HttpResponse:
    """Every questionnaire whose words are licensed, and what the site shows of it."""
    site, now = _site(request), clock.now()
    context = {"site": site, "lines": questionnaires_at(site, now=now)}
    return render(request, "patients/wordings/list.html", context)


@login_required
def enter(request: HttpRequest, instrument: str) -> HttpResponse:
    """State a licence and type the words of its form; an earlier version is where one begins."""
    site = _site(request)
    if instrument not in LICENSABLE:
        raise Http404
    begun = _begun_from(request, site, instrument)
    form = WordingForm(
        request.POST or None,
        instrument=LICENSABLE[instrument],
        initial=WordingForm.initial_of(begun) if begun else None,
    )

    def do(key: uuid.UUID, now: datetime) -> None:
        told = form.told()
        enter_wording(site=site, instrument=instrument, by=actor_of(request), public_id=key, now=now, **told)

    if sent(request, form, do):
        messages.success(request, _("The wording is stored. Read it once more, then approve it."))
        return redirect("patients:wording", key_of(request))
    context = {"site": site, "form": form, "begun": begun}
    return render(request, "patients/wordings/enter.html", context, status=status_of(form))


def _begun_from(request: HttpRequest, site: Site, instrument: str) -> LicensedWording | None:
    rows = LicensedWording.objects.for_user(actor_of(request)).filter(site=site, instrument_code=instrument)
    found: LicensedWording | None = row_named(rows, request.GET.get("from", ""))
    return found


@login_required
@require_safe
def wording(request: HttpRequest, wording_id: uuid.UUID) -> HttpResponse:
    """One version: its licence, what became of it, and the questions as they will be read."""
    return _show(request, _found(request, wording_id))


def _show(request: HttpRequest, found: LicensedWording, **refused: Any) -> HttpResponse:
    line = version_line(found, now=clock.now())
    context = {
        "line": line,
        "wording": found,
        "site": found.site,
        "instrument": found.instrument,
        "withdraw_form": WithdrawForm(),
        "approve_form": forms.Form(),
        **refused,
    }
    status = max((status_of(form) for form in refused.values()), default=200)
    return render(request, "patients/wordings/wording.html", context, status=status)


@login_required
def approve(request: HttpRequest, wording_id: uuid.UUID) -> HttpResponse:
    """Let the words be shown."""
    found, form = _found(request, wording_id), forms.Form(request.POST or None)

    def do(key: uuid.UUID, now: datetime) -> None:
        approve_wording(wording=found, by=actor_of(request), public_id=key, now=now)

    if sent(request, form, do):
        messages.success(request, _("Approved. It is shown while its licence is in date."))
    elif request.method == "POST":
        return _show(request, found, approve_form=form)
    return redirect("patients:wording", found.public_id)


@login_required
def withdraw(request: HttpRequest, wording_id: uuid.UUID) -> HttpResponse:
    """Show the words no more."""
    found, form = _found(request, wording_id), WithdrawForm(request.POST or None)

    def do(key: uuid.UUID, now: datetime) -> None:
        reason = form.cleaned_data["reason"]
        withdraw_wording(wording=found, reason=reason, by=actor_of(request), public_id=key, now=now)

    if sent(request, form, do):
        messages.success(request, _("Withdrawn. The questionnaire is entered by number again."))
    elif request.method == "POST":
        return _show(request, found, withdraw_form=form)
    return redirect("patients:wording", found.public_id)
