"""My chairs: what is due, paused or calls for me at each of the patients whom I look after, one line a chair."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.facilities.models import Chair, Site
from sessions.models import InfusionSession
from sessions.reports.board import Line, lines_of
from sessions.reports.board_day import read_visits
from sessions.reports.board_rows import BoardSession
from sessions.reports.board_version import Standing
from sessions.reports.signals import Signals, signals_of

COVERS_CHECKED = timedelta(minutes=1)
"""How long a strip stands at most: a cover that runs out changes whose patients they are, and nothing is written."""


@dataclass(frozen=True, slots=True)
class MyChairs:
    """The chairs of one person at a site, in the order of the room.

    Attributes:
        stops: those at which an alert of the highest level stands open.
        changes_at: when they will read otherwise by themselves.
    """

    lines: Sequence[Line]
    changes_at: datetime | None

    @property
    def stops(self) -> list[Line]:
        return [line for line in self.lines if line.signals.is_stop]

    def stands_until(self, now: datetime) -> datetime:
        """Up to when it stands by itself, where nothing is written."""
        return min(filter(None, (self.changes_at, now + COVERS_CHECKED)))


def my_chairs(site: Site, *, actor: Actor, silent: Mapping[int, datetime], now: datetime) -> MyChairs:
    """Whom I look after at a site now; nobody without the right to nurse there.

    Args:
        silent: as for :func:`sessions.reports.board.board`.
    """
    if actor.user_id is None or not actor.can(Permission.RUN_INFUSION, site.pk):
        return MyChairs([], None)
    mine = InfusionSession.objects.for_user(actor).filter(site=site).present()
    chairs = list(Chair.objects.for_user(actor).filter(site=site).order_by("position", "name"))
    sessions = read_visits(mine.looked_after_by(actor.user_id, now), chairs)
    return strip_of(sessions, signals_of(sessions, silent), chairs, now=now)


def strip_of(
    sessions: Sequence[BoardSession],
    signals: Mapping[int, Signals],
    chairs: Sequence[Chair],
    *,
    now: datetime,
) -> MyChairs:
    """The strip of what was read."""
    places = {chair.pk: place for place, chair in enumerate(chairs)}
    lines = lines_of(sessions, {}, signals, now=now)
    lines.sort(key=lambda line: (places[line.session.chair.pk], line.session.scheduled_start))
    changes = (line.changes_at(now) for line in lines)
    return MyChairs(lines, min((moment for moment in changes if moment), default=None))


def version_of_mine(standing: Standing, *, actor: Actor) -> str:
    """As the board's version, and another one for another person."""
    whose = hashlib.sha256(actor.key.encode()).hexdigest()[:8]
    return f"{standing.version}-{whose}"
