"""Messages to patients before a visit: queued, handed over, noted; at most once each.

A message is noted as handed over, with an unknown outcome, in a transaction that is committed *before* the carrier
gets it. Whoever is killed in between leaves a message of which nobody knows, and which is not sent again by itself:
see ``docs/decisions/0011-a-reminder-is-sent-at-most-once.md``.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.records import save_record
from clinic.common import clock
from clinic.common.errors import Conflict, Problem
from clinic.common.messaging import Message, NotSent, Unknown, carry
from clinic.facilities.models import Site
from patients.models import Channel
from sessions.models import InfusionSession, Reminder, ReminderText
from sessions.rules import reminding as rules
from sessions.rules.messages import UNKNOWN, claim, settle, would_wake
from sessions.states import Status

AHEAD = timedelta(days=1)
"""How long before it is due a message is queued, so that staff see what will go out."""

IN_FLIGHT = timedelta(minutes=10)
"""For so long a message without a known outcome may still be on its way to the carrier."""

State = Reminder.State


def queue_reminders(*, site: Site, by: Actor, now: datetime | None = None) -> int:
    """Queue what is due within a day for the site's booked visits; how many were queued.

    A patient without an agreed channel, or whose channel has no text, gets nothing: that is shown, not queued.
    """
    now = now or clock.now()
    by.require(Permission.BOOK, site.pk)
    by_name: dict[str, list[ReminderText]] = {}
    for text in ReminderText.objects.in_use().filter(site=site).select_related("site"):
        by_name.setdefault(text.name, []).append(text)
    if not by_name:
        return 0
    last = max(text.days_before for texts in by_name.values() for text in texts) + AHEAD.days + 1
    booked = InfusionSession.objects.filter(site=site, status=Status.SCHEDULED, scheduled_start__gt=now)
    soon = booked.filter(scheduled_start__lt=now + timedelta(days=last), patient__deceased_on__isnull=True)
    sessions = soon.exclude(patient__reminders_by="").select_related("site", "patient")
    return sum(_queued(session, texts, by=by, now=now) for session in sessions for texts in by_name.values())


def _queued(session: InfusionSession, texts: list[ReminderText], *, by: Actor, now: datetime) -> bool:
    patient = session.patient
    text = rules.chosen_text(texts, patient)
    if text is None or not rules.address_of(patient, text.channel):
        return False
    zone = rules.zone_of(patient, session.site)
    due_at = rules.due_at(text, visit_day=session.local_date, zone=zone)
    if due_at > now + AHEAD or not _is_news(session, text):
        return False
    with transaction.atomic():
        # Two runs at once wait for each other here, and the second finds what the first has queued.
        locked = InfusionSession.objects.locked().get(pk=session.pk)
        as_read = (locked.status, locked.scheduled_start) == (session.status, session.scheduled_start)
        if not as_read or not _is_news(session, text):
            return False
        _queue(session, text, due_at=due_at, by=by, now=now)
    return True


def _is_news(session: InfusionSession, text: ReminderText) -> bool:
    """Whether the patient has not been told of this time yet, or has since been told of another."""
    told = Reminder.objects.filter(session=session, text__name=text.name).exclude(state=State.DROPPED)
    waiting = told.filter(state=State.QUEUED, visit_at=session.scheduled_start)
    if waiting.exists():
        return False
    last = told.exclude(state=State.QUEUED).order_by("-settled_at", "-pk").first()
    return last is None or last.visit_at != session.scheduled_start


def _queue(
    session: InfusionSession, text: ReminderText, *, due_at: datetime, by: Actor, now: datetime
) -> None:
    known = Reminder.objects.filter(session=session, text=text, visit_at=session.scheduled_start).first()
    # A visit that was moved away and back to its old time has its row already.
    reminder = known or Reminder(session=session, text=text, visit_at=session.scheduled_start)
    reminder.channel, reminder.due_at, reminder.queued_at = text.channel, due_at, now
    reminder.state, reminder.attempts, reminder.why, reminder.settled_at = State.QUEUED, 0, "", None
    _fill(reminder, session)
    _save(reminder, session, "reminder.queued", by=by, now=now)


def _fill(reminder: Reminder, session: InfusionSession) -> None:
    text, patient = reminder.text, session.patient
    reminder.address = rules.address_of(patient, text.channel)
    reminder.subject, reminder.body = (
        rules.fill_in(
            template,
            first_name=rules.first_name_of(patient),
            visit_at=session.scheduled_start,
            site=session.site,
            language=text.language,
        )
        for template in (text.subject, text.body)
    )
    reminder.subject = reminder.subject[:150]


def _save(
    reminder: Reminder, session: InfusionSession, verb: str, *, by: Actor, now: datetime, reason: str = ""
) -> None:
    save_record(
        reminder, verb=verb, by=by, now=now, site=session.site, patient=session.patient, reason=reason
    )


def drop_outdated(*, site: Site, by: Actor, now: datetime | None = None) -> int:
    """Take back what waits for a visit that was moved, called off or begun, or that nobody may send any more."""
    now = now or clock.now()
    by.require(Permission.BOOK, site.pk)
    waiting = Reminder.objects.filter(session__site=site, state=State.QUEUED).order_by("pk")
    dropped = 0
    for reminder in waiting.select_related("session__patient", "session__site", "text"):
        if rules.why_not(reminder, reminder.session, now=now):
            dropped += _dropped(reminder.pk, by=by, now=now)
    return dropped


@transaction.atomic
def _dropped(pk: int, *, by: Actor, now: datetime) -> bool:
    found = _waiting(pk)
    if found is None or not (why := rules.why_not(found, found.session, now=now)):
        return False
    _drop(found, why, by=by, now=now)
    return True


def _waiting(pk: int) -> Reminder | None:
    """A queued message, locked, with what its rules read; None when somebody else has it already."""
    # Two statements: the second sees what was committed while the first waited for the lock.
    if Reminder.objects.locked().filter(pk=pk, state=State.QUEUED).only("pk").first() is None:
        return None
    return (
        Reminder.objects.filter(state=State.QUEUED)
        .select_related("session__patient", "session__site", "text__site")
        .filter(pk=pk)
        .first()
    )


def _drop(reminder: Reminder, why: str, *, by: Actor, now: datetime) -> None:
    reminder.state, reminder.why, reminder.settled_at = State.DROPPED, why, now
    _save(reminder, reminder.session, "reminder.dropped", by=by, now=now)


def hand_over(*, reminder: Reminder, by: Actor, now: datetime | None = None) -> str:
    """Send one message that is due, at most once; the state that it has afterwards, "" when it was not ours to send.

    Not inside another transaction: what is noted before the message leaves must be committed.
    """
    by.require(Permission.BOOK, reminder.session.site_id)
    claimed = _claimed(reminder.pk, by=by, now=now or clock.now())
    if claimed is None or claimed.state == State.DROPPED:
        return claimed.state if claimed else ""
    outcome = _outcome(claimed)
    # Another moment than the first: a carrier may let one wait.
    return _note(claimed, outcome, by=by, now=now or clock.now())


@transaction.atomic(durable=True)
def _claimed(pk: int, *, by: Actor, now: datetime) -> Reminder | None:
    """Note that the message is handed over now, so that no other run does it and a broken one does not do it again."""
    found = _waiting(pk)
    if found is None or found.due_at > now:
        return None
    session = found.session
    if would_wake(found, now=now, zone=rules.zone_of(session.patient, session.site)):
        return None
    why = rules.why_not(found, session, now=now)
    if not why and rules.site_problems(found.text, session.site, rules.protocol_words()):
        why = "tells"
    if why:
        _drop(found, why, by=by, now=now)
        return found
    _fill(found, session)
    claim(found, now=now)
    _save(found, session, "reminder.handed_over", by=by, now=now)
    return found


def _outcome(reminder: Reminder) -> NotSent | Unknown | None:
    """Give the message to its carrier; None when it was taken."""
    message = Message(
        to=reminder.address,
        subject=reminder.subject,
        body=reminder.body,
        reference=str(reminder.public_id),
    )
    return carry(message, by_sms=reminder.channel == Channel.SMS)


@transaction.atomic
def _note(reminder: Reminder, outcome: NotSent | Unknown | None, *, by: Actor, now: datetime) -> str:
    mine = {"state": State.FAILED, "why": UNKNOWN, "attempts": reminder.attempts}
    if Reminder.objects.locked().filter(pk=reminder.pk, **mine).only("pk").first() is None:
        # Somebody has decided meanwhile; their word stands.
        return ""
    settle(reminder, outcome, now=now)
    verbs = {State.SENT: "reminder.sent", State.QUEUED: "reminder.put_off", State.FAILED: "reminder.failed"}
    _save(reminder, reminder.session, verbs[State(reminder.state)], by=by, now=now)
    return str(reminder.state)


@transaction.atomic(savepoint=False)
def try_again(*, reminder: Reminder, by: Actor, now: datetime | None = None) -> Reminder:
    """Queue a message that failed once more, after somebody has looked at why.

    Raises:
        Refused: without the right to book at the site.
        Conflict: it did not fail (``reminder.not_failed``), may still be on its way (``reminder.in_flight``), or its
            visit is moved, called off or over (``reminder.outdated``).
    """
    now = now or clock.now()
    by.require(Permission.BOOK, reminder.session.site_id)
    Reminder.objects.locked().only("pk").get(pk=reminder.pk)
    found = Reminder.objects.select_related("session__patient", "session__site", "text").get(pk=reminder.pk)
    _check_can_try_again(found, now)
    found.state, found.attempts, found.why, found.settled_at = State.QUEUED, 0, "", None
    found.due_at = now
    _fill(found, found.session)
    _save(found, found.session, "reminder.tried_again", by=by, now=now)
    return found


def _check_can_try_again(reminder: Reminder, now: datetime) -> None:
    if reminder.state != State.FAILED:
        message = _("Only a message that failed is tried again. This one is: %(state)s.")
        state = str(reminder.get_state_display()).lower()
        raise Conflict(Problem("reminder.not_failed", message, {"state": state}))
    begun = reminder.settled_at
    if reminder.why == UNKNOWN and begun is not None and now - begun < IN_FLIGHT:
        message = _("It may still be on its way. Wait ten minutes, then look again.")
        raise Conflict(Problem("reminder.in_flight", message))
    if why := rules.why_not(reminder, reminder.session, now=now):
        raise Conflict(Problem("reminder.outdated", "%(why)s", {"why": rules.told_why(why)}))
