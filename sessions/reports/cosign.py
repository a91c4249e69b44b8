"""Verbal orders that wait for their prescriber's answer, and those that were disputed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from clinic.accounts.actor import Actor
from sessions.models import MedicineOrder, OrderAnswer

DISPUTES_SHOWN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class WaitingOrder:
    """A verbal order without an answer. Example: ``WaitingOrder(<ondansetron 4 mg IV>, True, False)``"""

    order: Any
    is_mine: bool
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class CosignQueue:
    """The queue as one person sees it: their own first, each part the longest waiting first."""

    mine: list[WaitingOrder]
    others: list[WaitingOrder]
    disputed: list[Any]


def waiting_orders(actor: Actor) -> Any:
    """Verbal orders within reach that nobody has answered for."""
    rows = MedicineOrder.objects.for_user(actor).filter(kind=MedicineOrder.Kind.VERBAL, answer__isnull=True)
    return rows.order_by("cosign_due_at", "pk")


def cosign_queue(actor: Actor, *, now: datetime) -> CosignQueue:
    """What waits, and what was disputed lately."""
    rows = waiting_orders(actor).select_related("session__patient", "session__site", "taken_by", "entered_by")
    found = [
        WaitingOrder(order, order.taken_by_id == actor.user_id, order.cosign_due_at <= now) for order in rows
    ]
    disputed = OrderAnswer.objects.for_user(actor).filter(
        verdict=OrderAnswer.Verdict.DISPUTED, taken_at__gt=now - DISPUTES_SHOWN
    )
    named = disputed.select_related(
        "order__session__patient", "order__session__site", "order__entered_by", "taken_by"
    )
    return CosignQueue(
        mine=[row for row in found if row.is_mine],
        others=[row for row in found if not row.is_mine],
        disputed=list(named.order_by("-taken_at")),
    )


def count_waiting(actor: Actor) -> int:
    """How many verbal orders wait for this person."""
    return int(waiting_orders(actor).filter(taken_by=actor.user_id).count())


def overdue_orders(site: Any, *, now: datetime) -> list[MedicineOrder]:
    """Verbal orders of a site whose clock has run out, the longest waiting first."""
    rows = MedicineOrder.objects.filter(
        session__site=site, kind=MedicineOrder.Kind.VERBAL, answer__isnull=True, cosign_due_at__lte=now
    )
    return list(rows.select_related("session__patient", "taken_by").order_by("cosign_due_at", "pk"))
