"""How a page reaches a session: through the scope, and for a form past the two-patient guard."""

from typing import Any

from django.http import Http404

from clinic.accounts.requests import StaffRequest
from clinic.common.submitting import check_same_patient
from sessions.models import InfusionSession
from sessions.reports.chart import read_chart


def charted_session(request: StaffRequest, session_id: Any) -> InfusionSession:
    """The session with its whole chart. Raises Http404 out of scope, Conflict for another patient's form."""
    found = InfusionSession.objects.for_user(request.actor).filter(public_id=session_id)
    session = read_chart(found.with_number())
    if session is None:
        raise Http404
    check_same_patient(request, session.patient)
    return session


def session_row(request: StaffRequest, session_id: Any) -> InfusionSession:
    """The session's row, for a view that only acts; the operation reads it again, locked."""
    rows = InfusionSession.objects.for_user(request.actor).select_related("patient", "site")
    session = rows.filter(public_id=session_id).first()
    if session is None:
        raise Http404
    check_same_patient(request, session.patient)
    return session
