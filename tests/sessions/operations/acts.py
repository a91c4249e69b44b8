"""Every action of the table as a call with nothing but the session, the person and the moment."""

from datetime import datetime
from typing import Any

from clinic.accounts.actor import Actor
from sessions.models import InfusionSession
from sessions.operations.by_action import OPERATIONS
from sessions.states import Action, EndKind
from tests.sessions.scenes import Clinic

NEEDED: dict[Action, dict[str, Any]] = {
    Action.DO_NOT_START: {"reason": "Blood pressure too high"},
    Action.END: {"kind": EndKind.COMPLETED},
    Action.CANCEL: {"reason": "Has a cold"},
    Action.NO_SHOW: {"reason": "No answer"},
}


def act(
    action: Action, session: InfusionSession, *, by: Actor, now: datetime, **more: Any
) -> InfusionSession:
    """Take the action, with the arguments that it cannot do without."""
    return OPERATIONS[action](session=session, by=by, now=now, **NEEDED.get(action, {}) | more)


def someone_for(action: Action, clinic: Clinic) -> Actor:
    """A person of the clinic who may: the nurse may everything."""
    return clinic.desk if action is Action.LEAVE else clinic.nurse
