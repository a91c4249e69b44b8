"""Everything the page of one session shows, read once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.common.charts.lines import LineChart
from clinic.common.errors import Problem, problems_of
from sessions.models import (
    DischargeAssessment,
    DoseConfirmation,
    InfusionSession,
    PatientLimit,
    VitalSigns,
    WeightMeasurement,
)
from sessions.reports.going import Going, going
from sessions.reports.last_time import LastTime, last_time
from sessions.reports.timeline import Entry, entries
from sessions.reports.vitals_chart import vitals_chart
from sessions.rules import dosing
from sessions.rules.alert_limits import limits_of_patient
from sessions.rules.checking import (
    ItemState,
    asks_for_dosing_weight,
    confirmed_dose,
    dose_input,
    item_states,
    valid_weight,
)
from sessions.rules.corrections import standing
from sessions.rules.delivery import given_micrograms
from sessions.rules.discharging import CriterionState, criterion_states, latest_assessment, not_before
from sessions.rules.limits import Breach, baseline_of, breaches
from sessions.rules.moments import is_signed
from sessions.rules.monitoring import next_reading_due
from sessions.rules.signing import check_can_review, check_can_sign
from sessions.rules.transitions import AvailableAction, available_actions
from sessions.states import ENDED, OFF, PRESENT, RUNNING, Status


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """One set of vital signs that stands, against the baseline."""

    reading: VitalSigns
    rise: int | None
    breaches: list[Breach]
    is_baseline: bool
    phase: str


@dataclass(frozen=True, slots=True)
class Chairside:
    """A session as its page shows it at ``now``."""

    session: Any
    now: datetime
    items: list[ItemState]
    weight: WeightMeasurement | None
    dose: DoseConfirmation | None
    computed: dosing.Dose | None
    working: list[str]
    own_limits: Sequence[PatientLimit]
    readings: list[ReadingRow]
    latest: ReadingRow | None
    due_at: datetime | None
    given: int | None
    minutes: int
    planned_minutes: int
    not_before: datetime | None
    criteria: list[CriterionState]
    going: Going
    assessment: DischargeAssessment | None
    entries: list[Entry]
    chart: LineChart | None
    actions: Mapping[str, AvailableAction]
    is_signed: bool
    may_record: bool
    may_sign: bool
    may_review: bool
    sign_problems: tuple[Problem, ...]
    review_problems: tuple[Problem, ...]
    last_time: LastTime | None

    @property
    def stage(self) -> str:
        """Which template fills the column of what to do now."""
        state = self.session.state
        if state in ENDED:
            return "closed"
        if state in RUNNING or state is Status.RECOVERING:
            return "running" if state in RUNNING else "recovery"
        return "check" if state in PRESENT else "ahead"

    @property
    def is_chair_open(self) -> bool:
        """Whether the chair is still to be decided; until then it is held for the visit."""
        return self.session.state is Status.SCHEDULED and self.session.booking.is_chair_provisional

    @property
    def steps(self) -> list[tuple[str, str]]:
        """The way of a visit: each stage with ``done``, ``now`` or nothing."""
        return stepper(self.session, signed=self.is_signed)

    @property
    def open_criteria(self) -> int:
        return sum(not state.is_met for state in self.criteria)


WITH_CRITERIA = frozenset({Status.RECOVERING, Status.DISCHARGED})
STEPS = ("Arrived", "Checked", "Infusion", "Recovery", "Discharge", "Signed")
AT_STEP = {
    Status.SCHEDULED: 0,
    Status.ARRIVED: 1,
    Status.READY: 2,
    Status.INFUSING: 2,
    Status.PAUSED: 2,
    Status.RECOVERING: 3,
}


def stepper(session: InfusionSession, *, signed: bool) -> list[tuple[str, str]]:
    """Which steps lie behind a session, and which one it is at; of a visit that is over only those that happened."""
    if session.state in OFF:
        return []
    if session.state in ENDED:
        return [*((name, "done") for name in _happened(session)), ("Signed", "done" if signed else "now")]
    current = AT_STEP[session.state]
    return [
        (name, "done" if index < current else "now" if index == current else "")
        for index, name in enumerate(STEPS)
    ]


def _happened(session: InfusionSession) -> Iterable[str]:
    yield "Arrived"
    if session.infusion_started_at:
        yield from ("Checked", "Infusion")
    ended, closed = session.infusion_ended_at, session.closed_at
    if ended and closed and closed > ended:
        yield "Recovery"
    if session.state is Status.DISCHARGED:
        yield "Discharge"


def chairside(session: Any, *, actor: Actor, now: datetime) -> Chairside:
    """The page of a session whose chart is loaded (:func:`sessions.reports.chart.read_chart`)."""
    readings = sorted(standing(session.vital_signs.all()), key=lambda reading: reading.taken_at)
    baseline = baseline_of(session, readings)
    own = limits_of_patient(session.patient_id)
    rows = [_row(reading, session, baseline, own) for reading in readings]
    dose, weight = confirmed_dose(session), valid_weight(session)
    given = dose_input(session, weight) if weight and not asks_for_dosing_weight(session) else None
    computed = dosing.compute(given) if given else None
    planned = dose.duration_minutes if dose else session.course.duration_minutes
    signed, over = is_signed(session), session.state in ENDED
    site = session.site_id
    return Chairside(
        session=session,
        now=now,
        items=item_states(session) if session.state in PRESENT else [],
        weight=weight,
        dose=dose,
        computed=computed,
        working=dosing.working(given, computed) if given and computed else [],
        own_limits=own,
        readings=rows,
        latest=rows[-1] if rows else None,
        due_at=next_reading_due(session, latest=readings[-1] if readings else None),
        given=given_micrograms(session, at=now),
        minutes=clock.whole_minutes(session.infused(now)),
        planned_minutes=planned,
        not_before=not_before(session),
        criteria=criterion_states(session) if session.state in WITH_CRITERIA else [],
        going=going(session, actor=actor, now=now),
        assessment=latest_assessment(session),
        entries=entries(session),
        chart=vitals_chart(session, own=own, now=now),
        actions=_actions(session, actor, now),
        is_signed=signed,
        may_record=actor.can(Permission.RECORD_OBSERVATIONS, site) and not signed,
        may_sign=over and not signed and actor.can(Permission.SIGN_CHART, site),
        may_review=over and signed and actor.can(Permission.REVIEW_CHART, site),
        sign_problems=problems_of(check_can_sign, session=session, by=actor) if over and not signed else (),
        review_problems=problems_of(check_can_review, session=session, by=actor) if over and signed else (),
        last_time=last_time(session, actor=actor),
    )


def _actions(session: InfusionSession, actor: Actor, now: datetime) -> Mapping[str, AvailableAction]:
    # Read-only: of a plain dict without "clear", a template's `actions.clear` calls dict.clear().
    found = available_actions(session=session, by=actor, now=now)
    return MappingProxyType({item.action.name.lower(): item for item in found})


def _row(
    reading: VitalSigns, session: InfusionSession, baseline: VitalSigns | None, own: Sequence[PatientLimit]
) -> ReadingRow:
    rise = None
    if baseline and baseline.systolic and reading.systolic:
        rise = reading.systolic - baseline.systolic
    return ReadingRow(
        reading=reading,
        rise=rise,
        breaches=breaches(reading, session=session, baseline=baseline, own=own),
        is_baseline=baseline is not None and reading.pk == baseline.pk,
        phase=session.phase_at(reading.taken_at),
    )
