"""What a plan of check-ins says, how it is typed, and when each is due on the patient's clocks."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.common.errors import Invalid
from sessions.demo.protocols import DEPRESSION
from sessions.rules.check_in_plan import (
    EXAMPLE,
    as_lines,
    check_plan,
    due_at,
    occasions,
    plan_rows,
    read_lines,
)
from tests.sessions.check_ins import DAILY, DAY_ONE, WEEKLY

PARTS = ["phq9", "gad7", "mood", "side-effects"]
ROWS = st.builds(
    lambda first, more, every, at, ask, hours: {
        "from_day": first,
        "until_day": min(first + more, 366),
        "every_days": every,
        "at": f"{at:%H:%M}",
        "ask": ask,
        "within_hours": hours,
    },
    st.integers(1, 366),
    st.integers(1, 60),
    st.integers(1, 30),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.lists(st.sampled_from(PARTS), min_size=1, unique=True),
    st.integers(1, 168),
)


def test_what_several_rows_ask_on_one_day_is_asked_together():
    found = {one.day: one for one in occasions([DAY_ONE, DAILY, WEEKLY])}
    assert sorted(found) == [1, 2, 3, 14, 21, 28]
    assert (found[1].ask, found[1].at, found[1].within_hours) == (("side-effects", "mood"), time(10), 48)
    assert (found[2].ask, found[2].at, found[2].within_hours) == (("mood",), time(18), 20)


@given(st.lists(ROWS, max_size=6))
def test_a_plan_is_typed_as_it_is_read(plan):
    check_plan(plan)
    # A row of one day says nothing of its interval.
    said = [row if row["until_day"] != row["from_day"] else row | {"every_days": 1} for row in plan]
    assert plan_rows(read_lines(as_lines(plan))) == plan_rows(said)


@given(st.lists(ROWS, max_size=6))
def test_occasions_agree_with_counting_every_day(plan):
    expected: dict[int, set[str]] = {}
    for row in plan:
        for day in range(1, 367):
            past = day - row["from_day"]
            if 0 <= past <= row["until_day"] - row["from_day"] and past % row["every_days"] == 0:
                expected.setdefault(day, set()).update(row["ask"])
    assert {one.day: set(one.ask) for one in occasions(plan)} == expected


@pytest.mark.parametrize(
    "wrong",
    [
        "x",
        [1],
        [{}],
        [DAY_ONE | {"from_day": 0}],
        [DAY_ONE | {"until_day": 400}],
        [DAILY | {"from_day": 9}],
        [DAILY | {"every_days": 0}],
        [DAY_ONE | {"at": "25:00"}],
        [DAY_ONE | {"at": "10:00+02:00"}],
        [DAY_ONE | {"ask": []}],
        [DAY_ONE | {"ask": ["madrs"]}],
        [DAY_ONE | {"ask": ["mood", "mood"]}],
        [DAY_ONE | {"within_hours": 0}],
        [DAY_ONE | {"within_hours": 169}],
        [DAY_ONE | {"from_day": float("inf")}],
        [DAY_ONE] * 21,
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused(wrong):
    with pytest.raises(Invalid) as told:
        check_plan(wrong)
    assert told.value.code == "protocol.check_ins"


@pytest.mark.parametrize(
    "line", ["tomorrow", "day 1: mood", "day 1 at 9:00 within 4 h: mood", "day 1 at 09:00 within 4 h:"]
)
def test_a_line_that_cannot_be_read_is_named(line):
    with pytest.raises(Invalid, match="Line 2") as told:
        read_lines(f"{EXAMPLE}\n{line}")
    assert told.value.code == "protocol.check_in_line"


def test_the_demos_plan_can_be_carried_out_and_keeps_the_interval_of_its_questionnaire():
    check_plan(DEPRESSION["check_ins"])
    assert min(one.day for one in occasions(DEPRESSION["check_ins"]) if "phq9" in one.ask) >= 14


@pytest.mark.parametrize(
    ("infused_on", "at", "zone", "instant"),
    [
        # The clocks go forward in the night of 8 March 2026 in New York: 02:30 is skipped, and comes an hour later.
        (date(2026, 3, 7), time(2, 30), "America/New_York", datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
        (date(2026, 3, 7), time(10), "America/New_York", datetime(2026, 3, 8, 14, 0, tzinfo=UTC)),
        # And back in the night of 1 November: 01:30 comes twice, and the first counts.
        (date(2026, 10, 31), time(1, 30), "America/New_York", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        (date(2026, 12, 31), time(0), "Europe/Lisbon", datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_days_are_counted_on_the_patients_calendar(infused_on, at, zone, instant):
    (occasion,) = occasions([DAY_ONE | {"at": f"{at:%H:%M}"}])
    assert due_at(occasion, infused_on=infused_on, zone=ZoneInfo(zone)) == instant
