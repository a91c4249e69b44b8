"""What an address asks of the list of sessions, and the rows that fit it.

Numbers of the overview are counted with the very conditions of this module, and carry the filter that lists them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import (
    BooleanField,
    Case,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common.errors import Invalid, Problem
from sessions.models import CancelCode, InfusionSession, SideEffect, SideEffectEntry
from sessions.reports.period import Period
from sessions.states import ENDED, EndKind, Status

SESSIONS, SIDE_EFFECTS = "sessions", "side-effects"
FLAGS = ("started", "due", "ended", "with_side_effects", "unsigned", "against_rules", "late_cancel")

TERMS = tuple(code for code, _label in SideEffect._meta.get_field("term").flatchoices)

Query = dict[str, str | list[str]]


def started() -> Q:
    """An infusion was begun."""
    return Q(infusion_started_at__isnull=False)


def due(now: datetime) -> Q:
    """The patient was expected by now, or came: not called off, and not still ahead."""
    return ~Q(status=Status.CANCELLED) & (~Q(status=Status.SCHEDULED) | Q(scheduled_start__lte=now))


def against_rules() -> Q:
    """Booked, or kept, although the chair was taken, the nurses too few or the site closed: with a reason."""
    return ~Q(booking__override_reason="")


def ended_as(outcome: str) -> Q:
    return Q(end_kind=outcome)


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """What an address asks for. Conditions add up; an empty one asks for nothing.

    Attributes:
        site: a site's public id; empty for every site within reach.
        outcome: a value of :class:`sessions.states.EndKind`.
        cancel_code: a value of :class:`sessions.models.CancelCode`: who called the visit off.
        min_grade: side effects that were at least this bad at worst; for the list of side effects.
        term: only this side effect; ``worst``: exactly this bad at worst (3 is severe and more); ``serious``: only
            serious ones. All three are for the list of side effects.

    Example: ``SessionFilter(site="5f0c…", period=Period(...), statuses=("no_show",))``
    """

    kind: str = SESSIONS
    site: str = ""
    period: Period | None = None
    statuses: tuple[str, ...] = ()
    outcome: str = ""
    cancel_code: str = ""
    started: bool = False
    due: bool = False
    ended: bool = False
    with_side_effects: bool = False
    unsigned: bool = False
    against_rules: bool = False
    late_cancel: bool = False
    min_grade: int = 0
    term: str = ""
    worst: int = 0
    serious: bool = False

    @property
    def query(self) -> Query:
        """As parameters of an address; :meth:`of_query` reads them back."""
        found: dict[str, Any] = {"kind": self.kind if self.kind != SESSIONS else "", "site": self.site}
        if self.period:
            found |= {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}
        found |= {"status": list(self.statuses), "outcome": self.outcome}
        found |= {"cancel_code": self.cancel_code}
        found |= {name: "1" if getattr(self, name) else "" for name in FLAGS}
        found |= {"min_grade": str(self.min_grade or ""), "term": self.term, "worst": str(self.worst or "")}
        found |= {"serious": "1" if self.serious else ""}
        return {name: value for name, value in found.items() if value}

    @property
    def query_string(self) -> str:
        """``site=5f0c…&from=2026-03-02&to=2026-03-29&status=no_show``"""
        return urlencode(self.query, doseq=True)

    def during(self, period: Period) -> "SessionFilter":
        return replace(self, period=period)

    @classmethod
    def of_query(cls, query: Any, *, today: date) -> "SessionFilter":
        """Read a ``QueryDict``, or a mapping with lists for repeated names. Unknown names are left alone.

        Raises:
            Invalid: a value that means nothing (``filter.choice``, ``filter.site``, ``period.…``).
        """
        statuses = query.getlist("status") if hasattr(query, "getlist") else query.get("status", [])
        return cls(
            kind=_choice(query, "kind", {SESSIONS, SIDE_EFFECTS}) or SESSIONS,
            site=_site(query),
            period=Period.of_query(query, today=today) if {"from", "to"} & set(query) else None,
            statuses=tuple(_known("status", value, set(Status)) for value in statuses if value),
            outcome=_choice(query, "outcome", set(EndKind)),
            cancel_code=_choice(query, "cancel_code", set(CancelCode.values)),
            min_grade=int(_choice(query, "min_grade", {str(grade) for grade in range(1, 5)}) or 0),
            term=_choice(query, "term", set(TERMS)),
            worst=int(_choice(query, "worst", {"1", "2", "3"}) or 0),
            serious=bool(_choice(query, "serious", {"1"})),
            **{name: bool(_choice(query, name, {"1"})) for name in FLAGS},
        )


def _choice(query: Mapping[str, Any], name: str, known: set[Any]) -> str:
    value = str(query.get(name) or "").strip()
    return _known(name, value, known) if value else ""


def _known(name: str, value: str, known: set[Any]) -> str:
    if value not in known:
        message = _("This filter has no such value: %(value)s. Choose one from the list.")
        raise Invalid({name: Problem("filter.choice", message, {"value": value[:40]})})
    return str(value)


def _site(query: Mapping[str, Any]) -> str:
    text = str(query.get("site") or "").strip()
    try:
        return str(UUID(text)) if text else ""
    except ValueError:
        message = _("There is no such site. Choose one from the list.")
        raise Invalid({"site": Problem("filter.site", message)}) from None


def matching_sessions(asked: SessionFilter, *, actor: Actor, now: datetime) -> QuerySet[InfusionSession]:
    """Sessions within reach that fit the filter."""
    found = InfusionSession.objects.for_user(actor)
    if asked.period:
        found = found.filter(local_date__range=(asked.period.first, asked.period.last))
    for condition in _conditions(asked, now):
        found = found.filter(condition)
    return found.unsigned() if asked.unsigned else found


def _conditions(asked: SessionFilter, now: datetime) -> list[Q]:
    with_effects = SideEffect.objects.order_by().values("session")
    known = (
        (asked.site, Q(site__public_id=asked.site or None)),
        (asked.statuses, Q(status__in=asked.statuses)),
        (asked.outcome, ended_as(asked.outcome)),
        (asked.cancel_code, Q(cancel_code=asked.cancel_code)),
        (asked.late_cancel, Q(is_late_cancel=True)),
        (asked.against_rules, against_rules()),
        (asked.started, started()),
        (asked.due, due(now)),
        (asked.ended, Q(status__in=[status.value for status in ENDED])),
        (asked.with_side_effects, Q(pk__in=with_effects)),
    )
    return [condition for is_asked, condition in known if is_asked]


def matching_side_effects(asked: SessionFilter, *, actor: Actor, now: datetime) -> QuerySet[Any]:
    """Side effects of the sessions that fit the filter, with ``worst`` grade and ``is_grave`` for serious ones."""
    sessions = matching_sessions(asked, actor=actor, now=now).order_by().values("pk")
    found = _with_seriousness(
        _with_worst_grade(SideEffect.objects.for_user(actor).filter(session__in=sessions))
    )
    severe = SideEffectEntry.Grade.SEVERE
    known = (
        (asked.min_grade, Q(worst__gte=asked.min_grade)),
        (asked.term, Q(term=asked.term)),
        (asked.worst, Q(worst__gte=severe) if asked.worst == severe else Q(worst=asked.worst)),
        (asked.serious, Q(is_grave=True)),
    )
    for is_asked, condition in known:
        found = found.filter(condition) if is_asked else found
    return found


def _with_seriousness(found: QuerySet[SideEffect]) -> QuerySet[Any]:
    # As SideEffect.is_serious: the last answer, or what was life-threatening before there was the question.
    said = SideEffectEntry.objects.filter(side_effect=OuterRef("pk"), serious__isnull=False)
    last = said.order_by("-entered_at", "-pk").values("serious")[:1]
    untold = Q(worst=SideEffectEntry.Grade.LIFE_THREATENING)
    return found.annotate(
        is_grave=Coalesce(
            Subquery(last),
            Case(When(untold, then=Value(True)), default=Value(False)),
            output_field=BooleanField(),
        )
    )


def _with_worst_grade(found: QuerySet[SideEffect]) -> QuerySet[Any]:
    worst = (
        SideEffectEntry.objects.filter(side_effect=OuterRef("pk"))
        .order_by()
        .values("side_effect")
        .annotate(worst=Max("grade"))
        .values("worst")
    )
    return found.annotate(worst=Coalesce(Subquery(worst, output_field=IntegerField()), 0))
