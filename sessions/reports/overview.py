"""How did the clinic do in a period? Each figure with what it is a share of, and with the list behind it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from sessions.models import CancelCode
from sessions.reports.period import Period
from sessions.reports.session_filter import (
    SIDE_EFFECTS,
    Query,
    SessionFilter,
    against_rules,
    due,
    ended_as,
    matching_sessions,
    matching_side_effects,
    started,
)
from sessions.states import ENDED, EndKind, Status

NOT_MILD = 2
"""Grade 2 (moderate) and more."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted, by which filter it is listed, and of what it is a share.

    Attributes:
        per: 100 for a rate per hundred; 0 for a plain number.
    """

    key: str
    label: Any
    asked: SessionFilter
    of: str = ""
    per: int = 100
    unit: Any = "%"


_PER_HUNDRED = _("per 100 infusions")
MEASURES = {
    measure.key: measure
    for measure in (
        Measure("booked", _("Sessions booked"), SessionFilter(), per=0, unit=""),
        Measure("due", _("Sessions due"), SessionFilter(due=True), per=0, unit=""),
        Measure("ended", _("Visits over"), SessionFilter(ended=True), per=0, unit=""),
        Measure("delivered", _("Infusions started"), SessionFilter(started=True), of="booked"),
        Measure(
            "completed",
            _("Completed"),
            SessionFilter(started=True, outcome=EndKind.COMPLETED.value),
            of="delivered",
        ),
        Measure(
            "stopped_early",
            _("Stopped early"),
            SessionFilter(started=True, outcome=EndKind.STOPPED_EARLY.value),
            of="delivered",
        ),
        Measure(
            "with_side_effects",
            _("Infusions with side effects"),
            SessionFilter(started=True, with_side_effects=True),
            of="delivered",
        ),
        Measure(
            "side_effects",
            _("Side effects"),
            SessionFilter(kind=SIDE_EFFECTS, started=True),
            of="delivered",
            unit=_PER_HUNDRED,
        ),
        Measure(
            "side_effects_not_mild",
            _("Side effects of grade 2 or more"),
            SessionFilter(kind=SIDE_EFFECTS, started=True, min_grade=NOT_MILD),
            of="delivered",
            unit=_PER_HUNDRED,
        ),
        Measure("no_shows", _("No-shows"), SessionFilter(statuses=(Status.NO_SHOW.value,)), of="due"),
        Measure("cancelled", _("Cancelled"), SessionFilter(statuses=(Status.CANCELLED.value,)), of="booked"),
        Measure(
            "cancelled_late",
            _("Cancelled late"),
            SessionFilter(statuses=(Status.CANCELLED.value,), late_cancel=True),
            of="cancelled",
        ),
        *(
            Measure(
                f"cancelled_{code.value}",
                code.label,
                SessionFilter(statuses=(Status.CANCELLED.value,), cancel_code=code.value),
                of="cancelled",
            )
            for code in CancelCode
        ),
        Measure(
            "against_rules", _("Booked against the rules"), SessionFilter(against_rules=True), of="booked"
        ),
        Measure("unsigned", _("Unsigned charts"), SessionFilter(unsigned=True), of="ended"),
    )
}


@dataclass(frozen=True, slots=True)
class Point:
    """One figure in one stretch of days. ``rate`` is None where there is nothing to be a share of."""

    period: Period
    count: int
    of: int | None
    rate: float | None
    query: Query


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the period, of the period before, and week by week.

    Attributes:
        of_query: the list behind ``of``; empty where the figure is no share.

    Example: ``Figure("no_shows", "No-shows", "%", Point(…, count=3, of=41, rate=7.3, query={"status": …}), …)``
    """

    key: str
    label: Any
    unit: Any
    now: Point
    before: Point
    weeks: tuple[Point, ...]
    of_query: Query

    @property
    def change(self) -> float | None:
        """From the period before: in points of the rate, or in sessions where the figure is a plain number."""
        if self.now.of is None:
            return self.now.count - self.before.count
        if self.now.rate is None or self.before.rate is None:
            return None
        return round(self.now.rate - self.before.rate, 1)


@dataclass(frozen=True, slots=True)
class StatusCount:
    """How many sessions of the period stand in a status."""

    status: Status
    label: Any
    count: int
    query: Query


@dataclass(frozen=True, slots=True)
class Overview:
    """The answer: sessions by status, and the figures by key in the order in which they are shown."""

    period: Period
    site: Any
    statuses: tuple[StatusCount, ...]
    figures: dict[str, Figure]


