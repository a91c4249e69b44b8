"""A side effect that was told after the patient had gone, whether or not the chart is signed by then."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.common.errors import Invalid, Problem
from clinic.common.text import storable
from sessions.models import InfusionSession, LateEffect
from sessions.operations.effect_tasks import follow_open_effect, open_tasks_of_serious
from sessions.operations.facts import Entry, write_fact
from sessions.operations.monitoring import insert_side_effect
from sessions.operations.transition import locked_session
from sessions.rules.moments import check_moment, is_signed
from sessions.rules.side_effects import check_can_report_late
from sessions.rules.texts import check_length


@transaction.atomic(savepoint=False)
def report_late_effect(
    *,
    session: InfusionSession,
    term: str,
    reporter: str,
    by: Actor,
    severity: str = "",
    grade: int | None = None,
    channel: str = LateEffect.Channel.PHONE,
    words: str = "",
    serious: bool | None = None,
    serious_criteria: Sequence[str] = (),
    is_over: bool = False,
    onset_at: datetime | None = None,
    reported_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> LateEffect:
    """Record it on the session, beside what was signed: the digest of a signature does not cover it.

    Args:
        reporter: who told it; ``words`` in their own words.
        onset_at: when it began; when it was told, where nobody knows.
        reported_at: when it was told; now, when left out.
        is_over: it was over when it was told.

    Raises:
        Invalid: as for a side effect, or a moment in the future.
        Conflict: the visit is not over (``late_effect.not_over``).
    """
    now = now or clock.now()
    session = locked_session(session)
    who = check_can_report_late(session=session, by=by)
    told_at = reported_at or now
    check_moment(told_at, session=session, now=now, field="reported_at")
    check_moment(onset_at or told_at, session=session, now=now, field="onset_at")
    _check_order(onset_at, told_at)
    check_length(storable(words, field="words"), field="words")
    entry = Entry(session, by, who, told_at, now)
    effect = insert_side_effect(
        entry,
        term=term,
        onset_at=onset_at or told_at,
        after_signature=is_signed(session),
        severity=severity,
        grade=grade,
        serious=serious,
        serious_criteria=serious_criteria,
        resolved_at=told_at if is_over else None,
    )
    report = LateEffect(
        session=session,
        side_effect=effect,
        reporter=reporter,
        channel=channel,
        words=words,
        **entry.times(),
    )
    write_fact(report, entry=entry, verb="side_effect.reported_late", public_id=public_id)
    if effect.is_serious:
        open_tasks_of_serious(side_effect=effect, session=session, by=by, now=now)
    if not is_over:
        follow_open_effect(side_effect=effect, session=session, by=by, now=now)
    return report


def _check_order(onset_at: datetime | None, told_at: datetime) -> None:
    if onset_at is not None and onset_at > told_at:
        message = _("It cannot have begun after it was told. Check the times.")
        raise Invalid({"onset_at": Problem("late_effect.order", message)})
