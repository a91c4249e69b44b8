"""What the page of a session shows of orders: who answers now, the medicines, the drug, the check of its dose."""

from dataclasses import dataclass
from datetime import datetime

from clinic.accounts.actor import Actor
from clinic.common.errors import problems_of
from sessions.models import DoseCheck, DoseConfirmation, InfusionSession, ResponsiblePrescriber
from sessions.reports.medicines import MedicinesPanel, medicines_panel
from sessions.reports.preparation import PreparationPanel, preparation_panel
from sessions.rules.checking import asks_for_dosing_weight, confirmed_dose
from sessions.rules.dose_limits import last_dose
from sessions.rules.responsible import responsible_prescriber
from sessions.rules.second_check import check_can_check, latest_check


@dataclass(frozen=True, slots=True)
class CheckState:
    """How far the second check of the confirmed dose has come.

    Attributes:
        is_asked: the protocol asks for one. may_check: this person may do it now.
    """

    is_asked: bool
    dose: DoseConfirmation | None
    latest: DoseCheck | None
    may_check: bool


@dataclass(frozen=True, slots=True)
class OrdersPanel:
    """The part of a session's page that is about orders and drugs."""

    named: ResponsiblePrescriber | None
    medicines: MedicinesPanel
    preparation: PreparationPanel
    check: CheckState
    last_dose: DoseConfirmation | None
    asks_for_weight: bool


def orders_panel(session: InfusionSession, *, actor: Actor, now: datetime) -> OrdersPanel:
    """Everything about orders in one session at ``now``."""
    return OrdersPanel(
        named=responsible_prescriber(session.site, now),
        medicines=medicines_panel(session, actor=actor, now=now),
        preparation=preparation_panel(session, actor=actor),
        check=_check(session, actor),
        last_dose=last_dose(session),
        asks_for_weight=asks_for_dosing_weight(session),
    )


def _check(session: InfusionSession, actor: Actor) -> CheckState:
    dose = confirmed_dose(session)
    return CheckState(
        is_asked=session.protocol_version.needs_second_check,
        dose=dose,
        latest=latest_check(dose) if dose else None,
        may_check=not problems_of(check_can_check, session=session, by=actor),
    )
