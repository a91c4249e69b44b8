"""What waits for a prescriber's decision, and everything needed to decide it, on one screen."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from sessions.models import DecisionRequest, InfusionSession, VitalSigns
from sessions.reports.chairside import Chairside, chairside
from sessions.reports.check_panel import words_of
from sessions.rules.checking import ItemState
from sessions.rules.corrections import standing
from sessions.rules.limits import baseline_of
from sessions.states import Status

AGAINST = ("stop", "wait", "overridden", "advise")
"""Answers that speak against going on, the gravest first."""
BEFORE = 4
"""How many earlier baselines are shown: enough to see what is usual for this patient."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The baseline of an earlier infusion: ``Baseline(date(2026, 3, 7), 122, 76, 70)``."""

    day: date
    systolic: int
    diastolic: int
    heart_rate: int


@dataclass(frozen=True, slots=True)
class Summary:
    """One visit for somebody who decides on a phone.

    Attributes:
        against: items that stop, wait, were overridden or noted, with what was said.
        open: items that nobody has answered yet.
        settled: how many more there are.
    """

    page: Chairside
    against: tuple[tuple[ItemState, str], ...]
    open: tuple[ItemState, ...]
    settled: int
    baselines: tuple[Baseline, ...]


def waiting_requests(actor: Actor) -> list[Any]:
    """Questions that wait for a decision where this person prescribes, the oldest first."""
    sites = actor.sites_with(Permission.ORDER_COURSE)
    rows = DecisionRequest.objects.for_user(actor).unanswered()
    here = {"session__site__in": sites, "session__status__in": [Status.ARRIVED, Status.READY]}
    return list(
        rows.filter(**here)
        .select_related("session__patient", "session__chair", "session__site", "taken_by", "entered_by")
        .order_by("entered_at", "pk")
    )


def summary(session: Any, *, actor: Actor, now: datetime) -> Summary:
    """What to know before deciding about a session whose chart is loaded."""
    page = chairside(session, actor=actor, now=now)
    said = [state for state in page.items if state.outcome in AGAINST]
    return Summary(
        page=page,
        against=tuple(
            (state, words_of(state, session))
            for state in sorted(said, key=lambda state: AGAINST.index(state.outcome))
        ),
        open=tuple(state for state in page.items if not state.outcome),
        settled=sum(state.outcome in {"ok", "not_applicable"} for state in page.items),
        baselines=tuple(_baselines(session, actor)),
    )


def _baselines(session: Any, actor: Actor) -> list[Baseline]:
    earlier = (
        InfusionSession.objects.for_user(actor)
        .delivered()
        .filter(patient=session.patient_id, scheduled_start__lt=session.scheduled_start)
        .exclude(pk=session.pk)
        .prefetch_related("vital_signs", "baseline_choices")
        .order_by("-scheduled_start")[:BEFORE]
    )
    found: list[tuple[date, VitalSigns | None]] = [
        (one.local_date, baseline_of(one, standing(one.vital_signs.all()))) for one in earlier
    ]
    return [
        Baseline(day, row.systolic, row.diastolic, row.heart_rate)
        for day, row in found
        if row and row.systolic and row.diastolic and row.heart_rate
    ]
