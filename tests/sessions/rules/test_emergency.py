"""The log of an emergency, and the values of discharge criteria: pure tables."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.common.errors import Invalid
from sessions.demo.protocols import STEADY
from sessions.rules.discharge_values import (
    ALDRETE,
    checked_values,
    circulation_points,
    decided_by_value,
    words_of,
)
from sessions.rules.emergency import logs, running_log
from tests.sessions.scenes import NOON


def step(kind, minutes):
    return SimpleNamespace(kind=kind, taken_at=NOON + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("steps", "spans"),
    [
        ([], []),
        ([("alarm", 0)], [(0, None)]),
        ([("oxygen", 3), ("alarm", 0), ("over", 9)], [(0, 9)]),
        ([("called", 2)], [(2, None)]),
        ([("alarm", 0), ("over", 5), ("alarm", 20), ("shock", 22)], [(0, 5), (20, None)]),
        ([("alarm", 0), ("over", 0)], [(0, 0)]),
        ([("alarm", 0), ("over", 5), ("drug", 3)], [(0, 5)]),
    ],
)
def test_an_emergency_lasts_from_its_first_step_to_its_end(steps, spans):
    found = logs([step(*one) for one in steps])
    assert [(_minute(log.began_at), _minute(log.over_at)) for log in found] == spans
    is_open = bool(spans) and spans[-1][1] is None
    assert bool(running_log([step(*one) for one in steps])) is is_open


def _minute(moment):
    return None if moment is None else int((moment - NOON).total_seconds() // 60)


@given(st.lists(st.tuples(st.sampled_from(["alarm", "oxygen", "called", "over"]), st.integers(0, 30))))
def test_no_step_is_lost_and_only_the_last_emergency_goes_on(steps):
    found = logs([step(*one) for one in steps])
    assert sum(len(log.steps) for log in found) == len(steps)
    assert all(log.over_at is not None for log in found[:-1])


@pytest.mark.parametrize(
    ("systolic", "points"),
    [(120, 2), (144, 2), (145, 1), (96, 2), (95, 1), (180, 1), (181, 0), (60, 1), (59, 0), (None, None)],
)
def test_circulation_is_scored_against_the_baseline(systolic, points):
    baseline = SimpleNamespace(systolic=120)
    assert circulation_points(SimpleNamespace(systolic=systolic), baseline) == points
    assert circulation_points(None, baseline) is None
    assert circulation_points(SimpleNamespace(systolic=120), None) is None


def test_a_score_keeps_what_the_readings_say_beside_what_the_assessor_saw():
    stored = checked_values({"aldrete": STEADY}, computed_circulation=1)["aldrete"]
    assert (stored["total"], stored["circulation"], stored["circulation_computed"]) == (10, 2, 1)
    assert "by the readings 1" in words_of("aldrete", stored)
    assert decided_by_value("aldrete", stored, aldrete_minimum=10) is True
    assert decided_by_value("aldrete", stored | {"total": 8}, aldrete_minimum=9) is False
    assert decided_by_value("alert", 5, aldrete_minimum=9) is None


@pytest.mark.parametrize(
    "values",
    [
        {"aldrete": {part.code: 2 for part in ALDRETE[:-1]}},
        {"aldrete": STEADY | {"oxygen": 3}},
        {"aldrete": 9},
        {"alert": 6},
        {"alert": True},
        {"no-dissociation": -1},
        {"oriented": 1},
    ],
)
def test_a_value_that_cannot_be_is_refused(values):
    with pytest.raises(Invalid) as caught:
        checked_values(values, computed_circulation=None)
    assert {problem.code for problem in caught.value.problems} == {"discharge.value"}
