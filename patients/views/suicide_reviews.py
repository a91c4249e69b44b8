"""The worklist of answers on suicide, one review, and the safety plan."""

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

from clinic.accounts.models import Membership, User
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record_access
from clinic.common import clock
from clinic.common.submitting import check_same_patient, sent, status_of
from patients.forms.suicide_reviews import AssignForm, CloseForm, NoteForm, SafetyPlanForm
from patients.models import SuicideReview
from patients.operations.suicide_reviews import (
    assign_review,
    close_review,
    confirm_review,
    make_safety_plan,
    note_review,
)
from patients.reports.banner import banner_of
from patients.reports.suicide_reviews import (
    count_unconfirmed,
    history_of,
    not_set_anywhere,
    open_reviews,
    review_line,
)
from patients.rules.suicide import closing_right
from patients.views.opening import actor_of, opened, to_record


@login_required
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """Every open review within reach."""
    actor, now = actor_of(request), clock.now()
    actor.require(Permission.VIEW_PATIENTS)
    lines = open_reviews(actor=actor, now=now)
    context = {"lines": lines, "not_set": not_set_anywhere(lines)}
    return render(request, "patients/suicide_reviews.html", context)


@login_required
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """The number beside the menu's entry: what nobody has confirmed."""
    unconfirmed = count_unconfirmed(actor=actor_of(request), now=clock.now())
    return render(request, "_components/count.html", {"count": unconfirmed})


def _found(request: HttpRequest, review_id: uuid.UUID) -> SuicideReview:
    rows = SuicideReview.objects.for_user(actor_of(request)).with_entries()
    review: SuicideReview | None = rows.filter(public_id=review_id).first()
    if review is None:
        raise Http404
    check_same_patient(request, review.patient)
    return review


@login_required
@require_safe
def review(request: HttpRequest, review_id: uuid.UUID) -> HttpResponse:
    """One review; that it was opened is noted."""
    found = _found(request, review_id)
    record_access(what="suicide_review", patient=found.patient, by=actor_of(request), now=clock.now())
    return _show(request, found)


def _show(request: HttpRequest, found: SuicideReview, **refused: Any) -> HttpResponse:
    actor, now = actor_of(request), clock.now()
    line = review_line(found, now=now)
    context = {
        "line": line,
        "history": history_of(line),
        "review": found,
        "patient": found.patient,
        "site": found.site,
        "banner": banner_of(
            found.patient, actor=actor, today=clock.local_date(now, found.site.time_zone), site=found.site
        ),
        "may_act": actor.can(Permission.RECORD_SCORES, found.site_id),
        "may_close": actor.can(closing_right(found), found.site_id),
        "note_form": NoteForm(auto_id="note_%s"),
        "close_form": CloseForm(auto_id="close_%s"),
        "assign_form": AssignForm(people=_people(found, actor_of(request)), auto_id="assign_%s"),
        **refused,
    }
    status = max((status_of(form) for form in refused.values()), default=200)
    return render(request, "patients/suicide_review.html", context, status=status)


def _people(found: SuicideReview, by: Any) -> Any:
    """Who may record scores at the site: nurses and prescribers there."""
    here = Membership.objects.for_user(by).of_active_people().that_give(Permission.RECORD_OBSERVATIONS)
    people = here.filter(site=found.site_id).values("user")
    return User.objects.for_user(by).filter(pk__in=people).order_by("display_name", "pk")


@login_required
def confirm(request: HttpRequest, review_id: uuid.UUID) -> HttpResponse:
    """I have it."""
    found = _found(request, review_id)
    form = forms.Form(request.POST or None)

    def do(key: uuid.UUID, now: datetime) -> None:
        confirm_review(review=found, by=actor_of(request), now=now, public_id=key)

    if sent(request, form, do):
        messages.success(request, _("You have this review."))
    return redirect("patients:suicide-review", found.public_id)


@login_required
def note(request: HttpRequest, review_id: uuid.UUID) -> HttpResponse:
    """Write down what was done."""
    found, form = _found(request, review_id), NoteForm(request.POST or None, auto_id="note_%s")

    def do(key: uuid.UUID, now: datetime) -> None:
        note_review(
            review=found, text=form.cleaned_data["text"], by=actor_of(request), now=now, public_id=key
        )

    if request.method != "POST" or sent(request, form, do):
        return redirect("patients:suicide-review", found.public_id)
    return _show(request, found, note_form=form)


@login_required
def assign(request: HttpRequest, review_id: uuid.UUID) -> HttpResponse:
    """Give it to somebody."""
    found = _found(request, review_id)
    form = AssignForm(request.POST or None, people=_people(found, actor_of(request)), auto_id="assign_%s")

    def do(key: uuid.UUID, now: datetime) -> None:
        assign_review(
            review=found, owner=form.cleaned_data["owner"], by=actor_of(request), now=now, public_id=key
        )

    if request.method != "POST" or sent(request, form, do):
        return redirect("patients:suicide-review", found.public_id)
    return _show(request, found, assign_form=form)


@login_required
def close(request: HttpRequest, review_id: uuid.UUID) -> HttpResponse:
    """Close it with its outcome."""
    found, form = _found(request, review_id), CloseForm(request.POST or None, auto_id="close_%s")

    def do(key: uuid.UUID, now: datetime) -> None:
        close_review(review=found, by=actor_of(request), now=now, public_id=key, **form.cleaned_data)

    if sent(request, form, do):
        messages.success(request, _("The review is closed."))
        return redirect("patients:suicide-review", found.public_id)
    if request.method != "POST":
        return redirect("patients:suicide-review", found.public_id)
    return _show(request, found, close_form=form)


@login_required
def safety_plan(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Record the safety plan made with the patient."""
    found = opened(request, patient_id, Permission.RECORD_SCORES)
    form = SafetyPlanForm(request.POST or None)

    def do(key: uuid.UUID, now: datetime) -> None:
        make_safety_plan(patient=found.patient, by=found.actor, now=now, public_id=key, **form.cleaned_data)

    if sent(request, form, do):
        messages.success(request, _("The safety plan is recorded."))
        return to_record(found.patient, "scores")
    plan = found.patient.safety_plans.order_by("entered_at", "pk").last()
    context = found.context(form=form, plan=plan)
    return render(request, "patients/safety_plan.html", context, status=status_of(form))
