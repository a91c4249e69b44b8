"""How long relief lasted by the daily mood, and shrinking spacing, against naive second looks."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.rules.outcomes import Rating
from sessions.rules.relief import BEFORE_DAYS, SILENCE_DAYS, Ending, relief_after
from sessions.rules.small_groups import SMALLEST_GROUP, may_be_shown
from sessions.rules.spacing import spacing_of

DAY = date(2026, 3, 10)


def moods(**by_day):
    """``moods(d0=4, d1=7)``: day after the infusion, and mood; ``m1`` is a day before."""
    days = {int(name[1:]) * (-1 if name[0] == "m" else 1): total for name, total in by_day.items()}
    return [Rating(DAY + timedelta(days=n), total) for n, total in days.items()]


@pytest.mark.parametrize(
    ("said", "following", "days", "ending", "n", "before"),
    [
        ({}, None, None, Ending.NO_BASELINE, 0, None),
        ({"m4": 4, "d1": 8}, None, None, Ending.NO_BASELINE, 0, None),
        ({"m3": 4}, None, None, Ending.NO_RATING, 0, 4),
        ({"m1": 4, "d0": 5, "d1": 5}, None, 1, Ending.LOST, 1, 5),
        ({"d0": 4, "d1": 7, "d2": 6, "d3": 4}, None, 3, Ending.LOST, 3, 4),
        ({"d0": 4, "d1": 7, "d2": 6}, None, 2, Ending.LAST_RATING, 2, 4),
        ({"d0": 4, "d1": 7, "d5": 3}, None, 1, Ending.SILENCE, 1, 4),
        ({"d0": 4, "d4": 7}, None, None, Ending.NO_RATING, 0, 4),
        ({"d0": 4, "d1": 7, "d3": 6, "d6": 1}, 4, 3, Ending.NEXT_INFUSION, 2, 4),
        ({"d0": 4, "d1": 7}, 9, 1, Ending.LAST_RATING, 1, 4),
        ({"d0": 4, "d1": 7, "d4": 4}, 4, 4, Ending.LOST, 2, 4),
    ],
)
def test_relief_ends_with_the_first_mood_that_is_no_better(said, following, days, ending, n, before):
    after = None if following is None else DAY + timedelta(days=following)
    found = relief_after(DAY, moods=moods(**said), next_infusion=after)
    assert (found.days, found.ending, found.ratings, found.before) == (days, ending, n, before)
    assert found.is_over == (ending is Ending.LOST)


@given(st.dictionaries(st.integers(-6, 20), st.integers(0, 10), max_size=20), st.none() | st.integers(1, 20))
def test_against_a_walk_day_by_day(by_number, following):
    found = relief_after(
        DAY,
        moods=[Rating(DAY + timedelta(days=n), total) for n, total in by_number.items()],
        next_infusion=None if following is None else DAY + timedelta(days=following),
    )
    before = None
    for n in range(-BEFORE_DAYS, 1):
        before = by_number.get(n, before)
    if before is None:
        assert found.days is None
        return
    quiet, held, n = 0, 0, 0
    while True:
        n += 1
        if n > (following or 99):
            break
        if n not in by_number:
            quiet += 1
            if quiet >= SILENCE_DAYS:
                break  # the next mood comes more than so many days after the last one
            continue
        quiet = 0
        if by_number[n] <= before:
            assert (found.days, found.ending) == (n, Ending.LOST)
            return
        held = n
    assert found.ending is not Ending.LOST
    assert found.days == (held or None)


@pytest.mark.parametrize(
    ("gaps", "shrinks"),
    [
        ((), False),
        ((21,), False),
        ((21, 14), False),
        ((21, 14, 10), True),
        ((21, 14, 14), False),
        ((7, 21, 14, 10), True),
        ((21, 14, 10, 12), False),
    ],
)
def test_shrinking_is_two_shorter_gaps_in_a_row(gaps, shrinks):
    days = [DAY]
    for gap in gaps:
        days.append(days[-1] + timedelta(days=gap))
    found = spacing_of(list(reversed(days)))
    assert (found.gaps, found.is_shrinking) == (gaps, shrinks)
    assert (found.shortest, found.longest) == (min(gaps, default=None), max(gaps, default=None))


def test_the_smallest_group():
    assert [n for n in range(30) if may_be_shown(n)] == list(range(SMALLEST_GROUP, 30))
