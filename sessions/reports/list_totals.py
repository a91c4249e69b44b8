"""What do the rows of a list come to?"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from clinic.accounts.actor import Actor
from sessions.reports.session_filter import (
    SIDE_EFFECTS,
    SessionFilter,
    matching_sessions,
    matching_side_effects,
    started,
)

GRAVE = 3


@dataclass(frozen=True, slots=True)
class Totals:
    """Of all rows of a list, not only of the page shown.

    Example: ``Totals(rows=41, patients=17, started=38, grave=0)``; ``grave`` counts side effects of grade 3 or more
    at worst and is for their list, ``started`` is for the list of sessions.
    """

    rows: int
    patients: int
    started: int = 0
    grave: int = 0


def totals_of(asked: SessionFilter, *, actor: Actor, now: datetime) -> Totals:
    """One query, however many rows there are."""
    if asked.kind == SIDE_EFFECTS:
        effects = matching_side_effects(asked, actor=actor, now=now).order_by()
        return Totals(
            **effects.aggregate(
                rows=Count("pk"),
                patients=Count("session__patient", distinct=True),
                grave=Count("pk", filter=Q(worst__gte=GRAVE)),
            )
        )
    sessions = matching_sessions(asked, actor=actor, now=now).order_by()
    return Totals(
        **sessions.aggregate(
            rows=Count("pk"),
            patients=Count("patient", distinct=True),
            started=Count("pk", filter=started()),
        )
    )
