"""May this person, and is it possible now? The same answers guard the request and disable the button."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.common.errors import ClinicError, Conflict, Problem
from sessions.models import InfusionSession
from sessions.rules.check_deciding import obstacles_of_decision
from sessions.rules.checking import (
    confirmed_dose,
    obstacles_of_check,
    obstacles_of_identity,
    obstacles_of_order,
    obstacles_of_suicide_reviews,
)
from sessions.rules.discharging import obstacles_of_time, obstacles_to_discharge
from sessions.rules.moments import check_is_open, is_signed
from sessions.rules.second_check import obstacles_of_dose
from sessions.states import ACTION_LABELS, MONITORED, RUNNING, TRANSITIONS, Action


def check_may(action: Action, *, session: InfusionSession, by: Actor, overriding: bool = False) -> None:
    """Raises Refused unless the actor holds the action's right at the session's site.

    Args:
        overriding: it is taken over open points, with a reason. Then the right to override is asked for, and it alone:
            who answers for what is open can also take the step.
    """
    row = TRANSITIONS[action]
    right = row.overriding if overriding and row.overriding else row.permission
    by.require(right, session.site_id)


def may_only_override(action: Action, *, session: InfusionSession, by: Actor) -> bool:
    """Whether this step is open to the actor by an override with a reason, and in no other way."""
    row = TRANSITIONS[action]
    may = row.overriding is not None and by.can(row.overriding, session.site_id)
    return may and not by.can(row.permission, session.site_id)


def check_can(
    action: Action,
    *,
    session: InfusionSession,
    now: datetime,
    by: Actor | None = None,
    overriding: bool = False,
) -> None:
    """Raises Conflict, with every obstacle, unless the action is possible now, and for ``by``."""
    check_status(action, session=session)
    gate = gate_of(action, overriding=overriding)
    found = [*gate(session, now), *personal_obstacles(action, session, by)]
    if found:
        raise Conflict(found[0], also=found[1:])


def check_status(action: Action, *, session: InfusionSession, departing: bool = False) -> None:
    """Raises Conflict ``session.status`` unless the action leaves the present status."""
    row = TRANSITIONS[action]
    allowed = row.sources | (row.departs_from if departing else frozenset())
    if session.state in allowed:
        return
    message = _("This session is %(status)s, so this is not possible now: %(action)s.")
    params = {"status": str(session.state.label).lower(), "action": str(ACTION_LABELS[action]).lower()}
    raise Conflict(Problem("session.status", message, params))


Gate = Callable[[InfusionSession, datetime], Sequence[Problem]]


def _no_obstacles(session: InfusionSession, now: datetime) -> list[Problem]:
    return []


def _to_arrive(session: InfusionSession, now: datetime) -> list[Problem]:
    found = []
    if clock.local_date(now, session.site.time_zone) != session.local_date:
        message = _("This session is booked for %(day)s, not for today. Move the booking first.")
        found.append(
            Problem("session.another_day", message, {"day": session.local_date.strftime("%a %d %b %Y")})
        )
    if session.patient.is_deceased:
        found.append(
            Problem("patient.deceased", _("This patient is recorded as deceased. Check the identity."))
        )
    return found


def _to_undo_arrive(session: InfusionSession, now: datetime) -> list[Problem]:
    checked = (session.check_answers, session.weights, session.doses, session.vital_signs, session.notes)
    medicines = (session.medicines_given, session.medicine_orders)
    told = (session.side_effects, session.side_effect_inquiries, session.emergency_steps)
    begun = (*checked, *told, *medicines)
    # all() answers from rows that were loaded with the session, where they were.
    if not any(facts.all().exists() for facts in begun):
        return []
    message = _("The check has begun, so the arrival cannot be undone. Use Do not start, or Patient left.")
    return [Problem("check.begun", message)]


def _to_clear(session: InfusionSession, now: datetime) -> list[Problem]:
    decision = obstacles_of_decision(session, now)
    return [*obstacles_of_order(session), *decision, *obstacles_of_check(session)]


def _to_start(session: InfusionSession, now: datetime) -> list[Problem]:
    found = [
        *obstacles_of_order(session),
        *obstacles_of_suicide_reviews(session),
        *obstacles_of_decision(session, now),
    ]
    if confirmed_dose(session) is None:
        found.append(
            Problem(
                "dose.not_confirmed",
                _("The dose is not confirmed. Confirm weight and dose first."),
                link="#dose",
            )
        )
    found += obstacles_of_dose(session)
    others = list(_in_the_way(session))
    if any(other.patient_id == session.patient_id and other.state in RUNNING for other in others):
        found.append(
            Problem(
                "patient.infusing", _("This patient already has an infusion running. End that one first.")
            )
        )
    if any(other.chair_id == session.chair_id for other in others):
        message = _("%(chair)s is in use by another patient. Choose another chair.")
        found.append(Problem("chair.in_use", message, {"chair": session.chair.name}, link="#chair"))
    return found


def _in_the_way(session: InfusionSession) -> Iterable[InfusionSession]:
    """Other sessions in which this patient is infused, or this chair is taken."""
    same_patient = Q(patient=session.patient_id, status__in=RUNNING)
    same_chair = Q(chair=session.chair_id, status__in=MONITORED)
    others = InfusionSession.objects.exclude(pk=session.pk).filter(same_patient | same_chair)
    return others.only("patient", "chair", "status")


def _to_cancel(session: InfusionSession, now: datetime) -> list[Problem]:
    if not session.emergency_steps.all().exists():
        return []
    message = _(
        "An emergency is recorded in this visit, so the patient was here. Mark as arrived, then record how they went."
    )
    return [Problem("emergency.was_here", message)]


def _to_no_show(session: InfusionSession, now: datetime) -> list[Problem]:
    if was_here := _to_cancel(session, now):
        return was_here
    minutes = session.site.rules.no_show_grace_minutes
    until = session.scheduled_start + timedelta(minutes=minutes)
    if now >= until:
        return []
    message = _("Wait until %(time)s: a no-show counts %(minutes)s minutes after the booked time.")
    params = {"time": until.astimezone(session.site.zone).strftime("%H:%M"), "minutes": minutes}
    return [Problem("no_show.too_early", message, params)]


GATES: dict[Action, Gate] = {
    Action.ARRIVE: _to_arrive,
    Action.UNDO_ARRIVE: _to_undo_arrive,
    Action.CLEAR: _to_clear,
    Action.START: _to_start,
    Action.DISCHARGE: obstacles_to_discharge,
    Action.NO_SHOW: _to_no_show,
    Action.CANCEL: _to_cancel,
}
"""What stands in the way beyond the status. Leaving and transfer have no gate: they are facts."""

OVERRIDDEN_GATES: dict[Action, Gate] = {Action.DISCHARGE: obstacles_of_time}
"""What an override leaves standing: the observation time, never set aside by it."""


def gate_of(action: Action, *, overriding: bool = False) -> Gate:
    """What is asked before an action; less of it when it is taken by an override."""
    gates = OVERRIDDEN_GATES if overriding else GATES
    return gates.get(action, _no_obstacles)


def personal_obstacles(action: Action, session: InfusionSession, by: Actor | None) -> list[Problem]:
    """What this person has to do themselves first, whatever others have done."""
    return obstacles_of_identity(session, by) if action is Action.CLEAR and by else []


@dataclass(frozen=True, slots=True)
class AvailableAction:
    """A button: enabled, or disabled with the sentences that say why.

    Attributes:
        needs_override: this person takes the step by an override with a reason, and in no other way.
    """

    action: Action
    label: Any
    problems: tuple[Problem, ...] = ()
    needs_reason: bool = False
    needs_override: bool = False

    @property
    def is_possible(self) -> bool:
        return not self.problems


def available_actions(*, session: InfusionSession, by: Actor, now: datetime) -> list[AvailableAction]:
    """Buttons for the session's status: only actions that leave it and that the actor has the right to.

    To whom only an override is open, only what an override does not set aside stands in the way.
    """
    if is_signed(session):
        return []
    found = []
    for action, row in TRANSITIONS.items():
        overriding = may_only_override(action, session=session, by=by)
        if session.state not in row.sources or not (overriding or by.can(row.permission, session.site_id)):
            continue
        try:
            check_is_open(session)
            check_can(action, session=session, now=now, by=by, overriding=overriding)
            problems: tuple[Problem, ...] = ()
        except ClinicError as refusal:
            problems = refusal.problems
        found.append(AvailableAction(action, ACTION_LABELS[action], problems, row.needs_reason, overriding))
    return found
