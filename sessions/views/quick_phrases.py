"""The page on which a site's quick phrases are kept."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from clinic.accounts.requests import StaffRequest
from clinic.common.editing import posted_revision
from clinic.common.submitting import sent, status_of
from clinic.facilities.current import current_site
from sessions.forms.side_effects import PhraseForm
from sessions.models import QuickPhrase
from sessions.operations.quick_phrases import add_quick_phrase, edit_quick_phrase
from sessions.rules.quick_phrases import check_can_keep_phrases


@login_required
def phrases(request: StaffRequest) -> HttpResponse:
    """The phrases of the site at which the person works, and a form for a new one."""
    site = current_site(request)
    check_can_keep_phrases(site=site, by=request.actor)
    form = PhraseForm(request.POST or None)

    def do(key: uuid.UUID, now: datetime) -> None:
        text, position = form.cleaned_data["text"], form.cleaned_data["position"] or 0
        add_quick_phrase(site=site, text=text, position=position, by=request.actor, now=now, public_id=key)

    if sent(request, form, do):
        messages.success(request, _("Phrase added."))
        return redirect("sessions:quick-phrases")
    return _page(request, site, form)


@login_required
def phrase(request: StaffRequest, phrase_id: uuid.UUID) -> HttpResponse:
    """Change a phrase, or take it out of use."""
    rows = QuickPhrase.objects.for_user(request.actor).select_related("site")
    found = get_object_or_404(rows, public_id=phrase_id)
    check_can_keep_phrases(site=found.site, by=request.actor)
    form = PhraseForm(request.POST or None, initial={"text": found.text, "position": found.position})

    def do(key: uuid.UUID, now: datetime) -> None:
        typed = form.cleaned_data
        changes = {"text": typed["text"], "position": typed["position"] or 0}
        edit_quick_phrase(
            phrase=found,
            changes=changes | {"is_in_use": "remove" not in request.POST},
            by=request.actor,
            expected_revision=posted_revision(request),
            now=now,
        )

    if sent(request, form, do):
        removed = "remove" in request.POST
        messages.success(request, _("Phrase taken out of use.") if removed else _("Phrase saved."))
        return redirect("sessions:quick-phrases")
    return _page(request, found.site, PhraseForm(), editing=found, edit_form=form)


def _page(request: StaffRequest, site: Any, form: PhraseForm, **more: Any) -> HttpResponse:
    in_use = QuickPhrase.objects.for_user(request.actor).in_use().filter(site=site)
    context = {"site": site, "form": form, "phrases": in_use, **more}
    status = max(status_of(form), status_of(more["edit_form"]) if "edit_form" in more else 200)
    return render(request, "sessions/quick_phrases/list.html", context, status=status)
