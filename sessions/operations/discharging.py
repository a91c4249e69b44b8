"""Assessing whether a patient can go home, and marking the moment from which they could."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.common.text import storable
from sessions.models import DischargeAssessment, InfusionSession, ReadyToLeave
from sessions.operations.facts import open_entry, write_fact
from sessions.rules.corrections import standing
from sessions.rules.discharge_values import checked_values, circulation_points, decided_by_value
from sessions.rules.discharging import obstacles_of_time, obstacles_to_ready, ready_since
from sessions.rules.limits import baseline_of
from sessions.states import Status


@transaction.atomic(savepoint=False)
def assess_discharge(
    *,
    session: InfusionSession,
    criteria: Mapping[str, bool],
    by: Actor,
    values: Mapping[str, Any] | None = None,
    escort_name: str = "",
    note: str = "",
    taken_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> DischargeAssessment:
    """Assess some or all of the protocol's criteria; a criterion stands as it was assessed last.

    Args:
        criteria: met or not, by code. What a value decides need not be named: the score against the protocol's.
        values: what was seen, as :func:`checked_values` takes it.

    Raises:
        Invalid: a criterion that the protocol does not ask for (``discharge.unknown``), a value that cannot be
            (``discharge.value``), a score that is called reached without its parts (``discharge.value_missing``).
        Conflict: the patient is neither recovering nor discharged (``discharge.not_recovering``).
    """
    entry = open_entry(session=session, by=by, taken_at=taken_at, now=now)
    _check_recovering(entry.session)
    readings = standing(entry.session.vital_signs.all())
    latest = max((row for row in readings if row.systolic), key=lambda row: row.taken_at, default=None)
    seen = checked_values(
        values or {},
        computed_circulation=circulation_points(latest, baseline_of(entry.session, readings)),
    )
    assessment = DischargeAssessment(
        session=entry.session,
        criteria=_decided(entry.session, criteria, seen),
        values=seen,
        escort_name=storable(escort_name, field="escort_name").strip(),
        note=storable(note, field="note"),
        **entry.times(),
    )
    return write_fact(assessment, entry=entry, verb="discharge.assessed", public_id=public_id)


def _check_recovering(session: InfusionSession) -> None:
    # After a discharge against the rules the chart still asks for what was, or was not, assessed.
    if session.state not in {Status.RECOVERING, Status.DISCHARGED}:
        message = _("A discharge is assessed during recovery. This session is %(status)s.")
        params = {"status": str(session.state.label).lower()}
        raise Conflict(Problem("discharge.not_recovering", message, params))


def _decided(
    session: InfusionSession, criteria: Mapping[str, bool], values: Mapping[str, Any]
) -> dict[str, bool]:
    version = session.protocol_version
    if unknown := sorted({*criteria, *values} - set(version.discharge_criteria)):
        message = _("This protocol does not ask for the criterion %(code)s.")
        raise Invalid({"criteria": Problem("discharge.unknown", message, {"code": unknown[0]})})
    found = {code: bool(met) for code, met in criteria.items()}
    for code, value in values.items():
        decided = decided_by_value(code, value, aldrete_minimum=version.aldrete_minimum)
        if decided is None and code not in found:
            message = _("Say whether this criterion is met: %(code)s.")
            raise Invalid({"criteria": Problem("discharge.undecided", message, {"code": code})})
        found[code] = found[code] if decided is None else decided
    if found.get("aldrete") and "aldrete" not in values:
        message = _("Enter the five parts of the modified Aldrete score.")
        raise Invalid({"values": Problem("discharge.value_missing", message)})
    return found


@transaction.atomic(savepoint=False)
def mark_ready(
    *,
    session: InfusionSession,
    by: Actor,
    override_reason: str = "",
    taken_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> ReadyToLeave:
    """The patient is ready to go and waits for the ride; when they went is the discharge.

    Over open criteria, with ``override_reason``, by whoever may override; otherwise by whoever records observations.

    Raises:
        Refused: an override without the right to override, or no right to record.
        Conflict: ``discharge.too_early``, ``discharge.criterion``, ``discharge.not_recovering`` or, when it was
            marked before, ``discharge.ready``.
    """
    reason = storable(override_reason, field="override_reason").strip()
    right = Permission.OVERRIDE_DISCHARGE if reason else Permission.RECORD_OBSERVATIONS
    entry = open_entry(session=session, by=by, taken_at=taken_at, now=now, right=right)
    if entry.session.state is not Status.RECOVERING:
        message = _("Only a patient in recovery becomes ready to leave. This session is %(status)s.")
        params = {"status": str(entry.session.state.label).lower()}
        raise Conflict(Problem("discharge.not_recovering", message, params))
    if ready_since(entry.session):
        raise Conflict(Problem("discharge.ready", _("This patient is marked as ready to leave already.")))
    gate = obstacles_of_time if reason else obstacles_to_ready
    if found := gate(entry.session, entry.taken_at):
        raise Conflict(found[0], also=found[1:])
    mark = ReadyToLeave(session=entry.session, override_reason=reason, **entry.times())
    return write_fact(mark, entry=entry, verb="discharge.ready", public_id=public_id)
