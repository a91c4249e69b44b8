"""The emergency page of a session: the clock, the buttons, the log, and whom to call."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.accounts.actor import Actor
from clinic.common.errors import Problem, problems_of
from patients.models import Contact
from sessions.models import EmergencyStep
from sessions.rules.corrections import standing
from sessions.rules.emergency import ONCE, EmergencyLog, check_can_log, logs
from sessions.rules.responsible import on_call_clinician, responsible_prescriber

BUTTONS = tuple(
    kind
    for kind in EmergencyStep.Kind
    if kind not in {EmergencyStep.Kind.ALARM, EmergencyStep.Kind.OTHER, EmergencyStep.Kind.OVER}
)
"""What one tap records, in the order in which it is usually done."""


@dataclass(frozen=True, slots=True)
class StepButton:
    """One button, with when it was tapped first and how often."""

    kind: Any
    first_at: datetime | None
    times: int

    @property
    def is_done(self) -> bool:
        return self.kind in ONCE and self.first_at is not None


@dataclass(frozen=True, slots=True)
class EmergencyPage:
    """What the page shows.

    Attributes:
        log: the emergency that goes on, else the last one.
        is_running: whether it goes on.
        contacts: the patient's emergency contacts.
    """

    log: EmergencyLog | None
    is_running: bool
    buttons: list[StepButton]
    problems: tuple[Problem, ...]
    contacts: list[Any]
    prescriber: Any
    on_call: Any

    @property
    def named(self) -> list[Any]:
        """Who answers for the patients now, and who is on call behind them."""
        return [named for named in (self.prescriber, self.on_call) if named]


def emergency_page(session: Any, *, actor: Actor, now: datetime) -> EmergencyPage:
    """Of a session whose chart is loaded; three queries, for whom to call."""
    found = logs(standing(session.emergency_steps.all()))
    log = found[-1] if found else None
    is_running = log is not None and log.over_at is None
    steps = log.steps if log and is_running else ()
    contacts = Contact.objects.for_user(actor).filter(patient=session.patient_id).active()
    return EmergencyPage(
        log=log,
        is_running=is_running,
        buttons=[_button(kind, steps) for kind in BUTTONS],
        problems=problems_of(check_can_log, session=session, by=actor, at=now),
        contacts=list(contacts),
        prescriber=responsible_prescriber(session.site, now),
        on_call=on_call_clinician(session.site, now),
    )


def _button(kind: Any, steps: Any) -> StepButton:
    moments = [step.taken_at for step in steps if step.kind == kind]
    return StepButton(kind, min(moments, default=None), len(moments))
