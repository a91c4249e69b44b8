"""When the next infusion is due, as a table: the last one was on day 0."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from sessions.rules.windows import window_after

LAST = date(2026, 3, 10)


def window(least, aim, most):
    return window_after(LAST, SimpleNamespace(min_gap_days=least, target_gap_days=aim, max_gap_days=most))


def after(days):
    return LAST + timedelta(days=days)


@pytest.mark.parametrize(
    ("gaps", "earliest", "target", "until"),
    [
        ((2, 3, 5), 2, 3, 5),
        ((2, 3, None), 2, 3, 3),
        ((0, 0, 0), 0, 0, 0),
        ((4, 3, 3), 4, 4, 4),
        ((6, 7, 14), 6, 7, 14),
    ],
)
def test_the_window_follows_the_gaps(gaps, earliest, target, until):
    found = window(*gaps)
    assert (found.earliest, found.target, found.until) == (after(earliest), after(target), after(until))


@pytest.mark.parametrize(
    ("most", "day", "state", "late"),
    [
        (5, 0, "ahead", 0),
        (5, 1, "ahead", 0),
        (5, 2, "open", 0),
        (5, 5, "open", 0),
        (5, 6, "late", 1),
        (5, 8, "late", 3),
        (None, 1, "ahead", 0),
        (None, 3, "open", 0),
        (None, 90, "open", 0),
    ],
)
def test_late_is_what_comes_after_the_longest_gap_and_nothing_without_one(most, day, state, late):
    found = window(2, 3, most)
    assert (found.state_on(after(day)), found.days_late(after(day))) == (state, late)
    assert found.checks_lateness == (most is not None)


def test_a_window_over_the_end_of_a_month_and_a_leap_day():
    version = SimpleNamespace(min_gap_days=1, target_gap_days=2, max_gap_days=3)
    found = window_after(date(2028, 2, 27), version)
    assert (found.earliest, found.until) == (date(2028, 2, 28), date(2028, 3, 1))
