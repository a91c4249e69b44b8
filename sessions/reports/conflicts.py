"""Which bookings does what has happened disturb, and what can be done about each?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.common.errors import Invalid, Problem
from clinic.facilities.models import Chair, Site
from sessions.rules.conflicts import KINDS, Clash, clashes

AHEAD: dict[str, int] = {"today": 1, "": 14, "year": 367}
"""How many days are looked at, by the value that stands in the address."""


@dataclass(frozen=True, slots=True)
class ConflictFilter:
    """What an address asks of the worklist.

    Attributes:
        ahead: a key of :data:`AHEAD`.
        kind: a code of :data:`~sessions.rules.conflicts.KINDS`; empty for all.
        chair: a chair's public id; empty for all.
    """

    ahead: str = ""
    kind: str = ""
    chair: str = ""

    @classmethod
    def of_query(cls, query: Mapping[str, Any]) -> "ConflictFilter":
        """Raises Invalid for a value that means nothing (``filter.choice``)."""
        asked = {name: str(query.get(name) or "").strip() for name in ("ahead", "kind", "chair")}
        known = {"ahead": AHEAD, "kind": {"", *KINDS}}
        wrong = [name for name, values in known.items() if asked[name] not in values]
        if asked["chair"] and not _is_uuid(asked["chair"]):
            wrong.append("chair")
        if wrong:
            message = _("This filter has no such value: %(value)s. Choose one from the list.")
            raise Invalid(
                {name: Problem("filter.choice", message, {"value": asked[name][:40]}) for name in wrong}
            )
        return cls(**asked)

    def fits(self, clash: Clash) -> bool:
        chair = str(clash.booking.chair.public_id)
        return (not self.kind or clash.kind == self.kind) and (not self.chair or chair == self.chair)


def _is_uuid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def conflicts(site: Site, *, actor: Actor, now: datetime, asked: ConflictFilter | None = None) -> list[Clash]:
    """The conflicts of a site in the order of the bookings' times, without what only pages show.

    The number of queries does not grow with them. Whoever may not see patients there gets none.
    """
    if not actor.can(Permission.VIEW_PATIENTS, site.pk):
        return []
    return _found(site, now=now, asked=asked or ConflictFilter())


def _found(site: Site, *, now: datetime, asked: ConflictFilter) -> list[Clash]:
    last = clock.local_date(now, site.time_zone) + timedelta(days=AHEAD[asked.ahead] - 1)
    until = clock.day_range(last, site.time_zone)[1]
    return [clash for clash in clashes(site, now=now, until=until) if asked.fits(clash)]


def with_patients(found: Sequence[Clash]) -> Sequence[Clash]:
    """The same, with everything that a page or an answer names of them read at once."""
    bookings = [clash.booking for clash in found]
    prefetch_related_objects(bookings, "patient", "course__protocol_version__protocol")
    return found


def count_of_chair(chair: Chair, *, now: datetime) -> int:
    """How many bookings of a chair are in conflict, however far ahead: a number, and nothing about any patient."""
    asked = ConflictFilter(ahead="year", chair=str(chair.public_id))
    return len({clash.booking.pk for clash in _found(chair.site, now=now, asked=asked)})


def by_kind(found: Sequence[Clash]) -> list[tuple[str, Any, int]]:
    """How many there are of each kind that there is any of, the most urgent first."""
    counted = Counter(clash.kind for clash in found)
    return [(kind, label, counted[kind]) for kind, label in KINDS.items() if counted[kind]]
