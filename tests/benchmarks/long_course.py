"""A course of forty infusions with five hundred readings and two hundred scores: the heaviest page of its kind."""

from datetime import datetime, timedelta
from typing import Any

from clinic.accounts.models import Membership, Role, User
from clinic.facilities.models import Chair, Site
from patients.models import Assessment, Patient, Registration
from sessions.models import (
    Booking,
    Course,
    DoseConfirmation,
    InfusionEvent,
    InfusionSession,
    ProtocolVersion,
    SideEffect,
    SideEffectEntry,
    VitalSigns,
    WeightMeasurement,
)
from sessions.states import Status

CODE = "long-course"
INFUSIONS, READINGS, SCORES = 40, 500, 200
SPACING = timedelta(days=4)


def fill_long_course(patient: Patient, version: ProtocolVersion, nurse: User, now: datetime) -> Course:
    """Write the rows; the course."""
    site = Site.objects.create(name="Long clinic", code=CODE, time_zone="UTC", is_demo=True)
    Membership.objects.create(user=nurse, site=site, role=Role.objects.get(code="nurse"))
    Registration.objects.create(patient=patient, site=site, record_number="1", registered_at=now)
    first = now - SPACING * INFUSIONS
    course = Course.objects.create(
        patient=patient,
        site=site,
        protocol_version=version,
        diagnosis_code="F33.2",
        dose_micrograms_per_kg=500,
        cap_micrograms=60_000,
        duration_minutes=40,
        planned_infusions=INFUSIONS + 4,
        ordered_by=nurse,
        ordered_at=first - timedelta(days=7),
    )
    chair = Chair.objects.create(site=site, name="Chair 1", position=1)
    sessions = [_session(course, chair, nurse, first + SPACING * number) for number in range(INFUSIONS)]
    for number, session in enumerate(sessions):
        _facts(session, nurse, number)
    _readings(sessions, nurse)
    _scores(patient, nurse, first)
    return course


def _session(course: Course, chair: Chair, nurse: User, start: datetime) -> InfusionSession:
    told: dict[str, Any] = {
        "site": course.site,
        "patient": course.patient,
        "course": course,
        "chair": chair,
        "local_date": start.date(),
    }
    end, begun = start + timedelta(minutes=130), start + timedelta(minutes=30)
    booking = Booking.objects.create(
        **told, starts_at=start, ends_at=end, is_live=False, booked_by=nurse, booked_at=start
    )
    return InfusionSession.objects.create(
        **told,
        booking=booking,
        nurse=nurse,
        status=Status.DISCHARGED,
        scheduled_start=start,
        scheduled_end=end,
        arrived_at=start,
        infusion_started_at=begun,
        infusion_ended_at=begun + timedelta(minutes=40),
        infused_seconds=2400,
        end_kind="completed",
        closed_at=end,
        given_micrograms=35_000,
        totals_used="pump",
    )


def _facts(session: InfusionSession, nurse: User, number: int) -> None:
    """The dose, start and end, and in every second infusion a side effect."""
    at = session.infusion_started_at
    assert at is not None
    by: dict[str, Any] = {"taken_at": at, "taken_by": nurse, "entered_at": at, "entered_by": nurse}
    weight = WeightMeasurement.objects.create(
        session=session, patient=session.patient, typed_value="70", grams=70_000, **by
    )
    DoseConfirmation.objects.create(
        session=session,
        weight=weight,
        dose_micrograms_per_kg=500,
        dose_micrograms=35_000,
        concentration_micrograms_per_ml=50_000,
        drug_microlitres=700,
        bag_microlitres=100_000,
        duration_minutes=40,
        rate_microlitres_per_hour=150_000,
        **by,
    )
    InfusionEvent.objects.create(session=session, kind="start", **by)
    ended = by | {"taken_at": at + timedelta(minutes=40)}
    InfusionEvent.objects.create(session=session, kind="end", end_kind="completed", **ended)
    if number % 2:
        effect = SideEffect.objects.create(
            session=session, term=("nausea", "dissociation", "headache")[number % 3], onset_at=at
        )
        SideEffectEntry.objects.create(session=session, side_effect=effect, grade=1 + number % 3, **by)


def _readings(sessions: list[InfusionSession], nurse: User) -> None:
    rows = []
    for number in range(READINGS):
        session = sessions[number % INFUSIONS]
        at = session.scheduled_start + timedelta(minutes=8 * (number // INFUSIONS))
        by = {"taken_at": at, "taken_by": nurse, "entered_at": at, "entered_by": nurse}
        values = {"systolic": 112 + number % 30, "diastolic": 70, "heart_rate": 70, "oxygen_saturation": 97}
        rows.append(VitalSigns(session=session, **values, **by))
    VitalSigns.objects.bulk_create(rows)


def _scores(patient: Patient, nurse: User, first: datetime) -> None:
    """Forty PHQ-9, twenty GAD-7, and a mood on the other days."""
    rows = []
    for number in range(SCORES):
        code, version, total, band = "mood", "1", 3 + number % 5, "no_bands"
        at = first + timedelta(days=number - 59, hours=8)
        if number < 60:
            code, version, total, band = ("phq9", "1", 18 - number // 5, "moderate")
            at = first + timedelta(days=4 * number - 3)
            if number >= INFUSIONS:
                code, at = "gad7", first + timedelta(days=8 * (number - INFUSIONS) - 3)
        by = {"taken_at": at, "taken_by": nurse, "entered_at": at, "entered_by": nurse}
        told = {"instrument_code": code, "instrument_version": version, "total": total, "band": band}
        rows.append(Assessment(patient=patient, answers={}, **told, **by))
    Assessment.objects.bulk_create(rows)
