"""What is going on at a site today? One line a chair, then who waits, who comes later, and who is done."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.facilities.models import Chair, Site
from sessions.models import PatientLimit
from sessions.reports.board_day import sessions_of_day
from sessions.reports.board_rows import BoardSession
from sessions.reports.care import Care, cover
from sessions.reports.follow_ups import open_calls_of
from sessions.reports.signals import NONE, Signals, signals_of
from sessions.rules.alert_limits import limits_of_patients
from sessions.rules.conflicts import flags_of
from sessions.rules.delivery import time_left
from sessions.rules.discharging import not_before, unconfirmed
from sessions.rules.limits import Breach, breaches
from sessions.rules.monitoring import next_reading_due
from sessions.states import ENDED, PRESENT, RUNNING, Status

STAGES = list(Status)


@dataclass(frozen=True, slots=True)
class Line:
    """One session as the board shows it; all after the name only for somebody who is in the clinic.

    Attributes:
        same_name: another patient of today has this family name.
        flags: what the session was booked against, in words.
        care: who looks after the patient, or why nobody does.
        rise: the systolic pressure of the last reading against the baseline, once the infusion has begun.
        due_at: when the next reading is due, while the patient is monitored.
        asked: items of the check.
        signals: alerts and waits; while the tablet is silent nothing counts as overdue.
        call: the follow-up by which somebody who did not come is to be called.

    Example: ``Line(session, False, (), care, 6, [], due_at, 22, 40)``
    """

    session: BoardSession
    same_name: bool
    flags: tuple[Any, ...] = ()
    care: Care | None = None
    rise: int | None = None
    breaches: Sequence[Breach] = ()
    due_at: datetime | None = None
    minutes: int = 0
    planned_minutes: int = 0
    not_before: datetime | None = None
    open_criteria: int = 0
    asked: int = 0
    signals: Signals = NONE
    call: UUID | None = None

    @property
    def state(self) -> Status:
        return self.session.state

    @property
    def is_chair_open(self) -> bool:
        """Whether its chair is still to be decided; until then it is held there."""
        return self.state is Status.SCHEDULED and self.session.booking.is_chair_provisional

    @property
    def chair_name(self) -> str:
        """Where the visit is; empty while that is still to be decided."""
        return "" if self.is_chair_open else self.session.chair.name

    @property
    def gap_words(self) -> str:
        """Why nobody looks after the patient; empty where somebody does."""
        return str(self.care.gap) if self.care and self.care.gap else ""

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING

    @property
    def ends_at(self) -> datetime | None:
        """When the infusion will be through at the planned rate, while it runs."""
        if self.session.running_since is None:
            return None
        since = self.session.rate_since or self.session.running_since
        bag = self.session.dose_bag
        return since + time_left(self.session, planned_minutes=self.planned_minutes, bag=bag, now=since)

    @property
    def needs_signature(self) -> bool:
        return self.state in ENDED and not self.session.is_authored

    def is_overdue(self, now: datetime) -> bool:
        """A whole minute past due; of a silent tablet nobody knows what it has."""
        overdue_at = self.overdue_at
        return overdue_at is not None and now >= overdue_at

    @property
    def overdue_at(self) -> datetime | None:
        if self.due_at is None or self.signals.offline_since:
            return None
        return self.due_at + timedelta(minutes=1)

    def changes_at(self, now: datetime) -> datetime | None:
        """When it will read otherwise by itself: a reading becomes overdue, a wait is over."""
        moments = (self.overdue_at, self.signals.changes_at)
        return min((moment for moment in moments if moment and moment > now), default=None)


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
        alerts: alerts that nobody has acknowledged.
        changes_at: when it will be another one by itself, though nothing is written: a break or a cover ends, a
            reading becomes overdue.
    """

    site: Site
    day: date
    now: datetime
    lines: list[Line]
    places: list[Place]
    waiting: list[Line]
    later: list[Line]
    done: list[Line]
    running: int
    overdue: int
    uncovered: int
    unsigned: int
    alerts: int
    changes_at: datetime | None


