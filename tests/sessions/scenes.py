"""A clinic with its crew, and sessions walked through the real operations to the state that a test needs."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.facilities.models import Chair, Site
from patients.models import ConsentDocument, Patient
from patients.operations.consenting import publish_consent_document, record_consent
from patients.operations.registering import register_patient
from sessions.demo.check_details import ready_answer
from sessions.demo.protocols import DEPRESSION, STEADY
from sessions.models import Course, InfusionSession, Protocol, ProtocolVersion
from sessions.operations import (
    arriving,
    checking,
    discharging,
    infusion_totals,
    leaving,
    monitoring,
    running,
    signing,
)
from sessions.operations.booking import book
from sessions.operations.planning import order_course
from sessions.operations.protocols import approve_version, create_protocol, draft_version
from sessions.rules.protocols import AUTOMATIC_ITEMS
from sessions.states import EndKind, Status
from tests.patients.scenes import approver
from tests.remembered import remembered
from tests.scenes import make_site, staff

NOON = datetime(2026, 3, 10, 16, 0, tzinfo=UTC)
"""Noon in New York on a Tuesday: far from midnight and from both changes of the clocks."""

NORMAL = {
    "systolic": 122,
    "diastolic": 76,
    "heart_rate": 70,
    "respiratory_rate": 14,
    "oxygen_saturation": 98,
    "sedation": 5,
    "dissociation": 0,
}
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Clinic:
    """A site, the people on duty there, and the protocol version that is in use."""

    site: Site
    chairs: list[Chair]
    desk: Actor
    nurse: Actor
    prescriber: Actor
    director: Actor
    version: ProtocolVersion

    @property
    def chair(self) -> Chair:
        return self.chairs[0]


@remembered
def make_clinic(
    code: str = "north", *, zone: str = "America/New_York", now: datetime = NOON, chairs: int = 3
) -> Clinic:
    """A demo site with chairs, one person in every role of the floor, and an approved example protocol."""
    site = make_site(code, zone)
    director = approver(site)
    return Clinic(
        site=site,
        chairs=[make_chair(site, f"Chair {number}") for number in range(1, chairs + 1)],
        desk=staff("front_desk", site),
        nurse=staff("nurse", site),
        prescriber=staff("prescriber", site),
        director=director,
        version=approved_version(by=director, now=now - timedelta(days=60)),
    )


@remembered
def make_chair(site: Site, name: str) -> Chair:
    """A chair; the same one when asked for the same name again."""
    return Chair.objects.get_or_create(site=site, name=name)[0]


@remembered
def approved_version(
    *, by: Actor, now: datetime = NOON, code: str = "example", **content: Any
) -> ProtocolVersion:
    """The approved version of the protocol ``code``: the demo's, with ``content`` in place of some values."""
    protocol = Protocol.objects.filter(code=code).first() or create_protocol(
        code=code, name=f"Ketamine {code}", indication="Depression", by=by, now=now
    )
    standing = protocol.versions.filter(state=ProtocolVersion.State.APPROVED).first()
    if standing and not content:
        return standing
    draft = draft_version(protocol=protocol, content=DEPRESSION | content, by=by, now=now)
    return approve_version(version=draft, by=by, now=now)


def under(
    clinic: Clinic, *, code: str = "other", now: datetime = NOON - timedelta(days=30), **content: Any
) -> Clinic:
    """The clinic with another approved protocol in use."""
    return replace(clinic, version=approved_version(by=clinic.director, code=code, now=now, **content))


@remembered
def make_patient(clinic: Clinic, *, now: datetime = NOON, **details: Any) -> Patient:
    """An adult registered at the clinic's site."""
    described = {
        "family_name": f"Silva {next(_numbers)}",
        "given_name": "Rui",
        "birth_date": date(1980, 5, 17),
        "sex": "male",
    }
    return register_patient(
        site=clinic.site, details=described | details, by=clinic.desk, now=now, confirmed_not_duplicate=True
    )


@remembered
def make_course(
    clinic: Clinic,
    *,
    patient: Patient | None = None,
    now: datetime = NOON,
    consented: bool = True,
    **order: Any,
) -> Course:
    """A course under the clinic's protocol, with a consent in date."""
    patient = patient or make_patient(clinic, now=now)
    consent = None
    if consented:
        consent = record_consent(patient=patient, document=_document(clinic, now), by=clinic.nurse, now=now)
    return order_course(
        patient=patient,
        site=clinic.site,
        protocol_version=clinic.version,
        diagnosis_code="F33.2",
        consent=consent,
        by=clinic.prescriber,
        now=now,
        **order,
    )


def _document(clinic: Clinic, now: datetime) -> ConsentDocument:
    known = ConsentDocument.objects.filter(code="scene").first()
    return known or publish_consent_document(
        code="scene", version=1, title="Consent", body="Example, not approved.", by=clinic.director, now=now
    )


@remembered
def booked_session(
    clinic: Clinic, *, starts_at: datetime, course: Course | None = None, chair: Chair | None = None
) -> InfusionSession:
    """A session booked five days ahead, in the first chair unless another is given."""
    earlier = starts_at - timedelta(days=5)
    return book(
        course=course or make_course(clinic, now=earlier),
        chair=chair or clinic.chair,
        starts_at=starts_at,
        by=clinic.desk,
        now=earlier,
    )


