"""Days and wall clocks at a place, against walking through the instants one minute after the other."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.common import clock
from clinic.common.errors import Invalid

MINUTE = timedelta(minutes=1)
# A zone, a day on which its clocks change, and how many hours that day has.
CHANGES = [
    ("America/New_York", date(2026, 3, 8), 23),
    ("America/New_York", date(2026, 11, 1), 25),
    ("Europe/Lisbon", date(2026, 3, 29), 23),
    ("Europe/Lisbon", date(2026, 10, 25), 25),
    ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
    ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
    # At midnight itself: the day begins at one, or its first hour comes twice.
    ("America/Havana", date(2026, 3, 8), 23),
    ("America/Havana", date(2026, 11, 1), 25),
    ("America/Santiago", date(2026, 9, 6), 23),
    ("America/Santiago", date(2026, 4, 4), 25),
    ("America/Chicago", date(2026, 6, 15), 24),
    ("Asia/Kathmandu", date(2026, 1, 1), 24),
]


def minutes_around(day):
    """Every minute that could belong to a day anywhere."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=20)
    return [start + number * MINUTE for number in range(65 * 60)]


def wall(text):
    """What a clock on the wall shows."""
    return datetime.fromisoformat(text)


def shown(at, zone):
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@pytest.mark.parametrize(("zone", "day", "hours"), CHANGES)
def test_a_day_is_all_its_minutes_and_no_other(zone, day, hours):
    start, end = clock.day_range(day, zone)
    assert (end - start) / timedelta(hours=1) == hours
    for at in minutes_around(day):
        assert (clock.local_date(at, zone) == day) is (start <= at < end)


@pytest.mark.parametrize(("zone", "day", "hours"), CHANGES)
def test_every_wall_clock_time_of_a_day_is_found_skipped_or_doubled(zone, day, hours):
    instants: dict[datetime, list[datetime]] = {}
    for at in minutes_around(day):
        instants.setdefault(shown(at, zone), []).append(at)
    midnight = datetime.combine(day, time.min)
    codes = set()
    for naive in (midnight + number * MINUTE for number in range(24 * 60)):
        found = instants.get(naive, [])
        if len(found) == 1:
            assert clock.from_local(naive, zone) == found[0]
            assert clock.fold_of(found[0], zone) is None
            continue
        with pytest.raises(Invalid) as caught:
            clock.from_local(naive, zone, field="at")
        codes.add(caught.value.code)
        assert caught.value.code == ("time.ambiguous" if found else "time.skipped")
        assert list(caught.value.fields) == ["at"]
        assert naive.strftime("%H:%M") in str(caught.value) and zone in str(caught.value)
        if found:
            assert [clock.from_local(naive, zone, fold=fold) for fold in (0, 1)] == found
            assert [clock.fold_of(at, zone) for at in found] == [0, 1]
    expected = {23: {"time.skipped"}, 23.5: {"time.skipped"}, 24: set()}
    assert codes == expected.get(hours, {"time.ambiguous"})


def test_a_skipped_time_stays_skipped_whichever_is_meant():
    for fold in (0, 1):
        with pytest.raises(Invalid) as caught:
            clock.from_local(wall("2026-03-08 02:30"), "America/New_York", fold=fold)
        assert caught.value.code == "time.skipped"


def test_a_day_that_a_place_left_out():
    """Samoa went to bed on the 29th and got up on the 31st."""
    start, end = clock.day_range(date(2011, 12, 30), "Pacific/Apia")
    assert start == end
    with pytest.raises(Invalid):
        clock.from_local(wall("2011-12-30 12:00"), "Pacific/Apia")


@given(
    st.datetimes(wall("2000-01-01"), wall("2037-01-01"), timezones=st.just(UTC)),
    st.sampled_from(sorted({zone for zone, _day, _hours in CHANGES})),
)
def test_every_instant_lies_in_its_day_and_comes_back_from_its_wall_clock(at, zone):
    start, end = clock.day_range(clock.local_date(at, zone), zone)
    assert start <= at < end
    local = at.astimezone(ZoneInfo(zone))
    assert clock.from_local(local.replace(tzinfo=None, fold=0), zone, fold=local.fold) == at


@pytest.mark.parametrize(
    ("span", "minutes"),
    [
        (timedelta(0), 0),
        (timedelta(seconds=59), 0),
        (timedelta(seconds=60), 1),
        (timedelta(hours=25, seconds=1), 1500),
        (timedelta(seconds=-1), 0),
        (timedelta(days=-2), 0),
    ],
)
def test_whole_minutes(span, minutes):
    assert clock.whole_minutes(span) == minutes


def test_now_is_aware_and_in_utc():
    assert clock.now().utcoffset() == timedelta(0)
