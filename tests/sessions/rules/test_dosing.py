"""The dose arithmetic against a second implementation in decimals, and against what must hold for any dose."""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.rules.dosing import Dose, DoseInput, compute, working

# Wide enough that no quotient below is cut before it is rounded to whole units.
PRECISE = Context(prec=60, rounding=ROUND_HALF_EVEN)

inputs = st.builds(
    DoseInput,
    weight_grams=st.integers(20_000, 400_000),
    micrograms_per_kg=st.integers(1, 3000),
    cap_micrograms=st.integers(1, 300_000),
    concentration_micrograms_per_ml=st.integers(1, 100_000),
    bag_microlitres=st.integers(1, 1_000_000),
    duration_minutes=st.integers(5, 240),
)


def whole(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), context=PRECISE))


def by_hand(given: DoseInput, *, ignore_cap: bool) -> tuple[int, int, int, int]:
    """As one writes it on paper: kilograms, milligrams, millilitres, hours; rounded where the house rounds."""
    kilograms = Decimal(given.weight_grams) / 1000
    wanted = whole(Decimal(given.micrograms_per_kg) * kilograms)
    dose = wanted if ignore_cap else min(wanted, given.cap_micrograms)
    milligrams_per_ml = Decimal(given.concentration_micrograms_per_ml) / 1000
    millilitres = PRECISE.divide(Decimal(dose) / 1000, milligrams_per_ml)
    hours = PRECISE.divide(Decimal(given.duration_minutes), Decimal(60))
    # Rate in microlitres an hour: volume divided by time, written so that the quotient is taken once.
    rate = PRECISE.divide(Decimal(given.bag_microlitres) * 60, Decimal(given.duration_minutes))
    assert abs(rate * hours - given.bag_microlitres) < Decimal("1e-40")
    return wanted, dose, whole(millilitres * 1000), whole(rate)


@given(inputs, st.booleans())
def test_it_agrees_with_the_paper(given_input: DoseInput, ignore_cap: bool) -> None:
    dose = compute(given_input, ignore_cap=ignore_cap)
    found = (dose.uncapped_micrograms, dose.micrograms, dose.drug_microlitres, dose.rate_microlitres_per_hour)
    assert found == by_hand(given_input, ignore_cap=ignore_cap)


@given(inputs)
def test_the_cap_holds_and_says_so(given_input: DoseInput) -> None:
    capped, free = compute(given_input), compute(given_input, ignore_cap=True)
    assert capped.micrograms <= given_input.cap_micrograms
    assert capped.micrograms == min(free.micrograms, given_input.cap_micrograms)
    assert capped.is_capped == (free.micrograms > given_input.cap_micrograms)
    assert not free.is_capped
    assert free.micrograms == free.uncapped_micrograms == capped.uncapped_micrograms


@given(inputs)
def test_what_was_rounded_is_off_by_half_a_unit_at_most(given_input: DoseInput) -> None:
    dose = compute(given_input)
    exact = Fraction(given_input.micrograms_per_kg * given_input.weight_grams, 1000)
    assert abs(dose.uncapped_micrograms - exact) <= Fraction(1, 2)
    drawn = Fraction(dose.micrograms * 1000, given_input.concentration_micrograms_per_ml)
    assert abs(dose.drug_microlitres - drawn) <= Fraction(1, 2)


@given(inputs)
def test_the_rates_are_exact_and_empty_the_dose_in_the_duration(given_input: DoseInput) -> None:
    dose = compute(given_input)
    assert dose.micrograms_per_minute * given_input.duration_minutes == dose.micrograms
    per_kg = dose.micrograms_per_kg_per_minute * Fraction(given_input.weight_grams, 1000)
    assert per_kg == dose.micrograms_per_minute


@given(inputs, st.integers(1, 5000))
def test_a_heavier_patient_never_gets_less(given_input: DoseInput, grams: int) -> None:
    heavier = DoseInput(
        given_input.weight_grams + grams,
        given_input.micrograms_per_kg,
        given_input.cap_micrograms,
        given_input.concentration_micrograms_per_ml,
        given_input.bag_microlitres,
        given_input.duration_minutes,
    )
    assert compute(heavier).micrograms >= compute(given_input).micrograms


# 0.5 mg/kg from a vial of 50 mg/mL in a bag of 100 mL over 40 minutes.
USUAL = {
    "micrograms_per_kg": 500,
    "cap_micrograms": 60_000,
    "concentration_micrograms_per_ml": 50_000,
    "bag_microlitres": 100_000,
    "duration_minutes": 40,
}


@pytest.mark.parametrize(
    ("grams", "milligrams", "millilitres", "is_capped"),
    [
        (70_000, "35", "0.7", False),
        (69_853, "34.926", "0.699", False),  # 154 lb: 34.9265 mg, half to even
        (120_000, "60", "1.2", False),
        (120_001, "60", "1.2", False),  # 60.0005 mg: half to even, so the cap is not passed
        (120_003, "60", "1.2", True),
        (150_000, "60", "1.2", True),
    ],
)
def test_worked_examples(grams: int, milligrams: str, millilitres: str, is_capped: bool) -> None:
    dose = compute(DoseInput(weight_grams=grams, **USUAL))
    assert Decimal(dose.micrograms) / 1000 == Decimal(milligrams)
    assert round(Decimal(dose.drug_microlitres) / 1000, 3) == Decimal(millilitres)
    assert dose.rate_microlitres_per_hour == 150_000
    assert dose.is_capped == is_capped


def test_an_odd_duration_is_rounded_once_at_the_end() -> None:
    dose = compute(DoseInput(weight_grams=70_000, **USUAL | {"duration_minutes": 43}))
    assert isinstance(dose, Dose)
    assert dose.rate_microlitres_per_hour == 139_535  # 100 mL × 60 / 43 = 139.53488 mL/h
    assert dose.micrograms_per_minute == Fraction(35_000, 43)


def test_the_working_is_shown_in_the_units_of_the_pump() -> None:
    given_input = DoseInput(weight_grams=150_000, **USUAL)
    assert working(given_input, compute(given_input)) == [
        "0.5 mg/kg × 150 kg = 75 mg",
        "at most 60 mg",
        "60 mg ÷ 50 mg/mL = 1.2 mL",
        "100 mL × 60 ÷ 40 min = 150 mL/h",
    ]
    assert len(working(given_input, compute(given_input, ignore_cap=True))) == 3


@given(inputs)
def test_the_working_holds_when_it_is_computed_again(given_input: DoseInput) -> None:
    """Each line is an equation between what stands left and right of its sign, but for the last digit."""
    dose = compute(given_input)
    for line in working(given_input, dose):
        if "=" not in line:
            assert dose.is_capped
            continue
        left, right = line.split("=")
        numbers = [Fraction(part) for part in left.split() if part[0].isdigit()]
        total = numbers[0]
        for sign, number in zip([part for part in left.split() if part in "×÷"], numbers[1:], strict=True):
            total = total * number if sign == "×" else total / number
        assert abs(total - Fraction(right.split()[0])) <= Fraction(1, 2000)
