"""What the demo's staff answer: alerts with what was done, and answers on suicide with a prescriber's review."""

from datetime import date, datetime, timedelta

from clinic.accounts.actor import Actor
from patients.models import Patient, SuicideReview
from patients.operations.suicide_reviews import close_review, confirm_review, make_safety_plan
from sessions.models import Alert, InfusionSession
from sessions.operations.acknowledging import acknowledge_alert

ACTIONS = {
    "hold_start": ["called", "not_started"],
    "warn": ["rechecked", "watched"],
    "pause": ["called", "paused"],
}
PLAN = (
    "Example. Warning signs: not sleeping, staying in bed. Calls Alex first, then the crisis line (555 0199)."
    " Medicines are kept by the partner."
)


def answer_alerts(*, session: InfusionSession, by: Actor, now: datetime) -> None:
    """Acknowledge whatever stands open in a session."""
    for alert in Alert.objects.open().filter(session=session).select_related("session__site"):
        acknowledge_alert(alert=alert, actions=ACTIONS.get(alert.level, ["called"]), by=by, now=now)


def close_reviews(patient: Patient, *, by: Actor, now: datetime) -> None:
    """The prescriber has spoken with the patient: a safety plan the first time, safe to go on."""
    rows = SuicideReview.objects.filter(patient=patient).exclude(entries__kind="closed")
    for review in rows.select_related("patient", "site"):
        confirm_review(review=review, by=by, now=now)
        outcome, found = "safe_to_proceed", "Spoken with alone: thoughts as before, no intent, no plan."
        if not patient.safety_plans.exists():
            _plan(patient, until=(now + timedelta(days=120)).date(), by=by, now=now)
            outcome, found = "plan_made", "Passive thoughts, no intent. A safety plan was made together."
        close_review(review=review, outcome=outcome, text=found, by=by, now=now + timedelta(minutes=5))


def _plan(patient: Patient, *, until: date, by: Actor, now: datetime) -> None:
    make_safety_plan(patient=patient, text=PLAN, review_by=until, by=by, now=now)
