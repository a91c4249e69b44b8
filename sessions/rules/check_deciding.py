"""Whether to go on after the check: who may decide, what a decision needs, and what it holds up."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.errors import Conflict, Invalid, Problem, Refused
from sessions.models import CheckDecision, DecisionRequest, InfusionSession

Outcome = CheckDecision.Outcome
LONGEST_WAIT = timedelta(hours=12)


def open_request(session: InfusionSession) -> DecisionRequest | None:
    """The question that waits for a prescriber; there is one at most."""
    answered = {decision.request_id for decision in session.check_decisions.all()}
    waiting = [row for row in session.decision_requests.all() if row.pk not in answered]
    return waiting[0] if waiting else None


def standing_decision(session: InfusionSession) -> CheckDecision | None:
    """The decision that stands: the last one."""
    rows = list(session.check_decisions.all())
    return rows[-1] if rows else None


def obstacles_of_decision(session: InfusionSession, now: datetime) -> list[Problem]:
    """A question that is open, and a decision to wait or to cancel. A wait is over when its time has come."""
    found = []
    zone = session.site.zone
    if asked := open_request(session):
        message = _("A prescriber was asked at %(time)s and has not decided yet: %(question)s")
        params = {"time": asked.taken_at.astimezone(zone).strftime("%H:%M"), "question": asked.question}
        found.append(Problem("decision.open", message, params, link="#decision"))
    decided = standing_decision(session)
    if decided and decided.outcome == Outcome.CANCEL:
        message = _("Decided: cancel today (%(words)s). Record Do not start, or ask again.")
        found.append(Problem("decision.cancel", message, {"words": decided.words}, link="#decision"))
    if decided and decided.waits_until and decided.waits_until > now:
        message = _("Decided: wait until %(time)s (%(words)s).")
        until = decided.waits_until.astimezone(zone).strftime("%H:%M")
        found.append(
            Problem("decision.wait", message, {"time": until, "words": decided.words}, link="#decision")
        )
    return found


def is_prescriber(by: Actor, session: InfusionSession) -> bool:
    return by.can(Permission.ORDER_COURSE, session.site_id)


def check_may_decide(*, session: InfusionSession, by: Actor) -> None:
    """A nurse decides as long as no prescriber was asked or has held the visit up.

    Raises:
        Refused: neither right is held, or ``decision.prescriber``.
    """
    if is_prescriber(by, session):
        return
    by.require(Permission.RUN_INFUSION, session.site_id)
    decided = standing_decision(session)
    held = decided and decided.by_prescriber and decided.outcome in {Outcome.WAIT, Outcome.CANCEL}
    if open_request(session) or held:
        message = _("A prescriber decides here. Ask again if something has changed.")
        raise Refused(Problem("decision.prescriber", message))


def check_can_ask(session: InfusionSession) -> None:
    """Raises Conflict ``decision.asked`` while a question is open: a second one would split the answer."""
    if open_request(session):
        message = _("A prescriber is asked already. Wait for the decision, or call.")
        raise Conflict(Problem("decision.asked", message))


def check_decision(
    *,
    outcome: str,
    changes: Sequence[str],
    words: str,
    waits_until: datetime | None,
    now: datetime,
) -> None:
    """Raises Invalid: an unknown decision or change, one without its words, or a wait without its time."""
    problems: dict[str, Problem] = {}
    if outcome not in Outcome.values:
        problems["outcome"] = Problem("decision.outcome", _("Choose what is decided."))
    if not set(changes) <= set(CheckDecision.Change.values) or bool(changes) != (outcome == Outcome.CHANGE):
        problems["changes"] = Problem(
            "decision.changes", _("Say what is changed: dose, duration, observation.")
        )
    if outcome != Outcome.PROCEED and not words.strip():
        problems["words"] = Problem(
            "decision.words", _("Say it in a few words: it stays in the signed record.")
        )
    if (outcome == Outcome.WAIT) != (waits_until is not None):
        problems["waits_until"] = Problem("decision.until", _("Say until when to wait."))
    elif waits_until and not now < waits_until <= now + LONGEST_WAIT:
        problems["waits_until"] = wait_problem()
    if problems:
        raise Invalid(problems)


def wait_problem() -> Problem:
    """What a time to wait until must be."""
    message = _("This is not within the next %(hours)s hours. Choose a time later today.")
    hours = int(LONGEST_WAIT.total_seconds() // 3600)
    return Problem("check.wait_time", message, {"hours": hours})
