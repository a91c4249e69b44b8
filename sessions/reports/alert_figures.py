"""Which limits have fired, how soon were they answered, and how often was nothing to be done?

Counted by rule and never by person: it is the rules that are tuned by this.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import median
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common.errors import Invalid, Problem
from sessions.models import Alert, AlertEntry
from sessions.reports.period import Period
from sessions.rules.alerts import URGENT, actions_words, alert_words, rule_words
from sessions.rules.protocol_words import LEVEL_WORDS, PHASE_WORDS
from sessions.rules.protocols import LimitLevel

Kind = AlertEntry.Kind
WHAT: dict[str, Any] = {
    "": _("Fired"),
    "acknowledged": _("Acknowledged"),
    "no_action": _("No action needed"),
    "open": _("Not acknowledged"),
    "passed_on": _("Passed on"),
    "worsened": _("Became worse"),
    "retracted": _("Taken back"),
}
"""What can be counted and listed; every number of the page names one of these."""


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """What an address asks for: days, a site, a rule, and what became of the alert."""

    period: Period
    site: str = ""
    rule: str = ""
    what: str = ""

    @property
    def query_string(self) -> str:
        """``from=2026-03-02&to=2026-03-29&rule=infusion.systolic.ge.180.pause&what=open``"""
        days = {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}
        told = {"site": self.site, "rule": self.rule, "what": self.what}
        return urlencode(days | {name: value for name, value in told.items() if value})

    @classmethod
    def of_query(cls, query: Any, *, site: Any, today: date) -> "AlertFilter":
        """Raises Invalid for a period or a word that means nothing."""
        what = str(query.get("what") or "")
        if what not in WHAT:
            message = _("This filter has no such value: %(value)s. Choose one from the list.")
            raise Invalid({"what": Problem("filter.choice", message, {"value": what[:40]})})
        period = Period.of_query(query, today=today)
        key = str(site.public_id) if site else ""
        return cls(period, site=key, rule=str(query.get("rule") or "")[:80], what=what)


def matching_alerts(asked: AlertFilter, *, actor: Actor) -> QuerySet[Alert]:
    """Alerts of sessions within reach on those days, as far as they fit the filter."""
    found = Alert.objects.for_user(actor).filter(
        session__local_date__range=(asked.period.first, asked.period.last)
    )
    if asked.site:
        found = found.filter(session__site__public_id=asked.site)
    if asked.rule:
        found = found.filter(rule_key=asked.rule)
    return found.filter(_became(asked.what)) if asked.what else found


def _became(what: str) -> Q | Exists:
    def having(*kinds: str, **more: Any) -> Exists:
        return Exists(AlertEntry.objects.filter(alert=OuterRef("pk"), kind__in=kinds, **more))

    if what == "open":
        return ~having("acknowledged", "worsened", "retracted") & ~Q(level="info")
    if what == "no_action":
        return Q(having("acknowledged", actions=["none"]))
    kinds = {"passed_on": "escalated"}
    return Q(having(kinds.get(what, what)))


@dataclass(frozen=True, slots=True)
class Count:
    """A number and the list behind it."""

    what: str
    count: int
    query: str


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One limit and what became of its alerts.

    Example: ``RuleRow("infusion.systolic.ge.180.pause", "Systolic pressure at or above 180 mmHg", …, 2.5)``
    """

    key: str
    words: str
    phase: Any
    level: str
    level_words: Any
    is_own: bool
    counts: list[Count]
    minutes: float | None


@dataclass(frozen=True, slots=True)
class AlertFigures:
    """The answer: the limits that fired most first, and all of them together."""

    period: Period
    rows: list[RuleRow]
    total: list[Count]
    minutes: float | None


@dataclass(slots=True)
class _Tally:
    rule: dict[str, Any]
    own: bool
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WHAT, 0))
    minutes: list[float] = field(default_factory=list)


