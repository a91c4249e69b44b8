"""Which items of the check were overridden, how often, and in which rows exactly?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from clinic.accounts.actor import Actor
from sessions.models import CheckAnswer
from sessions.reports.period import Period
from sessions.rules.protocols import CHECK_ITEMS


@dataclass(frozen=True, slots=True)
class ItemCount:
    """``ItemCount("fasting", "Fasting as instructed", 3)``"""

    item: str
    label: str
    n: int


def override_counts(sites: Sequence[Any], *, period: Period, actor: Actor) -> list[ItemCount]:
    """How often each item was overridden in visits of these days, the most frequent first."""
    rows = _overrides(sites, period, actor).order_by().values("item").annotate(n=Count("pk"))
    found = [ItemCount(row["item"], str(CHECK_ITEMS.get(row["item"], row["item"])), row["n"]) for row in rows]
    return sorted(found, key=lambda one: (-one.n, one.label))


def override_rows(sites: Sequence[Any], *, period: Period, actor: Actor, item: str = "") -> Any:
    """The overrides behind the counts, the latest first; each knows its session, patient and author."""
    rows = _overrides(sites, period, actor)
    if item:
        rows = rows.filter(item=item)
    return rows.select_related("session__patient", "session__site", "taken_by").order_by("-taken_at", "-pk")


def _overrides(sites: Sequence[Any], period: Period, actor: Actor) -> Any:
    return CheckAnswer.objects.for_user(actor).filter(
        outcome=CheckAnswer.Outcome.OVERRIDDEN,
        session__site__in=sites,
        session__local_date__range=(period.first, period.last),
    )
