"""Drafting and approving protocols."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.audit.records import check_fields, save_record, snapshot
from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem, stale
from clinic.common.text import storable
from sessions.models import Protocol, ProtocolVersion
from sessions.rules.check_in_plan import check_plan
from sessions.rules.discharge_values import check_aldrete
from sessions.rules.effect_moments import check_moments
from sessions.rules.moments import person
from sessions.rules.protocols import check_lists
from sessions.rules.vitals_schedule import is_schedule

CONTENT = (
    "is_example",
    "drug",
    "dose_micrograms_per_kg",
    "max_dose_micrograms_per_kg",
    "cap_micrograms",
    "concentration_micrograms_per_ml",
    "bag_volume_microlitres",
    "duration_minutes",
    "planned_infusions",
    "min_gap_days",
    "target_gap_days",
    "max_gap_days",
    "reevaluate_after_infusions",
    "preparation_minutes",
    "recovery_minutes",
    "vitals_interval_minutes",
    "recovery_vitals_interval_minutes",
    "min_observation_minutes",
    "checklist",
    "limits",
    "discharge_criteria",
    "instruments",
    "aldrete_minimum",
    "side_effect_moments",
    "fasting_solids_minutes",
    "fasting_liquids_minutes",
    "substance_free_hours",
    "pregnancy_test_days",
    "pregnancy_until_age",
    "urinary_days",
    "vitals_schedule",
    "check_ins",
    "totals_tolerance_percent",
    "weight_basis",
    "rounding_micrograms",
    "soft_limit_micrograms",
    "hard_limit_micrograms",
    "needs_second_check",
)
"""What a version says; frozen once approved."""
ABOVE_ZERO = (
    "dose_micrograms_per_kg",
    "cap_micrograms",
    "concentration_micrograms_per_ml",
    "bag_volume_microlitres",
    "planned_infusions",
    "vitals_interval_minutes",
    "recovery_vitals_interval_minutes",
)
"""What is divided by, counted or repeated: a nought would never come to an end."""


@transaction.atomic(savepoint=False)
def create_protocol(
    *,
    code: str,
    name: str,
    indication: str,
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> Protocol:
    """Found a protocol, still without a version."""
    by.require(Permission.AUTHOR_PROTOCOL)
    protocol = Protocol(code=code, name=name, indication=indication)
    if public_id:
        protocol.public_id = public_id
    if Protocol.objects.filter(code=code).exists():
        message = _("There is a protocol with the code %(code)s already. Choose another code.")
        raise Conflict(Problem("protocol.exists", message, {"code": code}))
    return save_record(protocol, verb="protocol.created", by=by, now=now or clock.now())


@transaction.atomic(savepoint=False)
def draft_version(
    *,
    protocol: Protocol,
    content: Mapping[str, Any],
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> ProtocolVersion:
    """Draft the next version. Raises Invalid for content that could not be used."""
    by.require(Permission.AUTHOR_PROTOCOL)
    now = now or clock.now()
    Protocol.objects.select_for_update(no_key=True).get(pk=protocol.pk)
    number = (protocol.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    version = ProtocolVersion(protocol=protocol, number=number, drafted_by=person(by), drafted_at=now)
    if public_id:
        version.public_id = public_id
    _fill(version, content)
    return save_record(version, verb="protocol.drafted", by=by, now=now)


@transaction.atomic(savepoint=False)
def edit_version(
    *,
    version: ProtocolVersion,
    content: Mapping[str, Any],
    by: Actor,
    expected_revision: int,
    now: datetime | None = None,
) -> ProtocolVersion:
    """Change a draft. Raises Conflict ``protocol.frozen`` once it is approved, Stale on an older revision."""
    by.require(Permission.AUTHOR_PROTOCOL)
    version = ProtocolVersion.objects.select_for_update(no_key=True, of=("self",)).get(pk=version.pk)
    if version.state != ProtocolVersion.State.DRAFT:
        message = _("An approved version is not changed. Draft a new version instead.")
        raise Conflict(Problem("protocol.frozen", message))
    if version.revision != expected_revision:
        raise stale(snapshot(version))
    _fill(version, content)
    return save_record(
        version, verb="protocol.edited", by=by, now=now or clock.now(), expected_revision=expected_revision
    )


def _fill(version: ProtocolVersion, content: Mapping[str, Any]) -> None:
    for name in CONTENT:
        if name in content:
            setattr(version, name, content[name])
    check_fields(version)
    _check_above_zero(version)
    check_lists(
        checklist=version.checklist,
        stored_limits=version.limits,
        discharge_criteria=version.discharge_criteria,
    )
    if not 40 <= version.duration_minutes <= 60:
        message = _("%(minutes)s minutes is outside 40 to 60 minutes. Enter 40 to 60.")
        raise Invalid(
            {"duration_minutes": Problem("order.duration", message, {"minutes": version.duration_minutes})}
        )
    if version.max_dose_micrograms_per_kg < version.dose_micrograms_per_kg:
        message = _("The highest dose cannot be below the usual dose.")
        raise Invalid({"max_dose_micrograms_per_kg": Problem("protocol.max_dose", message)})
    _check_spacing(version)
    check_aldrete(version.aldrete_minimum, criteria=version.discharge_criteria)
    check_moments(version.side_effect_moments)
    if not is_schedule(version.vitals_schedule):
        message = _("Each planned reading needs a known parameter and phase, and its minutes.")
        raise Invalid({"vitals_schedule": Problem("protocol.vitals_schedule", message)})
    check_plan(version.check_ins)
    _check_dose_limits(version)


def _check_spacing(version: ProtocolVersion) -> None:
    aimed = max(version.min_gap_days, version.target_gap_days)
    if version.max_gap_days is not None and version.max_gap_days < aimed:
        message = _("The longest gap cannot be below %(days)s days. Enter more, or leave it empty.")
        raise Invalid({"max_gap_days": Problem("protocol.max_gap", message, {"days": aimed})})
    if version.reevaluate_after_infusions == 0:
        message = _("Enter a number above 0, or leave it empty.")
        raise Invalid({"reevaluate_after_infusions": Problem("protocol.above_zero", message)})


def _check_dose_limits(version: ProtocolVersion) -> None:
    if version.rounding_micrograms == 0:
        message = _("Enter a number above 0, or leave it empty.")
        raise Invalid({"rounding_micrograms": Problem("protocol.above_zero", message)})
    soft, hard = version.soft_limit_micrograms, version.hard_limit_micrograms
    if soft is not None and hard is not None and hard < soft:
        message = _("The limit that needs the right cannot be below the one that asks for a reason.")
        raise Invalid({"hard_limit_micrograms": Problem("protocol.dose_limits", message)})


def _check_above_zero(version: ProtocolVersion) -> None:
    message = _("Enter a number above 0.")
    missing = [name for name in ABOVE_ZERO if not getattr(version, name)]
    if missing:
        raise Invalid({name: Problem("protocol.above_zero", message) for name in missing})


@transaction.atomic(savepoint=False)
def approve_version(
    *,
    version: ProtocolVersion,
    by: Actor,
    expected_revision: int | None = None,
    safety_reason: str = "",
    now: datetime | None = None,
) -> ProtocolVersion:
    """Approve a draft for use; earlier approved versions of the protocol are retired.

    Courses under an earlier version go on under it until their prescriber moves them.

    Args:
        expected_revision: what the person has read, so that nothing is approved unread.
        safety_reason: why nothing may start any more under the earlier versions, if so.

    Raises:
        Refused: without the right APPROVE_PROTOCOL, which is given to persons one by one.
        Conflict: it is not a draft; Stale when the draft was edited since.
    """
    by.require(Permission.APPROVE_PROTOCOL)
    now = now or clock.now()
    # Two drafts approved at once would each retire the one before, and both stand.
    Protocol.objects.select_for_update(no_key=True).get(pk=version.protocol_id)
    version = ProtocolVersion.objects.select_for_update(no_key=True, of=("self",)).get(pk=version.pk)
    if version.state != ProtocolVersion.State.DRAFT:
        raise Conflict(Problem("protocol.not_draft", _("Only a draft can be approved.")))
    if expected_revision not in {None, version.revision}:
        raise stale(snapshot(version))
    version.safety_reason = storable(safety_reason, field="safety_reason").strip()
    _retire_earlier(version, by=by, now=now)
    version.state = ProtocolVersion.State.APPROVED
    version.approved_by, version.approved_at = person(by), now
    version.revision += 1
    version._history_date = now  # type: ignore[attr-defined]
    version.save(update_fields=["state", "approved_by", "approved_at", "safety_reason", "revision"])
    after = {"state": version.state}
    record(
        verb="protocol.approved",
        subject=version,
        by=by,
        now=now,
        reason=version.safety_reason,
        after=after,
    )
    return version


def _retire_earlier(version: ProtocolVersion, *, by: Actor, now: datetime) -> None:
    State = ProtocolVersion.State
    for earlier in version.protocol.versions.exclude(pk=version.pk).exclude(state=State.DRAFT):
        if earlier.state != State.APPROVED and not version.safety_reason:
            continue
        earlier.state = State.RETIRED
        if version.safety_reason:
            earlier.safety_successor = version
        save_record(earlier, verb="protocol.retired", by=by, now=now, reason=version.safety_reason)
