"""The lists inside a protocol version: what can be read back is accepted, everything else refused, never raised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.common.errors import Invalid
from sessions.demo.protocols import CHRONIC_PAIN, DEPRESSION
from sessions.rules.plausibility import RANGES
from sessions.rules.protocols import (
    AUTOMATIC_ITEMS,
    CHECK_ITEMS,
    DISCHARGE_CRITERIA,
    Requirement,
    check_items,
    check_lists,
    limits,
)

GOOD_LIMIT = {"parameter": "systolic", "phase": "pre", "comparator": ">", "value": 160, "level": "warn"}
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["alert"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["code", "requirement", *GOOD_LIMIT]), inner, max_size=6)
    ),
    max_leaves=8,
)


def check(*, checklist=(), stored_limits=(), discharge_criteria=()) -> Invalid | None:
    try:
        check_lists(
            checklist=checklist if checklist != () else [],
            stored_limits=stored_limits if stored_limits != () else [],
            discharge_criteria=discharge_criteria if discharge_criteria != () else [],
        )
    except Invalid as refusal:
        return refusal
    return None


@given(anything)
def test_a_checklist_of_anything_is_read_back_or_refused(stored) -> None:
    refusal = check(checklist=stored)
    if refusal is None:
        assert set(check_items(stored)) <= set(CHECK_ITEMS)
    else:
        assert refusal.code == "protocol.checklist"


@given(anything)
def test_limits_of_anything_are_read_back_or_refused(stored) -> None:
    refusal = check(stored_limits=stored)
    if refusal is not None:
        assert refusal.code == "protocol.limits"
        return
    for limit in limits(stored):
        assert limit.parameter in RANGES
        assert limit.is_breached(100.0, 90.0) in {True, False}


@given(anything)
def test_criteria_of_anything_are_words_or_refused(stored) -> None:
    refusal = check(discharge_criteria=stored)
    if refusal is None:
        assert [str(DISCHARGE_CRITERIA[code]) for code in stored] or stored == []
    else:
        assert refusal.code == "protocol.discharge_criteria"


@pytest.mark.parametrize(
    "wrong",
    [
        {"parameter": "glucose"},
        {"phase": "later"},
        {"comparator": "=="},
        {"level": "panic"},
        {"value": "high"},
        {"value": None},
        {"value": float("nan")},
        {"value": float("inf")},
        {"value": 10**400},
        {"parameter": ["systolic"]},
        {"comparator": {}},
    ],
    ids=str,
)
def test_one_wrong_word_refuses_the_limits(wrong) -> None:
    assert check(stored_limits=[GOOD_LIMIT]) is None
    refusal = check(stored_limits=[GOOD_LIMIT, GOOD_LIMIT | wrong])
    assert refusal is not None
    assert set(refusal.fields) == {"limits"}


@pytest.mark.parametrize("missing", GOOD_LIMIT)
def test_a_limit_needs_every_word(missing: str) -> None:
    refusal = check(stored_limits=[{name: value for name, value in GOOD_LIMIT.items() if name != missing}])
    assert refusal is not None


@pytest.mark.parametrize(
    "wrong",
    [
        [{"code": "horoscope", "requirement": "required"}],
        [{"code": "identity", "requirement": "maybe"}],
        [{"code": "identity"}],
        [{"requirement": "required"}],
        ["identity"],
        "identity",
        7,
        None,
    ],
    ids=str,
)
def test_a_wrong_checklist(wrong) -> None:
    refusal = check(checklist=wrong)
    assert refusal is not None
    assert set(refusal.fields) == {"checklist"}


def test_all_three_are_told_at_once() -> None:
    refusal = check(checklist=[1], stored_limits=[1], discharge_criteria=[1])
    assert refusal is not None
    assert set(refusal.fields) == {"checklist", "limits", "discharge_criteria"}


@pytest.mark.parametrize("content", [DEPRESSION, CHRONIC_PAIN], ids=["depression", "chronic pain"])
def test_the_examples_can_be_read_back(content) -> None:
    assert (
        check(
            checklist=content["checklist"],
            stored_limits=content["limits"],
            discharge_criteria=content["discharge_criteria"],
        )
        is None
    )
    assert content["is_example"]


def test_items_keep_their_order() -> None:
    asked = check_items(DEPRESSION["checklist"])
    assert list(asked) == [item["code"] for item in DEPRESSION["checklist"]]
    assert asked["identity"] is Requirement.REQUIRED
    assert asked["illness"] is Requirement.ADVISORY


def test_every_word_can_be_shown() -> None:
    assert set(CHECK_ITEMS) >= AUTOMATIC_ITEMS
    assert all(str(label) for label in [*CHECK_ITEMS.values(), *DISCHARGE_CRITERIA.values()])
