"""Medicines of a session: what was given and what it did, and what may be given by which order."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common import clock
from sessions.models import (
    InfusionSession,
    MedicationEffect,
    MedicineOrder,
    OrderAnswer,
    StandingOrder,
)
from sessions.rules.medicines import amount
from sessions.rules.moments import is_signed
from sessions.states import ENDED, PRESENT


@dataclass(frozen=True, slots=True)
class GivenRow:
    """A medicine that was given; ``effect`` is what was last said of it, ``is_struck`` that it was entered in error.

    Example: ``GivenRow(<ondansetron 4 mg IV>, <helped>, False)``
    """

    given: Any
    effect: Any
    is_struck: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """An order that something may be given by. ``left`` is what the session may still have of it, in its own unit."""

    order: Any
    left_micrograms: int

    @property
    def left(self) -> str:
        return amount(self.left_micrograms, self.order.dose_unit)

    @property
    def is_used_up(self) -> bool:
        """Not a whole dose is left of it."""
        return self.left_micrograms < int(self.order.dose_micrograms)


@dataclass(frozen=True, slots=True)
class MedicinesPanel:
    """What the page of a session shows of medicines."""

    rows: list[GivenRow]
    standing: list[Offer]
    ordered: list[Offer]
    may_record: bool
    may_order: bool


def medicines_panel(session: InfusionSession, *, actor: Actor, now: datetime) -> MedicinesPanel:
    """Everything about medicines in a session, in five queries however many there are."""
    rows = given_rows(session)
    standing = [row.given for row in rows if not row.is_struck]
    by_code: Counter[str] = Counter()
    by_order: Counter[int] = Counter()
    for row in standing:
        if row.standing_order_id:
            by_code[row.standing_order.code] += row.dose_micrograms
        if row.order_id:
            by_order[row.order_id] += row.dose_micrograms
    day = clock.local_date(now, session.site.time_zone)
    usable: Any = StandingOrder.objects.for_user(actor).usable_at(session.site, day)
    open_chart = session.state in PRESENT | ENDED and not is_signed(session)
    return MedicinesPanel(
        rows=rows,
        standing=[Offer(order, order.most - by_code[order.code]) for order in usable],
        ordered=[Offer(order, order.most - by_order[order.pk]) for order in session_orders(session)],
        may_record=open_chart and actor.can(Permission.RECORD_OBSERVATIONS, session.site_id),
        may_order=open_chart and actor.can(Permission.ORDER_COURSE, session.site_id),
    )


def session_orders(session: InfusionSession) -> list[MedicineOrder]:
    """The orders given for a session that nobody disputes."""
    disputed = OrderAnswer.objects.filter(verdict=OrderAnswer.Verdict.DISPUTED).values("order")
    rows = session.medicine_orders.exclude(pk__in=disputed).select_related("taken_by", "entered_by", "answer")
    return list(rows)


def given_rows(session: InfusionSession) -> list[GivenRow]:
    """Every medicine entered for a session, in the order of their times; struck ones too."""
    people = ("taken_by", "entered_by", "standing_order", "order", "side_effect")
    rows = list(session.medicines_given.select_related(*people).prefetch_related("effects__taken_by"))
    struck = {row.corrects_id for row in rows if row.retracted}
    return [GivenRow(row, _latest(row.effects.all()), row.pk in struck) for row in rows if not row.retracted]


def _latest(effects: Iterable[Any]) -> Any:
    found = sorted(effects, key=lambda effect: (effect.taken_at, effect.pk))
    return found[-1] if found else None


def helped(session: InfusionSession) -> list[str]:
    """What helped in a session, in words, each once: for the card about the last time.

    Example: ``["ondansetron 4 mg IV"]``
    """
    found = [
        str(row.given)
        for row in given_rows(session)
        if not row.is_struck and row.effect and row.effect.outcome == MedicationEffect.Outcome.HELPED
    ]
    return list(dict.fromkeys(found))


def standing_orders_for(
    session: InfusionSession, term: str, *, actor: Actor, now: datetime
) -> list[StandingOrder]:
    """The standing orders in use that are meant for a side effect."""
    day = clock.local_date(now, session.site.time_zone)
    usable: Any = StandingOrder.objects.for_user(actor).usable_at(session.site, day)
    # Looked for here: no lookup into a list within JSON is the same on both databases.
    return [order for order in usable if term in order.for_side_effects]