@dataclass(frozen=True, slots=True)
class _Tally:
    """Counts by day and measure, and by day and status."""

    measures: dict[date, Counter[str]]
    statuses: dict[date, Counter[str]]

    def of(self, period: Period) -> Counter[str]:
        return _sum(self.measures, period)


def overview(*, actor: Actor, site: Any, period: Period, now: datetime) -> Overview:
    """Count a period at a site, or at every site within reach where ``site`` is None, in four queries."""
    base = SessionFilter(site=str(site.public_id) if site else "", period=period)
    both = Period(period.before.first, period.last)
    tally = _tally(base.during(both), actor=actor, now=now)
    by_status = _sum(tally.statuses, period)
    statuses = tuple(
        StatusCount(status, status.label, by_status[status], replace(base, statuses=(status.value,)).query)
        for status in Status
    )
    figures = {key: _figure(measure, base, tally) for key, measure in MEASURES.items()}
    return Overview(period, site, statuses, figures)


def _figure(measure: Measure, base: SessionFilter, tally: _Tally) -> Figure:
    period = base.period
    assert period is not None
    shares = replace(MEASURES[measure.of].asked, site=base.site, period=period).query if measure.of else {}
    return Figure(
        key=measure.key,
        label=measure.label,
        unit=measure.unit,
        now=_point(measure, base.site, period, tally),
        before=_point(measure, base.site, period.before, tally),
        weeks=tuple(_point(measure, base.site, week, tally) for week in period.weeks),
        of_query=shares,
    )


def _point(measure: Measure, site: str, period: Period, tally: _Tally) -> Point:
    counts = tally.of(period)
    count, of = counts[measure.key], counts[measure.of] if measure.of else None
    rate = round(count * measure.per / of, 1) if of else None
    return Point(period, count, of, rate, replace(measure.asked, site=site, period=period).query)


def _tally(asked: SessionFilter, *, actor: Actor, now: datetime) -> _Tally:
    """Everything by day: a day is few rows, and days add up to weeks, periods and the period before."""
    sessions = matching_sessions(asked, actor=actor, now=now).order_by()
    measures: defaultdict[date, Counter[str]] = defaultdict(Counter)
    statuses: defaultdict[date, Counter[str]] = defaultdict(Counter)
    for row in _by_day_and_status(sessions, now):
        day, status = row.pop("local_date"), row.pop("status")
        statuses[day][status] += row["booked"]
        measures[day].update(row)
    _add(measures, "unsigned", "local_date", sessions.unsigned())  # type: ignore[attr-defined]
    with_effects = replace(asked, started=True, with_side_effects=True)
    _add(measures, "with_side_effects", "local_date", matching_sessions(with_effects, actor=actor, now=now))
    effects = matching_side_effects(replace(asked, started=True), actor=actor, now=now)
    by_day = effects.order_by().values("session__local_date")
    for found in by_day.annotate(all=Count("pk"), grave=Count("pk", filter=Q(worst__gte=NOT_MILD))):
        measures[found["session__local_date"]]["side_effects"] += found["all"]
        measures[found["session__local_date"]]["side_effects_not_mild"] += found["grave"]
    return _Tally(measures, statuses)


def _by_day_and_status(sessions: Any, now: datetime) -> Iterable[dict[str, Any]]:
    ended = Q(status__in=[status.value for status in ENDED])
    cancelled = Q(status=Status.CANCELLED)
    return sessions.values("local_date", "status").annotate(
        booked=Count("pk"),
        due=Count("pk", filter=due(now)),
        ended=Count("pk", filter=ended),
        delivered=Count("pk", filter=started()),
        completed=Count("pk", filter=started() & ended_as(EndKind.COMPLETED)),
        stopped_early=Count("pk", filter=started() & ended_as(EndKind.STOPPED_EARLY)),
        no_shows=Count("pk", filter=Q(status=Status.NO_SHOW)),
        cancelled=Count("pk", filter=cancelled),
        cancelled_late=Count("pk", filter=cancelled & Q(is_late_cancel=True)),
        against_rules=Count("pk", filter=against_rules()),
        **{
            f"cancelled_{code.value}": Count("pk", filter=cancelled & Q(cancel_code=code.value))
            for code in CancelCode
        },
    )


def _add(measures: dict[date, Counter[str]], key: str, day: str, rows: Any) -> None:
    for row in rows.order_by().values(day).annotate(count=Count("pk")):
        measures[row[day]][key] += row["count"]


def _sum(days: dict[date, Counter[str]], period: Period) -> Counter[str]:
    total: Counter[str] = Counter()
    for offset in range(period.days):
        total.update(days.get(period.first + timedelta(days=offset), Counter()))
    return total
