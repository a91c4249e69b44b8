"""A day in March with something of everything on it: states, an overbooked chair, one left open, other uses of chairs,
hours, a closure and a roster."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.facilities.models import Chair, Closure, OpeningHours, Shift, ShiftBreak, Site, StaffLeave
from sessions.models import Booking, InfusionSession
from sessions.operations.assigning import assign_nurse
from sessions.operations.blocks import block_chair, release_block
from sessions.operations.booking import book
from sessions.states import Status
from tests.remembered import remembered
from tests.scenes import staff
from tests.sessions.operations.duty import set_rules
from tests.sessions.scenes import NOON, Clinic, make_clinic, make_course, make_patient, session_at

TODAY = date(2026, 3, 10)
ZONE = "America/New_York"
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class BusyDay:
    """The clinic; a second nurse; who else has a shift; a session that the second nurse is to have; other uses."""

    clinic: Clinic
    second: Actor
    receptionist: Actor
    planned: InfusionSession
    consultation: Booking
    maintenance: Booking

    @property
    def site(self) -> Site:
        return self.clinic.site


def local(text: str, zone: str = ZONE) -> datetime:
    return clock.from_local(datetime.fromisoformat(text), zone)


@remembered
def busy_day() -> BusyDay:
    """Make it; it is noon."""
    clinic = make_clinic(chairs=6)
    states = (Status.DISCHARGED, Status.INFUSING, Status.ARRIVED, Status.CANCELLED, Status.LEFT)
    for number, status in enumerate(states):
        session_at(status, clinic=clinic, now=NOON, chair=clinic.chairs[number])
    _hours(clinic.site)
    second, receptionist = staff("nurse", clinic.site), staff("front_desk", clinic.site)
    _roster(clinic.site, clinic.nurse, second, receptionist)
    planned = _reserve(clinic, "2026-03-10 14:00", clinic.chairs[2])
    for at in ("14:30", "15:05"):
        _reserve(clinic, f"2026-03-10 {at}", clinic.chairs[2])
    _reserve(clinic, "2026-03-10 14:10", None)
    _reserve(clinic, "2026-03-11 09:00", clinic.chairs[0])
    assign_nurse(session=planned, nurse=second.user, by=clinic.desk, now=NOON)
    consultation, maintenance = _other_uses(clinic)
    set_rules(clinic.site, patients_per_nurse=2)
    return BusyDay(clinic, second, receptionist, planned, consultation, maintenance)


def _hours(site: Site) -> None:
    for weekday in range(5):
        OpeningHours.objects.create(site=site, weekday=weekday, opens_at=time(9), closes_at=time(13))
        OpeningHours.objects.create(site=site, weekday=weekday, opens_at=time(14), closes_at=time(18))
    closed = {"starts_at": local("2026-03-10 16:45"), "ends_at": local("2026-03-10 17:10")}
    Closure.objects.create(site=site, reason="Training", **closed)


def _roster(site: Site, nurse: Actor, second: Actor, receptionist: Actor) -> None:
    shifts = ((nurse, "08:00", "15:00"), (second, "10:30", "19:00"), (receptionist, "08:00", "18:00"))
    for person, begins, ends in shifts:
        day: dict[str, Any] = {
            "starts_at": local(f"2026-03-10 {begins}"),
            "ends_at": local(f"2026-03-10 {ends}"),
        }
        shift = Shift.objects.create(site=site, user=person.user, **day)
        at = local("2026-03-10 12:15")
        ShiftBreak.objects.create(shift=shift, starts_at=at, ends_at=at + 20 * MINUTE)
    sick = {"starts_at": local("2026-03-10 17:20"), "ends_at": local("2026-03-11 09:00")}
    StaffLeave.objects.create(user=second.user, kind="sick", **sick)


def _reserve(clinic: Clinic, at: str, chair: Chair | None) -> InfusionSession:
    course = make_course(clinic, now=NOON - timedelta(days=5))
    told: dict[str, Any] = {"by": clinic.nurse, "now": NOON, "override_reason": "Comes from far away"}
    return book(course=course, chair=chair, starts_at=local(at), **told)


def _other_uses(clinic: Clinic) -> tuple[Booking, Booking]:
    def keep(chair: Chair, kind: str, title: str, begins: str, ends: str, **more: Any) -> Booking:
        times = {"starts_at": local(f"2026-03-{begins}"), "ends_at": local(f"2026-03-{ends}")}
        told = {"by": clinic.nurse, "now": NOON, "override_reason": "As agreed"}
        return block_chair(chair=chair, kind=kind, title=title, **times, **told, **more)

    first, second = clinic.chairs[:2]
    patient = make_patient(clinic, family_name="Moreau", given_name="Ada")
    maintenance = keep(first, "maintenance", "New armrest", "10 16:30", "12 08:00")
    consultation = keep(second, "consultation", "First visit", "10 17:45", "10 18:15", patient=patient)
    freed = keep(second, "other_treatment", "Not needed", "10 14:00", "10 15:00")
    release_block(booking=freed, reason="Called off", by=clinic.nurse, now=NOON)
    return consultation, maintenance
