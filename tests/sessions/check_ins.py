"""Patients who are asked between sessions: a site that is ready, a plan, a visit that is over, and a link."""

from datetime import time, timedelta
from typing import Any

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.facilities.models import OpeningHours, Site
from patients.models import OneTimeLink
from patients.operations.one_time_links import make_link
from patients.operations.registering import edit_patient
from sessions.models import HomeCheckIn, InfusionSession
from sessions.states import Status
from tests.remembered import remembered
from tests.sessions.scenes import NOON, Clinic, make_course, make_patient, session_at, under

DAY_ONE = {"from_day": 1, "at": "10:00", "ask": ["side-effects", "mood"], "within_hours": 48}
DAILY = {"from_day": 1, "until_day": 3, "at": "18:00", "ask": ["mood"], "within_hours": 20}
WEEKLY = {
    "from_day": 14,
    "until_day": 28,
    "every_days": 7,
    "at": "10:00",
    "ask": ["phq9"],
    "within_hours": 48,
}


def make_ready(site: Site) -> Site:
    """What a patient must be told first: telephone, crisis line, hours (Monday to Friday, 8 to 17)."""
    site.phone, site.crisis_line, site.crisis_line_name = "555 0100", "988", "Lifeline"
    site.emergency_number = "911"
    site.save()
    for weekday in range(5):
        OpeningHours.objects.create(site=site, weekday=weekday, opens_at=time(8), closes_at=time(17))
    return site


def job(clinic: Clinic) -> Actor:
    rights = [Permission.BOOK, Permission.RECORD_SCORES]
    return Actor.job("send_check_ins", site_ids=[clinic.site.pk], permissions=rights)


@remembered
def infused(clinic: Clinic, *plan: dict[str, Any], signed: int = 0, **details: Any) -> InfusionSession:
    """A visit that is over by NOON, of a patient who agreed to text messages, under a protocol with this plan."""
    told = {"phone": "555 0101", "email": "rui@example.org", "reminders_by": "sms"} | details
    patient = make_patient(clinic, now=NOON - timedelta(days=9))
    edit_patient(
        patient=patient,
        changes=told,
        by=clinic.desk,
        expected_revision=1,
        now=NOON - timedelta(days=9),
    )
    patient.refresh_from_db()
    asked = under(clinic, code="asks", check_ins=list(plan), min_gap_days=0) if plan else clinic
    course = make_course(asked, patient=patient, now=NOON - timedelta(days=8))
    return session_at(Status.DISCHARGED, clinic=asked, now=NOON, course=course, signed=signed)


def linked(clinic: Clinic, *parts: str, session: InfusionSession | None = None) -> tuple[OneTimeLink, str]:
    """An open link about a visit that is over, and its secret."""
    session = session or infused(clinic)
    link, secret = make_link(
        patient=session.patient,
        site=clinic.site,
        parts=parts or ("phq9",),
        purpose="check_in",
        expires_at=NOON + timedelta(days=2),
        by=clinic.nurse,
        now=NOON,
    )
    HomeCheckIn.objects.create(
        session=session,
        day=1,
        parts=list(parts),
        due_at=NOON,
        expires_at=link.expires_at,
        link=link,
        state="sent",
    )
    return link, secret