def alert_figures(asked: AlertFilter, *, actor: Actor) -> AlertFigures:
    """Count a period by rule, in two queries."""
    tallies: dict[str, _Tally] = {}
    matching = matching_alerts(asked, actor=actor)
    rows = list(matching.order_by("pk"))
    entries: defaultdict[int, list[AlertEntry]] = defaultdict(list)
    for entry in AlertEntry.objects.filter(alert__in=matching.order_by().values("pk")).order_by("pk"):
        entries[entry.alert_id].append(entry)
    for alert in rows:
        tally = tallies.setdefault(alert.rule_key, _Tally(alert.rule, alert.patient_limit_id is not None))
        _count(tally, alert, entries[alert.pk])
    shown = [_row(key, tally, asked) for key, tally in tallies.items()]
    shown.sort(key=lambda row: (-row.counts[0].count, row.key))
    every = [minutes for tally in tallies.values() for minutes in tally.minutes]
    total = [
        _listed(asked, what, sum(tally.counts[what] for tally in tallies.values()), asked.rule)
        for what in WHAT
    ]
    return AlertFigures(asked.period, shown, total, _median(every))


def _count(tally: _Tally, alert: Alert, entries: Sequence[AlertEntry]) -> None:
    kinds = {entry.kind for entry in entries}
    answer = next((entry for entry in entries if entry.kind == Kind.ACKNOWLEDGED), None)
    is_open = alert.level != "info" and not kinds & {Kind.ACKNOWLEDGED, Kind.WORSENED, Kind.RETRACTED}
    became = {
        "": True,
        "acknowledged": answer is not None,
        "no_action": answer is not None and answer.actions == ["none"],
        "open": is_open,
        "passed_on": Kind.ESCALATED in kinds,
        "worsened": Kind.WORSENED in kinds,
        "retracted": Kind.RETRACTED in kinds,
    }
    for what, is_so in became.items():
        tally.counts[what] += is_so
    if answer is not None:
        tally.minutes.append((answer.at - alert.raised_at).total_seconds() / 60)


def _row(key: str, tally: _Tally, asked: AlertFilter) -> RuleRow:
    level = LimitLevel(tally.rule["level"])
    return RuleRow(
        key=key,
        words=rule_words(tally.rule),
        phase=PHASE_WORDS[tally.rule["phase"]],
        level=level.value,
        level_words=LEVEL_WORDS[level.value],
        is_own=tally.own,
        counts=[_listed(asked, what, count, key) for what, count in tally.counts.items()],
        minutes=_median(tally.minutes),
    )


def _listed(asked: AlertFilter, what: str, count: int, rule: str) -> Count:
    return Count(what, count, AlertFilter(asked.period, asked.site, rule, what).query_string)


def _median(minutes: Iterable[float]) -> float | None:
    found = list(minutes)
    return round(median(found), 1) if found else None


@dataclass(frozen=True, slots=True)
class ListedAlert:
    """One alert of the list behind a number."""

    session_id: UUID
    chair: str
    site_name: str
    raised_at: datetime
    level: str
    level_words: str
    is_urgent: bool
    words: str
    answer: str
    answered_after: float | None


def list_alerts(asked: AlertFilter, *, actor: Actor, start: int, limit: int) -> tuple[list[ListedAlert], int]:
    """The alerts behind a number, the latest first, and how many there are in all: two queries."""
    found = matching_alerts(asked, actor=actor)
    answers = AlertEntry.objects.filter(alert=OuterRef("pk"), kind=Kind.ACKNOWLEDGED)
    rows = found.select_related("session__site", "session__chair").annotate(
        answered_at=Subquery(answers.values("at")[:1]), answer=Subquery(answers.values("actions")[:1])
    )
    shown = rows.order_by("-raised_at", "-pk")[start : start + limit]
    return [_listed_alert(row) for row in shown], found.count()


def _listed_alert(row: Any) -> ListedAlert:
    after = (row.answered_at - row.raised_at).total_seconds() / 60 if row.answered_at else None
    return ListedAlert(
        session_id=row.session.public_id,
        chair=row.session.chair.name,
        site_name=row.session.site.name,
        raised_at=row.raised_at.astimezone(row.session.site.zone),
        level=row.level,
        level_words=row.get_level_display(),
        is_urgent=row.level in URGENT,
        words=alert_words(row),
        answer=actions_words(row.answer or []),
        answered_after=None if after is None else round(after, 1),
    )
