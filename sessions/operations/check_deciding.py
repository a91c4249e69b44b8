"""After the check: asking a prescriber, deciding, and naming the baseline."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.common.text import storable
from sessions.models import (
    AlertEntry,
    BaselineChoice,
    CheckDecision,
    DecisionRequest,
    InfusionSession,
    VitalSigns,
)
from sessions.operations.alerting import evaluate_again
from sessions.operations.checking import check_before_start
from sessions.operations.facts import Entry, open_entry, write_fact
from sessions.rules import check_deciding as rules
from sessions.rules.corrections import standing
from sessions.rules.limits import baseline_candidates


@transaction.atomic(savepoint=False)
def ask_prescriber(
    *,
    session: InfusionSession,
    question: str,
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> DecisionRequest:
    """Ask a prescriber to decide; until somebody does, the patient is not cleared and nothing is started.

    Raises:
        Refused: without the right to run an infusion.
        Invalid: no question (``decision.question``).
        Conflict: one is asked already (``decision.asked``), or the check is over.
    """
    entry = open_entry(session=session, by=by, taken_at=None, now=now)
    by.require(Permission.RUN_INFUSION, entry.session.site_id)
    check_before_start(entry)
    rules.check_can_ask(entry.session)
    question = storable(question, field="question").strip()
    if not question:
        message = _("Write what the prescriber is to decide.")
        raise Invalid({"question": Problem("decision.question", message)})
    asked = DecisionRequest(session=entry.session, question=question, **entry.times())
    return write_fact(asked, entry=entry, verb="decision.asked", public_id=public_id)


@transaction.atomic(savepoint=False)
def decide(
    *,
    session: InfusionSession,
    outcome: str,
    by: Actor,
    changes: Sequence[str] = (),
    words: str = "",
    waits_until: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> CheckDecision:
    """Decide how it goes on. A prescriber's decision answers the question that is open.

    Raises:
        Refused: without the right, or a nurse where a prescriber decides (``decision.prescriber``).
        Invalid: words, changes or time are missing.
        Conflict: the check is over.
    """
    entry = open_entry(session=session, by=by, taken_at=None, now=now)
    rules.check_may_decide(session=entry.session, by=by)
    check_before_start(entry)
    rules.check_decision(
        outcome=outcome, changes=changes, words=words, waits_until=waits_until, now=entry.now
    )
    decision = CheckDecision(
        session=entry.session,
        request=rules.open_request(entry.session),
        outcome=outcome,
        changes=sorted(set(changes), key=CheckDecision.Change.values.index),
        words=storable(words, field="words").strip(),
        waits_until=waits_until,
        by_prescriber=rules.is_prescriber(by, entry.session),
        **entry.times(),
    )
    return write_fact(decision, entry=entry, verb="decision.made", public_id=public_id)


@transaction.atomic(savepoint=False)
def choose_baseline(
    *,
    session: InfusionSession,
    reading: VitalSigns,
    by: Actor,
    reason: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> BaselineChoice:
    """Name the reading before the start against which changes are counted.

    Raises:
        Conflict: ``baseline.not_one``: struck, incomplete, of the infusion itself, or of another session.
        Invalid: ``reason.missing`` once the infusion has begun.
    """
    entry = open_entry(session=session, by=by, taken_at=None, now=now)
    offered = [
        row.pk for row in baseline_candidates(entry.session, standing(entry.session.vital_signs.all()))
    ]
    if reading.pk not in offered:
        message = _("Only a complete reading that stands, taken before the start, can be the baseline.")
        raise Conflict(Problem("baseline.not_one", message))
    if entry.session.infusion_started_at and not reason.strip():
        message = _("The infusion has begun. Say why the baseline is another reading.")
        raise Invalid({"reason": Problem("reason.missing", message)})
    choice = BaselineChoice(
        session=entry.session,
        reading=reading,
        reason=storable(reason, field="reason").strip(),
        **entry.times(),
    )
    return write_fact(
        choice, entry=entry, verb="baseline.chosen", public_id=public_id, reason=reason, then=_judge_anew
    )


def _judge_anew(entry: Entry, choice: BaselineChoice) -> None:
    """Changes are counted from another reading now, also those of readings that were judged already."""
    evaluate_again(entry, AlertEntry.Cause.BASELINE, why=choice.reason)
