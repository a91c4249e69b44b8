"""One page for the ambulance crew: who this is, what was given and when, what was seen, whom to call."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.accounts.actor import Actor
from clinic.common import clock
from patients.models import Contact, Medication
from sessions.models import DoseConfirmation
from sessions.reports.medicines import given_rows
from sessions.reports.timeline import reading_text
from sessions.rules.checking import confirmed_dose, valid_weight
from sessions.rules.corrections import standing
from sessions.rules.delivery import given_micrograms
from sessions.rules.emergency import EmergencyLog, logs
from sessions.rules.responsible import responsible_prescriber

LAST_READINGS = 6


@dataclass(frozen=True, slots=True)
class AmbulanceSheet:
    """Everything on the sheet; printed, it fits one page.

    Attributes:
        given: micrograms by the chart so far; None before the start.
        readings: the last ones, latest first, with the first of the visit at the end.
    """

    session: Any
    now: datetime
    weight: Any
    dose: DoseConfirmation | None
    given: int | None
    minutes: int
    readings: list[tuple[datetime, str]]
    effects: list[str]
    medicines_given: list[tuple[datetime, str]]
    prescriber: Any
    medicines: list[Any]
    contacts: list[Any]
    emergencies: list[EmergencyLog]


def ambulance_sheet(session: Any, *, actor: Actor, now: datetime) -> AmbulanceSheet:
    """The sheet of a session whose chart is loaded."""
    readings = sorted(standing(session.vital_signs.all()), key=lambda row: row.taken_at, reverse=True)
    shown = readings if len(readings) <= LAST_READINGS else [*readings[: LAST_READINGS - 1], readings[-1]]
    patient, dose, given = session.patient, confirmed_dose(session), given_rows(session)
    return AmbulanceSheet(
        session=session,
        now=now,
        weight=valid_weight(session),
        dose=dose,
        given=given_micrograms(session, at=now),
        minutes=clock.whole_minutes(session.infused(now)),
        readings=[(row.taken_at, reading_text(row)) for row in shown],
        medicines_given=[(row.given.taken_at, str(row.given)) for row in given if not row.is_struck],
        prescriber=responsible_prescriber(session.site, now),
        effects=[str(effect) for effect in session.side_effects.all()],
        medicines=list(Medication.objects.for_user(actor).filter(patient=patient).active()),
        contacts=list(Contact.objects.for_user(actor).filter(patient=patient).active()),
        emergencies=logs(standing(session.emergency_steps.all())),
    )
