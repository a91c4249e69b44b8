"""What does a protocol version say, and what has changed against another? In words, line by line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from patients.scoring.registry import CURRENT
from sessions.models import ProtocolVersion, WeightBasis
from sessions.rules.dosing import Dose, DoseInput, compute
from sessions.rules.protocol_words import LEVEL_WORDS, PHASE_WORDS, REQUIREMENT_WORDS, limit_sentence
from sessions.rules.protocols import CHECK_ITEMS, DISCHARGE_CRITERIA, check_items, limits
from sessions.rules.quantities import plain, thousandths

EXAMPLE_KILOGRAMS = (50, 70, 90, 120, 150)


@dataclass(frozen=True, slots=True)
class Difference:
    """One line that two versions say differently; ``was`` or ``becomes`` is empty where only one says it.

    Example: ``Difference("Cap", "60 mg", "80 mg")``
    """

    label: str
    was: str
    becomes: str


@dataclass(frozen=True, slots=True)
class ExampleDose:
    """What the protocol gives at a round weight, so that a slipped digit shows when it is read."""

    kilograms: int
    dose: Dose


def differences(was: Mapping[str, Any], becomes: Mapping[str, Any]) -> list[Difference]:
    """Every line in which two versions' content differs."""
    old, new = in_words(was), in_words(becomes)
    return [
        Difference(label, old.get(label, ""), new.get(label, ""))
        for label in {**old, **new}
        if old.get(label, "") != new.get(label, "")
    ]


def content_of(version: ProtocolVersion, names: tuple[str, ...]) -> dict[str, Any]:
    """The content of a version as its forms and operations name it."""
    return {name: getattr(version, name) for name in names}


def in_words(content: Mapping[str, Any]) -> dict[str, str]:
    """Everything that a version says, one line for each quantity, limit, check item and criterion."""
    return {
        **_quantities(content),
        **{
            f"{PHASE_WORDS[limit.phase]}: {limit_sentence(limit)}": str(LEVEL_WORDS[limit.level.value])
            for limit in limits(content["limits"])
        },
        **{
            _("Check: %(item)s") % {"item": CHECK_ITEMS[code]}: str(REQUIREMENT_WORDS[how.value])
            for code, how in check_items(content["checklist"]).items()
        },
        **{
            _("Discharge: %(criterion)s") % {"criterion": DISCHARGE_CRITERIA[code]}: _("asked")
            for code in content["discharge_criteria"]
        },
        _("Questionnaires"): ", ".join(questionnaires(content["instruments"])),
    }


def questionnaires(codes: Iterable[str]) -> list[str]:
    """Their names; the code of one that this release does not know."""
    return [CURRENT[code].name if code in CURRENT else code for code in codes]


def _quantities(content: Mapping[str, Any]) -> dict[str, str]:
    def unit(name: str, unit: str) -> str:
        return f"{plain(thousandths(content[name]))} {unit}"

    def minutes(name: str) -> str:
        return _("%(minutes)s min") % {"minutes": content[name]}

    def days(name: str) -> str:
        found = content.get(name)
        return _("not checked") if found is None else _("%(days)s days") % {"days": found}

    return {
        _("Drug"): content["drug"],
        _("Example, not approved"): _("yes") if content["is_example"] else _("no"),
        _("Dose"): unit("dose_micrograms_per_kg", "mg/kg"),
        _("Highest dose"): unit("max_dose_micrograms_per_kg", "mg/kg"),
        _("Cap"): unit("cap_micrograms", "mg"),
        _("Concentration of the vial"): unit("concentration_micrograms_per_ml", "mg/mL"),
        _("Volume of the bag"): unit("bag_volume_microlitres", "mL"),
        _("Infusion"): minutes("duration_minutes"),
        _("Infusions planned"): str(content["planned_infusions"]),
        _("Days between, at least"): days("min_gap_days"),
        _("Days between, aimed at"): days("target_gap_days"),
        _("Days between, at most"): days("max_gap_days"),
        _("Prescriber looks again after"): _looks_again(content.get("reevaluate_after_infusions")),
        _("Preparation"): minutes("preparation_minutes"),
        _("Recovery"): minutes("recovery_minutes"),
        _("Vital signs during the infusion, every"): minutes("vitals_interval_minutes"),
        _("Vital signs in recovery, every"): minutes("recovery_vitals_interval_minutes"),
        _("Observation after the end, at least"): minutes("min_observation_minutes"),
        _("Dosed by"): str(WeightBasis(content.get("weight_basis") or WeightBasis.ACTUAL).label),
        _("Dose rounded to"): _or_unchecked(content.get("rounding_micrograms"), _("a microgram")),
        _("Dose asks for a reason above"): _or_unchecked(content.get("soft_limit_micrograms")),
        _("Dose needs the right to go over above"): _or_unchecked(content.get("hard_limit_micrograms")),
        _("Second check of the dose"): _("yes") if content.get("needs_second_check") else _("no"),
    }


def _or_unchecked(micrograms: int | None, otherwise: str = "") -> str:
    return f"{plain(thousandths(micrograms))} mg" if micrograms else otherwise or _("not checked")


def _looks_again(infusions: int | None) -> str:
    if infusions is None:
        return _("not asked for")
    return ngettext("%(n)s infusion", "%(n)s infusions", infusions) % {"n": infusions}


def example_doses(version: ProtocolVersion) -> list[ExampleDose]:
    """The doses that the version gives at round weights, the cap applied."""
    return [
        ExampleDose(
            kilograms,
            compute(
                DoseInput(
                    weight_grams=kilograms * 1000,
                    micrograms_per_kg=version.dose_micrograms_per_kg,
                    cap_micrograms=version.cap_micrograms,
                    concentration_micrograms_per_ml=version.concentration_micrograms_per_ml,
                    bag_microlitres=version.bag_volume_microlitres,
                    duration_minutes=version.duration_minutes,
                )
            ),
        )
        for kilograms in EXAMPLE_KILOGRAMS
    ]
