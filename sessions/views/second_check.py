"""The second check: another person computes the dose anew and does not see what the first came to."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clinic.accounts.requests import StaffRequest
from clinic.common.errors import problems_of
from clinic.common.submitting import sent, status_of
from sessions.forms.preparing import DoseCheckForm
from sessions.operations.second_check import check_dose
from sessions.rules.checking import confirmed_dose
from sessions.rules.preparing import standing_preparation
from sessions.rules.second_check import check_can_check, latest_check
from sessions.views.loading import charted_session
from sessions.views.reaching import banner_at


@login_required
def second_check(request: StaffRequest, session_id: Any) -> HttpResponse:
    """Order and vial, and three empty fields; both people's numbers only once they differ."""
    session, actor = charted_session(request, session_id), request.actor
    form = DoseCheckForm(request.POST or None, auto_id="check_%s")

    def do(key: Any, now: Any) -> None:
        check_dose(session=session, **form.cleaned_data, by=actor, now=now, public_id=key)

    if sent(request, form, do):
        dose = confirmed_dose(session)
        found = latest_check(dose) if dose else None
        if found is not None and not found.agrees:
            return redirect("sessions:second-check", session.public_id)
        messages.success(request, _("Checked: both came to the same dose."))
        return redirect("sessions:session", session.public_id)
    dose = confirmed_dose(session)
    context = {
        "form": form,
        "session": session,
        "site": session.site,
        "banner": banner_at(request, session.patient, session.site),
        "dose": dose,
        "version": session.protocol_version,
        "drawn": standing_preparation(session),
        "check": latest_check(dose) if dose else None,
        "problems": problems_of(check_can_check, session=session, by=actor),
    }
    return render(request, "sessions/orders/second_check.html", context, status=status_of(form))
