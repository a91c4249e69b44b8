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
        against: items that block, wait or were overridden, with what was said; the rest are counted.
    """

    page: Chairside
    against: tuple[tuple[ItemState, str], ...]
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
    against = [
        (state, words_of(state, session))
        for state in page.items
        if not state.is_settled or state.outcome in {"overridden", "advise", "stop"}
    ]
    return Summary(
        page=page,
        against=tuple(against),
        settled=len(page.items) - len(against),
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
