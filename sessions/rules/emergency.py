"""The log of an emergency: one alarm, what was done, and its end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.common.errors import Problem, Refused
from sessions.models import EmergencyStep, InfusionSession
from sessions.rules.moments import check_is_open, check_is_present, person
from sessions.states import TRANSITIONS, Action

ALARM, OVER = EmergencyStep.Kind.ALARM, EmergencyStep.Kind.OVER

ONCE = (EmergencyStep.Kind.PUMP_STOPPED, EmergencyStep.Kind.CALLED, EmergencyStep.Kind.ARRIVED)
"""What happens once in an emergency: its button then shows the time."""

MAY_LOG = (Permission.RECORD_OBSERVATIONS, Permission.RECORD_LEAVING)
"""Whoever may write at the chair, and the front desk, which is who calls the ambulance."""


def check_can_log(*, session: InfusionSession, by: Actor, at: datetime) -> User:
    """May this person keep the log of what was done ``at`` a moment? The author of the entry.

    On the day of the visit nobody need be checked in: somebody may collapse in the waiting room. The log then stands in
    the visit; it is no arrival, which somebody records when there is time, and what is true of a visit that has begun
    (a weight, a reading) still needs it.

    Raises:
        Refused: ``emergency.right``, or no person acts.
        Conflict: the patient has not arrived and this is another day, or the chart is signed.
    """
    if not any(by.can(right, session.site_id) for right in MAY_LOG):
        message = _("Only staff of this site's floor can keep the emergency log.")
        raise Refused(Problem("emergency.right", message))
    if not _may_be_here(session, at):
        check_is_present(session)
    check_is_open(session)
    return person(by)


def _may_be_here(session: InfusionSession, at: datetime) -> bool:
    """Whether somebody is awaited who may be in the house already."""
    is_awaited = session.state in TRANSITIONS[Action.ARRIVE].sources
    return is_awaited and clock.local_date(at, session.site.time_zone) == session.local_date


@dataclass(frozen=True, slots=True)
class EmergencyLog:
    """One emergency.

    Attributes:
        steps: in the order of their times, the alarm first.
        over_at: when it ended; None while it goes on.
    """

    began_at: datetime
    steps: tuple[Any, ...]
    over_at: datetime | None = None

    def lasted(self, now: datetime) -> timedelta:
        """How long it has lasted, or lasted."""
        return max((self.over_at or now) - self.began_at, timedelta())

    def first(self, kind: str) -> datetime | None:
        """When something was done for the first time."""
        return next((step.taken_at for step in self.steps if step.kind == kind), None)


def logs(steps: Iterable[Any]) -> list[EmergencyLog]:
    """The emergencies of a visit from its standing steps. A step without an alarm before it begins one itself."""
    ordered = sorted(steps, key=lambda step: (step.taken_at, step.kind == OVER, step.kind != ALARM))
    found: list[list[Any]] = []
    for step in ordered:
        if not found or found[-1][-1].kind == OVER:
            found.append([])
        found[-1].append(step)
    return [
        EmergencyLog(rows[0].taken_at, tuple(rows), rows[-1].taken_at if rows[-1].kind == OVER else None)
        for rows in found
    ]


def running_log(steps: Iterable[Any]) -> EmergencyLog | None:
    """The emergency that goes on, if one does."""
    found = logs(steps)
    return found[-1] if found and found[-1].over_at is None else None
