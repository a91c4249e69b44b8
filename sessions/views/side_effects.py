"""Side effects: the sheet at the chair, asked and none, the page of one, and what was told later."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinic.accounts.requests import StaffRequest
from clinic.audit.recording import record_access
from clinic.common import clock
from clinic.common.outbox import typed_moment
from clinic.common.submitting import once, sent, status_of
from sessions.forms.side_effects import (
    EffectReviewForm,
    EffectSheetForm,
    EffectUpdateForm,
    LateEffectForm,
    NarrativeForm,
)
from sessions.models import InfusionSession
from sessions.operations.effect_reviews import review_side_effect
from sessions.operations.effect_reviews import write_narrative as write
from sessions.operations.effect_sheet import record_effect_sheet
from sessions.operations.late_effects import report_late_effect
from sessions.operations.monitoring import ask_about_side_effects, update_side_effect
from sessions.reports.effect_page import EffectPage, effect_page
from sessions.rules.effect_steps import offered_steps
from sessions.views.loading import charted_session, session_row
from sessions.views.reaching import banner_at
from sessions.views.recording import Write, recorded


@login_required
def sheet(request: StaffRequest, session_id: Any) -> HttpResponse:
    """Record a side effect with what was done about it."""
    session = charted_session(request, session_id)
    steps = offered_steps(session, by=request.actor)
    form = EffectSheetForm(request.POST or None, session=session, steps=steps, auto_id="effect_%s")

    def do(key: Any, now: Any) -> None:
        record_effect_sheet(
            session=session,
            effect=form.effect(now),
            steps=form.cleaned_data["steps"],
            by=request.actor,
            now=now,
            public_id=key,
        )

    return recorded(request, session, form, do, slot="effect_form", said=_("Side effect recorded."))


@login_required
@require_POST
def asked(request: StaffRequest, session_id: Any) -> HttpResponse:
    """The patient was asked about side effects and had none; perhaps at a moment of the protocol."""
    session = session_row(request, session_id)
    once(
        request,
        lambda key, now: ask_about_side_effects(
            session=session,
            moment=request.POST.get("moment", ""),
            taken_at=typed_moment(request.POST, now),
            by=request.actor,
            now=now,
            public_id=key,
        ),
    )
    messages.success(request, _("Asked about side effects: none."))
    return redirect("sessions:session", session.public_id)


@login_required
def late(request: StaffRequest, session_id: Any) -> HttpResponse:
    """A side effect that was told after the visit."""
    session = charted_session(request, session_id)
    form = LateEffectForm(request.POST or None, session=session, auto_id="late_%s")

    def do(key: Any, now: Any) -> None:
        report_late_effect(session=session, by=request.actor, now=now, public_id=key, **form.report)

    return recorded(request, session, form, do, slot="late_form", said=_("Late side effect recorded."))


@login_required
def effect(request: StaffRequest, session_id: Any, effect_id: Any) -> HttpResponse:
    """One side effect with everything about it; the form says what has become of it."""
    session = session_row(request, session_id)
    page = _page_or_404(request, session, effect_id)
    form = EffectUpdateForm(request.POST or None, auto_id="update_%s")

    def do(key: Any, now: Any) -> None:
        seen_at = typed_moment(request.POST, now)
        over = (seen_at or now) if form.cleaned_data["resolved"] else None
        told = {"by": request.actor, "now": now, "public_id": key, "resolved_at": over, **form.entry}
        update_side_effect(side_effect=page.effect, taken_at=seen_at, **told)

    if sent(request, form, do):
        messages.success(request, _("Side effect updated."))
        return _back(request, session, page)
    return _show(request, session, page, update_form=form)


@login_required
def narrative(request: StaffRequest, session_id: Any, effect_id: Any) -> HttpResponse:
    """Write the narrative; what stood before stays as a version."""
    session = session_row(request, session_id)
    page = _page_or_404(request, session, effect_id)
    form = NarrativeForm(request.POST or None, auto_id="narrative_%s")

    def do(key: Any, now: Any) -> None:
        text = form.cleaned_data["text"]
        write(side_effect=page.effect, text=text, by=request.actor, now=now, public_id=key)

    return _stored(request, session, page, form, do, slot="narrative_form", said=_("Narrative saved."))


@login_required
def review(request: StaffRequest, session_id: Any, effect_id: Any) -> HttpResponse:
    """The prescriber's judgement: grade, cause, outcome."""
    session = session_row(request, session_id)
    page = _page_or_404(request, session, effect_id)
    form = EffectReviewForm(request.POST or None, terms=page.ctcae_terms, auto_id="review_%s")

    def do(key: Any, now: Any) -> None:
        told = {"by": request.actor, "now": now, "public_id": key, **form.review}
        review_side_effect(side_effect=page.effect, **told)

    return _stored(request, session, page, form, do, slot="review_form", said=_("Review saved."))


def _stored(
    request: StaffRequest,
    session: InfusionSession,
    page: EffectPage,
    form: forms.BaseForm,
    do: Write,
    *,
    slot: str,
    said: str,
) -> HttpResponse:
    if sent(request, form, do):
        messages.success(request, said)
        return redirect("sessions:effect", session.public_id, page.effect.public_id)
    return _show(request, session, page, **{slot: form})


def _back(request: StaffRequest, session: InfusionSession, page: EffectPage) -> HttpResponse:
    """To where the button stood: the session's own page has one that says that it is over."""
    if request.POST.get("back") == "session":
        return redirect("sessions:session", session.public_id)
    return redirect("sessions:effect", session.public_id, page.effect.public_id)


def _page_or_404(request: StaffRequest, session: InfusionSession, effect_id: Any) -> EffectPage:
    page = effect_page(session, effect_id, actor=request.actor)
    if page is None:
        raise Http404
    return page


def _show(
    request: StaffRequest, session: InfusionSession, page: EffectPage, **refused: forms.BaseForm
) -> HttpResponse:
    if request.method != "POST":
        record_access(what="session", patient=session.patient, by=request.actor, now=clock.now())
    standing = page.narratives[0].text if page.narratives else ""
    sent_back = {name: form for name, form in refused.items() if form.is_bound}
    context: dict[str, Any] = {
        "page": page,
        "effect": page.effect,
        "session": session,
        "site": session.site,
        "banner": banner_at(request, session.patient, session.site),
        "update_form": EffectUpdateForm(
            initial={"severity": page.last.severity, "action_taken": page.last.action_taken},
            auto_id="update_%s",
        ),
        "narrative_form": NarrativeForm(initial={"text": standing}, auto_id="narrative_%s"),
        "review_form": EffectReviewForm(terms=page.ctcae_terms, auto_id="review_%s"),
        **sent_back,
    }
    refusals = (getattr(form, "refusal", None) for form in sent_back.values())
    context["refusal"] = next(filter(None, refusals), None)
    status = max((status_of(form) for form in sent_back.values()), default=200)
    return render(request, "sessions/effects/effect.html", context, status=status)
