"""Preparing the drug of an infusion, what became of it, and witnessing its waste."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.common import clock
from clinic.common.submitting import once, sent, status_of
from clinic.facilities.current import current_site
from sessions.forms.monitoring import ReasonForm
from sessions.forms.preparing import PreparationForm, UsesForm
from sessions.models import DrugUse, InfusionSession, Preparation
from sessions.operations import preparing as operations
from sessions.reports.preparation import (
    of_lot,
    preparation_panel,
    unsettled_preparations,
    unwitnessed_waste,
)
from sessions.views.loading import session_row
from sessions.views.reaching import banner_at


@login_required
def preparation(request: StaffRequest, session_id: Any) -> HttpResponse:
    """The preparations of a session; a drug that was drawn is recorded here."""
    session, actor = session_row(request, session_id), request.actor
    panel = preparation_panel(session, actor=actor)
    form = PreparationForm(
        request.POST or None, session=session, products=panel.products, auto_id="prepare_%s"
    )

    def do(key: Any, now: Any) -> None:
        moment = form.moment(now)
        operations.prepare_drug(
            session=session, **form.details(), by=actor, taken_at=moment, now=now, public_id=key
        )

    if sent(request, form, do):
        messages.success(request, _("Preparation recorded."))
        return redirect("sessions:preparation", session.public_id)
    return _page(request, session, prepare_form=form)


def _page(request: StaffRequest, session: InfusionSession, **shown: Any) -> HttpResponse:
    panel = preparation_panel(session, actor=request.actor)
    fresh = {
        "prepare_form": PreparationForm(session=session, products=panel.products, auto_id="prepare_%s"),
        "uses_form": UsesForm(auto_id="uses_%s"),
    }
    context = {
        "session": session,
        "site": session.site,
        "banner": banner_at(request, session.patient, session.site),
        "preparation": panel,
        **(fresh | shown),
    }
    status = max(status_of(form) for form in shown.values() if isinstance(form, forms.BaseForm))
    return render(request, "sessions/preparation/preparation.html", context, status=status)


@login_required
def uses(request: StaffRequest, session_id: Any, preparation_id: Any) -> HttpResponse:
    """Say what became of a preparation: given, wasted, returned, or some of each."""
    session, actor = session_row(request, session_id), request.actor
    found = _preparation_or_404(request, session, preparation_id)
    if request.method != "POST":
        return redirect("sessions:preparation", session.public_id)
    form = UsesForm(request.POST, auto_id="uses_%s")

    def do(key: uuid.UUID, now: Any) -> None:
        typed = form.cleaned_data
        told = {name: typed[name] for name in ("seal", "note", "confirmed")}
        for kind, micrograms in form.amounts():
            operations.use_drug(
                preparation=found,
                kind=kind,
                micrograms=micrograms,
                **told,
                by=actor,
                now=now,
                public_id=uuid.uuid5(key, kind),
            )

    if sent(request, form, do):
        messages.success(request, _("Recorded."))
        return redirect("sessions:preparation", session.public_id)
    return _page(request, session, uses_form=form)


@login_required
@require_POST
def witness(request: StaffRequest, session_id: Any, use_id: Any) -> HttpResponse:
    """I saw it wasted, or returned."""
    session, actor = session_row(request, session_id), request.actor
    use = _use_or_404(request, session, use_id)
    once(
        request,
        lambda key, now: operations.witness_use(use=use, by=actor, now=now, public_id=key),
    )
    messages.success(request, _("Witnessed."))
    if request.POST.get("next") == "waste":
        return redirect("sessions:preparations")
    return redirect("sessions:preparation", session.public_id)


@login_required
def strike(request: StaffRequest, session_id: Any, preparation_id: Any) -> HttpResponse:
    """Strike a preparation that was entered in error."""
    session = session_row(request, session_id)
    found = _preparation_or_404(request, session, preparation_id)
    return _struck(request, session, found, operations.strike_preparation, "preparation")


@login_required
def strike_use(request: StaffRequest, session_id: Any, use_id: Any) -> HttpResponse:
    """Strike what was said to have become of it."""
    session = session_row(request, session_id)
    return _struck(request, session, _use_or_404(request, session, use_id), operations.strike_use, "use")


def _struck(request: StaffRequest, session: Any, row: Any, operation: Any, name: str) -> HttpResponse:
    form = ReasonForm(request.POST or None)

    def do(key: Any, now: Any) -> None:
        reason, by = form.cleaned_data["reason"], request.actor
        operation(**{name: row}, reason=reason, by=by, now=now, public_id=key)

    if sent(request, form, do):
        messages.success(request, _("Struck. The entry stays readable."))
        return redirect("sessions:preparation", session.public_id)
    context = {
        "form": form,
        "row": row,
        "session": session,
        "site": session.site,
        "banner": banner_at(request, session.patient, session.site),
    }
    return render(request, "sessions/preparation/strike.html", context, status=status_of(form))


@login_required
@require_safe
def preparations(request: StaffRequest) -> HttpResponse:
    """What waits for a witness or is not accounted for at the site one works at; and everything of one lot."""
    actor, site, now = request.actor, current_site(request), clock.now()
    actor.require(Permission.VIEW_PATIENTS, site.pk)
    today, lot = clock.local_date(now, site.time_zone), request.GET.get("lot", "").strip()[:40]
    context = {
        "site": site,
        "waste": unwitnessed_waste(site, today),
        "unsettled": unsettled_preparations(site, today),
        "lot": lot,
        "found": of_lot(lot, actor=actor) if lot else [],
    }
    return render(request, "sessions/preparation/list.html", context)


def _preparation_or_404(request: StaffRequest, session: Any, preparation_id: Any) -> Preparation:
    mine = Preparation.objects.for_user(request.actor).filter(session=session).select_related("session")
    found: Preparation = get_object_or_404(mine, public_id=preparation_id)
    return found


def _use_or_404(request: StaffRequest, session: Any, use_id: Any) -> DrugUse:
    mine = DrugUse.objects.for_user(request.actor).filter(session=session)
    rows = mine.select_related("session", "preparation__taken_by", "taken_by")
    found: DrugUse = get_object_or_404(rows, public_id=use_id)
    return found
