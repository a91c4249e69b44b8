"""Which limits a reading breaches: none that is not written, none in another phase, none without a value."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.models import Course, InfusionSession, ProtocolVersion, VitalSigns
from sessions.rules.limits import baseline_of, breaches, value_of
from sessions.rules.plausibility import RANGES
from sessions.rules.protocols import COMPARATORS, PHASES, Limit, LimitLevel

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
START, END = NOON + timedelta(minutes=30), NOON + timedelta(minutes=70)
IN_PHASE = {"pre": NOON, "infusion": START + timedelta(minutes=5), "recovery": END + timedelta(minutes=5)}


def session_with(*limits) -> InfusionSession:
    """A session of no database, infused from half past twelve to ten past one."""
    course = Course(protocol_version=ProtocolVersion(limits=list(limits)))
    return InfusionSession(course=course, infusion_started_at=START, infusion_ended_at=END)


def reading(*, at: datetime = IN_PHASE["infusion"], **values) -> VitalSigns:
    return VitalSigns(taken_at=at, **values)


def limit(**told):
    usual = {"parameter": "systolic", "phase": "infusion", "comparator": ">=", "value": 180, "level": "pause"}
    return usual | told


@pytest.mark.parametrize(
    ("comparator", "value", "breached"),
    [
        (">", 179, False),
        (">", 180, False),
        (">", 181, True),
        (">=", 179, False),
        (">=", 180, True),
        ("<", 180, False),
        ("<", 179, True),
        ("<=", 181, False),
        ("<=", 180, True),
    ],
)
def test_each_comparator_at_its_edge(comparator: str, value: int, breached: bool) -> None:
    session = session_with(limit(comparator=comparator))
    found = breaches(reading(systolic=value), session=session, baseline=None)
    assert bool(found) == breached


def test_a_missing_limit_is_not_checked() -> None:
    assert breaches(reading(systolic=300, heart_rate=200), session=session_with(), baseline=None) == []
    other = session_with(limit(parameter="diastolic"))
    assert breaches(reading(systolic=300), session=other, baseline=None) == []


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("limited", PHASES)
def test_a_limit_counts_in_its_phase_only(phase: str, limited: str) -> None:
    session = session_with(limit(phase=limited))
    found = breaches(reading(at=IN_PHASE[phase], systolic=200), session=session, baseline=None)
    assert bool(found) == (phase == limited)


def test_the_most_urgent_comes_first() -> None:
    session = session_with(*(limit(level=level, value=150) for level in ["warn", "stop", "info", "pause"]))
    found = breaches(reading(systolic=160), session=session, baseline=None)
    assert [breach.level for breach in found] == ["stop", "pause", "warn", "info"]


def test_a_change_from_baseline_needs_a_baseline() -> None:
    session = session_with(limit(value=30, relative_to_baseline=True))
    before = reading(at=NOON, systolic=120, heart_rate=70)
    high = reading(systolic=150)
    assert breaches(high, session=session, baseline=None) == []
    assert breaches(high, session=session, baseline=reading(at=NOON, heart_rate=70)) == []
    assert len(breaches(high, session=session, baseline=before)) == 1
    assert breaches(reading(systolic=149), session=session, baseline=before) == []


def test_a_breach_reads_as_a_sentence_of_the_chart() -> None:
    session = session_with(
        limit(),
        limit(parameter="temperature", comparator=">", value=37.5, level="info"),
        limit(parameter="sedation", comparator="<", value=3, level="info"),
    )
    hot = reading(systolic=190, temperature_decicelsius=381, sedation=2)
    assert {str(breach) for breach in breaches(hot, session=session, baseline=None)} == {
        "Systolic pressure 190 mmHg, limit ≥ 180",
        "Temperature 38.1 °C, limit > 37.5",
        "Sedation (MOAA/S) 2, limit < 3",
    }
    relative = session_with(limit(value=30, relative_to_baseline=True))
    [breach] = breaches(hot, session=relative, baseline=reading(at=NOON, systolic=120))
    assert "change from baseline" in str(breach)
    assert "70 mmHg" in str(breach)


@given(
    st.lists(
        st.builds(
            limit,
            parameter=st.sampled_from(["systolic", "heart_rate", "oxygen_saturation"]),
            phase=st.sampled_from(PHASES),
            comparator=st.sampled_from(COMPARATORS),
            value=st.integers(60, 180),
            level=st.sampled_from(list(LimitLevel)),
        ),
        max_size=5,
    ),
    st.fixed_dictionaries(
        dict.fromkeys(["systolic", "heart_rate", "oxygen_saturation"], st.none() | st.integers(60, 180))
    ),
    st.sampled_from(PHASES),
)
def test_random_limits_against_pythons_own_comparison(limits, values, phase: str) -> None:
    found = breaches(reading(at=IN_PHASE[phase], **values), session=session_with(*limits), baseline=None)
    naive = [
        one
        for one in limits
        if one["phase"] == phase
        and values[one["parameter"]] is not None
        # The comparator as it is written, read by Python itself.
        and eval(f"{values[one['parameter']]} {one['comparator']} {one['value']}")
    ]
    assert sorted((b.limit.parameter, b.limit.comparator, b.limit.value, b.level) for b in found) == sorted(
        (one["parameter"], one["comparator"], one["value"], one["level"]) for one in naive
    )


@pytest.mark.parametrize("parameter", RANGES)
def test_every_parameter_is_found_in_a_reading(parameter: str) -> None:
    column, stored = ("temperature_decicelsius", 370) if parameter == "temperature" else (parameter, 37)
    assert value_of(reading(**{column: stored}), parameter) == 37
    assert value_of(reading(), parameter) is None


def test_the_baseline_is_the_last_complete_reading_before_the_start() -> None:
    session = session_with()
    first = reading(at=NOON, systolic=120, diastolic=80, heart_rate=70)
    last = reading(at=NOON + timedelta(minutes=9), systolic=130, diastolic=80, heart_rate=72)
    incomplete = reading(at=NOON + timedelta(minutes=15), heart_rate=75)
    during = reading(systolic=150, diastolic=90, heart_rate=80)
    assert baseline_of(session, [last, during, incomplete, first]) is last
    assert baseline_of(session, [during, incomplete]) is None
    assert baseline_of(session, []) is None


def test_a_limit_is_a_value() -> None:
    assert Limit("systolic", "pre", ">", 160.0, LimitLevel.WARN).is_breached(161, None)
