"""The infusion beside its steps: rate, reasons given afterwards, pump's volume, cannulas, readings not done."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from clinic.accounts.requests import StaffRequest
from clinic.common.submitting import sent, status_of
from sessions.forms.infusion import (
    EventDetailForm,
    ForgottenForm,
    IVAccessForm,
    IVRemovalForm,
    NotDoneForm,
    RateForm,
    TotalsForm,
)
from sessions.forms.monitoring import ReasonForm
from sessions.models import InfusionEvent, InfusionSession, IVAccess
from sessions.operations import infusion_events
from sessions.operations.infusion_totals import record_totals
from sessions.operations.iv_access import place_iv_access, remove_iv_access, retract_iv_access
from sessions.operations.readings_not_done import record_reading_not_done
from sessions.views.loading import charted_session
from sessions.views.reaching import banner_at
from sessions.views.recording import Write, recorded


@login_required
def rate(request: StaffRequest, session_id: Any) -> HttpResponse:
    """The pump runs at another rate."""
    session = charted_session(request, session_id)
    form = RateForm(request.POST or None, session=session, auto_id="rate_%s")

    def do(key: Any, now: Any) -> None:
        infusion_events.change_rate(
            session=session,
            rate_microlitres_per_hour=form.cleaned_data["rate_microlitres_per_hour"],
            reason=form.cleaned_data["reason"],
            taken_at=form.moment(now),
            typed_at=form.typed_at(now),
            by=request.actor,
            now=now,
            public_id=key,
        )

    return recorded(request, session, form, do, slot="rate_form", said=_("Rate recorded."))


@login_required
def event_detail(request: StaffRequest, session_id: Any, fact_id: Any) -> HttpResponse:
    """Why it was paused or stopped."""
    session = charted_session(request, session_id)
    event = _event(request, session, fact_id)
    form = EventDetailForm(request.POST or None, auto_id="detail_%s")

    def do(key: Any, now: Any) -> None:
        by = request.actor
        infusion_events.detail_event(event=event, by=by, now=now, public_id=key, **form.cleaned_data)

    return recorded(request, session, form, do, slot="detail_form", said=_("Recorded."))


@login_required
def strike_event(request: StaffRequest, session_id: Any, fact_id: Any) -> HttpResponse:
    """Strike a pause or a change of rate that never was."""
    session = charted_session(request, session_id)
    event = _event(request, session, fact_id)
    form = ReasonForm(request.POST or None)

    def do(key: Any, now: Any) -> None:
        reason = form.cleaned_data["reason"]
        infusion_events.retract_event(event=event, reason=reason, by=request.actor, now=now, public_id=key)

    return _page(
        request, session, form, do, title=_("Strike: %(event)s") % {"event": event.get_kind_display()}
    )


@login_required
def forgotten_event(request: StaffRequest, session_id: Any) -> HttpResponse:
    """A pause or a resume that was not recorded while the infusion ran."""
    session = charted_session(request, session_id)
    form = ForgottenForm(request.POST or None, session=session)

    def do(key: Any, now: Any) -> None:
        typed = form.cleaned_data
        infusion_events.add_forgotten_event(
            session=session,
            kind=typed["kind"],
            reason=typed["reason"],
            taken_at=form.moment(now) or now,
            by=request.actor,
            now=now,
            public_id=key,
        )

    return _page(request, session, form, do, title=_("Add a forgotten pause or resume"), late=True)


@login_required
def totals(request: StaffRequest, session_id: Any) -> HttpResponse:
    """The pump's volume beside the chart's."""
    session = charted_session(request, session_id)
    form = TotalsForm(request.POST or None, auto_id="totals_%s")

    def do(key: Any, now: Any) -> None:
        record_totals(session=session, by=request.actor, now=now, public_id=key, **form.arguments())

    return recorded(request, session, form, do, slot="totals_form", said=_("What was given is recorded."))


@login_required
def iv_access(request: StaffRequest, session_id: Any) -> HttpResponse:
    """A cannula was placed."""
    session = charted_session(request, session_id)
    form = IVAccessForm(request.POST or None, session=session, auto_id="iv_%s")

    def do(key: Any, now: Any) -> None:
        told = {"taken_at": form.moment(now), "now": now, "public_id": key, **form.arguments()}
        place_iv_access(session=session, by=request.actor, **told)

    return recorded(request, session, form, do, slot="iv_form", said=_("IV access recorded."))


@login_required
def iv_removal(request: StaffRequest, session_id: Any, fact_id: Any) -> HttpResponse:
    """A cannula was taken out."""
    session = charted_session(request, session_id)
    access = _access(request, session, fact_id)
    form = IVRemovalForm(request.POST or None, session=session, auto_id="iv_removal_%s")

    def do(key: Any, now: Any) -> None:
        remove_iv_access(
            access=access,
            condition=form.cleaned_data["condition"],
            note=form.cleaned_data["note"],
            taken_at=form.moment(now),
            by=request.actor,
            now=now,
            public_id=key,
        )

    return recorded(request, session, form, do, slot="iv_removal_form", said=_("Removal recorded."))


@login_required
def strike_iv_access(request: StaffRequest, session_id: Any, fact_id: Any) -> HttpResponse:
    """Strike a cannula that was never this patient's."""
    session = charted_session(request, session_id)
    access = _access(request, session, fact_id)
    form = ReasonForm(request.POST or None)

    def do(key: Any, now: Any) -> None:
        reason = form.cleaned_data["reason"]
        retract_iv_access(access=access, reason=reason, by=request.actor, now=now, public_id=key)

    return _page(request, session, form, do, title=_("Strike the IV access"))


@login_required
def reading_not_done(request: StaffRequest, session_id: Any) -> HttpResponse:
    """Why a planned reading was not taken."""
    session = charted_session(request, session_id)
    form = NotDoneForm(request.POST or None, auto_id="not_done_%s")

    def do(key: Any, now: Any) -> None:
        by = request.actor
        record_reading_not_done(session=session, by=by, now=now, public_id=key, **form.cleaned_data)

    return recorded(request, session, form, do, slot="not_done_form", said=_("Recorded as not done."))


def _event(request: StaffRequest, session: InfusionSession, fact_id: Any) -> InfusionEvent:
    rows = InfusionEvent.objects.for_user(request.actor).select_related("session", "taken_by")
    return get_object_or_404(rows, session=session, public_id=fact_id)


def _access(request: StaffRequest, session: InfusionSession, fact_id: Any) -> IVAccess:
    rows = IVAccess.objects.for_user(request.actor).select_related("session", "taken_by")
    return get_object_or_404(rows, session=session, public_id=fact_id)


def _page(
    request: StaffRequest, session: InfusionSession, form: Any, do: Write, *, title: str, late: bool = False
) -> HttpResponse:
    """A page of its own, for what is not done at the chairside every day."""
    if sent(request, form, do):
        messages.success(request, _("Recorded. Minutes and milligrams are computed anew."))
        return redirect("sessions:session", session.public_id)
    context = {
        "session": session,
        "site": session.site,
        "form": form,
        "title": title,
        "is_late_entry": late,
        "banner": banner_at(request, session.patient, session.site),
    }
    return render(request, "sessions/correct.html", context, status=status_of(form))
