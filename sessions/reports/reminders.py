"""Which messages go to patients, what became of each, and who gets none?"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.facilities.models import Site
from patients.models import Channel
from sessions.models import InfusionSession, Reminder, ReminderText
from sessions.rules.reminder_languages import ENGLISH, LANGUAGES, language_of
from sessions.rules.reminding import told_why
from sessions.states import Status

DAYS_AHEAD = 3
"""How far ahead it is shown who cannot be reminded, where no day is asked for."""
MOST = 50


@dataclass(frozen=True, slots=True)
class ReminderRow:
    """One message. ``english_for`` is the patient's own language where there was no text in it.

    Example: ``ReminderRow(UUID(...), UUID(...), UUID(...), "Silva, Rui", "North clinic", datetime(...),
    datetime(...), "Text message", "Ride home", "", "sent", "Sent", "", datetime(...), 1, False)``
    """

    public_id: UUID
    session_id: UUID
    patient_id: UUID
    patient_name: str
    site_name: str
    visit_at: datetime
    due_at: datetime
    channel: Any
    text_name: str
    english_for: str
    state: str
    state_label: Any
    why: str
    settled_at: datetime | None
    attempts: int
    may_try_again: bool


@dataclass(frozen=True, slots=True)
class Unreached:
    """A booked visit whose patient gets no message, and why."""

    session_id: UUID
    patient_id: UUID
    patient_name: str
    site_name: str
    visit_at: datetime
    channel: Any


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is asked for; empty values ask for nothing. ``day`` is that of the visit at its site."""

    state: str = ""
    day: date | None = None
    site: Site | None = None


def matching(asked: Wanted, *, actor: Actor) -> QuerySet[Reminder]:
    """Messages within reach, the latest due first."""
    found = Reminder.objects.for_user(actor).order_by("-due_at", "-pk")
    if asked.state:
        found = found.filter(state=asked.state)
    if asked.day:
        found = found.filter(session__local_date=asked.day)
    return found.filter(session__site=asked.site) if asked.site else found


def reminder_rows(found: QuerySet[Reminder], *, actor: Actor) -> tuple[ReminderRow, ...]:
    """One query, however many rows."""
    rows = found.select_related("session__patient", "session__site", "text")
    return tuple(_row(reminder, actor) for reminder in rows)


def _row(reminder: Reminder, actor: Actor) -> ReminderRow:
    session, text = reminder.session, reminder.text
    site, patient = session.site, session.patient
    elsewhere = text.language == ENGLISH and language_of(patient.language) != ENGLISH
    may = reminder.state == Reminder.State.FAILED and actor.can(Permission.BOOK, site.pk)
    return ReminderRow(
        public_id=reminder.public_id,
        session_id=session.public_id,
        patient_id=patient.public_id,
        patient_name=patient.full_name,
        site_name=site.name,
        visit_at=reminder.visit_at.astimezone(site.zone),
        due_at=reminder.due_at.astimezone(site.zone),
        channel=Channel(reminder.channel).label,
        text_name=text.name,
        english_for=patient.language if elsewhere else "",
        state=reminder.state,
        state_label=Reminder.State(reminder.state).label,
        why=told_why(reminder.why) if reminder.why else "",
        settled_at=reminder.settled_at and reminder.settled_at.astimezone(site.zone),
        attempts=reminder.attempts,
        may_try_again=may,
    )


def unreached(asked: Wanted, *, actor: Actor, today: date, now: datetime) -> tuple[Unreached, ...]:
    """Booked visits of a day, or of the next few, whose patients agreed to no channel or lack the address for it."""
    booked = InfusionSession.objects.for_user(actor).filter(status=Status.SCHEDULED, scheduled_start__gt=now)
    first, last = (asked.day, asked.day) if asked.day else (today, today + timedelta(days=DAYS_AHEAD))
    booked = booked.filter(local_date__range=(first, last), patient__deceased_on__isnull=True)
    if asked.site:
        booked = booked.filter(site=asked.site)
    without = (
        Q(patient__reminders_by="")
        | Q(patient__reminders_by=Channel.SMS, patient__phone="")
        | Q(patient__reminders_by=Channel.EMAIL, patient__email="")
    )
    rows = booked.filter(without).select_related("patient", "site")[:MOST]
    return tuple(_unreached(session) for session in rows)


def _unreached(session: InfusionSession) -> Unreached:
    patient = session.patient
    return Unreached(
        session_id=session.public_id,
        patient_id=patient.public_id,
        patient_name=patient.full_name,
        site_name=session.site.name,
        visit_at=session.scheduled_start.astimezone(session.site.zone),
        channel=Channel(patient.reminders_by).label if patient.reminders_by else "",
    )


def without_texts(sites: list[Site]) -> list[Site]:
    """The sites that have no text in use, so that nobody is reminded there."""
    written = set(
        ReminderText.objects.in_use().filter(site__in=sites).order_by().values_list("site", flat=True)
    )
    return [site for site in sites if site.pk not in written]


@dataclass(frozen=True, slots=True)
class TextRow:
    """A text as listed, with its language in words."""

    text: ReminderText
    language: Any
    channel: Any


def text_rows(site: Site) -> tuple[TextRow, ...]:
    """A site's texts by name; those out of use come last."""
    texts = ReminderText.objects.filter(site=site).order_by("-is_in_use", "name", "language", "channel")
    return tuple(
        TextRow(text, LANGUAGES.get(text.language, text.language), Channel(text.channel).label)
        for text in texts
    )
