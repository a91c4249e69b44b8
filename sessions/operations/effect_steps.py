"""The steps of the side-effect sheet: each records, in the sheet's own transaction, what was done at the chair.

A kind of step is one line here and one in :func:`sessions.rules.effect_steps.offered_steps`, which shows its tile:
a change of the rate would be ``"rate": change_rate`` with the new rate after the colon, a medicine by standing order
``"medicine": give_standing`` with the order's id.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common.errors import Invalid, Problem
from sessions.models import InfusionSession, SideEffectEntry
from sessions.operations.running import pause
from sessions.rules.effect_steps import PAUSE

Action = SideEffectEntry.ActionTaken
Take = Callable[..., Any]


def record_pause(*, session: InfusionSession, chosen: str, by: Actor, now: datetime) -> None:
    """The pump was paused because of it."""
    pause(session=session, by=by, now=now)


STEPS: dict[str, tuple[Take, Action]] = {
    PAUSE: (record_pause, Action.PAUSED),
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
