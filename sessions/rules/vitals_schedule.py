"""What is measured when: the protocol's schedule by parameter, and what became of each planned reading. Pure.

A row repeated every so many minutes counts from the last reading of its parameter, as the due clock does; one at
fixed minutes counts from the start of its phase. Without a schedule the whole set is due at the protocol's two
intervals.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from sessions.models import InfusionSession
from sessions.rules.protocols import read_once

PARAMETERS: dict[str, tuple[Any, str]] = {
    "blood_pressure": (_("Blood pressure"), "systolic"),
    "heart_rate": (_("Heart rate"), "heart_rate"),
    "oxygen_saturation": (_("SpO2"), "oxygen_saturation"),
    "respiratory_rate": (_("Respiratory rate"), "respiratory_rate"),
    "sedation": (_("MOAA/S"), "sedation"),
    "rass": (_("RASS"), "rass"),
    "dissociation": (_("Dissociation"), "dissociation"),
    "pain": (_("Pain"), "pain"),
    "temperature": (_("Temperature"), "temperature_decicelsius"),
}
"""What can be planned: its name, and the column that says that it was measured."""

PHASES: dict[str, Any] = {
    "baseline": _("before the start"),
    "infusion": _("during the infusion"),
    "end": _("at the end of the infusion"),
    "recovery": _("in recovery"),
}
ONCE = frozenset({"baseline", "end"})
MOST_ROWS = 40
MOST_MINUTES = 1440
MOST_CELLS = 40
"""A chart left open for days would plan thousands."""


class CellState(StrEnum):
    """What became of a planned reading."""

    PLANNED = "planned"
    DUE = "due"
    OVERDUE = "overdue"
    DONE = "done"
    LATE = "late"
    MISSED = "missed"
    NOT_DONE = "not_done"

    @property
    def is_open(self) -> bool:
        """Whether somebody may still say why it was not done."""
        return self in {CellState.DUE, CellState.OVERDUE, CellState.MISSED}


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One row of a schedule. ``parameter`` is empty for the whole set: any reading will do."""

    parameter: str
    phase: str
    every_minutes: int | None = None
    at_minutes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """One planned reading: when it was due, and the reading that answered it."""

    parameter: str
    phase: str
    due_at: datetime
    state: CellState
    reading: Any = None
    not_done: Any = None


def schedule_rows(stored: Iterable[Mapping[str, Any]]) -> tuple[PlannedRow, ...]:
    """The rows of a stored schedule. Raises KeyError, TypeError or ValueError where it cannot be read."""
    return tuple(
        PlannedRow(
            parameter=entry["parameter"],
            phase=entry["phase"],
            every_minutes=None if entry.get("every_minutes") is None else int(entry["every_minutes"]),
            at_minutes=tuple(int(minute) for minute in entry.get("at_minutes") or ()),
        )
        for entry in stored
    )


def is_schedule(stored: Any) -> bool:
    """Whether a stored schedule can be carried out: known parameters and phases, minutes that come to an end."""
    try:
        rows = schedule_rows(stored)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        return False
    return isinstance(stored, list) and len(rows) <= MOST_ROWS and all(_is_row(row) for row in rows)


def _is_row(row: PlannedRow) -> bool:
    if row.parameter not in PARAMETERS or row.phase not in PHASES:
        return False
    if row.phase in ONCE:
        return row.every_minutes is None and not row.at_minutes
    minutes = row.at_minutes if row.every_minutes is None else (row.every_minutes, *row.at_minutes)
    return (row.every_minutes is None) is bool(row.at_minutes) and all(
        0 < one <= MOST_MINUTES for one in minutes
    )


def rows_of(version: Any) -> tuple[PlannedRow, ...]:
    """The schedule of a protocol version; without one, the whole set at its two intervals."""
    return read_once(version, "vitals_schedule", schedule_rows) or (
        PlannedRow("", "infusion", version.vitals_interval_minutes),
        PlannedRow("", "recovery", version.recovery_vitals_interval_minutes),
    )


