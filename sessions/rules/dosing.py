"""From a weight to a pump rate: exact fractions, rounded once at the end, the working shown. Pure.

::

    dose               = dose per kg x weight              (at most the cap)
    volume of drug     = dose / concentration of the vial
    pump rate          = volume of the bag / duration      (the bag's volume includes the drug)

Source: the arithmetic of infusion pumps; which weight to use and any cap are the clinic's decisions.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class DoseInput:
    """Everything a dose is computed from: grams, micrograms, millilitres as microlitres, minutes."""

    weight_grams: int
    micrograms_per_kg: int
    cap_micrograms: int
    concentration_micrograms_per_ml: int
    bag_microlitres: int
    duration_minutes: int
    rounding_micrograms: int = 0


@dataclass(frozen=True, slots=True)
class Dose:
    """A computed dose. ``uncapped_micrograms`` is what the weight alone would give."""

    uncapped_micrograms: int
    micrograms: int
    is_capped: bool
    drug_microlitres: int
    rate_microlitres_per_hour: int
    micrograms_per_minute: Fraction
    micrograms_per_kg_per_minute: Fraction
    unrounded_micrograms: int = 0


def compute(given: DoseInput, *, ignore_cap: bool = False) -> Dose:
    """The dose for a weight.

    Micrograms and microlitres are rounded half to even to whole units: finer than any syringe or pump.
    """
    uncapped = round(Fraction(given.micrograms_per_kg * given.weight_grams, 1000))
    capped = uncapped > given.cap_micrograms and not ignore_cap
    unrounded = given.cap_micrograms if capped else uncapped
    micrograms = rounded(unrounded, given.rounding_micrograms)
    if micrograms > given.cap_micrograms >= unrounded:
        # Rounding is for the syringe; it does not carry a dose over its cap.
        micrograms -= given.rounding_micrograms
    volume = Fraction(micrograms * 1000, given.concentration_micrograms_per_ml)
    per_minute = Fraction(micrograms, given.duration_minutes)
    return Dose(
        uncapped_micrograms=uncapped,
        micrograms=micrograms,
        is_capped=capped,
        drug_microlitres=round(volume),
        rate_microlitres_per_hour=round(Fraction(given.bag_microlitres * 60, given.duration_minutes)),
        micrograms_per_minute=per_minute,
        micrograms_per_kg_per_minute=per_minute * 1000 / given.weight_grams,
        unrounded_micrograms=unrounded,
    )


def rounded(micrograms: int, step: int) -> int:
    """To the nearest whole step, half to even; never to nothing. Without a step as it is."""
    return max(round(Fraction(micrograms, step)) * step, step) if step else micrograms


def working(given: DoseInput, dose: Dose) -> list[str]:
    """The arithmetic in the units of the pump, one line for each step."""
    per_kg, weight = _unit(given.micrograms_per_kg), _unit(given.weight_grams)
    vial, bag = _unit(given.concentration_micrograms_per_ml), _unit(given.bag_microlitres)
    cap = [f"at most {_unit(given.cap_micrograms)} mg"] if dose.is_capped else []
    rounding = []
    if given.rounding_micrograms:
        step = _unit(given.rounding_micrograms)
        rounding = [f"{_unit(dose.unrounded_micrograms)} mg, to {step} mg: {_unit(dose.micrograms)} mg"]
    return [
        f"{per_kg} mg/kg × {weight} kg = {_unit(dose.uncapped_micrograms)} mg",
        *cap,
        *rounding,
        f"{_unit(dose.micrograms)} mg ÷ {vial} mg/mL = {_unit(dose.drug_microlitres)} mL",
        f"{bag} mL × 60 ÷ {given.duration_minutes} min = {_unit(dose.rate_microlitres_per_hour)} mL/h",
    ]


def _unit(thousandths: int) -> str:
    return f"{(Decimal(thousandths) / 1000).normalize():f}"
