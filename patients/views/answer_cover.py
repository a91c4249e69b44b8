"""Accepting answers on suicide out of hours, at the site one works at."""

import uuid
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.common.editing import posted_revision
from clinic.common.submitting import once, sent, status_of
from clinic.facilities.current import current_site
from clinic.facilities.forms.spans import SpanForm
from patients.models import AnswerCover
from patients.operations.answer_cover import accept_answers, take_back_answers
from patients.reports.answer_cover import covers_ahead
from patients.rules.answer_cover import may_accept, may_take_back
from patients.views.opening import actor_of


@login_required
def covers(request: HttpRequest) -> HttpResponse:
    """Who has accepted when, and the form that accepts."""
    actor, site, now = actor_of(request), current_site(request), clock.now()
    actor.require(Permission.VIEW_PATIENTS, site.pk)
    today = clock.local_date(now, site.time_zone)
    form = SpanForm(request.POST or None, site=site, initial={"first": today})

    def do(key: uuid.UUID, now: datetime) -> None:
        accept_answers(site=site, **form.span, by=actor, now=now, public_id=key)

    if sent(request, form, do):
        messages.success(request, _("You have accepted the answers of this time."))
        return redirect("patients:answer-cover")
    found = covers_ahead(site, actor=actor, now=now)
    context = {
        "site": site,
        "form": form,
        "rows": [(cover, may_take_back(actor, cover)) for cover in found],
        "may_accept": may_accept(actor, site.pk),
    }
    return render(request, "patients/answer_cover.html", context, status=status_of(form))


@login_required
@require_POST
def take_back(request: HttpRequest, cover_id: uuid.UUID) -> HttpResponse:
    """It ends now; what has not begun is withdrawn."""
    actor = actor_of(request)
    cover = get_object_or_404(AnswerCover.objects.for_user(actor), public_id=cover_id)
    once(
        request,
        lambda key, now: take_back_answers(
            cover=cover, by=actor, expected_revision=posted_revision(request), now=now
        ),
    )
    messages.success(request, _("Taken back. Links that ask about suicide wait for the next hour again."))
    return redirect("patients:answer-cover")
