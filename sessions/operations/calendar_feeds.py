"""The secret address of a person's calendar: made, replaced, revoked by that person alone."""

import secrets
import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.accounts.tokens import digest
from clinic.audit.recording import record
from clinic.common import clock
from clinic.common.errors import Conflict, Problem, Refused
from sessions.models import CalendarFeed
from sessions.rules.moments import person

NOTED_EVERY = timedelta(hours=1)
"""Calendars ask every few minutes; that they still do is noted no oftener."""


@transaction.atomic(savepoint=False)
def make_feed(
    *, only_mine: bool, by: Actor, public_id: uuid.UUID | None = None, now: datetime | None = None
) -> tuple[CalendarFeed, str]:
    """Make one's own feed.

    Returns:
        the feed and its secret, which is shown once and stored nowhere.

    Raises:
        Refused: by a token, which the feed would outlive (``feed.by_token``).
        Conflict: there is one already (``feed.stands``).
    """
    now = now or clock.now()
    user = _owner(by)
    if CalendarFeed.objects.standing().filter(user=user).exists():
        message = _("You have a calendar address already. Replace it, or revoke it.")
        raise Conflict(Problem("feed.stands", message))
    return _made(user, only_mine, verb="calendar_feed.made", by=by, public_id=public_id, now=now)


@transaction.atomic(savepoint=False)
def replace_feed(
    *, only_mine: bool, by: Actor, public_id: uuid.UUID | None = None, now: datetime | None = None
) -> tuple[CalendarFeed, str]:
    """Make a new address, and end the old one in the same moment. Returns and raises as :func:`make_feed`."""
    now = now or clock.now()
    user = _owner(by)
    for old in CalendarFeed.objects.standing().filter(user=user):
        old.revoked_at = now
        old.save(update_fields=["revoked_at"])
    return _made(user, only_mine, verb="calendar_feed.replaced", by=by, public_id=public_id, now=now)


@transaction.atomic(savepoint=False)
def revoke_feed(*, feed: CalendarFeed, by: Actor, now: datetime | None = None) -> CalendarFeed:
    """End one's own feed now; revoking it twice changes nothing."""
    now = now or clock.now()
    user = _owner(by)
    feed = CalendarFeed.objects.select_for_update(no_key=True).get(pk=feed.pk, user=user)
    if feed.revoked_at is None:
        feed.revoked_at = now
        feed.save(update_fields=["revoked_at"])
        record(verb="calendar_feed.revoked", subject=feed, by=by, now=now)
    return feed


def note_read(*, feed: CalendarFeed, by: Actor, now: datetime) -> None:
    """Note that somebody's calendar still asks."""
    if feed.last_read_at is None or now - feed.last_read_at >= NOTED_EVERY:
        CalendarFeed.objects.filter(pk=feed.pk).update(last_read_at=now)


def _owner(by: Actor) -> User:
    """The person, locked: two acts of theirs at once wait for each other."""
    user = person(by)
    if by.narrowed:
        message = _("A token cannot make or end a calendar address. Sign in and do it there.")
        raise Refused(Problem("feed.by_token", message))
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _made(
    user: User, only_mine: bool, *, verb: str, by: Actor, public_id: uuid.UUID | None, now: datetime
) -> tuple[CalendarFeed, str]:
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed(
        public_id=public_id or uuid.uuid4(),
        user=user,
        digest=digest(secret),
        only_mine=only_mine,
        created_at=now,
    )
    feed.save(force_insert=True)
    record(verb=verb, subject=feed, by=by, now=now, after={"only_mine": only_mine})
    return feed, secret
