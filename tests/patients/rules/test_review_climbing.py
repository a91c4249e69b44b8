"""To whom an unconfirmed review climbs, and when: walked minute by minute and compared with a table."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.rules.review_climbing import People, is_waiting, steps_due

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
NURSE, PRESCRIBER, ON_CALL, MANAGER = 1, 2, 3, 4
EVERYBODY = People(PRESCRIBER, ON_CALL, MANAGER)
MINUTES = 15


def after(minutes):
    return NOON + timedelta(minutes=minutes)


def person(key):
    return SimpleNamespace(pk=key) if key else None


class Review:
    """What the rules read of a review: due an hour after it was opened."""

    opened_at, due_at = NOON, after(60)

    def __init__(self, owner=None):
        self._entries = [entry("assigned", 0, owner)] if owner else []
        self._steps = []
        self.entries, self.steps = Rows(self._entries), Rows(self._steps)

    def take(self, due, at):
        self._steps.append(
            SimpleNamespace(kind="climbed", step=due.who.value, to=person(due.to), to_id=due.to, at=at)
        )

    def say(self, kind, minute, who):
        self._entries.append(entry(kind, minute, who))


class Rows:
    def __init__(self, rows):
        self.all = lambda: rows


def entry(kind, minute, who):
    owner = person(who) if kind == "assigned" else None
    return SimpleNamespace(
        kind=kind, entered_at=after(minute), owner=owner, owner_id=owner and who, taken_by_id=who
    )


def walk(review, people, *, until=400, minutes=MINUTES):
    """Every step with the minute in which the job took it, as it runs each minute."""
    found = []
    for minute in range(until):
        if not is_waiting(review):
            break
        for due in steps_due(review, people, minutes=minutes, now=after(minute)):
            review.take(due, after(minute))
            found.append((minute, due.who.value, due.to))
    return found


@pytest.mark.parametrize(
    ("owner", "people", "expected"),
    [
        # Whoever has it first has the hour; then a quarter of an hour each.
        (NURSE, EVERYBODY, [(60, "prescriber", 2), (75, "on_call", 3), (75, "manager", 4)]),
        # Nobody has it: the prescriber gets it at once, and has the hour.
        (None, EVERYBODY, [(0, "prescriber", 2), (60, "on_call", 3), (60, "manager", 4)]),
        # The owner is the responsible prescriber, and is not asked twice.
        (PRESCRIBER, EVERYBODY, [(60, "on_call", 3), (60, "manager", 4)]),
        # One person is both.
        (NURSE, People(PRESCRIBER, PRESCRIBER, MANAGER), [(60, "prescriber", 2), (75, "manager", 4)]),
        # Nobody is named for a step: nobody is waited for.
        (NURSE, People(None, ON_CALL), [(60, "prescriber", None), (60, "on_call", 3), (60, "manager", None)]),
        (
            None,
            People(),
            [(0, "prescriber", None), (0, "on_call", None), (0, "manager", None)],
        ),
        (None, People(manager=MANAGER), [(0, "prescriber", None), (0, "on_call", None), (0, "manager", 4)]),
    ],
)
def test_the_ladder(owner, people, expected):
    assert walk(Review(owner), people) == expected


def test_a_site_that_has_set_no_minutes_lets_nothing_climb():
    assert walk(Review(), EVERYBODY, minutes=0) == []


@pytest.mark.parametrize("kind", ["confirmed", "closed"])
def test_what_is_confirmed_or_closed_climbs_no_further(kind):
    review = Review(NURSE)
    walk(review, EVERYBODY, until=61)
    review.say(kind, 62, PRESCRIBER)
    assert walk(review, EVERYBODY) == []


def test_that_an_earlier_owner_confirmed_is_nothing_once_another_one_has_it():
    review = Review(NURSE)
    review.say("confirmed", 5, NURSE)
    assert walk(review, EVERYBODY) == []
    review.say("assigned", 90, 9)
    assert walk(review, EVERYBODY) == [(105, "prescriber", 2), (120, "on_call", 3), (120, "manager", 4)]


def test_whoever_is_named_after_a_night_with_nobody_is_asked_after_all():
    review = Review()
    walk(review, People())
    walk(review, People(None, 7), until=20)
    assert walk(review, EVERYBODY) == [(60, "prescriber", 2), (75, "on_call", 3), (75, "manager", 4)]
    asked = [(row.step, row.to_id) for row in review.steps.all() if row.to_id]
    assert asked[0] == ("on_call", 7)


KEYS = st.none() | st.integers(1, 5)


@given(
    owner=KEYS,
    shifts=st.lists(st.builds(People, KEYS, KEYS, KEYS), min_size=1, max_size=4),
    minutes=st.integers(1, 90),
)
def test_nobody_is_asked_twice_nor_too_early_and_everybody_named_to_the_end_is(owner, shifts, minutes):
    review, last = Review(owner), 0
    for people in shifts:
        for minute in range(last, last + 200, 10):
            for due in steps_due(review, people, minutes=minutes, now=after(minute)):
                review.take(due, after(minute))
        last += 200
    taken = review.steps.all()
    asked = [row for row in taken if row.to_id and row.step != "manager"]
    keys = [row.to_id for row in asked] + ([owner] if owner else [])
    assert len(keys) == len(set(keys))
    moments = [row.at for row in asked]
    assert all(b - a >= timedelta(minutes=minutes) for a, b in zip(moments, moments[1:], strict=False))
    assert not owner or all(at >= review.due_at for at in moments)
    named = {shifts[-1].prescriber, shifts[-1].on_call} - {None}
    assert named <= set(keys)
    for step in ("prescriber", "on_call", "manager"):
        assert sum(row.step == step and row.to_id is None for row in taken) <= 1
