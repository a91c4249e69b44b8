"""What can be recorded together with a side effect, in one tap each, while it stands on the sheet.

Each is offered only where it can be done now. :mod:`sessions.operations.effect_steps` does them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from sessions.models import InfusionSession, SideEffectEntry, StandingOrder
from sessions.rules.quantities import plain, thousandths
from sessions.states import PRESENT, Status

Action = SideEffectEntry.ActionTaken

PAUSE, RATE, MEDICINE = "pause", "rate", "medicine"
SLOWER = (75, 50)
"""Per cent of the present rate that stand ready; any other rate is recorded on its own."""


@dataclass(frozen=True, slots=True)
class EffectStep:
    """One tile of the sheet.

    Attributes:
        value: what the form sends: the kind of step, and after a colon what was chosen, where there is a choice.
        action_taken: what the side effect's entry then says was done.

    Example: ``EffectStep("pause", "Record pause", ActionTaken.PAUSED)``
    """

    value: str
    label: Any
    action_taken: SideEffectEntry.ActionTaken


def offered_steps(session: InfusionSession, *, by: Actor) -> list[EffectStep]:
    """What this person can record along with a side effect now."""
    found: list[EffectStep] = []
    if session.state is Status.INFUSING and by.can(Permission.RUN_INFUSION, session.site_id):
        found.append(EffectStep(PAUSE, _("Record pause"), Action.PAUSED))
        found += _slower(session)
    if session.state in PRESENT and by.can(Permission.RECORD_OBSERVATIONS, session.site_id):
        found += _medicines(session, by)
    return found


def _slower(session: InfusionSession) -> Iterable[EffectStep]:
    if not session.rate_microlitres_per_hour:
        return
    for percent in SLOWER:
        # To a tenth of a millilitre an hour: what a pump can be set to.
        rate = round(session.rate_microlitres_per_hour * percent / 10_000) * 100
        label = _("Record rate %(rate)s mL/h (%(percent)s %%)") % {
            "rate": plain(thousandths(rate)),
            "percent": percent,
        }
        yield EffectStep(f"{RATE}:{rate}", label, Action.SLOWED)


def _medicines(session: InfusionSession, by: Actor) -> Iterable[EffectStep]:
    """The standing orders that are meant for side effects, each as its order has it."""
    for order in StandingOrder.objects.for_user(by).usable_at(session.site, session.local_date):
        if order.for_side_effects:
            yield EffectStep(
                f"{MEDICINE}:{order.public_id}",
                _("%(medicine)s, standing order") % {"medicine": order},
                Action.MEDICATION,
            )
