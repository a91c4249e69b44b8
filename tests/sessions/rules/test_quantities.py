"""Typed decimals into whole units, against the same conversion in fractions."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.common.errors import Invalid
from sessions.rules.quantities import decicelsius_of, grams_of, plain, thousandths

typed = st.decimals(-1000, 1000, places=3)


@given(typed)
def test_kilograms_and_pounds_become_whole_grams(value: Decimal) -> None:
    assert grams_of(value, "kg") == round(Fraction(value) * 1000)
    assert grams_of(value, "[lb_av]") == round(Fraction(value) * Fraction(45_359_237, 100_000))


@given(typed)
def test_degrees_become_tenths_of_a_degree_celsius(value: Decimal) -> None:
    assert decicelsius_of(value, "Cel") == round(Fraction(value) * 10)
    exact = (Fraction(value) - 32) * Fraction(50, 9)
    assert abs(decicelsius_of(value, "[degF]") - exact) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("value", "grams"), [("154", 69_853), ("220.5", 100_017), ("0.001", 0), ("2.204623", 1000)]
)
def test_pounds_by_hand(value: str, grams: int) -> None:
    assert grams_of(Decimal(value), "[lb_av]") == grams


@pytest.mark.parametrize(("value", "tenths"), [("98.6", 370), ("32", 0), ("212", 1000), ("104", 400)])
def test_fahrenheit_by_hand(value: str, tenths: int) -> None:
    assert decicelsius_of(Decimal(value), "[degF]") == tenths


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+30", "1000000"])
@pytest.mark.parametrize(
    ("convert", "unit", "code"),
    [
        (grams_of, "kg", "weight.impossible"),
        (grams_of, "[lb_av]", "weight.impossible"),
        (decicelsius_of, "Cel", "temperature.impossible"),
        (decicelsius_of, "[degF]", "temperature.impossible"),
    ],
)
def test_what_is_no_ordinary_number_is_refused(convert, unit: str, code: str, value: str) -> None:
    with pytest.raises(Invalid) as refusal:
        convert(Decimal(value), unit)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("convert", "field", "code"),
    [(grams_of, "unit", "weight.unit"), (decicelsius_of, "temperature_unit", "temperature.unit")],
)
@pytest.mark.parametrize("unit", ["", "st", "KG", "K"])
def test_another_unit_is_refused_at_its_field(convert, field: str, code: str, unit: str) -> None:
    with pytest.raises(Invalid) as refusal:
        convert(Decimal(70), unit)
    assert set(refusal.value.fields) == {field}
    assert refusal.value.code == code


@given(st.integers(0, 2**31))
def test_thousandths_move_the_point_and_lose_nothing(value: int) -> None:
    moved = thousandths(value)
    assert moved is not None
    assert Fraction(moved) * 1000 == value


def test_nothing_has_no_thousandths() -> None:
    assert thousandths(None) is None


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("35.500", "35.5"),
        ("100", "100"),
        ("1E+2", "100"),
        ("0.0007", "0.0007"),
        (Decimal(60_000) / 1000, "60"),
    ],
)
def test_plain_is_how_people_write_it(value, shown: str) -> None:
    assert plain(value) == shown
