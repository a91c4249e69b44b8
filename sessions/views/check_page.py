"""What the page of a session shows of its check: the items, the decision, and how the patient wants it."""

from datetime import datetime
from typing import Any

from clinic.accounts.actor import Actor
from sessions.forms.check_answers import DecisionForm, QuestionForm, WishForm
from sessions.reports.chairside import Chairside
from sessions.reports.check_panel import check_panel
from sessions.reports.last_time import helped_by, standing_wish
from sessions.states import PRESENT


def check_context(page: Chairside, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """The keys of the check's fragments, for a page whose chart is loaded."""
    session = page.session
    wish = standing_wish(session, actor=actor)
    context: dict[str, Any] = {
        "wish": wish,
        "wish_form": WishForm(
            auto_id="wish_%s", initial={"kinds": wish.kinds, "words": wish.words} if wish else {}
        ),
        "may_wish": page.may_record and session.state in PRESENT,
        "helped": helped_by(page.last_time.session) if page.last_time else [],
    }
    if page.stage == "check":
        context |= {
            "check": check_panel(session, page.items, actor=actor, now=now),
            "question_form": QuestionForm(auto_id="question_%s"),
            "decision_form": DecisionForm(session=session, auto_id="decision_%s"),
        }
    return context
