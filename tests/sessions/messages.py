"""Patients who may be reminded, texts to remind them with, and what went out."""

from datetime import time, timedelta
from pathlib import Path
from typing import Any

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from patients.models import Patient
from patients.operations.registering import edit_patient
from sessions.models import InfusionSession, Reminder, ReminderText
from sessions.operations.reminder_texts import add_reminder_text
from tests.scenes import staff
from tests.sessions.scenes import NOON, Clinic, booked_session, make_course, make_patient

TOMORROW = NOON + timedelta(days=1)
RIDE = {
    "name": "Ride home",
    "language": "en",
    "channel": "sms",
    "subject": "",
    "body": "Hello {first_name}, see you on {day} at {time}.",
    "days_before": 1,
    "send_at": time(10, 0),
}
BY_EMAIL = RIDE | {"channel": "email", "subject": "Your visit on {day}"}
SPANISH = RIDE | {"language": "es", "body": "Hola, {first_name}: le esperamos el {day} a las {time}."}


def job(clinic: Clinic) -> Actor:
    return Actor.job("send_reminders", site_ids=[clinic.site.pk], permissions=[Permission.BOOK])


def make_text(clinic: Clinic, **content: Any) -> ReminderText:
    """A text by a new administrator."""
    by = staff("administrator", clinic.site)
    return add_reminder_text(site=clinic.site, content=RIDE | content, by=by, now=NOON)


def reachable(clinic: Clinic, **details: Any) -> Patient:
    """A patient who has agreed to text messages, unless told otherwise."""
    patient = make_patient(clinic, now=NOON)
    told = {"phone": "555 0101", "email": "rui@example.org", "reminders_by": "sms"} | details
    return edit_patient(patient=patient, changes=told, by=clinic.desk, expected_revision=1, now=NOON)


def visit(clinic: Clinic, *, starts_at: Any = TOMORROW, chair: int = 0, **details: Any) -> InfusionSession:
    """A booked visit of a patient who may be reminded."""
    course = make_course(clinic, patient=reachable(clinic, **details), now=NOON - timedelta(days=9))
    booked = booked_session(clinic, starts_at=starts_at, course=course, chair=clinic.chairs[chair])
    return InfusionSession.objects.select_related("site", "patient", "course").get(pk=booked.pk)


def only_reminder() -> Reminder:
    return Reminder.objects.select_related("session__site", "session__patient", "text").get()


def text_messages(folder: Path) -> list[str]:
    """What the file carrier has written, address and text of each."""
    return sorted(path.read_text() for path in (folder / "messages").glob("*.txt"))
