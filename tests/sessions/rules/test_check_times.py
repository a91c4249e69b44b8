"""Times that a patient tells: the last such moment, through midnight and both changes of the clocks."""

from datetime import UTC, datetime, time, timedelta

import pytest

from clinic.common.errors import Invalid
from sessions.models import ProtocolVersion
from sessions.rules.check_times import clear_from, clearings, latest_shown

NEW_YORK = "America/New_York"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "now", "meant"),
    [
        # Noon in New York: breakfast today, dinner yesterday, this very minute, a minute ahead is yesterday's.
        ("07:30", "2026-03-10T16:00", "2026-03-10T11:30"),
        ("20:00", "2026-03-10T16:00", "2026-03-10T00:00"),
        ("12:00", "2026-03-10T16:00", "2026-03-10T16:00"),
        ("12:01", "2026-03-10T16:00", "2026-03-09T16:01"),
        # Just after midnight.
        ("00:00", "2026-03-10T04:05", "2026-03-10T04:00"),
        ("23:50", "2026-03-10T04:05", "2026-03-10T03:50"),
        # The night in which the clocks go forward: eight in the evening is an hour nearer than it looks.
        ("20:00", "2026-03-08T13:00", "2026-03-08T01:00"),
        ("01:30", "2026-03-08T13:00", "2026-03-08T06:30"),
        # Before the gap is reached, half past two is yesterday's.
        ("02:30", "2026-03-08T06:45", "2026-03-07T07:30"),
        # The night in which they go back: of two half past ones the later counts, once it has come.
        ("01:30", "2026-11-01T14:00", "2026-11-01T06:30"),
        ("01:30", "2026-11-01T05:40", "2026-11-01T05:30"),
        ("01:50", "2026-11-01T06:10", "2026-11-01T05:50"),
    ],
)
def test_the_last_moment_at_which_the_clocks_showed_it(told: str, now: str, meant: str) -> None:
    assert latest_shown(time.fromisoformat(told), now=utc(now), zone=NEW_YORK) == utc(meant)


def test_a_time_that_the_clocks_have_just_skipped_is_asked_again() -> None:
    with pytest.raises(Invalid) as refusal:
        latest_shown(time(2, 30), now=utc("2026-03-08T13:00"), zone=NEW_YORK, field="solids")
    assert (refusal.value.code, set(refusal.value.fields)) == ("time.skipped", {"solids"})


@pytest.mark.parametrize(
    ("solids", "liquids", "expected"),
    [(360, 120, "13:00"), (360, None, "13:00"), (None, 120, "12:00"), (None, None, None), (0, 0, "10:00")],
)
def test_from_when_nothing_is_an_obstacle(
    solids: int | None, liquids: int | None, expected: str | None
) -> None:
    version = ProtocolVersion(fasting_solids_minutes=solids, fasting_liquids_minutes=liquids)
    details = {"solids_at": "2026-03-10T07:00:00+00:00", "liquids_at": "2026-03-10T10:00:00+00:00"}
    meant = utc(f"2026-03-10T{expected}") if expected else None
    assert clear_from(details, version) == meant
    assert len(clearings(details, version)) == 2


def test_hours_are_hours_of_the_body_and_not_of_the_clock() -> None:
    """Six hours after a meal at midnight it is seven by the clock in the night in which they go forward."""
    version = ProtocolVersion(fasting_solids_minutes=360)
    ate = latest_shown(time(0, 0), now=utc("2026-03-08T13:00"), zone=NEW_YORK)
    until = clear_from({"solids_at": ate.isoformat()}, version)
    assert until == ate + timedelta(hours=6)
    assert until == utc("2026-03-08T11:00")
