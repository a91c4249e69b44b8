"""Who looks after each patient who is here, and who is looked after by nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.accounts.models import User
from clinic.common.errors import Problem
from clinic.facilities.models import Site
from clinic.facilities.rules.attendance import attendance
from sessions.models import Handover, HandoverSession
from sessions.rules.covering import carer_of, cover_in_force, covers_that_count, gap


@dataclass(frozen=True, slots=True)
class Care:
    """Who looks after one patient now.

    Attributes:
        nurse: who does; None: nobody was ever named.
        covered_for: whose patient it is, where the nurse covers until ``until``.
        gap: why nobody does, in words.
    """

    nurse: User | None
    covered_for: User | None = None
    until: datetime | None = None
    gap: Problem | None = None


@dataclass(frozen=True, slots=True)
class Cover:
    """Care by the inner key of the session, and the next moment at which it is another one by itself."""

    of: Mapping[int, Care]
    changes_at: datetime | None


def cover(sessions: Sequence[Any], *, site: Site, now: datetime) -> Cover:
    """The care of sessions at a site whose patients are here and whose nurses are loaded, in at most four queries."""
    covers = {key: covers_that_count(rows) for key, rows in _accepted(sessions).items()}
    carers = [carer_of(session.nurse, covers.get(session.pk, ()), now) for session in sessions]
    known = attendance(site, now=now, people={carer.pk for carer in carers if carer})
    found = {}
    for session in sessions:
        mine = covers.get(session.pk, ())
        standing = cover_in_force(mine, now)
        found[session.pk] = Care(
            nurse=carer_of(session.nurse, mine, now),
            covered_for=session.nurse if standing else None,
            until=standing.until if standing else None,
            gap=gap(session.nurse, mine, known=known, site=site, now=now),
        )
    moments = [known.next_change(now), *(care.until for care in found.values())]
    return Cover(found, min((moment for moment in moments if moment), default=None))


def _accepted(sessions: Sequence[Any]) -> dict[int, list[Handover]]:
    found: dict[int, list[Handover]] = {}
    # A board asks every few seconds, and its rows know that hardly ever anybody has been handed over.
    mine = [session.pk for session in sessions if getattr(session, "is_handed", True)]
    if mine:
        rows = HandoverSession.objects.filter(session__in=mine, handover__state=Handover.State.ACCEPTED)
        for row in rows.select_related("handover__from_nurse", "handover__to_nurse"):
            found.setdefault(row.session_id, []).append(row.handover)
    return found
