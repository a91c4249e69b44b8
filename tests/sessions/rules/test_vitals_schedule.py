"""Planned readings: what is read back, and what becomes of each of them, as tables in minutes."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.rules.vitals_schedule import MOST_CELLS, PARAMETERS, PHASES, cells, is_schedule, schedule_rows

START = datetime(2026, 3, 10, 16, 0, tzinfo=UTC)
BP10 = [{"parameter": "blood_pressure", "phase": "infusion", "every_minutes": 10}]
AT = [{"parameter": "sedation", "phase": "infusion", "at_minutes": [40, 20]}]
END = [{"parameter": "blood_pressure", "phase": "end"}]
BEFORE = [{"parameter": "blood_pressure", "phase": "baseline"}]
AFTER = [{"parameter": "heart_rate", "phase": "recovery", "every_minutes": 15}]


def minute(number: float | None) -> datetime | None:
    return None if number is None else START + timedelta(minutes=number)


def reading(at: float, **values: int) -> Any:
    empty = {column: None for _label, column in PARAMETERS.values()}
    return SimpleNamespace(
        taken_at=minute(at), **{**empty, **(values or {"systolic": 120, "heart_rate": 70})}
    )


def told(schedule: list, at: float, readings: list, *, ended=None, closed=None, started=0, excused=()) -> str:
    """``10 done, 20 overdue``: minutes since the start, at minute ``at``; the site allows three minutes."""
    version = SimpleNamespace(
        vitals_schedule=schedule, vitals_interval_minutes=10, recovery_vitals_interval_minutes=15
    )
    session: Any = SimpleNamespace(
        site=SimpleNamespace(rules=SimpleNamespace(reading_grace_minutes=3)),
        protocol_version=version,
        scheduled_start=minute(-30),
        arrived_at=minute(-25),
        infusion_started_at=minute(started),
        infusion_ended_at=minute(ended),
        closed_at=minute(closed),
    )
    rows = [reading(one) if isinstance(one, int | float) else one for one in readings]
    excuses = [SimpleNamespace(due_at=minute(one), parameter="") for one in excused]
    found = cells(session, readings=rows, not_done=excuses, now=minute(at))
    return ", ".join(f"{(cell.due_at - START) / timedelta(minutes=1):g} {cell.state.value}" for cell in found)


@pytest.mark.parametrize(
    ("at", "readings", "expected"),
    [
        (5, [], "10 planned"),
        (10, [], "10 due"),
        (13, [], "10 due"),
        (14, [], "10 overdue"),
        (20, [], "10 missed, 20 due"),
        (14, [9], "10 done, 19 planned"),
        (14, [13], "10 done, 23 planned"),
        (16, [14], "10 late, 24 planned"),
        (25, [10], "10 done, 20 overdue"),
        (31, [10], "10 done, 20 missed, 30 due"),
        # What lacks the parameter is no answer.
        (14, [reading(9, heart_rate=70)], "10 overdue"),
        # A reading before its interval begins the next one.
        (14, [4], "10 done, 14 due"),
    ],
)
def test_every_ten_minutes(at, readings, expected):
    assert told(BP10, at, readings) == expected


@pytest.mark.parametrize(
    ("schedule", "at", "readings", "times", "expected"),
    [
        (BP10, 60, [10, 20], {"ended": 25}, "10 done, 20 done"),
        (BP10, 60, [10], {"ended": 35}, "10 done, 20 missed, 30 missed"),
        (BP10, 22, [10], {"excused": [20]}, "10 done, 20 not_done, 30 planned"),
        (AT, 10, [], {}, "20 planned"),
        (AT, 45, [reading(18, sedation=5)], {}, "20 done, 40 overdue"),
        (AT, 45, [reading(31, sedation=5)], {}, "20 missed, 40 done"),
        (AT, 45, [reading(29, sedation=5)], {}, "20 late, 40 overdue"),
        (END, 30, [], {}, ""),
        (END, 42, [], {"ended": 40}, "40 due"),
        (END, 50, [38], {"ended": 40}, "40 done"),
        (END, 50, [44], {"ended": 40}, "40 late"),
        (END, 90, [], {"ended": 40, "closed": 80}, "40 missed"),
        (BEFORE, -20, [], {"started": None}, "-25 due"),
        (BEFORE, 5, [-10, -2, 3], {}, "0 done"),
        (BEFORE, 5, [3], {}, "0 missed"),
        (AFTER, 60, [55], {"ended": 40}, "55 done, 70 planned"),
        (AFTER, 99, [55], {"ended": 40, "closed": 80}, "55 done, 70 missed"),
        ([], 45, [11], {"ended": 40}, "10 done, 21 missed, 31 missed, 55 planned"),
    ],
)
def test_what_becomes_of_a_planned_reading(schedule, at, readings, times, expected):
    assert told(schedule, at, readings, **times) == expected


def test_a_chart_left_open_for_days_comes_to_an_end():
    assert told(BP10, 60 * 24 * 9, []).count("missed") == MOST_CELLS


@given(st.lists(st.integers(1, 200), max_size=12, unique=True), st.integers(0, 260))
def test_each_reading_answers_at_most_one_and_nothing_stays_open_twice(at_minutes, now):
    found = told(BP10, now, sorted(minute for minute in at_minutes if minute <= now)).split(", ")
    states = [one.split(" ")[1] for one in found]
    assert sum(state in {"planned", "due", "overdue"} for state in states) <= 1
    assert sum(state in {"done", "late"} for state in states) <= len(at_minutes)
    dues = [float(one.split(" ")[0]) for one in found]
    assert dues == sorted(set(dues))


WRONG = [
    {"parameter": "mood"},
    {"phase": "later"},
    {"every_minutes": 0},
    {"every_minutes": 1441},
    {"every_minutes": "soon"},
    {"every_minutes": None},
    {"at_minutes": [10]},
    {"at_minutes": [0], "every_minutes": None},
    {"at_minutes": 10, "every_minutes": None},
    {"phase": "end"},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_row_that_cannot_be_carried_out_is_no_schedule(wrong):
    assert is_schedule(BP10 + AT + END + BEFORE + AFTER)
    assert not is_schedule([BP10[0] | wrong])


@given(
    st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3))
)
def test_anything_else_is_refused_and_nothing_breaks(stored):
    assert is_schedule(stored) == (stored == [])


def test_every_parameter_can_be_planned_in_every_phase():
    rows = [
        {"parameter": parameter, "phase": phase}
        | ({} if phase in {"baseline", "end"} else {"every_minutes": 10})
        for parameter in PARAMETERS
        for phase in PHASES
    ]
    assert is_schedule(rows)
    assert len(schedule_rows(rows)) == len(rows)
