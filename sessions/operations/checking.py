"""The pre-infusion check: answers, weight, dose."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.common.text import storable
from sessions.models import CheckAnswer, DoseConfirmation, InfusionSession, WeightMeasurement
from sessions.operations.facts import Entry, open_entry, write_fact
from sessions.operations.running import DERIVED, restate
from sessions.rules import dose_limits as rules
from sessions.rules import dosing, plausibility
from sessions.rules.check_deciding import LONGEST_WAIT, wait_problem
from sessions.rules.check_details import check_ok, outcome_of, read_details, with_contact
from sessions.rules.check_words import WAITING_FOR
from sessions.rules.checking import confirmed_dose, dose_input, safety_problem, valid_weight
from sessions.rules.planning import duration_problem
from sessions.rules.preparing import standing_preparation
from sessions.rules.protocols import AUTOMATIC_ITEMS, check_items
from sessions.rules.quantities import grams_of
from sessions.states import Status


@transaction.atomic(savepoint=False)
def answer_check_item(
    *,
    session: InfusionSession,
    item: str,
    outcome: str,
    by: Actor,
    note: str = "",
    details: Mapping[str, Any] | None = None,
    waits_until: datetime | None = None,
    taken_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> CheckAnswer:
    """Answer one item of the check; answering again replaces what stood.

    Args:
        outcome: empty where it follows from the times in ``details``: OK, or waiting until the protocol's time.
        details: what the answer rests on, in the shape of :mod:`sessions.rules.check_details`.
        waits_until: for an answer that waits; the note says what for.

    Raises:
        Invalid: an item that the protocol does not ask, an unknown outcome, details that do not fit or do not carry
            an OK, a wait without its time, or a note that is missing.
        Refused: an override without the right.
        Conflict: the check is over (``check.over``).
    """
    entry = open_entry(session=session, by=by, taken_at=taken_at, now=now)
    check_before_start(entry)
    version = entry.session.protocol_version
    if item not in check_items(version.checklist):
        raise Invalid({"item": Problem("check.unknown", _("This protocol does not ask for that item."))})
    read = read_details(item, details or {}, now=entry.now)
    read = with_contact(read, entry.session)
    if not outcome:
        outcome, waits_until = outcome_of(item, read, session=entry.session, now=entry.now)
    else:
        _check_said(entry, item, outcome, note=note, details=read, waits_until=waits_until)
    answer = CheckAnswer(
        session=entry.session,
        item=item,
        outcome=outcome,
        note=storable(note, field="note").strip(),
        details=read,
        waits_until=waits_until,
        **entry.times(),
    )
    return write_fact(answer, entry=entry, verb="check.answered", public_id=public_id)


NEEDS_NOTE = frozenset(
    {CheckAnswer.Outcome.OVERRIDDEN, CheckAnswer.Outcome.NOT_APPLICABLE, CheckAnswer.Outcome.STOP}
)


def _check_said(
    entry: Entry,
    item: str,
    outcome: str,
    *,
    note: str,
    details: Mapping[str, Any],
    waits_until: datetime | None,
) -> None:
    """Whether a person may give this answer, with this note and these details."""
    if outcome == CheckAnswer.Outcome.OVERRIDDEN:
        entry.by.require(Permission.OVERRIDE_CHECK, entry.session.site_id)
    if outcome in NEEDS_NOTE and not note.strip():
        raise Invalid({"note": Problem("check.note", _("Say why: this answer stays in the signed record."))})
    if (outcome == CheckAnswer.Outcome.WAIT) != (waits_until is not None):
        raise Invalid({"waits_until": Problem("check.until", _("Say until when it waits."))})
    if waits_until and not entry.now < waits_until <= entry.now + LONGEST_WAIT:
        raise Invalid({"waits_until": wait_problem()})
    if outcome == CheckAnswer.Outcome.WAIT and not note.strip() and item not in WAITING_FOR:
        raise Invalid({"note": Problem("check.note", _("Say what it waits for."))})
    if outcome == CheckAnswer.Outcome.OK and item not in AUTOMATIC_ITEMS:
        check_ok(item, details, session=entry.session, now=entry.now)


def check_before_start(entry: Entry) -> None:
    """Raises Conflict ``check.over``: the check ends with the start."""
    if entry.session.state not in {Status.ARRIVED, Status.READY}:
        message = _("The check is over: this session is %(status)s. Write a note instead.")
        raise Conflict(Problem("check.over", message, {"status": str(entry.session.state.label).lower()}))


@transaction.atomic(savepoint=False)
def record_weight(
    *,
    session: InfusionSession,
    value: Decimal,
    by: Actor,
    unit: str = WeightMeasurement.Unit.KILOGRAM,
    confirmed: bool = False,
    taken_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> WeightMeasurement:
    """Record a body weight as read off the scale.

    Raises:
        Invalid: ``weight.impossible``, or ``weight.unusual`` until ``confirmed``.
    """
    entry = open_entry(session=session, by=by, taken_at=taken_at, now=now)
    grams = grams_of(value, unit)
    plausibility.check_weight(grams / 1000, confirmed=confirmed)
    weight = WeightMeasurement(
        session=entry.session,
        patient=entry.session.patient,
        typed_value=format(value, "f"),
        typed_unit=unit,
        grams=grams,
        **entry.times(),
    )
    return write_fact(weight, entry=entry, verb="weight.recorded", public_id=public_id)


@transaction.atomic(savepoint=False)
def confirm_dose(
    *,
    session: InfusionSession,
    by: Actor,
    over_cap: bool = False,
    duration_minutes: int | None = None,
    dosing_weight_grams: int | None = None,
    dosing_weight_source: str = "",
    reason: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> DoseConfirmation:
    """Confirm the dose computed from the valid weight and the order.

    Args:
        over_cap: give what the weight asks for although it is over the cap; needs the right and a reason.
        duration_minutes: another duration than ordered; needs the right and a reason.
        dosing_weight_grams: the weight that is dosed by, where it is not the measured one, and how it was come by:
            asked for where the protocol doses by another weight, and a departure where it does not.

    Raises:
        Conflict: ``weight.missing``: there is no valid weight; ``order.safety``: the protocol was replaced for
            safety; ``check.over``, unless the infusion was started without a dose: then the chart still asks for one.
        Refused: a departure from the order, or a dose over the protocol's hard limit, without the right.
        Invalid: no reason for one (``reason.missing``, ``order.duration``), for a dose over the soft limit
            (``dose.soft_limit``) or for another one than last time (``dose.changed``); no dosing weight, or not how
            it was come by (``dose.weight_missing``, ``dose.weight_source``).
    """
    entry = open_entry(session=session, by=by, taken_at=None, now=now)
    if entry.session.infusion_started_at is None or confirmed_dose(entry.session) is not None:
        check_before_start(entry)
    if entry.session.infusion_started_at is None and entry.session.protocol_version.is_stopped_for_safety:
        raise Conflict(safety_problem(entry.session.course))
    weight = valid_weight(entry.session)
    if weight is None:
        days = entry.session.site.rules.weight_valid_days
        message = _("There is no weight from the last %(days)s days. Weigh the patient first.")
        raise Conflict(Problem("weight.missing", message, {"days": days}, link="#weight"))
    version = entry.session.protocol_version
    duration = entry.session.course.duration_minutes if duration_minutes is None else duration_minutes
    _check_departure(entry, over_cap=over_cap, duration=duration, reason=reason)
    rules.check_dosing_weight(
        entry.session, by=by, grams=dosing_weight_grams, source=dosing_weight_source, reason=reason
    )
    given = dose_input(
        entry.session, weight, duration_minutes=duration, dosing_weight_grams=dosing_weight_grams
    )
    dose = dosing.compute(given, ignore_cap=over_cap)
    rules.check_dose_limits(entry.session, micrograms=dose.micrograms, by=by, reason=reason)
    last = rules.last_dose(entry.session)
    rules.check_change(last, given=given, is_capped=dose.is_capped, reason=reason)
    confirmation = DoseConfirmation(
        session=entry.session,
        weight=weight,
        dose_micrograms_per_kg=given.micrograms_per_kg,
        dose_micrograms=dose.micrograms,
        is_capped=dose.is_capped,
        concentration_micrograms_per_ml=given.concentration_micrograms_per_ml,
        drug_microlitres=dose.drug_microlitres,
        bag_microlitres=given.bag_microlitres,
        duration_minutes=duration,
        rate_microlitres_per_hour=dose.rate_microlitres_per_hour,
        reason=storable(reason, field="reason").strip(),
        protocol_version=version,
        preparation=standing_preparation(entry.session),
        weight_basis=version.basis,
        dosing_weight_grams=dosing_weight_grams,
        dosing_weight_source=storable(dosing_weight_source, field="dosing_weight_source").strip(),
        rounding_micrograms=version.rounding_micrograms,
        last_dose_micrograms=last.dose_micrograms if last else None,
        **entry.times(),
    )
    written = write_fact(confirmation, entry=entry, verb="dose.confirmed", public_id=public_id, reason=reason)
    if entry.session.infusion_started_at is not None:
        # Only now is the rate known at which the pump has run.
        restate(entry.session)
        entry.session.save(update_fields=DERIVED)
    return written


def _check_departure(entry: Entry, *, over_cap: bool, duration: int, reason: str) -> None:
    ordered = entry.session.course.duration_minutes
    if not over_cap and duration == ordered:
        return
    if duration != ordered and (problem := duration_problem(duration, reason=reason)):
        raise Invalid({"duration_minutes": problem})
    entry.by.require(Permission.OVERRIDE_DOSE, entry.session.site_id)
    if not reason.strip():
        raise Invalid({"reason": Problem("reason.missing", _("Say why the dose departs from the order."))})
