"""Weeks of sessions in every state at two sites, made through the operations."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership
from clinic.facilities.models import Chair, Site
from sessions.models import CancelCode, InfusionSession
from sessions.operations import arriving, monitoring, running
from sessions.operations.booking import book
from sessions.states import EndKind, Status
from tests.remembered import remembered
from tests.scenes import make_user, role_named
from tests.sessions.scenes import Clinic, booked_session, make_clinic, make_course, session_at

NOW = datetime(2026, 3, 20, 16, tzinfo=UTC)
"""A Friday: noon in New York, one o'clock in the night of Saturday in Tokyo."""


@dataclass(frozen=True)
class Weeks:
    """Two clinics with their sessions, and a manager of both."""

    north: Clinic
    south: Clinic
    manager: Actor
    now: datetime = NOW

    @property
    def sites(self) -> list[Site]:
        return [self.north.site, self.south.site]


@remembered
def weeks_of_sessions() -> Weeks:
    """Four weeks up to :data:`NOW`: every status, infusions stopped early, side effects of several grades."""
    start = NOW - timedelta(days=60)
    # A chair for each: what still runs would be in the way of the next.
    north = make_clinic("north", zone="America/New_York", now=start, chairs=20)
    south = make_clinic("south", zone="Asia/Tokyo", now=start, chairs=20)
    some = [Status.DISCHARGED, Status.SCHEDULED, Status.NO_SHOW]
    every = [*Status, Status.NO_SHOW, Status.DISCHARGED]
    for clinic, shift, statuses in ((north, 0, every), (south, 1, some)):
        for day, status in enumerate(statuses):
            at = NOW - timedelta(days=2 * day + shift)
            signed = 1 if day > len(Status) else 0
            session_at(status, clinic=clinic, now=at, chair=clinic.chairs[day], signed=signed)
        stopped_early(clinic, NOW - timedelta(days=5 + shift), clinic.chairs[17])
        troubled(clinic, NOW - timedelta(days=7 + shift), clinic.chairs[18], grades=[1])
        troubled(clinic, NOW - timedelta(days=21 + shift), clinic.chairs[19], grades=[3, 1], then=2)
    for number, code in enumerate(CancelCode):
        cancelled_by(north, NOW - timedelta(days=3 + number), code, late=number % 2 == 0)
    overbooked(north, NOW - timedelta(days=1))
    return Weeks(north, south, manager_of(north.site, south.site))


@remembered
def manager_of(*sites: Site) -> Actor:
    user = make_user()
    for site in sites:
        Membership.objects.create(user=user, site=site, role=role_named("manager"))
    return Actor.of_user(user)


def cancelled_by(clinic: Clinic, at: datetime, code: str, *, late: bool) -> InfusionSession:
    """A visit called off an hour before it, or three days before."""
    session = booked_session(clinic, starts_at=at, chair=clinic.chairs[19])
    before = timedelta(hours=1) if late else timedelta(days=3)
    return arriving.cancel(session=session, by=clinic.desk, reason="Ill", code=code, now=at - before)


def overbooked(clinic: Clinic, at: datetime) -> InfusionSession:
    """Two visits booked into one chair at the same time, the second with a reason."""
    booked_session(clinic, starts_at=at, chair=clinic.chairs[19])
    return book(
        course=make_course(clinic, now=at - timedelta(days=4)),
        chair=clinic.chairs[19],
        starts_at=at,
        by=clinic.nurse,
        override_reason="Two short visits",
        now=at - timedelta(days=4),
    )


def stopped_early(clinic: Clinic, at: datetime, chair: Chair) -> InfusionSession:
    """An infusion that was stopped a minute before ``at``."""
    session = session_at(Status.INFUSING, clinic=clinic, now=at, chair=chair)
    running.end(
        session=session,
        kind=EndKind.STOPPED_EARLY,
        reason="Chest tightness",
        by=clinic.nurse,
        at=at - timedelta(minutes=1),
        now=at,
    )
    return session


def troubled(
    clinic: Clinic, at: datetime, chair: Chair, *, grades: list[int], then: int = 0
) -> InfusionSession:
    """A running infusion with side effects; the last of them is ``then`` of another grade."""
    session = session_at(Status.INFUSING, clinic=clinic, now=at, chair=chair)
    terms = ["nausea", "dissociation", "headache"]
    for term, grade in zip(terms, grades, strict=False):
        effect = monitoring.report_side_effect(
            session=session, term=term, grade=grade, by=clinic.nurse, now=at
        )
    if then:
        monitoring.update_side_effect(
            side_effect=effect, grade=then, by=clinic.nurse, now=at + timedelta(minutes=3)
        )
    return session
