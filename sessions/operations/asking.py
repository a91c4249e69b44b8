"""Check-ins between sessions: queued when the plan's day has come, sent with their link, noted; at most once each.

As with reminders, a message is noted as handed over before the carrier gets it, in a transaction that is committed:
see ``docs/decisions/0011-a-reminder-is-sent-at-most-once.md``. The secret of the link is made in that transaction and
lives in the message alone.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from clinic.accounts.actor import Actor
from clinic.accounts.patient_account import patient_by_link
from clinic.accounts.permissions import Permission
from clinic.audit.records import save_record
from clinic.common import clock
from clinic.common.errors import ClinicError
from clinic.common.messaging import Message, NotSent, Unknown, carry
from clinic.facilities.models import Site
from patients.models import Channel, LinkAnswer, OneTimeLink
from patients.operations.one_time_links import make_link, renew_link, revoke_link, send_link
from patients.rules.answer_cover import covered_from
from patients.rules.one_time_links import asks_about_suicide, not_too_soon, shown_at
from sessions.models import Course, HomeCheckIn, InfusionSession
from sessions.operations.answering import finish_answers
from sessions.rules import asking as rules
from sessions.rules.check_in_plan import LAST_DAY, Occasion
from sessions.rules.messages import claim, settle, would_wake
from sessions.rules.reminding import address_of, zone_of
from sessions.states import ENDED

State = HomeCheckIn.State


def queue_check_ins(*, site: Site, by: Actor, now: datetime | None = None) -> int:
    """Queue what the protocols' plans ask now of the site's patients; how many were queued.

    Counted from each patient's last infusion. Without a plan nothing is queued. A patient who cannot be reached gets a
    row too: staff see it among those that brought no answer.

    Raises:
        Refused: without the rights to book and to record scores at the site.
    """
    now = now or clock.now()
    _require(by, site.pk)
    found = 0
    for session in _last_infusions(site, now):
        done = [check_in.day for check_in in session.home_check_ins.all()]
        for occasion, due_at, until in rules.due_now(session, done=done, now=now):
            found += _queued(session, occasion, due_at, until, by=by, now=now)
    return found


def _require(by: Actor, site_id: int) -> None:
    by.require(Permission.BOOK, site_id)
    by.require(Permission.RECORD_SCORES, site_id)


def _last_infusions(site: Site, now: datetime) -> list[InfusionSession]:
    """The last infusion of every patient of a site under a protocol that has a plan."""
    later = InfusionSession.objects.delivered().filter(
        patient=OuterRef("patient"),
        infusion_started_at__gt=OuterRef("infusion_started_at"),
        infusion_started_at__lte=now,
    )
    ended = InfusionSession.objects.delivered().filter(site=site, status__in=ENDED)
    recent = ended.filter(infusion_started_at__range=(now - timedelta(days=LAST_DAY + 30), now))
    asked = recent.exclude(course__protocol_version__check_ins=[]).exclude(course__state=Course.State.STOPPED)
    rows = asked.filter(~Exists(later), patient__deceased_on__isnull=True)
    return list(
        rows.select_related("site", "patient", "course__protocol_version").prefetch_related("home_check_ins")
    )


@transaction.atomic
def _queued(
    session: InfusionSession,
    occasion: Occasion,
    due_at: datetime,
    until: datetime,
    *,
    by: Actor,
    now: datetime,
) -> bool:
    # Two runs at once wait for each other here, and the second finds what the first has queued.
    InfusionSession.objects.locked().only("pk").get(pk=session.pk)
    if HomeCheckIn.objects.filter(session=session, day=occasion.day).exists():
        return False
    check_in = HomeCheckIn(
        session=session, day=occasion.day, parts=list(occasion.ask), due_at=due_at, expires_at=until
    )
    _save(check_in, "check_in.queued", by=by, now=now)
    return True


def hand_over_check_in(*, check_in: HomeCheckIn, by: Actor, now: datetime | None = None) -> str:
    """Send one check-in that is due, at most once; the state that it has afterwards, "" when it was not ours to send.

    Not inside another transaction: what is noted before the message leaves must be committed.

    Raises:
        Refused: without the rights to book and to record scores at the site.
    """
    _require(by, check_in.session.site_id)
    claimed = _claimed(check_in.pk, by=by, now=now or clock.now())
    if claimed is None:
        return ""
    found, message = claimed
    if message is None:
        return str(found.state)
    outcome = carry(message, by_sms=found.channel == Channel.SMS)
    # Another moment than the first: a carrier may let one wait.
    return _note(found, outcome, by=by, now=now or clock.now())


@transaction.atomic(durable=True)
def _claimed(pk: int, *, by: Actor, now: datetime) -> tuple[HomeCheckIn, Message | None] | None:
    """Note that the message is handed over now, so that no other run does it and a broken one does not do it again."""
    # Two statements: the second sees what was committed while the first waited for the lock.
    if HomeCheckIn.objects.locked().filter(pk=pk, state=State.QUEUED).only("pk").first() is None:
        return None
    rows = HomeCheckIn.objects.select_related(
        "session__site", "session__patient", "session__course", "link__patient", "link__site"
    )
    found = rows.get(pk=pk)
    session = found.session
    if found.due_at > now or would_wake(found, now=now, zone=zone_of(session.patient, session.site)):
        return None
    shown = shown_at(session.site, found.parts, now=now)
    asked = not_too_soon(session.patient, shown, now=now, site=session.site)
    unseen = "" if shown else "wording"
    return _refused(found, asked, unseen, by=by, now=now) or _with_link(found, asked, by=by, now=now)


def _refused(
    found: HomeCheckIn, asked: list[str], unseen: str, *, by: Actor, now: datetime
) -> tuple[HomeCheckIn, None] | None:
    """Dropped with its reason, or put off to an hour in which its answers are read; None: it goes out."""
    why = rules.why_not(found, now=now) or unseen
    if not why and not asked:
        why = "soon"
    if not why and asks_about_suicide(asked):
        covered = covered_from(found.session.site, now)
        if covered is None:
            why = "uncovered"
        elif covered > now:
            length = found.expires_at - found.due_at
            found.due_at, found.expires_at = covered, covered + length
            _save(found, "check_in.put_off", by=by, now=now)
            return found, None
    if not why:
        return None
    found.state, found.why, found.settled_at = State.DROPPED, why, now
    _save(found, "check_in.dropped", by=by, now=now)
    return found, None


def _with_link(
    found: HomeCheckIn, asked: list[str], *, by: Actor, now: datetime
) -> tuple[HomeCheckIn, Message]:
    session, patient = found.session, found.session.patient
    if found.link is None:
        found.link, secret = make_link(
            patient=patient,
            site=session.site,
            parts=asked,
            purpose=OneTimeLink.Purpose.CHECK_IN,
            expires_at=found.expires_at,
            language=rules.language_for(patient),
            by=by,
            now=now,
        )
    else:
        found.link, secret = renew_link(link=found.link, expires_at=found.expires_at, by=by, now=now)
    found.channel = patient.reminders_by
    claim(found, now=now)
    subject, body = rules.words_of(found, secret)
    to, reference = address_of(patient, found.channel), str(found.public_id)
    _save(found, "check_in.handed_over", by=by, now=now)
    return found, Message(to=to, subject=subject, body=body, reference=reference)


@transaction.atomic
def _note(found: HomeCheckIn, outcome: NotSent | Unknown | None, *, by: Actor, now: datetime) -> str:
    settle(found, outcome, now=now)
    if found.state == State.SENT and found.link is not None and found.link.is_open(now):
        send_link(link=found.link, by=by, now=now)
    verbs = {State.SENT: "check_in.sent", State.QUEUED: "check_in.put_off", State.FAILED: "check_in.failed"}
    _save(found, verbs[State(found.state)], by=by, now=now)
    return str(found.state)


def _save(check_in: HomeCheckIn, verb: str, *, by: Actor, now: datetime) -> None:
    session = check_in.session
    save_record(check_in, verb=verb, by=by, now=now, site=session.site, patient=session.patient)


def record_half_filled(*, site: Site, by: Actor, now: datetime | None = None) -> int:
    """Record what patients typed into links whose time is over and never sent: it was told all the same. How many.

    What the record refuses, because the patient has left the site meanwhile, stays kept in its link, which is revoked
    with the reason: it is not in the way of the others, nor tried again.

    Raises:
        Refused: without the rights to book and to record scores at the site.
    """
    now = now or clock.now()
    _require(by, site.pk)
    typed = LinkAnswer.objects.filter(link=OuterRef("pk")).exclude(answers={})
    over = OneTimeLink.objects.filter(
        site=site, expires_at__lte=now, answered_at__isnull=True, revoked_at__isnull=True
    )
    recorded = 0
    for link in list(over.filter(Exists(typed)).select_related("patient", "site")):
        recorded += _recorded(link, by=by, now=now)
    return recorded


def _recorded(link: OneTimeLink, *, by: Actor, now: datetime) -> bool:
    author = patient_by_link(link_id=str(link.public_id), site_id=link.site_id)
    try:
        with transaction.atomic():
            finish_answers(link=link, by=author, half_filled=True, now=now)
    except ClinicError as refusal:
        revoke_link(link=link, by=by, reason=str(refusal), now=now)
        return False
    return True
