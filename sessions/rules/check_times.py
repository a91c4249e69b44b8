"""Times that a patient tells at the check: "dinner at eight" is the last eight o'clock that has passed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from clinic.common import clock


@dataclass(frozen=True, slots=True)
class Clearing:
    """From when something taken is no obstacle any more. ``at`` is None where the protocol sets no time for it."""

    code: str
    taken_at: datetime
    at: datetime | None


def latest_shown(told: time, *, now: datetime, zone: str, field: str = "") -> datetime:
    """The latest instant up to ``now`` at which a place's clocks showed a time of day.

    Of two such instants in the night in which the clocks go back the later one counts: then less time has passed
    since the last meal.

    Raises:
        Invalid: ``time.skipped`` where the clocks have just skipped it.
    """
    tz, day = ZoneInfo(zone), clock.local_date(now, zone)
    for back in range(2):
        naive = datetime.combine(day - timedelta(days=back), told)
        folds = sorted((naive.replace(tzinfo=tz, fold=fold).astimezone(UTC), fold) for fold in (0, 1))
        if folds[0][0].astimezone(tz).replace(tzinfo=None) != naive:
            if folds[1][0] <= now:
                return clock.from_local(naive, zone, field=field)
            continue
        passed = [at for at, _fold in folds if at <= now]
        if passed:
            return passed[-1]
    # A day back every time of day has been shown, unless it was skipped then.
    return clock.from_local(naive, zone, field=field, fold=1)


def clearings(details: Mapping[str, Any], version: Any) -> list[Clearing]:
    """What was taken by mouth, and from when each is no obstacle by the protocol."""
    spans = {
        "solids_at": _minutes(version.fasting_solids_minutes),
        "liquids_at": _minutes(version.fasting_liquids_minutes),
        "last_at": _minutes(version.substance_free_hours, of=60),
    }
    found = []
    for name, span in spans.items():
        if name in details:
            taken_at = datetime.fromisoformat(details[name])
            found.append(Clearing(name, taken_at, None if span is None else taken_at + span))
    return found


def clear_from(details: Mapping[str, Any], version: Any) -> datetime | None:
    """From when nothing that was taken is an obstacle; None where the protocol sets no time for any of it."""
    return max((one.at for one in clearings(details, version) if one.at), default=None)


def _minutes(number: int | None, *, of: int = 1) -> timedelta | None:
    return None if number is None else timedelta(minutes=number * of)
