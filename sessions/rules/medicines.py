"""What an order for a medicine allows, and what stands in the way of giving more."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from clinic.common import clock
from clinic.common.errors import Conflict, Invalid, Problem
from sessions.models import (
    DoseUnit,
    InfusionSession,
    MedicationGiven,
    MedicineOrder,
    OrderAnswer,
    Route,
    StandingOrder,
)
from sessions.rules.quantities import plain

MICROGRAMS: dict[str, int] = {DoseUnit.MICROGRAM: 1, DoseUnit.MILLIGRAM: 1000, DoseUnit.GRAM: 1_000_000}
MOST_MICROGRAMS = 100_000_000
"""A hundred grams: beyond it a dose is a slipped digit, whoever types it."""


def micrograms_of(dose: Decimal, unit: str, *, field: str = "dose") -> int:
    """Whole micrograms of a dose as it was said.

    Raises:
        Invalid: an unknown unit (``medicine.unit``), or a dose that no medicine has (``medicine.dose``).
    """
    if unit not in MICROGRAMS:
        raise Invalid({"unit": Problem("medicine.unit", _("Say the unit: µg, mg or g."))})
    found = dose * MICROGRAMS[unit] if dose.is_finite() else Decimal(0)
    if not 0 < found <= MOST_MICROGRAMS or found != int(found):
        message = _("Enter a dose above 0, of whole micrograms and at most 100 g.")
        raise Invalid({field: Problem("medicine.dose", message)})
    return int(found)


def amount(micrograms: int, unit: str) -> str:
    """``4 mg``: micrograms as they are said in a unit."""
    return f"{plain(Decimal(micrograms) / MICROGRAMS[unit])} {DoseUnit(unit).label}"


def check_medicine(*, medicine: str, route: str) -> None:
    """Raises Invalid, by field: no name, or no known route."""
    problems = {}
    if not medicine.strip():
        problems["medicine"] = Problem("medicine.name", _("Say which medicine."))
    if route not in Route.values:
        problems["route"] = Problem("medicine.route_unknown", _("Say how it is given."))
    if problems:
        raise Invalid(problems)


def given_so_far(session: InfusionSession, order: StandingOrder | MedicineOrder) -> int:
    """What the session has had by an order, in micrograms; of a standing one, whichever version it was."""
    rows: Any = MedicationGiven.objects.current()
    mine = (
        rows.filter(standing_order__code=order.code)
        if isinstance(order, StandingOrder)
        else rows.filter(order=order)
    )
    return int(mine.filter(session=session).aggregate(sum=Sum("dose_micrograms"))["sum"] or 0)


def is_usable(order: StandingOrder, session: InfusionSession, now: datetime) -> bool:
    """Whether a standing order may be given from in a session now."""
    day = clock.local_date(now, session.site.time_zone)
    usable: Any = StandingOrder.objects.usable_at(session.site, day)
    return bool(usable.filter(pk=order.pk).exists())


def obstacles_to_give(
    session: InfusionSession,
    order: StandingOrder | MedicineOrder | None,
    *,
    micrograms: int,
    route: str,
    at: datetime,
) -> list[Problem]:
    """Everything about which a dose is not covered by its order; given all the same, it is a departure."""
    if order is None:
        message = _("No order covers this. Choose one, or take a verbal order and read it back.")
        return [Problem("medicine.no_order", message)]
    found = [*_unusable(session, order, at)]
    if route != order.route:
        message = _("The order says %(route)s.")
        found.append(Problem("medicine.route", message, {"route": order.get_route_display()}))
    if micrograms > order.dose_micrograms:
        message = _("This is over the ordered dose of %(dose)s. Give that, or ask for another order.")
        params = {"dose": amount(order.dose_micrograms, order.dose_unit)}
        found.append(Problem("medicine.over_dose", message, params))
    before = given_so_far(session, order)
    if before + micrograms > order.most:
        message = _("With %(before)s given before, this is over the order's %(most)s for one session.")
        params = {"before": amount(before, order.dose_unit), "most": amount(order.most, order.dose_unit)}
        found.append(Problem("medicine.over_session", message, params))
    return found


def _unusable(session: InfusionSession, order: StandingOrder | MedicineOrder, at: datetime) -> list[Problem]:
    if isinstance(order, StandingOrder):
        if is_usable(order, session, at):
            return []
        message = _("This standing order is not in use here: not approved, run out, or only an example.")
        return [Problem("medicine.standing_order", message)]
    if OrderAnswer.objects.filter(order=order, verdict=OrderAnswer.Verdict.DISPUTED).exists():
        return [Problem("medicine.disputed", _("The prescriber disputes this order."))]
    return []


def check_order_is_of(session: InfusionSession, order: MedicineOrder) -> None:
    """Raises Conflict ``medicine.other_session``."""
    if order.session_id != session.pk:
        message = _("This order was given for another session. Nothing was stored.")
        raise Conflict(Problem("medicine.other_session", message))


def content_of(order: StandingOrder) -> dict[str, Any]:
    """What a standing order says, under the names that it was drafted with."""
    most = order.max_session_micrograms
    return {
        "medicine": order.medicine,
        "dose": Decimal(order.dose_typed),
        "unit": order.dose_unit,
        "route": order.route,
        "indication": order.indication,
        "max_session": None if most is None else Decimal(most) / MICROGRAMS[order.dose_unit],
        "is_example": order.is_example,
        "valid_until": order.valid_until,
        "for_side_effects": order.for_side_effects,
    }
