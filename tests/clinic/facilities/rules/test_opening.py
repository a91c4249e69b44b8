"""Open times against a model that asks minute by minute, and the nights on which the clocks change."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.common import clock
from clinic.common.errors import Invalid
from clinic.facilities.models import Site
from clinic.facilities.rules.duty import Duty, on_duty, steps
from clinic.facilities.rules.hours import MIDNIGHT, checked_week
from clinic.facilities.rules.opening import OpenTimes, without

START = datetime(2026, 3, 16, 12, tzinfo=UTC)
SITE = Site(name="North clinic", time_zone="America/New_York")
PLAIN = date(2026, 3, 17)  # a Tuesday on which no clock changes
FORWARD, BACK = date(2026, 3, 8), date(2026, 11, 1)  # Sundays in New York


def minutes(number):
    return START + timedelta(minutes=number)


def ranges(most=60):
    pair = st.tuples(st.integers(0, most), st.integers(0, most)).filter(lambda pair: pair[0] < pair[1])
    return st.lists(pair.map(lambda pair: (minutes(pair[0]), minutes(pair[1]))), max_size=6)


def inside(at, spans):
    return any(span[0] <= at < span[1] for span in spans)


@given(ranges(), ranges())
def test_what_is_left_is_what_was_there_and_is_not_taken(whole, taken):
    left = without(whole, taken)
    assert all(start < end for start, end in left)
    assert left == sorted(left)
    for number in range(61):
        at = minutes(number)
        assert inside(at, left) == (inside(at, whole) and not inside(at, taken))


@given(ranges(), ranges(), st.integers(0, 50), st.integers(1, 10))
def test_within_a_step_nothing_changes(duty, others, first, length):
    start, end = minutes(first), minutes(first + length)
    known = [Duty(number % 3, begins, ends) for number, (begins, ends) in enumerate(duty)]
    found = steps(known, others, start, end)
    assert [found[0][0], found[-1][1]] == [start, end]
    assert all(before[1] == after[0] for before, after in zip(found, found[1:], strict=False))
    for begins, ends in found:
        each = [begins + timedelta(minutes=n) for n in range(int((ends - begins).total_seconds() // 60))]
        assert len({on_duty(known, at) for at in each}) == 1
        assert len({tuple(inside(at, [other]) for other in others) for at in each}) == 1


clock_times = st.integers(0, 24 * 4).map(lambda quarter: quarter * 15)


def as_time(minute):
    return MIDNIGHT if minute == 24 * 60 else time(minute // 60, minute % 60)


def stretches():
    """Up to three stretches of a day that neither overlap nor touch, in minutes."""
    edges = st.lists(clock_times, min_size=2, max_size=6, unique=True).map(sorted)
    return edges.map(lambda found: list(zip(found[::2], found[1::2], strict=False)))


@given(stretches(), ranges(most=24 * 60))
def test_open_on_a_day_is_what_a_clock_on_the_wall_says(day, closed):
    """Every five minutes of an ordinary day."""
    hours = tuple((PLAIN.weekday(), as_time(opens), as_time(closes)) for opens, closes in day)
    closures = tuple((start, end, "Training") for start, end in closed)
    found = OpenTimes(SITE, hours, closures).on(PLAIN)
    start, end = clock.day_range(PLAIN, SITE.time_zone)
    at = start
    while at < end:
        wall = at.astimezone(SITE.zone)
        minute = wall.hour * 60 + wall.minute
        is_open = any(opens <= minute < closes for opens, closes in day) and not inside(at, closed)
        assert inside(at, found) == is_open
        at += timedelta(minutes=5)
    assert all(start <= begins and ends <= end for begins, ends in found)


def wall(day, at, fold=0):
    return datetime.combine(day, at, SITE.zone).replace(fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "hours", "real_hours"),
    [
        (PLAIN, (time(1), time(4)), 3),
        (PLAIN, (time(0), MIDNIGHT), 24),
        (FORWARD, (time(1), time(4)), 2),
        (FORWARD, (time(0), MIDNIGHT), 23),
        (BACK, (time(0), time(4)), 5),
        (BACK, (time(0), MIDNIGHT), 25),
        (FORWARD, (time(8), time(17)), 9),
        (BACK, (time(8), time(17)), 9),
    ],
)
def test_a_night_of_changing_clocks_is_as_long_as_it_is(day, hours, real_hours):
    times = OpenTimes(SITE, ((day.weekday(), *hours),), ())
    ((start, end),) = times.on(day)
    assert end - start == timedelta(hours=real_hours)
    assert times.covers(start, end)
    assert not times.covers(start, end + timedelta(seconds=1))


def test_a_time_that_the_clocks_skip_is_the_one_after_the_leap():
    ((start, _end),) = OpenTimes(SITE, ((6, time(2, 30), time(5)),), ()).on(FORWARD)
    assert start == wall(FORWARD, time(3, 30))


def test_hours_that_are_not_set_forbid_nothing_but_closures_do():
    start, end = wall(PLAIN, time(3)), wall(PLAIN, time(4))
    assert OpenTimes(SITE, (), ()).covers(start, end)
    closed = OpenTimes(SITE, (), ((start, end, "Repair"),))
    assert not closed.covers(start, end)
    assert closed.covers(end, end + timedelta(hours=1))
    assert closed.closure_in(start - timedelta(hours=1), start) == ""


NINE, NOON, ONE, FIVE = time(9), time(12), time(13), time(17)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ([], []),
        ([(1, ONE, FIVE), (1, NINE, NOON)], [(1, NINE, NOON), (1, ONE, FIVE)]),
        ([(0, NINE, NOON), (0, NOON, FIVE)], [(0, NINE, FIVE)]),
        ([(0, NINE, NOON), (1, NOON, FIVE)], [(0, NINE, NOON), (1, NOON, FIVE)]),
        ([(6, NINE, time(0))], [(6, NINE, MIDNIGHT)]),
        ([(6, time(0), time(0))], [(6, time(0), MIDNIGHT)]),
    ],
)
def test_a_week_is_kept_in_order_and_joined_where_it_touches(typed, kept):
    assert checked_week(typed) == kept


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ([(7, NINE, FIVE)], "hours.weekday"),
        ([(-1, NINE, FIVE)], "hours.weekday"),
        ([(0, FIVE, NINE)], "hours.order"),
        ([(0, NINE, NINE)], "hours.order"),
        ([(0, NINE, ONE), (0, NOON, FIVE)], "hours.overlap"),
        ([(0, NINE, FIVE), (0, NINE, FIVE)], "hours.overlap"),
        ([(0, time(hour), time(hour, 30)) for hour in range(7)], "hours.many"),
    ],
)
def test_a_week_that_cannot_be_meant_is_refused(typed, code):
    with pytest.raises(Invalid) as caught:
        checked_week(typed)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_every_wrong_day_is_told_at_once():
    with pytest.raises(Invalid) as caught:
        checked_week([(0, FIVE, NINE), (2, FIVE, NINE)])
    assert [str(problem)[:9] for problem in caught.value.problems] == ["Monday: t", "Wednesday"]
