"""Every code inside a protocol version has its words."""

from itertools import product

import pytest

from sessions.rules.plausibility import RANGES
from sessions.rules.protocol_words import (
    COMPARATOR_WORDS,
    LEVEL_WORDS,
    PHASE_WORDS,
    REQUIREMENT_WORDS,
    limit_sentence,
    limits_by_phase,
)
from sessions.rules.protocols import COMPARATORS, PHASES, Limit, LimitLevel, Requirement


def test_no_code_is_without_words() -> None:
    assert tuple(PHASE_WORDS) == PHASES
    assert set(COMPARATOR_WORDS) == set(COMPARATORS)
    assert set(LEVEL_WORDS) == set(LimitLevel)
    assert set(REQUIREMENT_WORDS) == set(Requirement)


@pytest.mark.parametrize(("parameter", "comparator"), list(product(RANGES, COMPARATORS)))
def test_a_limit_reads_as_it_compares(parameter: str, comparator: str) -> None:
    sentence = limit_sentence(Limit(parameter, "infusion", comparator, 92.5, LimitLevel.STOP))
    known = RANGES[parameter]
    assert sentence == f"{known.label} {COMPARATOR_WORDS[comparator]} 92.5 {known.unit}".strip()


def test_a_change_from_baseline_says_so() -> None:
    limit = Limit("systolic", "infusion", ">", 30, LimitLevel.WARN, relative_to_baseline=True)
    assert limit_sentence(limit) == "Systolic pressure, change from baseline above 30 mmHg"


def test_every_phase_is_listed_with_its_limits() -> None:
    stored = [
        {"parameter": "systolic", "phase": "recovery", "comparator": ">", "value": 180, "level": "warn"},
        {"parameter": "heart_rate", "phase": "pre", "comparator": "<", "value": 50, "level": "stop"},
    ]
    listed = [(str(label), [line.words for line in lines]) for label, lines in limits_by_phase(stored)]
    assert listed == [
        ("Before the start", ["Heart rate below 50 /min"]),
        ("During the infusion", []),
        ("In recovery", ["Systolic pressure above 180 mmHg"]),
    ]
