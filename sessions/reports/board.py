"""What is going on at a site today? One line a chair, then who waits, who comes later, and who is done."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, prefetch_related_objects

from clinic.accounts.actor import Actor
from clinic.audit.recording import length_of_chain
from clinic.common import clock
from clinic.facilities.models import Chair, Site
from sessions.models import InfusionSession, ProtocolVersion, VitalSigns
from sessions.reports.care import Care, cover
from sessions.rules.checking import confirmed_dose
from sessions.rules.conflicts import flags_of
from sessions.rules.delivery import time_left
from sessions.rules.discharging import not_before, open_criteria
from sessions.rules.limits import Breach, baseline_of, breaches
from sessions.rules.monitoring import next_reading_due
from sessions.states import ENDED, PRESENT, RUNNING, Status

STAGES = list(Status)


@dataclass(frozen=True, slots=True)
class Line:
    """One session as the board shows it; all after the name only for somebody who is in the clinic.

    Attributes:
        same_name: another patient of today has this family name.
        latest: the last reading that stands; ``rise`` is its systolic pressure against the baseline.
        due_at: when the next reading is due, while the patient is monitored.
        dose: confirmed micrograms.
        answered: answered items of the check, of ``asked``.
        care: who looks after the patient, or why nobody does.
        flags: what the session was booked against, in words.

    Example: ``Line(session, 4, False, latest, 6, [], due_at, 38_500, 22, 40)``
    """

    session: Any
    number: int
    same_name: bool
    latest: VitalSigns | None = None
    rise: int | None = None
    breaches: Sequence[Breach] = ()
    due_at: datetime | None = None
    dose: int | None = None
    minutes: int = 0
    bag: int | None = None
    planned_minutes: int = 0
    not_before: datetime | None = None
    open_criteria: int = 0
    answered: int = 0
    asked: int = 0
    care: Care | None = None
    flags: tuple[Any, ...] = ()

    @property
    def state(self) -> Status:
        return self.session.state

    @property
    def is_chair_open(self) -> bool:
        """Whether its chair is still to be decided; until then it is held there."""
        return self.state is Status.SCHEDULED and self.session.booking.is_chair_provisional

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING

    @property
    def ends_at(self) -> datetime | None:
        """When the infusion will be through at the planned rate, while it runs."""
        if self.session.running_since is None:
            return None
        since = self.session.rate_since or self.session.running_since
        return since + time_left(self.session, planned_minutes=self.planned_minutes, bag=self.bag, now=since)

    @property
    def needs_signature(self) -> bool:
        return self.state in ENDED and not self.session.is_authored

    def is_overdue(self, now: datetime) -> bool:
        return self.due_at is not None and now >= self.due_at + timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Place:
    """A chair with who is in it, and who comes next."""

    chair: Chair
    line: Line | None
    following: Line | None


@dataclass(frozen=True, slots=True)
class Board:
    """A site's day as it stands at ``now``.

    Attributes:
        changes_at: when it will be another one by itself, though nothing is written: a break or a cover ends.
    """

    site: Site
    day: date
    now: datetime
    places: list[Place]
    waiting: list[Line]
    later: list[Line]
    done: list[Line]
    running: int
    overdue: int
    uncovered: int
    unsigned: int
    changes_at: datetime | None


def version_of(site: Site, *, day: date) -> str:
    """A text that changes with every write at the site: two equal versions show equal boards."""
    return f"{day:%Y%m%d}-{length_of_chain(site)}"


def lasting(version: str, until: datetime | None) -> str:
    """A version that names the moment up to which its board stands by itself."""
    return f"{version}~{math.ceil(until.timestamp())}" if until else version


def still_stands(version: str, site: Site, *, now: datetime) -> bool:
    """Whether a board that was sent with this version is still the site's."""
    written, _mark, until = version.partition("~")
    # An instant of ours has ten digits; Python refuses to read thousands of them.
    is_instant = until.isascii() and until.isdigit() and len(until) < 20
    if until and not (is_instant and now.timestamp() < int(until)):
        return False
    return written == version_of(site, day=clock.local_date(now, site.time_zone))


def board(site: Site, *, actor: Actor, now: datetime) -> Board:
    """The board of a site's present day, in a number of queries that does not grow with what is on it."""
    day = clock.local_date(now, site.time_zone)
    chairs = list(Chair.objects.for_user(actor).filter(site=site))
    sessions = _sessions(site, chairs, actor=actor, day=day)
    care = cover([session for session in sessions if session.state in PRESENT], site=site, now=now)
    lines = [replace(line, care=care.of.get(line.session.pk)) for line in _lines(sessions, now=now)]
    present = [line for line in lines if line.state in PRESENT]
    scheduled = [line for line in lines if line.state is Status.SCHEDULED]
    places = [_place(chair, present, scheduled) for chair in chairs if chair.is_in_service]
    seated = {place.line.session.pk for place in places if place.line}
    done = [line for line in lines if line.state not in PRESENT and line.state is not Status.SCHEDULED]
    return Board(
        site=site,
        day=day,
        now=now,
        places=places,
        waiting=[line for line in present if line.session.pk not in seated],
        later=scheduled,
        done=done,
        running=sum(line.is_running for line in lines),
        overdue=sum(line.is_overdue(now) for line in lines),
        uncovered=sum(bool(line.care and line.care.gap) for line in lines),
        unsigned=sum(line.needs_signature for line in done),
        changes_at=care.changes_at,
    )


