"""How often does each side effect occur, by how bad it was at worst, and how often is it serious?

Rates are per 100 infusions started in the period, by the day of the session; what was told later counts with its
session. One infusion with two side effects counts twice, as it says.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Count

from clinic.accounts.actor import Actor
from sessions.models import SideEffect
from sessions.reports.period import Period
from sessions.reports.session_filter import (
    SIDE_EFFECTS,
    Query,
    SessionFilter,
    matching_sessions,
    matching_side_effects,
)

WORST = (1, 2, 3)
"""Mild, moderate, and severe or more."""


@dataclass(frozen=True, slots=True)
class Rated:
    """A count, per 100 infusions, and the list that has exactly as many rows; ``rate`` None without infusions."""

    count: int
    rate: float | None
    query: Query


@dataclass(frozen=True, slots=True)
class TermRates:
    """One side effect: in all, at worst mild, moderate, severe, and how many were serious.

    Example: ``TermRates("nausea", "Nausea", Rated(9, 12.5, {...}), (Rated(6, ...), ...), Rated(0, 0.0, ...), 7)``
    """

    term: str
    label: Any
    all: Rated
    by_severity: tuple[Rated, ...]
    serious: Rated
    patients: int


@dataclass(frozen=True, slots=True)
class EffectRates:
    """The table: a row for each side effect that occurred, the commonest first, and the sum of all."""

    period: Period
    site: Any
    infusions: Rated
    rows: tuple[TermRates, ...]
    total: TermRates


def effect_rates(*, actor: Actor, site: Any, period: Period, now: datetime) -> EffectRates:
    """Three queries, however long the period is."""
    base = SessionFilter(site=str(site.public_id) if site else "", period=period, started=True)
    listed = replace(base, kind=SIDE_EFFECTS)
    infusions = matching_sessions(base, actor=actor, now=now).count()
    effects = matching_side_effects(listed, actor=actor, now=now).order_by()
    counts: defaultdict[str, Counter[Any]] = defaultdict(Counter)
    for row in effects.values("term", "worst", "is_grave").annotate(count=Count("pk")):
        for term in (row["term"], ""):
            counts[term]["all"] += row["count"]
            counts[term][min(row["worst"], WORST[-1])] += row["count"]
            counts[term]["serious"] += row["count"] if row["is_grave"] else 0
    patients = Counter(dict(_patients(effects)))
    labels = dict(SideEffect._meta.get_field("term").flatchoices)
    rows = [
        _rates(term, label, counts[term], patients[term], listed, infusions)
        for term, label in labels.items()
        if term in counts
    ]
    everybody = effects.values("session__patient").distinct().count()
    return EffectRates(
        period=period,
        site=site,
        infusions=Rated(infusions, None, base.query),
        rows=tuple(sorted(rows, key=lambda row: -row.all.count)),
        total=_rates("", "", counts[""], everybody, listed, infusions),
    )


def _patients(effects: Any) -> Any:
    return effects.values_list("term").annotate(count=Count("session__patient", distinct=True))


def _rates(
    term: str, label: Any, counts: Counter[Any], patients: int, listed: SessionFilter, infusions: int
) -> TermRates:
    def rated(count: int, **narrower: Any) -> Rated:
        rate = round(100 * count / infusions, 1) if infusions else None
        return Rated(count, rate, replace(listed, term=term, **narrower).query)

    return TermRates(
        term=term,
        label=label,
        all=rated(counts["all"]),
        by_severity=tuple(rated(counts[worst], worst=worst) for worst in WORST),
        serious=rated(counts["serious"], serious=True),
        patients=patients,
    )
