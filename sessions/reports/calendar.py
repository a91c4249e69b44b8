"""What stands in one person's calendar: visits and shifts, as far as their present rights reach."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.accounts.tokens import digest
from clinic.audit.recording import lengths_of_chains
from clinic.facilities.models import Shift, Site
from sessions.models import Booking, CalendarFeed
from sessions.states import OFF

BACK, AHEAD = timedelta(days=14), timedelta(days=180)
CANCELLED_FOR = timedelta(days=30)
"""For so long a calendar is told that something was called off; a program that asks less often missed it."""
MOST = 2000
FORMAT = "1"
"""Goes up with every change of what a feed says, so that no calendar keeps the old words."""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry. ``path`` is the page behind it, "" for none.

    Example: ``Event("1f0c…", 2, datetime(...), datetime(...), datetime(...), "Visit", "North clinic, Chair 3",
    UUID(...), False)``
    """

    uid: str
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str
    session_id: Any
    is_cancelled: bool


def find_feed(secret: str) -> CalendarFeed | None:
    """The feed of a secret if it stands and its owner may still enter."""
    feed = CalendarFeed.objects.standing().filter(digest=digest(secret)).select_related("user").first()
    return feed if feed is not None and feed.user.may_enter else None


def mark_of(feed: CalendarFeed, *, actor: Actor, now: datetime) -> str:
    """A text that changes whenever the calendar may have: every write at a site makes its audit longer.

    A day's change is in it too, since the window moves.
    """
    sites = list(Site.objects.for_user(actor))
    open_at = sorted(actor.sites_with(Permission.VIEW_PATIENTS))
    written = sorted(lengths_of_chains(sites).items())
    state = [FORMAT, feed.pk, feed.only_mine, sorted(actor.site_ids), open_at, written, str(now.date())]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()[:32]


def calendar_of(feed: CalendarFeed, *, actor: Actor, now: datetime) -> tuple[Event, ...]:
    """Visits of the feed's owner, or of all their sites, and the owner's shifts, by time. Two queries."""
    visits = Booking.objects.for_user(actor)
    if feed.only_mine:
        visits = visits.filter(session__nurse=feed.user_id)
    visits = visits.select_related("site", "chair", "patient", "session")
    shifts = Shift.objects.for_user(actor).filter(user=feed.user_id).select_related("site")
    found = [
        *(_visit(row) for row in _in_window(visits, Booking, _called_off(), now)),
        *(_shift(row) for row in _in_window(shifts, Shift, Q(is_withdrawn=True), now)),
    ]
    return tuple(sorted(found, key=lambda event: (event.starts_at, event.uid)))


def _called_off() -> Q:
    return Q(session__status__in=OFF) | Q(session__isnull=True, is_live=False)


def _in_window(rows: QuerySet[Any], model: Any, gone: Q, now: datetime) -> QuerySet[Any]:
    near = rows.filter(ends_at__gte=now - BACK, starts_at__lt=now + AHEAD)
    versions = model.history.model.objects.filter(id=OuterRef("pk")).order_by("-history_date", "-history_id")
    changed = Coalesce(Subquery(versions.values("history_date")[:1]), "starts_at")
    return near.annotate(changed_at=changed).exclude(gone & Q(changed_at__lt=now - CANCELLED_FOR))[:MOST]


def _visit(booking: Any) -> Event:
    site = booking.site
    session = getattr(booking, "session", None)
    chair = _("chair open") if booking.is_chair_provisional else booking.chair.name
    off = session.state in OFF if session else not booking.is_live
    return Event(
        uid=str(booking.public_id),
        sequence=booking.sequence,
        changed_at=booking.changed_at,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        summary=_summary(booking, with_name=site.rules.calendar_shows_names),
        location=f"{site.name}, {chair}",
        session_id=session.public_id if session else None,
        is_cancelled=off,
    )


def _summary(booking: Booking, *, with_name: bool) -> str:
    """Never the treatment, nor the title of another visit, which anything may stand in."""
    if booking.kind == Booking.Kind.MAINTENANCE:
        return str(Booking.Kind.MAINTENANCE.label)
    if with_name and booking.patient:
        return booking.patient.short_name
    return _("Visit")


def _shift(shift: Any) -> Event:
    return Event(
        uid=f"shift-{shift.public_id}",
        # Every save counts the revision, from 1; calendars count from 0.
        sequence=shift.revision - 1,
        changed_at=shift.changed_at,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        summary=_("Shift"),
        location=shift.site.name,
        session_id=None,
        is_cancelled=shift.is_withdrawn,
    )
