"""The part of a session's page that is about its alerts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from clinic.accounts.requests import StaffRequest
from sessions.forms.alerts import PatientLimitForm, RevokeForm, forms_of
from sessions.models import InfusionSession
from sessions.operations.acknowledging import note_read
from sessions.reports.alerts_panel import alerts_panel


def alerts_of(
    request: StaffRequest, session: InfusionSession, refused: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """What the fragments of ``templates/sessions/alerts/`` show. Whoever an alert was passed on to has now read it."""
    panel = alerts_panel(session, actor=request.actor, now=now)
    note_read(alerts=[line.alert for line in panel.open], by=request.actor, now=now)
    return {
        "alerts": panel,
        "open_alerts": forms_of(panel.open, refused.get("acknowledge_form")),
        "unanswered_alerts": forms_of(panel.unanswered, refused.get("acknowledge_form")),
        "limit_form": refused.get("limit_form") or PatientLimitForm(session=session),
        "revoke_form": RevokeForm(auto_id=False),
    }
