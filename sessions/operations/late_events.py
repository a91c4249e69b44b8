"""Pause, resume and end as they were typed without network and arrive later: facts, whatever has happened since."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.common.errors import Invalid, Problem
from clinic.common.text import storable
from sessions.models import InfusionSession
from sessions.operations.alerting import evaluate_times, span
from sessions.operations.facts import entry_of
from sessions.operations.running import DERIVED, restate, write_event
from sessions.operations.transition import Step, finish, locked_session
from sessions.rules.delivery import end_kind_at
from sessions.rules.moments import check_is_open, check_late_entry, check_moment, person
from sessions.rules.transitions import check_may
from sessions.states import MONITORED, Action, EndKind, EventKind

EVENT_OF = {Action.PAUSE: EventKind.PAUSE, Action.RESUME: EventKind.RESUME, Action.END: EventKind.END}


@transaction.atomic(savepoint=False)
def record_late_event(
    *,
    action: Action,
    session: InfusionSession,
    by: Actor,
    at: datetime,
    kind: str = "",
    reason: str = "",
    now: datetime | None = None,
    typed_at: datetime | None = None,
) -> InfusionSession:
    """Put an event in its place in the timeline; minutes, milligrams and status are derived anew.

    The present status refuses nothing: the infusion may have ended meanwhile on another tablet. Nor does it matter how
    late it is sent: the limit for late entries counts to the moment of typing.

    Args:
        action: pause, resume or end.
        kind: how it ended, for an end; left out, it follows from how much had run in by then.
        typed_at: when it was typed; left out, as it happened.

    Raises:
        Refused: the right is missing.
        Conflict: the timeline has no place for it (``timeline.order``), or the chart is signed (``chart.signed``).
        Invalid: an impossible moment, one that was already long ago when it was typed, without a reason, or an unknown
            kind.
    """
    now = now or clock.now()
    locked = locked_session(session)
    check_may(action, session=locked, by=by)
    check_is_open(locked)
    check_moment(at, session=locked, now=now)
    check_late_entry(at, session=locked, now=now, reason=reason, typed_at=typed_at or at)
    said = storable(reason, field="reason").strip()
    if kind and kind not in set(EndKind):
        raise Invalid({"kind": Problem("end.kind", _("Say whether it was completed or stopped early."))})
    ended = (kind or end_kind_at(locked, at=at)) if action is Action.END else ""
    step = Step(action, locked, by, person(by), at, now, said, locked.state)
    was = span(locked)
    write_event(step, EVENT_OF[action], at=at, end_kind=ended)
    derived = restate(locked)
    evaluate_times(entry_of(step), was=was, why=said)
    follows = locked.state in MONITORED
    return finish(step, target=derived.status if follows else locked.state, fields=DERIVED)
