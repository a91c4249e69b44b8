"""A side effect and what was done about it, recorded as one: all of it stands, or none."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from clinic.accounts.actor import Actor
from clinic.common import clock
from sessions.models import InfusionSession, SideEffect
from sessions.operations.effect_steps import action_of, take_steps
from sessions.operations.monitoring import report_side_effect


@transaction.atomic(savepoint=False)
def record_effect_sheet(
    *,
    session: InfusionSession,
    effect: Mapping[str, Any],
    by: Actor,
    steps: Sequence[str] = (),
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> SideEffect:
    """Record a side effect together with the steps that were taken because of it.

    Args:
        effect: as :func:`report_side_effect` takes it; what was done follows from the steps where there are any.
        steps: values of :class:`sessions.rules.effect_steps.EffectStep`, such as ``pause``.

    Raises:
        Invalid: an unknown step (``side_effect.step``), or as for a side effect.
        Conflict: as the step's own rules say; nothing is then stored.
    """
    now = now or clock.now()
    content = dict(effect)
    if steps:
        content["action_taken"] = action_of(steps)
    # The steps first: they may lock rows of their own, and nothing is locked after the head of the audit.
    take_steps(steps, session=session, by=by, now=now)
    return report_side_effect(session=session, by=by, now=now, public_id=public_id, **content)
