"""Signatures that lock a chart, and addenda beside it."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.utils.translation import gettext as _

from clinic.accounts.requests import StaffRequest
from sessions.forms.signing import AddendumForm, StatementForm
from sessions.operations import signing
from sessions.views.loading import charted_session
from sessions.views.recording import recorded


@login_required
def sign(request: StaffRequest, session_id: Any) -> HttpResponse:
    """Sign as the author: the chart is locked."""
    return _signed(request, session_id, signing.sign, _("Signed. The chart is locked."))


@login_required
def review(request: StaffRequest, session_id: Any) -> HttpResponse:
    """Sign as the reviewing prescriber."""
    return _signed(request, session_id, signing.review, _("Reviewed and signed."))


def _signed(request: StaffRequest, session_id: Any, operation: Callable[..., Any], said: str) -> HttpResponse:
    session = charted_session(request, session_id)
    form = StatementForm(request.POST or None, auto_id="sign_%s")

    def do(key: Any, now: Any) -> None:
        statement = form.cleaned_data["statement"]
        by = request.actor
        operation(session=session, by=by, statement=statement, now=now, public_id=key)

    return recorded(request, session, form, do, slot="statement_form", said=said)


@login_required
def addendum(request: StaffRequest, session_id: Any) -> HttpResponse:
    """Add to a signed chart."""
    session = charted_session(request, session_id)
    form = AddendumForm(request.POST or None, auto_id="addendum_%s")

    def do(key: Any, now: Any) -> None:
        text, by = form.cleaned_data["text"], request.actor
        signing.add_addendum(session=session, text=text, by=by, now=now, public_id=key)

    return recorded(request, session, form, do, slot="addendum_form", said=_("Addendum added."))
