"""Who comes in the next two days, what is missing, and working it off: answers and calls."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission
from clinic.accounts.requests import StaffRequest
from clinic.audit.recording import record_access
from clinic.common import clock
from clinic.common.submitting import sent, status_of
from clinic.facilities.models import Site
from sessions.forms.readiness import AnswerForm, CallForm
from sessions.forms.worklists import DayForm
from sessions.models import CallAttempt, InfusionSession, ReadinessAnswer
from sessions.operations.readiness import answer_readiness, log_call
from sessions.reports.readiness import DAYS, Visit, readiness_of
from sessions.reports.readiness import readiness as days_of
from sessions.rules.readiness import BEFORE_THE_END, CALLED_ABOUT, may_prepare
from sessions.states import Status
from sessions.views.loading import session_row
from sessions.views.reaching import banner_at, day_asked, shown_site, sites_to_show

ITEMS = ReadinessAnswer.Item


@login_required
@require_safe
def readiness(request: StaffRequest) -> HttpResponse:
    """The huddle sheet of a site: two days from the one in the address, today where it names none."""
    sites = sites_to_show(request)
    site = shown_site(request, sites)
    today = clock.local_date(clock.now(), site.time_zone)
    first = day_asked(request.GET.get("day", "")) or today
    may_work = may_prepare(request.actor, site.pk)
    context = {
        "form": DayForm(sites=sites, site=site, day=first),
        "site": site,
        "first": first,
        "today": today,
        "days": [
            (day, [(visit, _forms(visit) if may_work else {}) for visit in day.visits])
            for day in days_of(site, first=first, actor=request.actor)
        ],
        "earlier": _address(site, first - timedelta(days=DAYS)),
        "later": _address(site, first + timedelta(days=DAYS)),
        "to_today": _address(site, today),
        **_rights(request, site),
    }
    return render(request, "sessions/readiness/list.html", context)


def _address(site: Site, day: date) -> str:
    return f"{reverse('sessions:readiness')}?site={site.public_id}&day={day}"


def _rights(request: StaffRequest, site: Site) -> dict[str, bool]:
    """Which ways out of what is missing are open to this person."""
    can = request.actor.can
    return {
        "may_book": can(Permission.BOOK, site.pk),
        "may_attach": can(Permission.RECORD_CONSENT, site.pk),
        "may_score": can(Permission.RECORD_SCORES, site.pk),
        "may_edit": can(Permission.EDIT_PATIENTS, site.pk),
    }


def _forms(visit: Visit) -> dict[str, Any]:
    row = f"_{visit.session.public_id}"
    return {
        "answers": [AnswerForm(item=item, row=row) for item in ITEMS],
        "call": CallForm(purpose=_purpose(visit.session), row=row),
    }


def _purpose(session: InfusionSession) -> str:
    missed = session.state is Status.NO_SHOW
    return CallAttempt.Purpose.NO_SHOW if missed else CallAttempt.Purpose.READINESS


@login_required
@require_safe
def visit(request: StaffRequest, session_id: uuid.UUID) -> HttpResponse:
    """One visit: what is missing, what was answered and who was called."""
    session = session_row(request, session_id)
    record_access(what="session", patient=session.patient, by=request.actor, now=clock.now())
    return _visit_page(request, session)


def _visit_page(request: StaffRequest, session: InfusionSession, **forms: Any) -> HttpResponse:
    """The page with its forms, one of them perhaps as it was refused."""
    refused = next(iter(forms.values()), None)
    may_work = may_prepare(request.actor, session.site_id)
    context = {
        "visit": readiness_of(session, actor=request.actor),
        "site": session.site,
        "session": session,
        "banner": banner_at(request, session.patient, session.site),
        "answer_forms": [forms.get(item, AnswerForm(item=item)) for item in ITEMS],
        "call_form": forms.get("call", CallForm(purpose=_purpose(session))),
        # What was refused is shown all the same: nothing typed is lost.
        "may_answer": (may_work and session.state in BEFORE_THE_END)
        or bool(forms.keys() & set(ITEMS.values)),
        "may_call": (may_work and session.state in CALLED_ABOUT) or "call" in forms,
        "list_url": _address(session.site, session.local_date),
        **_rights(request, session.site),
    }
    status = status_of(refused) if refused is not None else 200
    return render(request, "sessions/readiness/visit.html", context, status=status)


@login_required
def answer(request: StaffRequest, session_id: uuid.UUID) -> HttpResponse:
    """How the ride home or the fasting instruction stands."""
    session = session_row(request, session_id)
    if request.method != "POST":
        return redirect("sessions:visit-readiness", session.public_id)
    item = request.POST.get("item", "")
    form = AnswerForm(request.POST, item=item if item in ITEMS.values else ITEMS.RIDE)

    def store(key: uuid.UUID, now: datetime) -> None:
        answer_readiness(session=session, by=request.actor, public_id=key, now=now, **form.cleaned_data)

    if sent(request, form, store):
        messages.success(request, _("Stored: %(item)s.") % {"item": ITEMS(item).label})
        return _back(request, session)
    return _visit_page(request, session, **{form.initial["item"]: form})


@login_required
def call(request: StaffRequest, session_id: uuid.UUID) -> HttpResponse:
    """Somebody tried to reach the patient."""
    session = session_row(request, session_id)
    if request.method != "POST":
        return redirect("sessions:visit-readiness", session.public_id)
    form = CallForm(request.POST, purpose=_purpose(session))

    def store(key: uuid.UUID, now: datetime) -> None:
        log_call(session=session, by=request.actor, public_id=key, now=now, **form.cleaned_data)

    if sent(request, form, store):
        messages.success(request, _("The call is noted."))
        return _back(request, session)
    return _visit_page(request, session, call=form)


def about_calls(request: StaffRequest, session: InfusionSession) -> dict[str, Any]:
    """What the no-show page shows beside its own form: the calls until now, and a form for the next."""
    calls = CallAttempt.objects.for_user(request.actor).filter(session=session)
    return {
        "calls": calls.select_related("taken_by"),
        "call_form": CallForm(purpose=CallAttempt.Purpose.NO_SHOW),
        "may_call": may_prepare(request.actor, session.site_id) and session.state in CALLED_ABOUT,
    }


def _back(request: StaffRequest, session: InfusionSession) -> HttpResponseRedirect:
    """To the page that the form stood on: the list from a day on, the no-show page, or the visit's own."""
    back = request.POST.get("back", "")
    if back == "no-show" and session.state is Status.SCHEDULED:
        return redirect("sessions:no-show", session.public_id)
    if first := day_asked(back):
        return redirect(f"{_address(session.site, first)}#visit-{session.public_id}")
    return redirect("sessions:visit-readiness", session.public_id)
