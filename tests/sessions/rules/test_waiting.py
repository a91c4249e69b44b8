"""Whom a free time suits: a table of wishes, and the first start against a search of every minute."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.rules.waiting import Gap, Wish, first_start

ZONE = ZoneInfo("America/New_York")
DAY = date(2026, 3, 13)
"""A Friday."""
LONG_AGO = datetime(2026, 3, 1, tzinfo=UTC)


def at(text: str, day: date = DAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(text), ZONE).astimezone(UTC)


def wish(**values):
    return Wish(**{"minutes": 130} | values)


MORNING = Gap(at("09:00"), at("11:10"), at("13:00"))


@pytest.mark.parametrize(
    ("asked", "start"),
    [
        ({}, "09:00"),
        ({"minutes": 240}, "09:00"),
        ({"minutes": 241}, None),
        ({"weekdays": frozenset({4})}, "09:00"),
        ({"weekdays": frozenset({0, 3})}, None),
        ({"not_before": time(9, 40)}, "09:40"),
        ({"not_before": time(10, 50)}, "10:50"),
        ({"not_before": time(10, 51)}, None),
        ({"not_before": time(11, 10), "minutes": 60}, None),
        ({"not_after": time(11, 10)}, "09:00"),
        ({"not_after": time(11, 9)}, None),
        ({"from_day": DAY, "until_day": DAY}, "09:00"),
        ({"from_day": DAY + timedelta(days=1)}, None),
        ({"until_day": DAY - timedelta(days=1)}, None),
        ({"min_gap_days": 2, "days": frozenset({date(2026, 3, 11), date(2026, 3, 15)})}, "09:00"),
        ({"min_gap_days": 3, "days": frozenset({date(2026, 3, 11)})}, None),
        ({"min_gap_days": 3, "days": frozenset({date(2026, 3, 15)})}, None),
        ({"busy": ((at("08:00"), at("09:00")),)}, "09:00"),
        ({"busy": ((at("08:00"), at("09:30")),)}, "09:30"),
        ({"busy": ((at("08:00"), at("09:30")), (at("10:00"), at("10:45")))}, "10:45"),
        ({"busy": ((at("10:00"), at("12:00")),)}, None),
        ({"busy": ((at("11:10"), at("12:00")),)}, "09:00"),
    ],
)
def test_the_first_start_that_suits(asked, start):
    found = first_start(wish(**asked), MORNING, zone=ZONE, now=LONG_AGO)
    assert found == (at(start) if start else None)


@pytest.mark.parametrize(
    ("hours", "start"), [(0, "09:00"), (12, "09:00"), (13, "10:00"), (13.8, "10:48"), (14, None)]
)
def test_notice_counts_from_now(hours, start):
    now = at("09:00") - timedelta(hours=12)
    found = first_start(wish(notice=timedelta(hours=hours)), MORNING, zone=ZONE, now=now)
    assert found == (at(start) if start else None)


def test_times_of_day_are_those_of_the_sites_clocks_on_both_sides_of_the_change():
    for day, utc in ((date(2026, 3, 7), 15), (date(2026, 3, 9), 14)):
        gap = Gap(at("09:00", day), at("11:10", day), at("13:00", day))
        found = first_start(wish(not_before=time(10)), gap, zone=ZONE, now=LONG_AGO)
        assert found == datetime(day.year, day.month, day.day, utc, tzinfo=UTC)


minutes_of_day = st.integers(7 * 60, 19 * 60)
times = st.none() | minutes_of_day.map(lambda minute: time(minute // 60, minute % 60))


@st.composite
def gaps(draw):
    begins = draw(minutes_of_day)
    length, more = draw(st.integers(1, 300)), draw(st.integers(0, 120))
    start = at("00:00") + timedelta(minutes=begins)
    return Gap(start, start + timedelta(minutes=length), start + timedelta(minutes=length + more))


busy_times = st.lists(
    st.tuples(minutes_of_day, st.integers(10, 120)).map(
        lambda pair: (
            at("00:00") + timedelta(minutes=pair[0]),
            at("00:00") + timedelta(minutes=pair[0] + pair[1]),
        )
    ),
    max_size=3,
).map(tuple)
wishes = st.builds(
    Wish,
    minutes=st.integers(45, 240),
    weekdays=st.frozensets(st.integers(0, 6)),
    not_before=times,
    not_after=times,
    from_day=st.none() | st.dates(DAY - timedelta(days=2), DAY + timedelta(days=2)),
    until_day=st.none() | st.dates(DAY - timedelta(days=2), DAY + timedelta(days=2)),
    notice=st.integers(0, 30).map(lambda hours: timedelta(hours=hours)),
    min_gap_days=st.integers(0, 4),
    days=st.frozensets(st.dates(DAY - timedelta(days=4), DAY + timedelta(days=4)), max_size=1),
    busy=busy_times,
)


@given(wish=wishes, gap=gaps(), ago=st.integers(0, 30 * 60))
def test_it_is_what_trying_every_minute_finds(wish, gap, ago):
    now = gap.starts_at - timedelta(minutes=ago)
    found = first_start(wish, gap, zone=ZONE, now=now)
    length = timedelta(minutes=wish.minutes)
    tried = gap.starts_at
    while tried < gap.ends_at:
        if suits(wish, tried, tried + length, gap, now):
            assert found == tried
            return
        tried += timedelta(minutes=1)
    assert found is None


def suits(wish, start, end, gap, now):
    local, until = start.astimezone(ZONE), end.astimezone(ZONE)
    return all(
        (
            end <= gap.free_until,
            start >= now + wish.notice,
            not wish.weekdays or local.weekday() in wish.weekdays,
            wish.not_before is None or local.time() >= wish.not_before,
            wish.not_after is None or (until.date() == local.date() and until.time() <= wish.not_after),
            wish.from_day is None or wish.from_day <= local.date(),
            wish.until_day is None or wish.until_day >= local.date(),
            not any(abs((day - local.date()).days) < wish.min_gap_days for day in wish.days),
            not any(begins < end and ends > start for begins, ends in wish.busy),
        )
    )