def cells(
    session: InfusionSession, *, readings: Sequence[Any], not_done: Sequence[Any], now: datetime
) -> list[Cell]:
    """Every planned reading of a session up to the next one, in the order of their times.

    Args:
        readings: those that stand, in the order of their times.
    """
    grace = timedelta(minutes=session.site.rules.reading_grace_minutes)
    found = []
    for row in rows_of(session.protocol_version):
        column = PARAMETERS[row.parameter][1] if row.parameter else ""
        mine = [one for one in readings if not column or getattr(one, column) is not None]
        excuses = {one.due_at: one for one in not_done if one.parameter in {"", row.parameter}}
        found += list(_Row(row, session, mine, excuses, grace, now).cells())
    return sorted(found, key=lambda cell: cell.due_at)


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the schedule against what was measured."""

    row: PlannedRow
    session: InfusionSession
    readings: Sequence[Any]
    excuses: Mapping[datetime, Any]
    grace: timedelta
    now: datetime

    def cells(self) -> Iterator[Cell]:
        started, ended = self.session.infusion_started_at, self.session.infusion_ended_at
        if self.row.phase == "baseline":
            yield from self._baseline(started)
        elif self.row.phase == "end":
            if ended:
                yield from self._once(ended, ended - self.grace, None)
        else:
            during = self.row.phase == "infusion"
            begun, until = (started, ended) if during else (ended, self.session.closed_at)
            if begun is None:
                return
            yield from (self._every(begun, until) if self.row.every_minutes else self._at(begun, until))

    def _baseline(self, started: datetime | None) -> Iterator[Cell]:
        if started:
            yield from self._once(started, None, started)
        elif self.session.arrived_at:
            yield from self._once(max(self.session.scheduled_start, self.session.arrived_at), None, None)

    def _once(self, due: datetime, since: datetime | None, until: datetime | None) -> Iterator[Cell]:
        """A single reading; of a baseline the last one before the start."""
        within = [
            one
            for one in self.readings
            if (since is None or one.taken_at >= since) and (until is None or one.taken_at <= until)
        ]
        reading = (within[-1] if since is None else within[0]) if within else None
        yield self._cell(due, reading, until or self.session.closed_at)

    def _every(self, begun: datetime, until: datetime | None) -> Iterator[Cell]:
        step = timedelta(minutes=self.row.every_minutes or 0)
        anchor = begun
        for _number in range(MOST_CELLS):
            due = anchor + step
            if until is not None and due > until:
                return
            reading = next((one for one in self.readings if anchor < one.taken_at < due + step), None)
            cell = self._cell(due, reading, due + step)
            yield cell
            if cell.state in {CellState.PLANNED, CellState.DUE, CellState.OVERDUE}:
                return
            anchor = reading.taken_at if reading is not None else due

    def _at(self, begun: datetime, until: datetime | None) -> Iterator[Cell]:
        dues = [begun + timedelta(minutes=minute) for minute in sorted(set(self.row.at_minutes))]
        edges = [
            begun,
            *(first + (second - first) / 2 for first, second in zip(dues, dues[1:], strict=False)),
        ]
        for due, since, end in zip(dues, edges, [*edges[1:], None], strict=True):
            if until is not None and due > until:
                return
            reading = next(
                (
                    one
                    for one in self.readings
                    if since < one.taken_at and (end is None or one.taken_at < end)
                ),
                None,
            )
            cell = self._cell(due, reading, end or self.session.closed_at)
            yield cell
            if cell.state is CellState.PLANNED:
                return

    def _cell(self, due: datetime, reading: Any, closes_at: datetime | None) -> Cell:
        excuse = self.excuses.get(due)
        return Cell(
            self.row.parameter,
            self.row.phase,
            due,
            self._state(due, reading, excuse, closes_at),
            reading,
            excuse,
        )

    def _state(self, due: datetime, reading: Any, excuse: Any, closes_at: datetime | None) -> CellState:
        if reading is not None:
            return CellState.DONE if reading.taken_at <= due + self.grace else CellState.LATE
        if excuse is not None:
            return CellState.NOT_DONE
        if self.now < due:
            return CellState.PLANNED
        if closes_at is not None and self.now >= closes_at:
            return CellState.MISSED
        # A baseline has no clock of its own: it is due until the start.
        in_time = self.row.phase == "baseline" or self.now <= due + self.grace
        return CellState.DUE if in_time else CellState.OVERDUE


def first_due_after(version: Any, *, phase: str, begun: datetime, latest: datetime) -> datetime | None:
    """When the next reading of a phase is due by a schedule, counted from the last reading of anything.

    A board knows only that one; which parameter it lacks, the page of the session says.
    """
    found = []
    for row in read_once(version, "vitals_schedule", schedule_rows):
        if row.phase != phase:
            continue
        if row.every_minutes:
            found.append(max(begun, latest) + timedelta(minutes=row.every_minutes))
        else:
            at = (begun + timedelta(minutes=minute) for minute in sorted(row.at_minutes))
            found += [due for due in at if due > latest][:1]
    return min(found, default=None)
