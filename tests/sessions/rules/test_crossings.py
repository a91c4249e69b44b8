"""One alert for each crossing and for each worse tier in it: a table to read, and a naive second implementation."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.models import VitalSigns
from sessions.rules.crossings import crossings
from sessions.rules.limits import URGENCY, over_hold, references, value_of
from sessions.rules.protocols import NEVER_WAITS, Limit, LimitLevel

START = datetime(2026, 3, 10, 16, tzinfo=UTC)
WARN = Limit("systolic", "infusion", ">=", 160, LimitLevel.WARN)
PAUSE = Limit("systolic", "infusion", ">=", 180, LimitLevel.PAUSE)
STOP_LOW = Limit("systolic", "infusion", "<", 90, LimitLevel.STOP)
TWICE = Limit("systolic", "infusion", ">=", 160, LimitLevel.WARN, persist_readings=2)
FOR_TEN = Limit("systolic", "infusion", ">=", 160, LimitLevel.WARN, persist_minutes=10)
RISE = Limit("systolic", "infusion", ">=", 20, LimitLevel.WARN, relative_to_baseline=True, in_percent=True)
HOLD = Limit("systolic", "pre", ">=", 160, LimitLevel.HOLD_START)


def readings_of(values: Sequence[int | None], *, every: int = 5) -> list[VitalSigns]:
    """One systolic pressure every few minutes; None: a reading that did not measure it."""
    return [
        VitalSigns(pk=place, taken_at=START + timedelta(minutes=every * place), systolic=value)
        for place, value in enumerate(values)
    ]


def told(found) -> list[list[tuple[str, int]]]:
    return [[(tier.level.value, tier.reading.pk) for tier in crossing.tiers] for crossing in found]


TABLE: dict[str, tuple[list[Limit], list[int | None], list[list[tuple[str, int]]]]] = {
    "within": ([WARN, PAUSE], [120, 150, 159], []),
    "once, though it stays": ([WARN, PAUSE], [120, 165, 168, 162], [[("warn", 1)]]),
    "again after it was within": (
        [WARN, PAUSE],
        [165, 150, 165],
        [[("warn", 0)], [("warn", 2)]],
    ),
    "a worse tier": ([WARN, PAUSE], [165, 185, 170, 185], [[("warn", 0), ("pause", 1)]]),
    "straight to the worse": ([WARN, PAUSE], [185, 165, 185], [[("pause", 0)]]),
    "both sides are two things": (
        [WARN, STOP_LOW],
        [165, 85, 165],
        [[("warn", 0)], [("stop", 1)], [("warn", 2)]],
    ),
    "not measured is not within": ([WARN], [165, None, 165], [[("warn", 0)]]),
    "one reading does not last": ([TWICE], [165, 150, 165], []),
    "two in a row do": ([TWICE], [165, 165], [[("warn", 1)]]),
    "two in a row around one that did not measure": ([TWICE], [165, None, 165], [[("warn", 2)]]),
    "the milder waits, the worse does not": ([TWICE, PAUSE], [185, 165, 165], [[("pause", 0)]]),
    "over ten minutes": ([FOR_TEN], [165, 165, 165], [[("warn", 2)]]),
    "not checked without a limit": ([], [250], []),
}


@pytest.mark.parametrize("name", TABLE)
def test_crossings_as_they_read(name: str) -> None:
    known, values, expected = TABLE[name]
    before = references(known, baseline=None, usual={})
    found = crossings(readings_of(values), limits_at=lambda _reading: known, before=before)
    assert told(found) == expected


@pytest.mark.parametrize(
    ("baseline", "usual", "expected"),
    [
        (130, {}, [[("warn", 0)]]),
        (150, {}, []),
        (None, {}, []),
        # Over the hold limit it would hide the rise: 160 is 23 % over what is usual, and nothing over 165.
        (165, {"systolic": 130}, [[("warn", 0)]]),
        (165, {}, []),
    ],
)
def test_a_percentage_counts_from_the_usual_pressure_where_the_baseline_was_over_hold(
    baseline, usual, expected
) -> None:
    known = [HOLD, RISE]
    row = VitalSigns(systolic=baseline, diastolic=70, heart_rate=70) if baseline else None
    before = references(known, baseline=row, usual=usual)
    found = crossings(
        readings_of([160]),
        limits_at=lambda _reading: [one for one in known if one.phase != "pre"],
        before=before,
    )
    assert told(found) == expected


def test_an_absolute_ceiling_counts_beside_a_percentage_that_is_not_checked() -> None:
    known = [HOLD, RISE, PAUSE]
    high = VitalSigns(systolic=170, diastolic=90, heart_rate=70)
    before = references(known, baseline=high, usual={})
    found = crossings(readings_of([185]), limits_at=lambda _reading: [RISE, PAUSE], before=before)
    assert told(found) == [[("pause", 0)]]


def test_one_pressure_over_hold_takes_the_other_along() -> None:
    diastolic = Limit("diastolic", "pre", ">=", 100, LimitLevel.HOLD_START)
    high = VitalSigns(systolic=150, diastolic=104, heart_rate=70)
    assert over_hold([HOLD, diastolic], high) == {"systolic", "diastolic"}
    assert over_hold([HOLD, diastolic], VitalSigns(systolic=150, diastolic=90)) == frozenset()


WAITING = [level for level in LimitLevel if level not in NEVER_WAITS]


@st.composite
def limits_of_two(draw: Any) -> list[Limit]:
    """A few limits of two parameters and two phases, some of which wait or count a change."""
    found = []
    for _number in range(draw(st.integers(0, 4))):
        relative = draw(st.booleans())
        found.append(
            Limit(
                parameter=draw(st.sampled_from(["systolic", "heart_rate"])),
                phase=draw(st.sampled_from(["infusion", "recovery"])),
                comparator=draw(st.sampled_from([">", ">=", "<", "<="])),
                value=draw(st.integers(-40, 40) if relative else st.integers(80, 130)),
                level=draw(st.sampled_from([*LimitLevel, *WAITING, *WAITING])),
                relative_to_baseline=relative,
                in_percent=relative and draw(st.booleans()),
                persist_readings=draw(st.integers(1, 3)),
                persist_minutes=draw(st.sampled_from([0, 0, 5, 10])),
            )
        )
    return list(dict.fromkeys(found))


VALUE = st.none() | st.integers(70, 140)
ROWS = st.lists(st.tuples(VALUE, VALUE, st.integers(1, 9), st.booleans()), max_size=12)


@given(limits_of_two(), ROWS, st.none() | st.integers(90, 120))
def test_random_histories_against_a_naive_reading_of_the_rule(known, rows, baseline) -> None:
    at, readings, phases = START, [], {}
    for place, (systolic, heart_rate, minutes, recovers) in enumerate(rows):
        at += timedelta(minutes=minutes)
        readings.append(VitalSigns(pk=place, taken_at=at, systolic=systolic, heart_rate=heart_rate))
        phases[place] = "recovery" if recovers else "infusion"
    row = VitalSigns(systolic=baseline, diastolic=60, heart_rate=baseline) if baseline else None
    found = crossings(
        readings,
        limits_at=lambda reading: [limit for limit in known if limit.phase == phases[reading.pk]],
        before=references(known, baseline=row, usual={}),
    )
    got = {
        (crossing.side, tuple((tier.level, tier.reading.pk) for tier in crossing.tiers)) for crossing in found
    }
    assert got == naive(known, readings, phases, baseline)


def naive(known, readings, phases, baseline):
    """The rule as its sentence says it, side by side and reading by reading, looking back each time."""
    found = set()
    for side in {(limit.parameter, limit.side) for limit in known}:
        checked = [
            (reading, beyond)
            for reading in readings
            if (beyond := _beyond(side, known, reading, phases, baseline)) is not None
        ]
        stretch: list = []
        for reading, beyond in [*checked, (None, [])]:
            if beyond:
                stretch.append((reading, beyond))
                continue
            if alerts := _alerts(stretch, readings, phases, baseline):
                found.add((side, alerts))
            stretch = []
    return found


def _compared(limit, reading, baseline):
    value = value_of(reading, limit.parameter)
    if value is None or (limit.relative_to_baseline and baseline is None):
        return None
    if not limit.relative_to_baseline:
        return value
    return (value - baseline) * 100 / baseline if limit.in_percent else value - baseline


def _is_beyond(limit, reading, baseline) -> bool:
    compared = _compared(limit, reading, baseline)
    return compared is not None and eval(f"{compared!r} {limit.comparator} {limit.value!r}")


def _beyond(side, known, reading, phases, baseline):
    mine = [one for one in known if (one.parameter, one.side) == side and one.phase == phases[reading.pk]]
    can = [limit for limit in mine if _compared(limit, reading, baseline) is not None]
    return [limit for limit in can if _is_beyond(limit, reading, baseline)] if can else None


def _alerts(stretch, readings, phases, baseline):
    worst, found = -1, []
    for reading, beyond in stretch:
        lasted = [limit for limit in beyond if _lasted(limit, reading, readings, phases, baseline)]
        rank = max((URGENCY.index(limit.level) for limit in lasted), default=-1)
        if rank > worst:
            worst = rank
            found.append((URGENCY[rank], reading.pk))
    return tuple(found)


def _lasted(limit, reading, readings, phases, baseline) -> bool:
    if limit.level in NEVER_WAITS:
        return True
    run: list = []
    for earlier in reversed([one for one in readings if one.pk <= reading.pk]):
        if phases[earlier.pk] != limit.phase or _compared(limit, earlier, baseline) is None:
            continue
        if not _is_beyond(limit, earlier, baseline):
            break
        run.append(earlier)
    span = reading.taken_at - run[-1].taken_at
    return len(run) >= limit.persist_readings and span >= timedelta(minutes=limit.persist_minutes)
