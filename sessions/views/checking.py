"""The pre-infusion check, weight and dose."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.utils.translation import gettext as _

from clinic.accounts.requests import StaffRequest
from sessions.forms.check_answers import CheckAnswerForm
from sessions.forms.checking import DoseForm, WeightForm
from sessions.operations import checking
from sessions.views.loading import charted_session
from sessions.views.recording import recorded


@login_required
def answer(request: StaffRequest, session_id: Any) -> HttpResponse:
    """Answer one item of the check."""
    session = charted_session(request, session_id)
    form = CheckAnswerForm(request.POST or None, session=session, auto_id="answer_%s")

    def do(key: Any, now: Any) -> None:
        checking.answer_check_item(
            session=session,
            by=request.actor,
            now=now,
            public_id=key,
            **form.arguments(now),
        )

    return recorded(request, session, form, do, slot="answer_form", said=_("Answer recorded."))


@login_required
def weight(request: StaffRequest, session_id: Any) -> HttpResponse:
    """Record a body weight."""
    session = charted_session(request, session_id)
    form = WeightForm(request.POST or None, auto_id="weight_%s")

    def do(key: Any, now: Any) -> None:
        checking.record_weight(
            session=session,
            by=request.actor,
            now=now,
            public_id=key,
            **form.cleaned_data,
        )

    return recorded(request, session, form, do, slot="weight_form", said=_("Weight recorded."))


@login_required
def dose(request: StaffRequest, session_id: Any) -> HttpResponse:
    """Confirm the dose."""
    session = charted_session(request, session_id)
    form = DoseForm(request.POST or None, auto_id="dose_%s")

    def do(key: Any, now: Any) -> None:
        checking.confirm_dose(
            session=session,
            by=request.actor,
            now=now,
            public_id=key,
            **form.cleaned_data,
        )

    return recorded(request, session, form, do, slot="dose_form", said=_("Dose confirmed."))
