"""Medicines given beside the infusion: each by its order, or with the reason why it was given without one."""

import uuid
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.common.text import storable
from sessions.models import (
    InfusionSession,
    MedicationEffect,
    MedicationGiven,
    MedicineOrder,
    SideEffect,
    StandingOrder,
)
from sessions.operations.facts import open_entry, write_fact, write_struck
from sessions.operations.transition import noted
from sessions.rules import medicines as rules
from sessions.rules.corrections import check_can_correct
from sessions.rules.quantities import plain


@transaction.atomic(savepoint=False)
def give_medicine(
    *,
    session: InfusionSession,
    dose: Decimal,
    unit: str,
    by: Actor,
    standing_order: StandingOrder | None = None,
    order: MedicineOrder | None = None,
    medicine: str = "",
    route: str = "",
    indication: str = "",
    side_effect: SideEffect | None = None,
    departure_reason: str = "",
    taken_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> MedicationGiven:
    """Record a medicine that was given. The dose is always said; route and indication are the order's where left out.

    Args:
        standing_order: or ``order``, by which it was given.
        medicine: what was given without an order.
        side_effect: what it was given for, where that is recorded.
        departure_reason: why it was given although the order does not cover it. It happened, so it is recorded.

    Raises:
        Conflict: the order does not cover it (``medicine.no_order``, ``medicine.over_dose``,
            ``medicine.over_session``, ``medicine.route``, ``medicine.standing_order``, ``medicine.disputed``).
        Invalid: a dose, unit or route that cannot be meant.
    """
    entry = open_entry(session=session, by=by, taken_at=taken_at, now=now)
    covering = standing_order or order
    if order is not None:
        rules.check_order_is_of(entry.session, order)
    if side_effect is not None and side_effect.session_id != entry.session.pk:
        message = _("This side effect belongs to another session. Nothing was stored.")
        raise Conflict(Problem("medicine.other_effect", message))
    name, way = (covering.medicine, route or covering.route) if covering else (medicine.strip(), route)
    rules.check_medicine(medicine=name, route=way)
    micrograms = rules.micrograms_of(dose, unit)
    why = storable(departure_reason, field="departure_reason").strip()
    obstacles = rules.obstacles_to_give(
        entry.session, covering, micrograms=micrograms, route=way, at=entry.taken_at
    )
    if obstacles and not why:
        raise Conflict(obstacles[0], also=obstacles[1:])
    given = MedicationGiven(
        session=entry.session,
        standing_order=standing_order,
        order=order if standing_order is None else None,
        medicine=name,
        dose_micrograms=micrograms,
        dose_typed=plain(dose),
        dose_unit=unit,
        route=way,
        indication=indication.strip() or (covering.indication if covering else ""),
        side_effect=side_effect,
        obstacles=noted(obstacles),
        departure_reason=why if obstacles else "",
        **entry.times(),
    )
    return write_fact(given, entry=entry, verb="medicine.given", public_id=public_id, reason=why)


@transaction.atomic(savepoint=False)
def retract_medicine(
    *,
    given: MedicationGiven,
    by: Actor,
    reason: str,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> MedicationGiven:
    """Strike a medicine that was entered in error; it stays visible, struck, and counts no more."""
    entry = open_entry(session=given.session, by=by, taken_at=given.taken_at, now=now)
    check_can_correct(given, reason=reason)
    kept = (
        "standing_order",
        "order",
        "medicine",
        "dose_micrograms",
        "dose_typed",
        "dose_unit",
        "route",
        "departure_reason",
    )
    verb = "medicine.retracted"
    return write_struck(given, entry=entry, verb=verb, reason=reason, kept=kept, public_id=public_id)


@transaction.atomic(savepoint=False)
def note_effect(
    *,
    given: MedicationGiven,
    outcome: str,
    by: Actor,
    note: str = "",
    taken_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> MedicationEffect:
    """Say what a medicine did; said again, the last one stands.

    Raises:
        Invalid: an unknown outcome (``medicine.outcome``), or a moment before it was given (``medicine.too_early``).
    """
    entry = open_entry(session=given.session, by=by, taken_at=taken_at, now=now)
    if outcome not in MedicationEffect.Outcome.values:
        message = _("Say whether it helped, changed nothing, or made it worse.")
        raise Invalid({"outcome": Problem("medicine.outcome", message)})
    if entry.taken_at < given.taken_at:
        message = _("This is before the medicine was given. Check the time.")
        raise Invalid({"taken_at": Problem("medicine.too_early", message)})
    effect = MedicationEffect(
        session=entry.session,
        given=given,
        outcome=outcome,
        note=storable(note, field="note").strip(),
        **entry.times(),
    )
    return write_fact(effect, entry=entry, verb="medicine.effect_noted", public_id=public_id)
