"""The states of an infusion session and what moves it between them: one table, nothing else decides.

The diagram in ``docs/guide/session-states.md`` is generated from :data:`TRANSITIONS`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.accounts.permissions import Permission


class Status(StrEnum):
    """Where a session stands. Stored; INFUSING, PAUSED and RECOVERING follow from its timeline."""

    SCHEDULED = "scheduled"
    ARRIVED = "arrived"
    READY = "ready"
    INFUSING = "infusing"
    PAUSED = "paused"
    RECOVERING = "recovering"
    DISCHARGED = "discharged"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    NOT_STARTED = "not_started"
    LEFT = "left"
    TRANSFERRED = "transferred"

    @property
    def label(self) -> Any:
        return STATUS_LABELS[self]


STATUS_LABELS: dict[Status, Any] = {
    Status.SCHEDULED: _("Scheduled"),
    Status.ARRIVED: _("Checking"),
    Status.READY: _("Ready"),
    Status.INFUSING: _("Infusing"),
    Status.PAUSED: _("Paused"),
    Status.RECOVERING: _("Recovering"),
    Status.DISCHARGED: _("Discharged"),
    Status.CANCELLED: _("Cancelled"),
    Status.NO_SHOW: _("No-show"),
    Status.NOT_STARTED: _("Not started"),
    Status.LEFT: _("Left"),
    Status.TRANSFERRED: _("Transferred"),
}

RUNNING = frozenset({Status.INFUSING, Status.PAUSED})
"""Ketamine is connected to the patient."""

MONITORED = RUNNING | {Status.RECOVERING}
"""Readings are due."""

PRESENT = MONITORED | {Status.ARRIVED, Status.READY}
"""The patient is in the clinic."""

ENDED = frozenset({Status.DISCHARGED, Status.NOT_STARTED, Status.LEFT, Status.TRANSFERRED})
"""The visit took place and is over: its chart can be signed."""

OFF = frozenset({Status.CANCELLED, Status.NO_SHOW})
"""The visit did not take place."""


class Action(StrEnum):
    """Everything that moves a session. The value is the last part of its address in pages and in the API."""

    ARRIVE = "arrive"
    UNDO_ARRIVE = "undo-arrive"
    CLEAR = "clear"
    WITHDRAW_CLEARANCE = "withdraw-clearance"
    DO_NOT_START = "do-not-start"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"
    DISCHARGE = "discharge"
    LEAVE = "leave"
    TRANSFER_OUT = "transfer-out"
    CANCEL = "cancel"
    NO_SHOW = "no-show"


ACTION_LABELS: dict[Action, Any] = {
    Action.ARRIVE: _("Mark as arrived"),
    Action.UNDO_ARRIVE: _("Undo arrival"),
    Action.CLEAR: _("Clear for infusion"),
    Action.WITHDRAW_CLEARANCE: _("Withdraw clearance"),
    Action.DO_NOT_START: _("Do not start"),
    Action.START: _("Start infusion"),
    Action.PAUSE: _("Record pause"),
    Action.RESUME: _("Record resume"),
    Action.END: _("Record end"),
    Action.DISCHARGE: _("Discharge"),
    Action.LEAVE: _("Patient left"),
    Action.TRANSFER_OUT: _("Transfer out"),
    Action.CANCEL: _("Cancel session"),
    Action.NO_SHOW: _("Mark as no-show"),
}


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table.

    Attributes:
        departs_from: further states from which the same thing may be recorded as having happened anyway,
            with a reason: a gate refuses an action, never a fact.
        verb: what the audit calls it.
        overriding: the right that carries this step when it is taken over open points, with a reason; whoever holds
            it needs no other for that.
    """

    action: Action
    sources: frozenset[Status]
    target: Status
    permission: Permission
    verb: str
    needs_reason: bool = False
    departs_from: frozenset[Status] = field(default_factory=frozenset)
    overriding: Permission | None = None


def _row(
    action: Action,
    sources: Iterable[Status],
    target: Status,
    permission: Permission,
    verb: str,
    *,
    needs_reason: bool = False,
    departs_from: Iterable[Status] = (),
    overriding: Permission | None = None,
) -> Transition:
    return Transition(
        action,
        frozenset(sources),
        target,
        permission,
        verb,
        needs_reason,
        frozenset(departs_from),
        overriding,
    )


_S, _A, _P = Status, Action, Permission

TRANSITIONS: dict[Action, Transition] = {
    row.action: row
    for row in (
        _row(_A.ARRIVE, {_S.SCHEDULED, _S.NO_SHOW}, _S.ARRIVED, _P.CHECK_IN, "session.arrived"),
        _row(_A.UNDO_ARRIVE, {_S.ARRIVED}, _S.SCHEDULED, _P.CHECK_IN, "session.arrival_undone"),
        _row(_A.CLEAR, {_S.ARRIVED}, _S.READY, _P.RUN_INFUSION, "session.cleared"),
        _row(_A.WITHDRAW_CLEARANCE, {_S.READY}, _S.ARRIVED, _P.DECIDE_AGAINST, "session.clearance_withdrawn"),
        _row(
            _A.DO_NOT_START,
            {_S.ARRIVED, _S.READY},
            _S.NOT_STARTED,
            _P.DECIDE_AGAINST,
            "session.not_started",
            needs_reason=True,
        ),
        _row(
            _A.START, {_S.READY}, _S.INFUSING, _P.RUN_INFUSION, "session.started", departs_from={_S.ARRIVED}
        ),
        _row(_A.PAUSE, {_S.INFUSING}, _S.PAUSED, _P.RUN_INFUSION, "session.paused"),
        _row(_A.RESUME, {_S.PAUSED}, _S.INFUSING, _P.RUN_INFUSION, "session.resumed"),
        _row(_A.END, {_S.INFUSING, _S.PAUSED}, _S.RECOVERING, _P.RUN_INFUSION, "session.ended"),
        _row(
            _A.DISCHARGE,
            {_S.RECOVERING},
            _S.DISCHARGED,
            _P.RUN_INFUSION,
            "session.discharged",
            overriding=_P.OVERRIDE_DISCHARGE,
        ),
        _row(_A.LEAVE, PRESENT, _S.LEFT, _P.RECORD_LEAVING, "session.patient_left"),
        _row(_A.TRANSFER_OUT, PRESENT, _S.TRANSFERRED, _P.DECIDE_AGAINST, "session.transferred"),
        _row(_A.CANCEL, {_S.SCHEDULED}, _S.CANCELLED, _P.BOOK, "session.cancelled", needs_reason=True),
        _row(_A.NO_SHOW, {_S.SCHEDULED}, _S.NO_SHOW, _P.BOOK, "session.no_show", needs_reason=True),
    )
}


class EventKind(StrEnum):
    """What happens to the infusion itself."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    RATE = "rate"
    END = "end"


class EndKind(StrEnum):
    """How an infusion ended."""

    COMPLETED = "completed"
    STOPPED_EARLY = "stopped_early"
