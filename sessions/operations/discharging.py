"""Assessing whether a patient can go home."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.common.text import storable
from sessions.models import DischargeAssessment, InfusionSession
from sessions.operations.facts import open_entry, write_fact
from sessions.states import Status


@transaction.atomic(savepoint=False)
def assess_discharge(
    *,
    session: InfusionSession,
    criteria: Mapping[str, bool],
    by: Actor,
    escort_name: str = "",
    note: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> DischargeAssessment:
    """Assess the protocol's criteria; the latest assessment stands.

    Raises:
        Invalid: a criterion that the protocol does not ask for (``discharge.unknown``).
        Conflict: the patient is neither recovering nor discharged (``discharge.not_recovering``).
    """
    entry = open_entry(session=session, by=by, taken_at=None, now=now)
    # After a discharge against the rules the chart still asks for what was, or was not, assessed.
    if entry.session.state not in {Status.RECOVERING, Status.DISCHARGED}:
        message = _("A discharge is assessed during recovery. This session is %(status)s.")
        params = {"status": str(entry.session.state.label).lower()}
        raise Conflict(Problem("discharge.not_recovering", message, params))
    asked = set(entry.session.course.protocol_version.discharge_criteria)
    if unknown := sorted(set(criteria) - asked):
        message = _("This protocol does not ask for the criterion %(code)s.")
        raise Invalid({"criteria": Problem("discharge.unknown", message, {"code": unknown[0]})})
    assessment = DischargeAssessment(
        session=entry.session,
        criteria={code: bool(met) for code, met in criteria.items()},
        escort_name=storable(escort_name, field="escort_name").strip(),
        note=storable(note, field="note"),
        **entry.times(),
    )
    return write_fact(assessment, entry=entry, verb="discharge.assessed", public_id=public_id)
