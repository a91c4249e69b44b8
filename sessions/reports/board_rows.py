"""What the board knows of one visit, as plain rows: a model and the four it joins cost more than all that is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from clinic.accounts.models import User
from clinic.facilities.models import Chair
from patients.models import Patient
from sessions.models import InfusionSession
from sessions.states import Status


@dataclass(frozen=True, slots=True)
class BoardPatient:
    """The names that a board shows."""

    pk: int
    public_id: UUID
    family_name: str
    given_name: str

    short_name = Patient.short_name


@dataclass(frozen=True, slots=True)
class BoardBooking:
    """What was planned."""

    overrides: Sequence[str]
    is_chair_provisional: bool


@dataclass(frozen=True)
class BoardProtocol:
    """What the rules of somebody who is here ask of the protocol's version: a tenth of what a version says.

    Without slots, for its limits are worked out once and kept beside it.
    """

    pk: int
    vitals_interval_minutes: int
    recovery_vitals_interval_minutes: int
    vitals_schedule: Any
    min_observation_minutes: int
    checklist: Any
    limits: Any
    discharge_criteria: Any


@dataclass(frozen=True, slots=True)
class BoardCourse:
    """The order behind a visit."""

    planned_infusions: int
    duration_minutes: int
    protocol_version: BoardProtocol


@dataclass(frozen=True, slots=True)
class Reading:
    """One set of vital signs: those of its attributes that limits can be about."""

    taken_at: datetime
    systolic: int | None
    diastolic: int | None
    heart_rate: int | None
    respiratory_rate: int | None
    oxygen_saturation: int | None
    temperature_decicelsius: int | None
    sedation: int | None
    dissociation: int | None
    rass: int | None
    pain: int | None
    oxygen_flow: int | None


@dataclass(frozen=True, slots=True)
class BoardSession:
    """A visit: what the board, and the rules that it asks, want to know of an :class:`InfusionSession`.

    Attributes:
        number: its place among the visits of its course that were not called off.
        is_handed: it has been in a handover, whatever became of that.
        has_own_limits: a limit was set for the patient once, whether or not it is in force.
        alert_count: alerts that were raised live and that nobody has acknowledged; the worst of them is of
            ``alert_level``, and the first of that level was raised at ``alert_since``.
        has_waited: an answer of the check waited for a time, whether or not it was the last.
        is_assessed: somebody has looked whether the patient may go home.
        ready_at: when nothing stood in the way of going home, as it was said last.
        answered: items of the check that have an answer.
        confirmed: criteria of the discharge, each as it was assessed last.
        dose: confirmed micrograms, over so many ``dose_minutes``, in so many microlitres ``dose_bag``.
        latest: the last reading that stands.
        baseline: the last complete one before the infusion, once it has begun.
    """

    pk: int
    public_id: UUID
    status: str
    scheduled_start: datetime
    arrived_at: datetime | None
    infusion_started_at: datetime | None
    infusion_ended_at: datetime | None
    running_since: datetime | None
    infused_seconds: int
    delivered_microlitres: int | None
    rate_microlitres_per_hour: int | None
    rate_since: datetime | None
    reading_excused_at: datetime | None
    number: int
    is_authored: bool
    is_handed: bool
    has_own_limits: bool
    alert_count: int
    alert_level: str | None
    alert_since: datetime | None
    has_waited: bool
    is_assessed: bool
    ready_at: datetime | None
    answered: int
    dose: int | None
    dose_minutes: int | None
    dose_bag: int | None
    latest: Reading | None
    baseline: Reading | None
    patient: BoardPatient
    booking: BoardBooking
    course: BoardCourse
    chair: Chair
    nurse: User | None
    state: Status
    confirmed: Mapping[str, Any]

    infused = InfusionSession.infused
    observed = InfusionSession.observed
    phase_at = InfusionSession.phase_at

    @property
    def protocol_version(self) -> BoardProtocol:
        """Whoever is here is under the course's version (:attr:`InfusionSession.protocol_version`)."""
        return self.course.protocol_version
