"""Which check-ins were asked between sessions, what came of each, and which brought no answer?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from patients.models import Channel, OneTimeLink
from patients.reports.one_time_links import names_of
from sessions.models import Course, HomeCheckIn
from sessions.rules.asking import told_why

MISSED_FOR = timedelta(days=14)
"""How long one that brought no answer stays in the worklist; after that the next ones tell more."""
MOST_OF_COURSE = 60
OF_COURSE = (
    *("public_id", "day", "parts", "state", "channel", "why", "due_at", "expires_at"),
    *("session__public_id", "session__site__name", "session__site__time_zone"),
    *(
        f"link__{name}"
        for name in ("parts", "sent_at", "opened_at", "answered_at", "revoked_at", "expires_at")
    ),
)
"""What a course's page tells of them: the rest of four wide rows is left where it is."""


class Outcome(StrEnum):
    """How a check-in stands, for staff."""

    WAITS = "waits"
    SENT = "sent"
    OPENED = "opened"
    ANSWERED = "answered"
    MISSED = "missed"
    UNSENT = "unsent"
    REVOKED = "revoked"


OUTCOME_LABELS: dict[Outcome, Any] = {
    Outcome.WAITS: _("Waits"),
    Outcome.SENT: _("Sent"),
    Outcome.OPENED: _("Opened"),
    Outcome.ANSWERED: _("Answered"),
    Outcome.MISSED: _("No answer"),
    Outcome.UNSENT: _("Not sent"),
    Outcome.REVOKED: _("Revoked"),
}
OUTCOMES = [(outcome.value, label) for outcome, label in OUTCOME_LABELS.items()]
CHOICES = [("missed", _("Brought no answer")), ("answered", _("Answered")), ("all", _("Everything"))]
"""What the worklist can be asked for."""

_OF_LINK = {
    OneTimeLink.State.MADE: Outcome.SENT,
    OneTimeLink.State.SENT: Outcome.SENT,
    OneTimeLink.State.OPENED: Outcome.OPENED,
    OneTimeLink.State.ANSWERED: Outcome.ANSWERED,
    OneTimeLink.State.EXPIRED: Outcome.MISSED,
    OneTimeLink.State.REVOKED: Outcome.REVOKED,
}


@dataclass(frozen=True, slots=True)
class CheckInRow:
    """One check-in, times on the site's clocks. ``CheckInRow(UUID("…"), UUID("…"), UUID("…"), UUID("…"), "Silva, Rui",
    "555 0101", "North clinic", 1, ("Mood today",), "Text message", datetime(…), datetime(…), None,
    Outcome.MISSED, "No answer", "", 1)``

    ``unanswered``: how many of the same infusion it stands for in the worklist.
    """

    public_id: UUID
    course_id: UUID
    session_id: UUID
    patient_id: UUID
    patient_name: str
    phone: str
    site_name: str
    day: int
    asked: tuple[str, ...]
    channel: Any
    due_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    outcome: Outcome
    outcome_label: Any
    why: str
    unanswered: int


def outcome_of(check_in: HomeCheckIn, now: datetime) -> Outcome:
    """How it stands: by its link once it is sent or may have arrived, else by its message."""
    link = check_in.link
    if link is not None and link.answered_at:
        return Outcome.ANSWERED
    if check_in.state == HomeCheckIn.State.QUEUED:
        return Outcome.WAITS
    if check_in.state == HomeCheckIn.State.SENT and link is not None:
        return _OF_LINK[link.state(now)]
    return Outcome.UNSENT


def reach(actor: Actor) -> QuerySet[HomeCheckIn]:
    """Check-ins within reach with what a row of them shows, the latest due first."""
    rows = HomeCheckIn.objects.for_user(actor)
    return rows.select_related("session__patient", "session__site", "session__course", "link").order_by(
        "-due_at", "-pk"
    )


def matching(state: str, *, actor: Actor, now: datetime) -> QuerySet[HomeCheckIn]:
    """Check-ins within reach by one of :data:`CHOICES`; those without an answer of the last fortnight only."""
    return by_outcome(reach(actor), state, now=now)


def latest_missed(actor: Actor, *, now: datetime) -> QuerySet[HomeCheckIn]:
    """Of each infusion the last check-in that brought no answer lately, with ``unanswered``: how many there are."""
    mine = HomeCheckIn.objects.for_user(actor).filter(session=OuterRef("session"))
    missed = by_outcome(mine, "missed", now=now)
    count = missed.order_by().values("session").annotate(count=Count("pk")).values("count")
    last = missed.order_by("-due_at", "-pk").values("pk")
    found = matching("missed", actor=actor, now=now).filter(pk=Subquery(last[:1]))
    return found.annotate(unanswered=Coalesce(Subquery(count[:1]), 1))


def by_outcome(found: QuerySet[HomeCheckIn], state: str, *, now: datetime) -> QuerySet[HomeCheckIn]:
    """Of some check-ins those of one of :data:`CHOICES`."""
    if state == "missed":
        return found.missed(now).filter(due_at__gt=now - MISSED_FOR)  # type: ignore[attr-defined]
    if state == "answered":
        return found.filter(link__answered_at__isnull=False)
    return found


def check_in_rows(found: Iterable[HomeCheckIn], *, now: datetime) -> tuple[CheckInRow, ...]:
    """One query, however many rows."""
    return tuple(_row(check_in, now) for check_in in found)


def check_ins_of(course: Course, *, actor: Actor, now: datetime) -> tuple[CheckInRow, ...]:
    """The check-ins after a course's infusions, the latest first. ``course`` was loaded with its patient."""
    found = reach(actor).filter(session__course=course).select_related(None)
    rows = list(found.select_related("session__site", "link").only(*OF_COURSE)[:MOST_OF_COURSE])
    for row in rows:
        # The same of every row, and at hand.
        row.session.course, row.session.patient = course, course.patient
    return check_in_rows(rows, now=now)


def _row(check_in: HomeCheckIn, now: datetime) -> CheckInRow:
    session, link = check_in.session, check_in.link
    patient, zone, outcome = session.patient, session.site.zone, outcome_of(check_in, now)
    answered = link.answered_at if link else None
    return CheckInRow(
        public_id=check_in.public_id,
        course_id=session.course.public_id,
        session_id=session.public_id,
        patient_id=patient.public_id,
        patient_name=patient.full_name,
        phone=patient.phone,
        site_name=session.site.name,
        day=check_in.day,
        asked=names_of(link.parts if link else check_in.parts),
        channel=Channel(check_in.channel).label if check_in.channel else "",
        due_at=check_in.due_at.astimezone(zone),
        expires_at=check_in.expires_at.astimezone(zone),
        answered_at=answered and answered.astimezone(zone),
        outcome=outcome,
        outcome_label=OUTCOME_LABELS[outcome],
        why=told_why(check_in.why) if check_in.why else "",
        unanswered=getattr(check_in, "unanswered", 1),
    )
