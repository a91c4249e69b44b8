"""What can be recorded together with a side effect, in one tap each, while it stands on the sheet.

Each is offered only where it can be done now. :mod:`sessions.operations.effect_steps` does them.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from sessions.models import InfusionSession, SideEffectEntry
from sessions.states import Status

PAUSE = "pause"


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
        found.append(EffectStep(PAUSE, _("Record pause"), SideEffectEntry.ActionTaken.PAUSED))
    return found
