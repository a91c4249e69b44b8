"""When a patient is asked between sessions, in which words the link goes out, and why it does not."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from patients.models import Patient, Registration
from patients.rules.answer_cover import covered_from
from patients.rules.one_time_links import asks_about_suicide, is_ready
from sessions.models import Course, HomeCheckIn, InfusionSession
from sessions.rules.answer_words import ENGLISH, SPANISH, spoken
from sessions.rules.answering import until_told
from sessions.rules.check_in_plan import Occasion, due_at, occasions
from sessions.rules.messages import UNKNOWN, reason_told
from sessions.rules.reminder_languages import language_of
from sessions.rules.reminding import address_of, first_name_of, zone_of

LOOKED_BACK = timedelta(days=30)
"""Longer than a link is open and its question may wait for an open hour."""

MESSAGES = {
    ENGLISH: (
        "How are you?",
        "Hello {first_name}, your clinic would like to know how you are: {link} Open until {until}. Our number:"
        " {phone}",
    ),
    SPANISH: (
        "¿Cómo está?",
        "Hola, {first_name}: a su clínica le gustaría saber cómo está: {link} Abierto hasta el {until}. Nuestro número:"
        " {phone}",
    ),
}
"""Subject and text. Both tell only that a clinic asks."""

WHY: dict[str, Any] = {
    "later": _("The patient has had another infusion since; its own check-ins follow."),
    "stopped": _("The course was stopped."),
    "died": _("The patient has died."),
    "left": _("The patient is not registered at this site any more."),
    "over": _("Its link was answered or revoked before it could go out."),
    "channel": _("The patient has agreed to no messages. Ask by phone, or on the tablet at the next visit."),
    "address": _("No number or address is known for the agreed channel."),
    "site": _("The site lacks its telephone, its crisis line or its opening hours."),
    "url": _("The address that links begin with is not set (CLINIC_URL)."),
    "wording": _("The site has no licence in date for the wording of what it asks."),
    "soon": _("Everything asked was answered too short a time ago to be asked again."),
    "late": _("Its time was over before it could go out."),
    "uncovered": _("It asks about suicide, and no hour was found in which somebody reads the answer."),
    "refused": _("It was not accepted."),
    "waits": _("It was not accepted and will be tried again."),
    UNKNOWN: _("It was handed over, and nobody knows whether it was taken. It is not sent again by itself."),
}
"""What the codes of :attr:`HomeCheckIn.why` mean. Behind a colon stands what the carrier said."""


def told_why(why: str) -> str:
    """A stored reason as a sentence."""
    return reason_told(why, WHY)


def due_now(
    session: InfusionSession, *, done: Iterable[int], now: datetime
) -> list[tuple[Occasion, datetime, datetime]]:
    """Occasions of a session's plan that are due and still open, with when each is due and until when it is open.

    What asks about suicide waits for the next hour in which its answers are read, and go on to be for as long as a
    review may wait: the site is open, or somebody has accepted them. Without such an hour it keeps its time and is told
    to be uncovered when it is handed over.

    Args:
        done: days that have their check-in already.
    """
    zone = zone_of(session.patient, session.site)
    begun = session.infusion_started_at or session.scheduled_start
    infused_on, known = begun.astimezone(zone).date(), set(done)
    found = []
    for occasion in occasions(session.course.protocol_version.check_ins):
        at = due_at(occasion, infused_on=infused_on, zone=zone)
        if occasion.day in known or not now - LOOKED_BACK < at <= now:
            continue
        if asks_about_suicide(occasion.ask):
            at = covered_from(session.site, at) or at
        until = at + timedelta(hours=occasion.within_hours)
        if at <= now < until:
            found.append((occasion, at, until))
    return found


def why_not(check_in: HomeCheckIn, *, now: datetime) -> str:
    """Why a check-in must not go out, as a code of :data:`WHY`; "" when it may."""
    session, patient = check_in.session, check_in.session.patient
    later = InfusionSession.objects.delivered().filter(
        patient=patient,
        infusion_started_at__gt=session.infusion_started_at,
        infusion_started_at__lte=now,
    )
    reasons = (
        ("died", patient.is_deceased),
        ("stopped", session.course.state == Course.State.STOPPED),
        ("later", later.exists()),
        ("late", check_in.expires_at <= now),
        ("left", not Registration.objects.filter(patient=patient, site=session.site_id).exists()),
        ("over", bool(check_in.link and (check_in.link.answered_at or check_in.link.revoked_at))),
        ("channel", not patient.reminders_by),
        ("address", not address_of(patient, patient.reminders_by)),
        ("url", not settings.PUBLIC_URL),
        ("site", not is_ready(session.site)),
    )
    return next((code for code, holds in reasons if holds), "")


def language_for(patient: Patient) -> str:
    """Spanish for those whose record says so, else English."""
    return spoken(language_of(patient.language))


def words_of(check_in: HomeCheckIn, secret: str) -> tuple[str, str]:
    """Subject and text of the message, with the address of the link."""
    session = check_in.session
    language = language_for(session.patient)
    subject, body = MESSAGES[language]
    return subject, body.format(
        first_name=first_name_of(session.patient),
        link=f"{settings.PUBLIC_URL}/q/{secret}/",
        until=until_told(check_in.expires_at, session.site, language),
        phone=session.site.phone,
    )
