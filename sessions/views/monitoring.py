"""Readings and notes, as they are typed at the chairside."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.utils.translation import gettext as _

from clinic.accounts.requests import StaffRequest
from sessions.forms.monitoring import NoteForm, VitalSignsForm
from sessions.operations import monitoring
from sessions.views.loading import charted_session
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
