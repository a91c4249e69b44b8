"""Which operation carries out which row of the table of transitions; pages and API both go through here."""

from collections.abc import Callable
from typing import Any

from sessions.operations import arriving, leaving, running
from sessions.states import Action

OPERATIONS: dict[Action, Callable[..., Any]] = {
    Action.ARRIVE: arriving.arrive,
    Action.UNDO_ARRIVE: arriving.undo_arrive,
    Action.CLEAR: arriving.clear,
    Action.WITHDRAW_CLEARANCE: arriving.withdraw_clearance,
    Action.DO_NOT_START: arriving.do_not_start,
    Action.START: running.start,
    Action.PAUSE: running.pause,
    Action.RESUME: running.resume,
    Action.END: running.end,
    Action.DISCHARGE: leaving.discharge,
    Action.LEAVE: leaving.leave,
    Action.TRANSFER_OUT: leaving.transfer_out,
    Action.CANCEL: arriving.cancel,
    Action.NO_SHOW: arriving.no_show,
}
