"""Who is told next of an alert that nobody acknowledges."""

from datetime import timedelta

import pytest

from sessions.rules.alert_escalation import People, next_step_in, steps_due

ALL = People(nurses=(1, 2, 3), prescriber=4, on_call=5, managers=(6, 7))
NURSE, PRESCRIBER = ("nurse", 2), ("prescriber", 4)
LAST = [("on_call", 5), ("manager", 6)]

TABLE = {
    "too early": (4, (), ALL, []),
    "another nurse": (5, (), ALL, [NURSE]),
    "once only": (9, ("nurse",), ALL, []),
    "then the prescriber": (10, ("nurse",), ALL, [PRESCRIBER]),
    "then who is on call, and the manager": (15, ("nurse", "prescriber"), ALL, LAST),
    "all at once after a silent night": (60, (), ALL, [NURSE, PRESCRIBER, *LAST]),
    "nobody else is on duty: the prescriber at once": (
        5,
        (),
        People(nurses=(1,), prescriber=4, on_call=5),
        [("nurse", None), PRESCRIBER],
    ),
    "nobody at all is said, too": (
        5,
        (),
        People(),
        [("nurse", None), ("prescriber", None), ("on_call", None), ("manager", None)],
    ),
    "the manager is never the only one waited for": (
        5,
        (),
        People(nurses=(2,), managers=(6,)),
        [NURSE],
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_steps_that_are_due(name):
    minutes, done, people, expected = TABLE[name]
    found = steps_due(age=timedelta(minutes=minutes), done=done, people=people, carer=1, minutes=5)
    assert [(due.step, due.to) for due in found] == expected


def test_a_site_that_has_set_nothing_never_passes_on():
    told = {"age": timedelta(days=1), "done": (), "people": ALL, "carer": 1, "minutes": 0}
    assert steps_due(**told) == []
    assert next_step_in(**told) is None


@pytest.mark.parametrize(("age", "done", "left"), [(2, (), 3), (5, (), 0), (6, ("nurse",), 4)])
def test_when_the_next_step_is_due(age, done, left):
    found = next_step_in(age=timedelta(minutes=age), done=done, people=ALL, carer=1, minutes=5)
    assert found == timedelta(minutes=left)
