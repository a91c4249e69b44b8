"""At the end: the pump's volume beside the chart's, and which of the two the record goes by."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common.errors import Conflict, Invalid, Problem
from clinic.common.text import storable
from sessions.models import DoseConfirmation, InfusionSession, InfusionTotals
from sessions.models.choices import TotalsUsed
from sessions.operations.facts import Entry, open_entry, write_fact
from sessions.rules.checking import confirmed_dose
from sessions.rules.delivery import charted, is_over_tolerance, pump_micrograms
from sessions.rules.quantities import plain, thousandths

MOST_BAGS = 2
"""A pump that shows more than so many bags was read wrongly."""


@transaction.atomic(savepoint=False)
def record_totals(
    *,
    session: InfusionSession,
    by: Actor,
    pump_microlitres: int | None = None,
    used: str = "",
    reason: str = "",
    residual_microlitres: int | None = None,
    flush_microlitres: int | None = None,
    taken_at: datetime | None = None,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> InfusionTotals:
    """Enter what the pump shows, at the end or later; the latest entry stands.

    Args:
        pump_microlitres: None when it is not recorded, with the reason; the chart's figure is used then.
        used: ``pump`` or ``chart``: by which figure the record goes.

    Raises:
        Conflict: ``totals.running``: the infusion has not ended; ``totals.no_dose``.
        Invalid: ``totals.used``, ``totals.gap`` (they differ by more than the protocol's tolerance, and nothing
            says why), ``totals.no_pump``, ``totals.impossible``.
    """
    entry = open_entry(session=session, by=by, taken_at=taken_at, now=now)
    dose = _dose_of(entry.session)
    totals = _compared(entry, dose, pump_microlitres)
    totals.used = used if pump_microlitres is not None else TotalsUsed.CHART
    totals.reason = storable(reason, field="reason").strip()
    totals.residual_microlitres, totals.flush_microlitres = residual_microlitres, flush_microlitres
    _check(totals, dose)
    return write_fact(
        totals,
        entry=entry,
        verb="infusion.totals_recorded",
        public_id=public_id,
        reason=totals.reason,
        then=_restate,
    )


def _compared(entry: Entry, dose: DoseConfirmation, pump: int | None) -> InfusionTotals:
    """Pump and chart side by side, still without a choice between them."""
    session = entry.session
    if session.infusion_ended_at is None:
        message = _("The infusion has not ended: the pump's volume is compared afterwards.")
        raise Conflict(Problem("totals.running", message))
    chart = charted(session, at=session.infusion_ended_at)
    return InfusionTotals(
        session=session,
        pump_microlitres=pump,
        pump_micrograms=None if pump is None else pump_micrograms(dose, pump),
        charted_microlitres=None if chart.microlitres is None else round(chart.microlitres),
        charted_micrograms=chart.micrograms,
        tolerance_percent=session.protocol_version.totals_tolerance_percent,
        **entry.times(),
    )


def _dose_of(session: InfusionSession) -> DoseConfirmation:
    dose = confirmed_dose(session)
    if dose is None:
        message = _("There is no confirmed dose, so a volume is no amount. Confirm the dose first.")
        raise Conflict(Problem("totals.no_dose", message, link="#dose"))
    return dose


def _check(totals: InfusionTotals, dose: DoseConfirmation) -> None:
    if totals.pump_microlitres is None:
        if not totals.reason:
            message = _("Enter the pump's volume infused, or say why it is not recorded.")
            raise Invalid({"pump_microlitres": Problem("totals.no_pump", message)})
        return
    if totals.used not in TotalsUsed.values:
        message = _("Say by which figure the record goes: the pump's or the chart's.")
        raise Invalid({"used": Problem("totals.used", message)})
    if totals.pump_microlitres > MOST_BAGS * dose.bag_microlitres:
        message = _("%(pump)s mL is more than two bags. Check typing.")
        shown = {"pump": plain(thousandths(totals.pump_microlitres))}
        raise Invalid({"pump_microlitres": Problem("totals.impossible", message, shown)})
    _check_gap(totals, dose)


def _check_gap(totals: InfusionTotals, dose: DoseConfirmation) -> None:
    pump, chart, percent = totals.pump_micrograms, totals.charted_micrograms, totals.tolerance_percent
    if pump is None or chart is None or totals.reason:
        return
    if is_over_tolerance(pump=pump, chart=chart, dose=dose.dose_micrograms, percent=percent):
        message = _(
            "Pump %(pump)s mg and chart %(chart)s mg differ by more than %(percent)s %% of the dose. Say why."
        )
        shown = {
            "pump": plain(thousandths(pump)),
            "chart": plain(thousandths(chart)),
            "percent": percent,
        }
        raise Invalid({"reason": Problem("totals.gap", message, shown)})


def _restate(entry: Entry, totals: InfusionTotals) -> None:
    session = entry.session
    session.totals_used = totals.used
    uses_pump = totals.used == TotalsUsed.PUMP
    session.given_micrograms = totals.pump_micrograms if uses_pump else totals.charted_micrograms
    session.revision += 1
    session.save(update_fields=["totals_used", "given_micrograms", "revision"])
