"""Readings, notes and side effects, as they are typed at the chairside."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinic.accounts.requests import StaffRequest
from clinic.common.outbox import typed_moment
from clinic.common.submitting import once
from sessions.forms.monitoring import NoteForm, SideEffectForm, SideEffectUpdateForm, VitalSignsForm
from sessions.models import SideEffect, SideEffectEntry
from sessions.operations import monitoring
from sessions.views.loading import charted_session, session_row
from sessions.views.recording import recorded


@login_required
def vital_signs(request: StaffRequest, session_id: Any) -> HttpResponse:
    """Record one set of vital signs."""
    session = charted_session(request, session_id)
    form = VitalSignsForm(request.POST or None, session=session, auto_id="vitals_%s")

    def do(key: Any, now: Any) -> None:
        monitoring.record_vital_signs(
            session=session,
            values=form.values(),
            confirmed=form.cleaned_data["confirmed"],
            by=request.actor,
            taken_at=form.moment(now),
            now=now,
            public_id=key,
        )

    return recorded(request, session, form, do, slot="vitals_form", said=_("Reading recorded."))


@login_required
def note(request: StaffRequest, session_id: Any) -> HttpResponse:
    """Write a note."""
    session = charted_session(request, session_id)
    form = NoteForm(request.POST or None, session=session, auto_id="note_%s")

    def do(key: Any, now: Any) -> None:
        monitoring.write_note(
            session=session,
            text=form.cleaned_data["text"],
            by=request.actor,
            taken_at=form.moment(now),
            now=now,
            public_id=key,
        )

    return recorded(request, session, form, do, slot="note_form", said=_("Note written."))


@login_required
def side_effect(request: StaffRequest, session_id: Any) -> HttpResponse:
    """Report a side effect."""
    session = charted_session(request, session_id)
    form = SideEffectForm(request.POST or None, session=session, auto_id="effect_%s")

    def do(key: Any, now: Any) -> None:
        typed = form.cleaned_data
        monitoring.report_side_effect(
            session=session,
            term=typed["term"],
            grade=typed["grade"],
            action_taken=typed["action_taken"] or SideEffectEntry.ActionTaken.NONE,
            note=typed["note"],
            onset_at=form.moment(now),
            by=request.actor,
            now=now,
            public_id=key,
        )

    return recorded(request, session, form, do, slot="effect_form", said=_("Side effect recorded."))


@login_required
def side_effect_update(request: StaffRequest, session_id: Any, effect_id: Any) -> HttpResponse:
    """Say what has become of a side effect."""
    session = charted_session(request, session_id)
    mine = SideEffect.objects.for_user(request.actor).filter(session=session)
    effect = get_object_or_404(mine, public_id=effect_id)
    form = SideEffectUpdateForm(request.POST or None)

    def do(key: Any, now: Any) -> None:
        typed, seen_at = form.cleaned_data, typed_moment(request.POST, now)
        monitoring.update_side_effect(
            side_effect=effect,
            grade=typed["grade"],
            action_taken=typed["action_taken"] or SideEffectEntry.ActionTaken.NONE,
            note=typed["note"],
            resolved_at=(seen_at or now) if typed["resolved"] else None,
            taken_at=seen_at,
            by=request.actor,
            now=now,
            public_id=key,
        )

    return recorded(request, session, form, do, slot="effect_update_form", said=_("Side effect updated."))


@login_required
@require_POST
def asked(request: StaffRequest, session_id: Any) -> HttpResponse:
    """The patient was asked about side effects and had none."""
    session = session_row(request, session_id)
    once(
        request,
        lambda key, now: monitoring.ask_about_side_effects(
            session=session,
            by=request.actor,
            taken_at=typed_moment(request.POST, now),
            now=now,
            public_id=key,
        ),
    )
    messages.success(request, _("Asked about side effects: none."))
    return redirect("sessions:session", session.public_id)
