"""The grid of one session's readings: times across, parameters down, with what was planned and did not come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from sessions.rules.vitals_schedule import Cell, CellState

ROWS: dict[str, tuple[Any, str]] = {
    "blood_pressure": (_("BP"), "mmHg"),
    "heart_rate": (_("HR"), "/min"),
    "oxygen_saturation": ("SpO2", "%"),
    "respiratory_rate": (_("RR"), "/min"),
    "oxygen_flow": (_("Oxygen"), "L/min"),
    "sedation": ("MOAA/S", ""),
    "rass": ("RASS", ""),
    "dissociation": (_("Dissociation"), "0–10"),
    "pain": (_("Pain"), "0–10"),
    "temperature": (_("Temperature"), "°C"),
}
"""The grid's rows in the order in which they are read; one without a value and without a plan is left out."""
ALWAYS = ("blood_pressure", "heart_rate", "oxygen_saturation")
PRESSURES = frozenset({"systolic", "diastolic"})
WORDS: dict[CellState, Any] = {
    CellState.PLANNED: _("planned"),
    CellState.DUE: _("due"),
    CellState.OVERDUE: _("overdue"),
    CellState.LATE: _("late"),
    CellState.MISSED: _("missed"),
    CellState.NOT_DONE: _("not done"),
}


