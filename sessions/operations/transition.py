"""The one way in which a session changes its status: lock, check, write, remember, audit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.audit.recording import record
from clinic.audit.records import snapshot
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem, stale
from clinic.common.text import storable
from clinic.facilities.models import Chair
from patients.models import Patient
from sessions.models import Departure, InfusionSession, StatusChange
from sessions.rules import transitions as rules
from sessions.rules.moments import check_is_open, check_late_entry, check_moment, person
from sessions.states import TRANSITIONS, Action, Status


def noted(problems: Iterable[Problem]) -> list[dict[str, str]]:
    """Problems as a row keeps them: their code, and the sentence as somebody read it."""
    return [{"code": problem.code, "sentence": str(problem)} for problem in problems]


@dataclass(slots=True)
class Step:
    """A transition under way: the locked session, who, when, and what stood in the way."""

    action: Action
    session: InfusionSession
    by: Actor
    person: User
    at: datetime
    now: datetime
    reason: str
    source: Status
    obstacles: Sequence[Problem] = ()


def locked_session(session: InfusionSession) -> InfusionSession:
    """The session's row, locked, with what every rule reads: site, patient, order, protocol, whether it is signed."""
    # Two statements: one that has waited for a lock answers, on PostgreSQL, with what other tables held before
    # the wait. A chart signed meanwhile would pass for open, and a changed chair would hide the session.
    # On SQLite a transaction that writes has the whole database from its beginning.
    if connection.features.has_select_for_update:
        list(InfusionSession.objects.locked().filter(pk=session.pk).values_list("pk"))
    # Not get(): a series takes one step for each of its sessions, and that is no query repeated by oversight.
    return _with_what_rules_read().in_bulk([session.pk])[session.pk]


@cache
def _with_what_rules_read() -> Any:
    """The query of :func:`locked_session`, put together once: it is asked at every entry, each time a copy of it."""
    rows = InfusionSession.objects.with_authorship().select_related(
        "site", "patient", "chair", "booking", "course__protocol_version__protocol", "course__consent"
    )
    # One row needs no order, and for an order Django compares each of some hundred columns.
    return rows.order_by()


def begin(
    action: Action,
    *,
    session: InfusionSession,
    by: Actor,
    at: datetime | None,
    now: datetime | None,
    reason: str = "",
    departure_reason: str = "",
    lock_chair_and_patient: bool = False,
    overriding: bool = False,
    typed_at: datetime | None = None,
) -> Step:
    """Lock the session and make sure that the step may and can be taken.

    With a ``departure_reason`` a gate's obstacles are noted instead of refusing: it happened anyway.
    ``overriding`` asks for the right to override instead of the step's own, and for less at the gate. With
    ``typed_at``, when it was typed without network, the limit for late entries counts to then.

    Raises:
        Refused: the right is missing.
        Conflict: the status or a gate stands in the way.
        Invalid: a reason is missing, or the moment is impossible.
    """
    now = now or clock.now()
    session = _locked_with_chair(session) if lock_chair_and_patient else locked_session(session)
    rules.check_may(action, session=session, by=by, overriding=overriding)
    who = person(by)
    storable(reason, field="reason")
    storable(departure_reason, field="departure_reason")
    departing = bool(departure_reason.strip())
    rules.check_status(action, session=session, departing=departing)
    check_is_open(session)
    step = Step(action, session, by, who, at or now, now, reason.strip(), session.state)
    check_moment(step.at, session=session, now=now)
    check_late_entry(step.at, session=session, now=now, reason=reason or departure_reason, typed_at=typed_at)
    if TRANSITIONS[action].needs_reason and not step.reason:
        raise Invalid({"reason": Problem("reason.missing", _("Give a reason."))})
    step.obstacles = _obstacles(step, rules.gate_of(action, overriding=overriding))
    if step.obstacles and not departing:
        raise Conflict(step.obstacles[0], also=step.obstacles[1:])
    if departing:
        _note_departure(step, departure_reason.strip())
    return step


def _locked_with_chair(session: InfusionSession) -> InfusionSession:
    """As :func:`locked_session`, with the chair and the patient locked before it.

    Raises:
        Stale: the patient was seated in another chair in this very moment.
    """
    # The caller's session may be older than a change of its chair.
    chair_id = InfusionSession.objects.values_list("chair_id", flat=True).get(pk=session.pk)
    # Lock order of the house: chair, patient, nurse, session, audit head.
    Chair.objects.select_for_update(no_key=True).get(pk=chair_id)
    Patient.objects.select_for_update(no_key=True, of=("self",)).get(pk=session.patient_id)
    locked = locked_session(session)
    if locked.chair_id != chair_id:
        raise stale(snapshot(locked))
    return locked


def _obstacles(step: Step, gate: rules.Gate) -> Sequence[Problem]:
    found: list[Problem] = []
    if step.source not in TRANSITIONS[step.action].sources:
        found.append(
            Problem(
                "session.status", _("The session was %(status)s."), {"status": str(step.source.label).lower()}
            )
        )
    return [
        *found,
        *gate(step.session, step.at),
        *rules.personal_obstacles(step.action, step.session, step.by),
    ]


def _note_departure(step: Step, reason: str) -> None:
    Departure.objects.create(
        session=step.session,
        action=step.action,
        obstacles=noted(step.obstacles),
        reason=reason,
        taken_at=step.at,
        taken_by=step.person,
        entered_at=step.now,
        entered_by=step.person,
    )


def finish(step: Step, *, target: Status | None = None, fields: Sequence[str] = ()) -> InfusionSession:
    """Write the new status with the changed ``fields``, the step itself, and the audit, in this order."""
    session, row = step.session, TRANSITIONS[step.action]
    session.status = target or row.target
    session.revision += 1
    session.save(update_fields=["status", "revision", *fields])
    StatusChange.objects.create(
        session=session,
        action=step.action,
        source=step.source,
        target=session.status,
        reason=step.reason,
        taken_at=step.at,
        taken_by=step.person,
        entered_at=step.now,
        entered_by=step.person,
    )
    record(
        verb=row.verb,
        subject=session,
        by=step.by,
        now=step.now,
        site=session.site,
        patient=session.patient,
        reason=step.reason,
        before={"status": step.source},
        after={"status": session.status, "at": step.at, "departure": [p.code for p in step.obstacles]},
    )
    return session