MINUTES: dict[Status, int] = {
    Status.SCHEDULED: -60,
    Status.ARRIVED: 1,
    Status.READY: 20,
    Status.INFUSING: 42,
    Status.PAUSED: 48,
    Status.RECOVERING: 80,
    Status.DISCHARGED: 140,
    Status.CANCELLED: -60,
    Status.NO_SHOW: 30,
    Status.NOT_STARTED: 20,
    Status.LEFT: 60,
    Status.TRANSFERRED: 60,
}
"""How many minutes before ``now`` the booked time lies for a session in each state."""


@remembered
def session_at(
    status: Status,
    *,
    clinic: Clinic | None = None,
    now: datetime | None = None,
    course: Course | None = None,
    chair: Chair | None = None,
    signed: int = 0,
) -> InfusionSession:
    """A session that has come to ``status`` by ``now``, through every step before it.

    The infusion starts 30 minutes after the booked time, is paused at 45 where the state is PAUSED, ends at 70.

    Args:
        signed: 1 signed by the nurse, 2 reviewed by the prescriber too.
    """
    now = now or clock.now()
    clinic = clinic or make_clinic(now=now)
    start = now - timedelta(minutes=MINUTES[status])
    session = booked_session(clinic, starts_at=start, course=course, chair=chair)
    walk(session, status, clinic=clinic, start=start)
    if signed:
        signing.sign(session=session, by=clinic.nurse, now=now)
    if signed > 1:
        signing.review(session=session, by=clinic.prescriber, now=now)
    return InfusionSession.objects.select_related("site", "patient", "chair", "booking", "course").get(
        pk=session.pk
    )


def walk(session: InfusionSession, status: Status, *, clinic: Clinic, start: datetime) -> None:
    """Take a scheduled session to ``status``; ``start`` is the booked time."""

    def at(minutes: int) -> dict[str, Any]:
        return {"session": session, "now": start + timedelta(minutes=minutes)}

    desk = clinic.desk
    before_arrival: dict[Status, Callable[[], Any]] = {
        Status.SCHEDULED: lambda: None,
        Status.CANCELLED: lambda: arriving.cancel(by=desk, reason="Patient has a cold", **at(-60)),
        Status.NO_SHOW: lambda: arriving.no_show(by=desk, reason="No answer", **at(30)),
    }
    if status in before_arrival:
        before_arrival[status]()
        return
    arriving.arrive(by=desk, **at(0))
    if status is not Status.ARRIVED:
        _walk_on(session, status, clinic=clinic, start=start)


def _walk_on(session: InfusionSession, status: Status, *, clinic: Clinic, start: datetime) -> None:
    """From the arrival through check and infusion."""

    def at(minutes: int) -> dict[str, Any]:
        return {"session": session, "now": start + timedelta(minutes=minutes)}

    desk, nurse = clinic.desk, clinic.nurse
    complete_check(session, by=nurse, now=start + timedelta(minutes=12))
    if status is Status.NOT_STARTED:
        arriving.do_not_start(by=nurse, reason="Blood pressure too high", **at(20))
        return
    arriving.clear(by=nurse, **at(15))
    if status is Status.READY:
        return
    running.start(by=nurse, **at(30))
    monitoring.record_vital_signs(values=NORMAL | {"systolic": 134}, by=nurse, **at(40))
    if status is Status.PAUSED:
        running.pause(by=nurse, reason="Nausea", **at(45))
    if status is Status.LEFT:
        leaving.leave(by=desk, reason="Wanted to go home", **at(60))
    if status is Status.TRANSFERRED:
        leaving.transfer_out(by=clinic.prescriber, reason="Chest pain", **at(60))
    if status in {Status.LEFT, Status.TRANSFERRED}:
        monitoring.ask_about_side_effects(by=nurse, **at(60))
        infusion_totals.record_totals(by=nurse, reason="The pump was switched off", **at(60))
    if status not in {Status.RECOVERING, Status.DISCHARGED}:
        return
    running.end(by=nurse, kind=EndKind.COMPLETED, **at(70))
    infusion_totals.record_totals(by=nurse, pump_microlitres=100_000, used="pump", **at(71))
    monitoring.ask_about_side_effects(by=nurse, **at(75))
    if status is Status.DISCHARGED:
        assess(session, by=nurse, now=start + timedelta(minutes=131))
        leaving.discharge(by=nurse, **at(135))


def complete_check(session: InfusionSession, *, by: Actor, now: datetime, kilograms: str = "70") -> None:
    """Every item of the pre-infusion check, a weight, a baseline reading, and the dose confirmed."""
    for item in session.course.protocol_version.checklist:
        if item["code"] not in AUTOMATIC_ITEMS:
            checking.answer_check_item(
                session=session, item=item["code"], by=by, now=now, **ready_answer(item["code"], at=now)
            )
    checking.record_weight(session=session, value=Decimal(kilograms), by=by, now=now)
    monitoring.record_vital_signs(session=session, values=NORMAL, by=by, now=now)
    checking.confirm_dose(session=session, by=by, now=now)


def assess(session: InfusionSession, *, by: Actor, now: datetime, **unmet: bool) -> None:
    """A discharge assessment in which every criterion is met but those named as False."""
    criteria = dict.fromkeys(session.course.protocol_version.discharge_criteria, True)
    told = {code.replace("_", "-"): met for code, met in unmet.items()}
    values = {"aldrete": STEADY} if "aldrete" in criteria else {}
    discharging.assess_discharge(
        session=session, criteria=criteria | told, values=values, escort_name="Eva Ruiz", by=by, now=now
    )
