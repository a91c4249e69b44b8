"""Slips of typing: two tiers, told by field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.common.errors import Invalid
from sessions.rules.plausibility import RANGES, WEIGHT, check_vital_signs, check_weight

numbers = st.one_of(st.none(), st.integers(-10, 400))
readings = st.fixed_dictionaries({}, optional=dict.fromkeys(RANGES, numbers))


def refusal_of(check, *arguments, **told) -> Invalid | None:
    try:
        check(*arguments, **told)
    except Invalid as refusal:
        return refusal
    return None


@given(readings, st.booleans())
def test_what_passes_is_possible_paired_and_confirmed_where_unusual(values, confirmed: bool) -> None:
    refusal = refusal_of(check_vital_signs, values, confirmed=confirmed)
    measured = {name: value for name, value in values.items() if value is not None}
    low, high = measured.get("diastolic"), measured.get("systolic")
    sound = (
        bool(measured)
        and all(
            RANGES[name].possible[0] <= value <= RANGES[name].possible[1] for name, value in measured.items()
        )
        and (low is None) == (high is None)
        and (low is None or low < high)
    )
    usual = all(RANGES[name].usual[0] <= value <= RANGES[name].usual[1] for name, value in measured.items())
    assert (refusal is None) == (sound and (usual or confirmed))
    if sound and refusal:
        assert {problem.code for problem in refusal.problems} == {"vitals.unusual"}


@given(readings)
def test_nobody_is_asked_to_confirm_what_is_refused_anyway(values) -> None:
    """A question about typing comes only when the answer "yes" would store the reading."""
    asked = refusal_of(check_vital_signs, values, confirmed=False)
    if asked and asked.code == "vitals.unusual":
        assert refusal_of(check_vital_signs, values, confirmed=True) is None


@pytest.mark.parametrize("name", RANGES)
def test_what_is_usual_is_possible(name: str) -> None:
    known = RANGES[name]
    assert known.possible[0] <= known.usual[0] < known.usual[1] <= known.possible[1]
    assert str(known.label)


@pytest.mark.parametrize(
    ("kilograms", "unconfirmed", "confirmed"),
    [
        (7, "weight.impossible", "weight.impossible"),
        (700, "weight.impossible", "weight.impossible"),
        (19.999, "weight.impossible", "weight.impossible"),
        (20, "weight.unusual", None),
        (34.9, "weight.unusual", None),
        (35, None, None),
        (200, None, None),
        (400, "weight.unusual", None),
        (float("nan"), "weight.impossible", "weight.impossible"),
    ],
)
def test_a_weight(kilograms: float, unconfirmed: str | None, confirmed: str | None) -> None:
    for is_confirmed, code in ((False, unconfirmed), (True, confirmed)):
        refusal = refusal_of(check_weight, kilograms, confirmed=is_confirmed)
        assert (refusal.code if refusal else None) == code
        if refusal:
            assert set(refusal.fields) == {"value"}
            assert "Check typing" in str(refusal)


def test_a_refusal_tells_the_range() -> None:
    refusal = refusal_of(check_weight, 700, confirmed=True)
    assert refusal is not None
    assert f"from {WEIGHT.possible[0]} to {WEIGHT.possible[1]}" in str(refusal)
    assert "700 kg" in str(refusal)