@dataclass(frozen=True, slots=True)
class SheetCell:
    """One value of the grid, its change from the baseline, and the values that it replaced.

    Example: ``SheetCell("134/82", change=12, was=[("143/82", correction)], state="late")``
    """

    text: str = ""
    change: int | None = None
    was: Sequence[tuple[str, Any]] = ()
    state: str = ""
    words: Any = ""
    reason: str = ""
    is_breach: bool = False
    is_stale: bool = False
    dims_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One moment: a reading, or a planned one that did not come (yet)."""

    at: datetime
    reading: Any = None
    is_baseline: bool = False
    is_late_entry: bool = False
    is_stale: bool = False
    dims_at: datetime | None = None
    phase: str = ""
    breached: frozenset[str] = frozenset()
    state: str = ""
    words: Any = ""


@dataclass(frozen=True, slots=True)
class Flowsheet:
    """The grid. ``open_moments`` are those of which it can still be said why nothing was measured."""

    columns: list[Column] = field(default_factory=list)
    rows: list[tuple[Any, str, list[SheetCell]]] = field(default_factory=list)
    open_moments: list[tuple[datetime, str, Any]] = field(default_factory=list)
    due_now: list[str] = field(default_factory=list)


def flowsheet(
    rows: Sequence[Any],
    *,
    planned: Sequence[Cell],
    facts: Iterable[Any],
    mark_minutes: int,
    dims_at: datetime | None,
    now: datetime,
) -> Flowsheet:
    """The grid from the readings as the page has judged them (``ReadingRow``), and from the plan.

    Args:
        facts: every row of vital signs, superseded ones too.
        mark_minutes: what was entered later than this is marked.
        dims_at: when the last reading will be older than its interval, and dims: here if that has passed, else on the
            open page. None: no other one is due.
    """
    unanswered = [cell for cell in planned if cell.reading is None]
    late = {(cell.reading.pk, cell.parameter) for cell in planned if cell.state is CellState.LATE}
    baseline = next((row.reading for row in rows if row.is_baseline), None)
    columns = [_reading_column(row, mark_minutes) for row in rows]
    if rows and dims_at is not None:
        columns[-1] = replace(columns[-1], dims_at=dims_at, is_stale=now > dims_at)
    columns += [_planned_column(at, unanswered) for at in sorted({cell.due_at for cell in unanswered})]
    columns.sort(key=lambda column: (column.at, column.reading is None))
    by_key = {fact.pk: fact for fact in facts}
    shown = _shown(rows, planned)
    grid = []
    for name in shown:
        cells = [_cell(name, column, baseline, by_key, late, unanswered) for column in columns]
        grid.append((*ROWS[name], cells))
    open_cells = [cell for cell in unanswered if cell.state.is_open]
    moments = [
        (column.at, column.state, column.words)
        for column in (_planned_column(at, open_cells) for at in sorted({cell.due_at for cell in open_cells}))
    ]
    due = [str(ROWS[cell.parameter][0]) for cell in unanswered if cell.parameter and _is_due(cell)]
    return Flowsheet(columns, grid, moments, list(dict.fromkeys(due)))


def _is_due(cell: Cell) -> bool:
    return cell.state in {CellState.DUE, CellState.OVERDUE}


def _shown(rows: Sequence[Any], planned: Sequence[Cell]) -> list[str]:
    asked = {cell.parameter for cell in planned}
    return [
        name
        for name in ROWS
        if name in ALWAYS or name in asked or any(value_text(row.reading, name) for row in rows)
    ]


def _reading_column(row: Any, mark_minutes: int) -> Column:
    reading = row.reading
    late_by = (reading.entered_at - reading.taken_at).total_seconds()
    return Column(
        at=reading.taken_at,
        reading=reading,
        is_baseline=row.is_baseline,
        is_late_entry=late_by > 60 * mark_minutes,
        phase=row.phase,
        breached=frozenset(breach.limit.parameter for breach in row.breaches),
    )


def _planned_column(at: datetime, unanswered: Sequence[Cell]) -> Column:
    """A moment at which something was planned; the state that asks for most stands above it."""
    states = [cell.state for cell in unanswered if cell.due_at == at]
    state = max(states, key=list(WORDS).index)
    return Column(at=at, state=state.value, words=WORDS[state])


def _cell(
    name: str,
    column: Column,
    baseline: Any,
    by_key: dict[int, Any],
    late: set[tuple[int, str]],
    unanswered: Sequence[Cell],
) -> SheetCell:
    if column.reading is None:
        mine = [cell for cell in unanswered if cell.due_at == column.at and cell.parameter in {"", name}]
        if not mine or (not mine[0].parameter and name not in ALWAYS):
            return SheetCell()
        cell = mine[0]
        reason = cell.not_done.reason if cell.not_done else ""
        return SheetCell(state=cell.state.value, words=WORDS[cell.state], reason=reason)
    reading, text = column.reading, value_text(column.reading, name)
    is_late = bool({(reading.pk, name), (reading.pk, "")} & late) and text != ""
    return SheetCell(
        text=text,
        change=_change(name, reading, baseline),
        was=list(_earlier(name, reading, by_key, text)),
        is_breach=bool(column.breached & PRESSURES if name == "blood_pressure" else name in column.breached),
        is_stale=column.is_stale,
        dims_at=column.dims_at,
        state=CellState.LATE.value if is_late else "",
        words=WORDS[CellState.LATE] if is_late else "",
    )


def _earlier(name: str, reading: Any, by_key: dict[int, Any], text: str) -> Iterable[tuple[str, Any]]:
    """What stood there before each correction that changed it, with the row that corrected it."""
    while reading.corrects_id and (first := by_key.get(reading.corrects_id)):
        before = value_text(first, name)
        if before != text:
            yield before or "–", reading
        reading, text = first, before


def _change(name: str, reading: Any, baseline: Any) -> int | None:
    column = "systolic" if name == "blood_pressure" else name
    if (
        baseline is None
        or reading.pk == baseline.pk
        or column not in {"systolic", "heart_rate", "oxygen_saturation"}
    ):
        return None
    value, before = getattr(reading, column), getattr(baseline, column)
    return None if value is None or before is None else value - before


def value_text(reading: Any, name: str) -> str:
    """A parameter of a reading as it is read: ``134/82``, ``−1``, ``36.6``."""
    if name == "blood_pressure":
        return f"{reading.systolic}/{reading.diastolic}" if reading.systolic else ""
    if name == "temperature":
        tenths = reading.temperature_decicelsius
        return "" if tenths is None else f"{tenths / 10:.1f}"
    value = getattr(reading, name)
    if value is None:
        return ""
    return f"{value:+d}".replace("-", "−") if name == "rass" and value else str(value)
