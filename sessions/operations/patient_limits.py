"""Limits of one patient: set by a prescriber with a reason and an end, and taken back."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.audit.records import check_fields
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.common.text import storable
from clinic.facilities.models import Site
from patients.models import Patient
from sessions.models import PatientLimit, PatientLimitRevocation
from sessions.rules.alert_limits import check_patient_limit
from sessions.rules.moments import person
from sessions.rules.planning import check_is_at_site


@transaction.atomic(savepoint=False)
def set_patient_limit(
    *,
    patient: Patient,
    site: Site,
    parameter: str,
    phase: str,
    comparator: str,
    value: float,
    level: str,
    reason: str,
    valid_until: datetime,
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> PatientLimit:
    """Set a limit that holds for one patient from now on, in the place of the protocol's.

    Raises:
        Refused: without the right to order.
        Invalid: no such limit, no reason, or an end that has passed or lies more than a year ahead.
    """
    now = now or clock.now()
    told = {
        "parameter": parameter,
        "phase": phase,
        "comparator": comparator,
        "value": value,
        "level": level,
        "reason": reason,
        "valid_until": valid_until,
    }
    check_patient_limit(by=by, site_id=site.pk, told=told, now=now)
    check_is_at_site(patient, site)
    told["reason"] = storable(reason, field="reason").strip()
    limit = PatientLimit(patient=patient, set_at=now, set_by=person(by), **told)
    if public_id is not None:
        limit.public_id = public_id
    check_fields(limit)
    limit.save(force_insert=True)
    record(
        verb="patient_limit.set",
        subject=limit,
        by=by,
        now=now,
        site=site,
        patient=patient,
        reason=limit.reason,
        after={name: value for name, value in told.items() if name != "reason"},
    )
    return limit


@transaction.atomic(savepoint=False)
def revoke_patient_limit(
    *,
    limit: PatientLimit,
    site: Site,
    reason: str,
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> PatientLimit:
    """Take a patient's own limit back: the protocol's holds again from now on.

    Raises:
        Refused: without the right to order.
        Invalid: no reason.
        Conflict: ``patient_limit.over``: it has run out, or was taken back before.
    """
    now = now or clock.now()
    by.require(Permission.ORDER_COURSE, site.pk)
    if not reason.strip():
        raise Invalid({"reason": Problem("reason.missing", _("Give a reason."))})
    # The row is written once, so it is the patient's that is locked.
    Patient.objects.select_for_update(no_key=True, of=("self",)).get(pk=limit.patient_id)
    limit = PatientLimit.objects.with_end().select_related("patient").get(pk=limit.pk)
    check_is_at_site(limit.patient, site)
    if not limit.is_in_force(now):
        message = _("This limit has run out or was taken back already.")
        raise Conflict(Problem("patient_limit.over", message))
    reason = storable(reason, field="reason").strip()
    row = PatientLimitRevocation(limit=limit, reason=reason, taken_back_at=now, taken_back_by=person(by))
    if public_id is not None:
        row.public_id = public_id
    row.save(force_insert=True)
    record(
        verb="patient_limit.revoked",
        subject=limit,
        by=by,
        now=now,
        site=site,
        patient=limit.patient,
        reason=reason,
    )
    return limit
