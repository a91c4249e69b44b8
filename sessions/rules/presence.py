"""Who sits in a chair, and until when by the server's clock: what happens, as against what was planned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from clinic.facilities.models import Site
from sessions.models import Handover, InfusionSession
from sessions.rules.checking import confirmed_dose
from sessions.rules.delivery import time_left
from sessions.states import Status


@dataclass(frozen=True, slots=True)
class Presence:
    """A patient in the clinic.

    Attributes:
        until: when the chair will be free again if everything goes on as ordered.
        nurse_id: who looks after the patient now; None before the infusion.
    """

    session: Any
    until: datetime
    nurse_id: int | None

    @property
    def is_under_way(self) -> bool:
        """Whether the infusion was begun."""
        return self.session.infusion_started_at is not None


def expected_end(session: Any, *, now: datetime) -> datetime:
    """When the visit of a patient who is here will be over: never before now.

    Before the infusion the preparation counts from the arrival, and a patient who is ready starts at once. A pump
    that stands still goes on at once.
    """
    course = session.course
    version = course.protocol_version
    dose = confirmed_dose(session)
    infusion = timedelta(minutes=dose.duration_minutes if dose else course.duration_minutes)
    recovery = timedelta(minutes=version.recovery_minutes)
    if session.infusion_ended_at is not None:
        return max(now, session.infusion_ended_at + recovery)
    if session.infusion_started_at is not None:
        bag = dose.bag_microlitres if dose else None
        planned = dose.duration_minutes if dose else course.duration_minutes
        return now + time_left(session, planned_minutes=planned, bag=bag, now=now) + recovery
    start = now
    if session.state is Status.ARRIVED:
        start = max(now, session.arrived_at + timedelta(minutes=version.preparation_minutes))
    return start + infusion + recovery


def presences(site: Site, *, now: datetime) -> list[Presence]:
    """Everybody who is in the clinic, in three queries."""
    sessions = list(
        InfusionSession.objects.filter(site=site)
        .present()
        .select_related("booking", "chair", "course__protocol_version", "nurse")
        .prefetch_related("doses")
        .order_by("scheduled_start", "pk")
    )
    for session in sessions:
        session.site = site
    taken_over = _taken_over(sessions, now)
    return [
        Presence(session, expected_end(session, now=now), taken_over.get(session.pk, session.nurse_id))
        for session in sessions
    ]


def _taken_over(sessions: Sequence[Any], now: datetime) -> dict[int, int]:
    """By session, who has accepted it in a handover that holds now; the last one counts."""
    rows = Handover.objects.filter(
        state=Handover.State.ACCEPTED, rows__session__in=[session.pk for session in sessions]
    )
    found: dict[int, int] = {}
    told = rows.order_by("answered_at", "pk").values_list("rows__session", "to_nurse", "until")
    for session_id, nurse_id, until in told:
        if until is None or until > now:
            found[session_id] = nurse_id
    return found