SHOWN = (
    *(field.attname for field in InfusionSession._meta.concrete_fields),
    "patient__public_id",
    "patient__family_name",
    "patient__given_name",
    "course__planned_infusions",
    "course__duration_minutes",
    "course__protocol_version_id",
    "nurse__display_name",
    "booking__overrides",
    "booking__is_chair_provisional",
)
"""What the board needs: a patient's whole row, read for every line every few seconds, would cost most of its time."""


READ_AT: dict[str, frozenset[Status]] = {
    "doses": PRESENT,
    "check_answers": frozenset({Status.ARRIVED}),
    "discharge_assessments": frozenset({Status.RECOVERING}),
}


def _sessions(site: Site, chairs: Sequence[Chair], *, actor: Actor, day: date) -> list[Any]:
    """The day's sessions, with site, chair and protocol put in from rows that are read once."""
    found: list[Any] = list(
        InfusionSession.objects.for_user(actor)
        .on_day(day, site)
        .with_authorship()
        .with_number()
        .with_latest_vitals()
        .select_related("patient", "nurse", "course", "booking")
        .only(*SHOWN)
    )
    versions = ProtocolVersion.objects.in_bulk({session.course.protocol_version_id for session in found})
    seats = {chair.pk: chair for chair in chairs}
    for session in found:
        session.site, session.chair = site, seats[session.chair_id]
        session.course.protocol_version = versions[session.course.protocol_version_id]
    # Each line is shown what belongs to its stage, so only that is read.
    for facts, stages in READ_AT.items():
        prefetch_related_objects([session for session in found if session.state in stages], facts)
    return found


def _lines(sessions: Sequence[Any], *, now: datetime) -> list[Line]:
    latest = VitalSigns.objects.in_bulk([s.latest_vitals_id for s in sessions if s.state in PRESENT])
    baselines = _baselines(sessions)
    names = Counter(session.patient.family_name.casefold() for session in sessions)
    found = []
    for session in sessions:
        same_name = names[session.patient.family_name.casefold()] > 1
        line = Line(session, session.number, same_name, flags=flags_of(session.booking))
        if session.state in PRESENT:
            line = _here(line, latest.get(session.latest_vitals_id), baselines.get(session.pk), now=now)
        found.append(line)
    return found


def _baselines(sessions: Iterable[Any]) -> dict[int, VitalSigns]:
    """The readings before the start, which are few; those of the infusion are not read for the board."""
    started = {s.pk: s for s in sessions if s.state in PRESENT and s.infusion_started_at}
    if not started:
        return {}
    before_start = VitalSigns.objects.current().filter(taken_at__lt=F("session__infusion_started_at"))
    prefetch_related_objects(list(started.values()), "baseline_choices")
    rows: dict[int, list[VitalSigns]] = {}
    for reading in before_start.filter(session__in=started):
        rows.setdefault(reading.session_id, []).append(reading)
    known = {pk: baseline_of(started[pk], readings) for pk, readings in rows.items()}
    return {pk: reading for pk, reading in known.items() if reading}


def _here(line: Line, reading: VitalSigns | None, baseline: VitalSigns | None, *, now: datetime) -> Line:
    """The line of somebody who is in the clinic: what was measured and given, and what is due."""
    session = line.session
    dose, version = confirmed_dose(session), session.course.protocol_version
    planned = dose.duration_minutes if dose else session.course.duration_minutes
    has_rise = reading and baseline and reading.systolic and baseline.systolic
    return replace(
        line,
        latest=reading,
        rise=reading.systolic - baseline.systolic if has_rise else None,  # type: ignore[union-attr,operator]
        breaches=breaches(reading, session=session, baseline=baseline) if reading else [],
        due_at=next_reading_due(session, latest=reading),
        dose=dose.dose_micrograms if dose else None,
        minutes=clock.whole_minutes(session.infused(now)),
        bag=dose.bag_microlitres if dose else None,
        planned_minutes=planned,
        not_before=not_before(session),
        open_criteria=len(open_criteria(session)) if session.state is Status.RECOVERING else 0,
        answered=_answered(session) if session.state is Status.ARRIVED else 0,
        asked=len(version.checklist),
    )


def _answered(session: InfusionSession) -> int:
    return len({answer.item for answer in session.check_answers.all()})


def _place(chair: Chair, present: Sequence[Line], scheduled: Sequence[Line]) -> Place:
    """Whoever is furthest along sits in the chair; anybody else who is here for it still waits."""
    here = [line for line in present if line.session.chair_id == chair.pk]
    here.sort(key=lambda line: STAGES.index(line.state), reverse=True)
    next_ones = [line for line in scheduled if line.session.chair_id == chair.pk]
    return Place(chair, here[0] if here else None, next_ones[0] if next_ones else None)
