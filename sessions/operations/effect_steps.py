"""The steps of the side-effect sheet: each records, in the sheet's own transaction, what was done at the chair.

A kind of step is one line here and one in :func:`sessions.rules.effect_steps.offered_steps`, which shows its tile.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common.errors import Invalid, Problem
from sessions.models import InfusionSession, SideEffectEntry, StandingOrder
from sessions.operations.infusion_events import change_rate
from sessions.operations.medicines import give_medicine
from sessions.operations.running import pause
from sessions.rules.effect_steps import MEDICINE, PAUSE, RATE

Action = SideEffectEntry.ActionTaken
Take = Callable[..., Any]


def record_pause(*, session: InfusionSession, chosen: str, by: Actor, now: datetime) -> None:
    """The pump was paused because of it."""
    pause(session=session, by=by, now=now)


def record_rate(*, session: InfusionSession, chosen: str, by: Actor, now: datetime) -> None:
    """The pump runs slower because of it; ``chosen`` in microlitres an hour."""
    rate = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 9 else 0
    change_rate(session=session, rate_microlitres_per_hour=rate, by=by, now=now)


def give_by_standing_order(*, session: InfusionSession, chosen: str, by: Actor, now: datetime) -> None:
    """What the standing order ``chosen`` says was given, in its dose and by its route."""
    order = _standing_order(session, chosen, by)
    give_medicine(
        session=session,
        standing_order=order,
        dose=Decimal(order.dose_typed),
        unit=order.dose_unit,
        by=by,
        now=now,
    )


def _standing_order(session: InfusionSession, chosen: str, by: Actor) -> StandingOrder:
    try:
        public_id = UUID(chosen)
    except ValueError:
        public_id = None
    usable = StandingOrder.objects.for_user(by).usable_at(session.site, session.local_date)
    found: StandingOrder | None = usable.filter(public_id=public_id).first() if public_id else None
    if found is None:
        message = _("This standing order is not in use here any more. Reload the page.")
        raise Invalid({"steps": Problem("side_effect.step", message)})
    return found


STEPS: dict[str, tuple[Take, Action]] = {
    PAUSE: (record_pause, Action.PAUSED),
    RATE: (record_rate, Action.SLOWED),
    MEDICINE: (give_by_standing_order, Action.MEDICATION),
}
"""By the kind of step: what does it, and what the entry of the side effect says was done."""

GRAVEST = (Action.STOPPED, Action.PAUSED, Action.SLOWED, Action.MEDICATION, Action.COMFORT)


def action_of(steps: Iterable[str]) -> str:
    """What was done, in the one word that an entry has for it: the gravest of the steps.

    Raises:
        Invalid: an unknown step (``side_effect.step``).
    """
    kinds = [step.partition(":")[0] for step in steps]
    if set(kinds) - set(STEPS):
        message = _("This cannot be recorded together with a side effect. Record it on its own.")
        raise Invalid({"steps": Problem("side_effect.step", message)})
    done = {STEPS[kind][1] for kind in kinds}
    return next((action.value for action in GRAVEST if action in done), Action.NONE.value)


def take_steps(steps: Iterable[str], *, session: InfusionSession, by: Actor, now: datetime) -> None:
    """Record the steps in the order in which they were tapped, each by its own operation and rules."""
    for step in steps:
        kind, _colon, chosen = step.partition(":")
        STEPS[kind][0](session=session, chosen=chosen, by=by, now=now)