def board(site: Site, *, actor: Actor, silent: Mapping[int, datetime], now: datetime) -> Board:
    """The board of a site's present day, in a number of queries that does not grow with what is on it.

    Args:
        silent: tablets that nothing is heard of (:func:`sessions.reports.board_version.standing_at`).
    """
    day = clock.local_date(now, site.time_zone)
    chairs = list(Chair.objects.for_user(actor).filter(site=site).order_by("position", "name"))
    sessions = sessions_of_day(site, chairs, actor=actor, day=day)
    here = [session for session in sessions if session.state in PRESENT]
    care = cover(here, site=site, now=now)
    lines = lines_of(sessions, care.of, signals_of(here, silent), now=now)
    present = [line for line in lines if line.state in PRESENT]
    scheduled = [line for line in lines if line.state is Status.SCHEDULED]
    places = [_place(chair, present, scheduled) for chair in chairs if chair.is_in_service]
    seated = {place.line.session.pk for place in places if place.line}
    done = _with_calls(
        [line for line in lines if line.state not in PRESENT and line.state is not Status.SCHEDULED]
    )
    return Board(
        site=site,
        day=day,
        now=now,
        lines=lines,
        places=places,
        waiting=[line for line in present if line.session.pk not in seated],
        later=scheduled,
        done=done,
        running=sum(line.is_running for line in lines),
        overdue=sum(line.is_overdue(now) for line in lines),
        uncovered=sum(bool(line.care and line.care.gap) for line in lines),
        unsigned=sum(line.needs_signature for line in done),
        alerts=sum(line.signals.alert_count for line in present),
        changes_at=min(
            filter(None, (care.changes_at, *(line.changes_at(now) for line in present))), default=None
        ),
    )


def _with_calls(lines: Sequence[Line]) -> list[Line]:
    """Those who did not come with the call that is open for them; one query where anybody did not."""
    calls = open_calls_of({line.session.pk for line in lines if line.state is Status.NO_SHOW})
    return [replace(line, call=calls.get(line.session.pk)) for line in lines]


def lines_of(
    sessions: Sequence[BoardSession],
    care: Mapping[int, Care],
    signals: Mapping[int, Signals],
    *,
    now: datetime,
) -> list[Line]:
    """A line for each visit, from what was read of it; one query where anybody here has limits of their own."""
    limited = {session.patient.pk for session in sessions if session.has_own_limits}
    own = limits_of_patients(limited) if limited else {}
    names = Counter(session.patient.family_name.casefold() for session in sessions)
    found = []
    for session in sessions:
        same_name, flags = names[session.patient.family_name.casefold()] > 1, flags_of(session.booking)
        if session.state in PRESENT:
            told = (care.get(session.pk), signals.get(session.pk, NONE))
            line = _here(session, *told, own.get(session.patient.pk, []), same_name, flags, now=now)
        else:
            line = Line(session, same_name, flags)
        found.append(line)
    return found


def _here(
    session: Any,
    care: Care | None,
    signals: Signals,
    own: Sequence[PatientLimit],
    same_name: bool,
    flags: tuple[Any, ...],
    *,
    now: datetime,
) -> Line:
    """The line of somebody who is in the clinic: what was measured and given, and what is due."""
    version, reading, baseline = session.protocol_version, session.latest, session.baseline
    has_rise = reading and baseline and reading.systolic and baseline.systolic
    return Line(
        session,
        same_name,
        flags,
        care,
        rise=reading.systolic - baseline.systolic if has_rise else None,
        breaches=breaches(reading, session=session, baseline=baseline, own=own) if reading else (),
        due_at=next_reading_due(session, latest=reading),
        minutes=clock.whole_minutes(session.infused(now)),
        planned_minutes=session.dose_minutes or session.course.duration_minutes,
        not_before=not_before(session),
        open_criteria=len(unconfirmed(version, session.confirmed or {})),
        asked=len(version.checklist),
        signals=signals,
    )


def _place(chair: Chair, present: Sequence[Line], scheduled: Sequence[Line]) -> Place:
    """Whoever is furthest along sits in the chair; anybody else who is here for it still waits."""
    here = [line for line in present if line.session.chair.pk == chair.pk]
    here.sort(key=lambda line: STAGES.index(line.state), reverse=True)
    next_ones = [line for line in scheduled if line.session.chair.pk == chair.pk]
    return Place(chair, here[0] if here else None, next_ones[0] if next_ones else None)
