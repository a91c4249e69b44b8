"""How far a patient is with going home, and the emergency of the visit, for the session's page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.errors import Problem, problems_of
from sessions.models import EarlyLeaving
from sessions.rules.corrections import standing
from sessions.rules.discharge_values import circulation_points
from sessions.rules.discharging import obstacles_to_ready, ready_since
from sessions.rules.emergency import EmergencyLog, check_can_log, running_log
from sessions.rules.iv_access import is_iv_removed
from sessions.rules.limits import baseline_of
from sessions.states import Status


@dataclass(frozen=True, slots=True)
class Going:
    """What the page says of it.

    Attributes:
        ready_at: since when the patient waits for the ride.
        ready_problems: what stands in the way of being ready; asked for only in recovery.
        iv_removed: whether every cannula is recorded as taken out; None where none was recorded.
        circulation: the points that the readings give for the modified Aldrete score.
        left: how the patient went, if not by a discharge.
        emergency: the one that goes on.
    """

    ready_at: datetime | None
    ready_problems: tuple[Problem, ...]
    may_override: bool
    circulation: int | None
    iv_removed: bool | None
    left: EarlyLeaving | None
    emergency: EmergencyLog | None
    may_log: bool


def going(session: Any, *, actor: Actor, now: datetime) -> Going:
    """Of a session whose chart is loaded; in recovery one query more, for the cannulas."""
    recovering = session.state is Status.RECOVERING
    readings = standing(session.vital_signs.all()) if recovering else []
    latest = max((row for row in readings if row.systolic), key=lambda row: row.taken_at, default=None)
    leavings: list[EarlyLeaving] = list(session.early_leavings.all())
    return Going(
        ready_at=ready_since(session),
        ready_problems=tuple(obstacles_to_ready(session, now)) if recovering else (),
        may_override=actor.can(Permission.OVERRIDE_DISCHARGE, session.site_id),
        circulation=circulation_points(latest, baseline_of(session, readings)) if recovering else None,
        iv_removed=is_iv_removed(session) if recovering else None,
        left=leavings[-1] if leavings else None,
        emergency=running_log(standing(session.emergency_steps.all())),
        may_log=not problems_of(check_can_log, session=session, by=actor, at=now),
    )
