"""When an alert is due: one for each crossing of a limit, and one more for each worse tier within it.

A crossing begins with the first reading beyond any limit of a parameter's side and ends with the first one that is
checked and within all of them. A reading that does not measure the parameter, or of a phase without a limit on that
side, says nothing: it is *not checked*, and neither begins nor ends anything. What was beyond a limit before the
start is another crossing than what is beyond one after it: "do not start" is answered by not starting.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sessions.models import VitalSigns
from sessions.rules.limits import URGENCY, Before, breached
from sessions.rules.protocols import Limit, LimitLevel

Side = tuple[str, str]
"""A parameter, and ``above`` or ``below``."""


@dataclass(frozen=True, slots=True)
class Tier:
    """An alert that is due.

    Attributes:
        value: what was held against the limit: the measurement, or its change.
        before: what the change was counted from.
    """

    limit: Limit
    reading: VitalSigns
    value: float
    before: float | None

    @property
    def level(self) -> LimitLevel:
        return self.limit.level


@dataclass(slots=True)
class Crossing:
    """Readings in a row beyond the limits of one side of a parameter; without tiers it was never long enough."""

    side: Side
    readings: list[VitalSigns] = field(default_factory=list)
    tiers: list[Tier] = field(default_factory=list)
    ended_by: VitalSigns | None = None


def crossings(
    readings: Iterable[VitalSigns], *, limits_at: Callable[[VitalSigns], Sequence[Limit]], before: Before
) -> list[Crossing]:
    """Every crossing in readings that stand, given in the order of their times.

    Args:
        limits_at: the limits in force when a reading was taken, those of its phase.
    """
    watch = _Watch(before)
    for reading in readings:
        by_side: dict[Side, list[Limit]] = {}
        for limit in limits_at(reading):
            by_side.setdefault((limit.parameter, limit.side), []).append(limit)
        for side, known in by_side.items():
            watch.look(reading, side, known)
    return [crossing for crossing in watch.found if crossing.tiers]


class _Watch:
    """What is remembered from one reading to the next."""

    def __init__(self, before: Before) -> None:
        self.before = before
        self.found: list[Crossing] = []
        self.going_on: dict[tuple[Side, bool], Crossing] = {}
        self.runs: dict[Limit, tuple[int, datetime]] = {}

    def look(self, reading: VitalSigns, side: Side, known: Sequence[Limit]) -> None:
        beyond = breached(reading, known, self.before)
        if beyond is None:
            return
        if not beyond and (over := self.going_on.pop((side, _is_before(known)), None)):
            over.ended_by = reading
        still = {limit for limit, _value in beyond}
        for limit in known:
            # A run is one limit's own: another phase has other limits, and begins anew.
            if limit not in still:
                self.runs.pop(limit, None)
        if beyond:
            crossing = self.going_on.setdefault((side, _is_before(known)), Crossing(side))
            if not crossing.readings:
                self.found.append(crossing)
            crossing.readings.append(reading)
            self._go_on(reading, crossing, beyond)

    def _go_on(self, reading: VitalSigns, crossing: Crossing, beyond: list[tuple[Limit, float]]) -> None:
        due = [(limit, value) for limit, value in beyond if self._has_lasted(limit, reading)]
        if not due:
            return
        limit, value = max(due, key=lambda one: URGENCY.index(one[0].level))
        if not crossing.tiers or _is_worse(limit, crossing.tiers[-1].limit):
            crossing.tiers.append(Tier(limit, reading, value, self.before(limit)))

    def _has_lasted(self, limit: Limit, reading: VitalSigns) -> bool:
        count, since = self.runs.get(limit, (0, reading.taken_at))
        self.runs[limit] = (count + 1, since)
        if not limit.waits:
            return True
        enough = count + 1 >= limit.persist_readings
        return enough and reading.taken_at - since >= timedelta(minutes=limit.persist_minutes)


def _is_before(known: Sequence[Limit]) -> bool:
    return known[0].phase == "pre"


def _is_worse(limit: Limit, than: Limit) -> bool:
    return URGENCY.index(limit.level) > URGENCY.index(than.level)
