"""When the next reading is due."""

from datetime import UTC, datetime, timedelta

import pytest

from sessions.models import Course, InfusionSession, ProtocolVersion, VitalSigns
from sessions.rules.monitoring import next_reading_due
from sessions.states import Status

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
VERSION = ProtocolVersion(vitals_interval_minutes=10, recovery_vitals_interval_minutes=15)


def minute(number: int) -> datetime:
    return NOON + timedelta(minutes=number)


def session_in(status: Status, *, ended: int | None = None) -> InfusionSession:
    """A session of no database, started at noon."""
    return InfusionSession(
        status=status,
        course=Course(protocol_version=VERSION),
        infusion_started_at=NOON,
        infusion_ended_at=None if ended is None else minute(ended),
    )


@pytest.mark.parametrize(
    ("status", "latest", "due"),
    [
        (Status.INFUSING, None, 10),
        (Status.INFUSING, -15, 10),  # the baseline counts for nothing once it runs
        (Status.INFUSING, 4, 14),
        (Status.PAUSED, 18, 28),
    ],
)
def test_during_the_infusion(status: Status, latest: int | None, due: int) -> None:
    reading = None if latest is None else VitalSigns(taken_at=minute(latest))
    assert next_reading_due(session_in(status), latest=reading) == minute(due)


@pytest.mark.parametrize(("latest", "due"), [(None, 55), (39, 55), (40, 55), (52, 67)])
def test_in_recovery(latest: int | None, due: int) -> None:
    reading = None if latest is None else VitalSigns(taken_at=minute(latest))
    assert next_reading_due(session_in(Status.RECOVERING, ended=40), latest=reading) == minute(due)


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.INFUSING, Status.PAUSED, Status.RECOVERING}))
def test_nobody_is_monitored_before_or_after(status: Status) -> None:
    assert next_reading_due(session_in(status), latest=VitalSigns(taken_at=NOON)) is None
