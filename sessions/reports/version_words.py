"""What does a protocol version say, and what has changed against another? In words, line by line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from patients.scoring.registry import CURRENT
from sessions.models import ProtocolVersion, WeightBasis
from sessions.rules.check_in_plan import as_lines
from sessions.rules.dosing import Dose, DoseInput, compute
from sessions.rules.effect_moments import moments
from sessions.rules.protocol_words import (
    LEVEL_WORDS,
    PHASE_WORDS,
    REQUIREMENT_WORDS,
    limit_details,
    limit_sentence,
)
from sessions.rules.protocols import CHECK_ITEMS, DISCHARGE_CRITERIA, check_items, limits
from sessions.rules.quantities import plain, thousandths
from sessions.rules.vitals_schedule import PARAMETERS, PlannedRow, schedule_rows
from sessions.rules.vitals_schedule import PHASES as SCHEDULE_PHASES

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
            f"{PHASE_WORDS[limit.phase]}: {limit_sentence(limit)}": "; ".join(
                [str(LEVEL_WORDS[limit.level.value]), *limit_details(limit)]
            )
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
        **{
            _("Side effects asked about: %(moment)s") % {"moment": moment.label}: _("asked")
            for moment in moments(content["side_effect_moments"])
        },
        _("Readings planned"): ". ".join(schedule_sentences(content.get("vitals_schedule") or [])),
        _("Check-ins between sessions"): "; ".join(as_lines(content.get("check_ins") or []).splitlines()),
        _("Pump and chart may differ by"): tolerance_words(content.get("totals_tolerance_percent")),
    }


def questionnaires(codes: Iterable[str]) -> list[str]:
    """Their names; the code of one that this release does not know."""
    return [CURRENT[code].name if code in CURRENT else code for code in codes]


def schedule_sentences(stored: Iterable[Mapping[str, Any]]) -> list[str]:
    """``Blood pressure during the infusion every 10 min``; nothing where the whole set is due at the intervals."""
    return [_schedule_sentence(row) for row in schedule_rows(stored)]


def _schedule_sentence(row: PlannedRow) -> str:
    told = f"{PARAMETERS[row.parameter][0]} {SCHEDULE_PHASES[row.phase]}"
    if row.every_minutes:
        return _("%(what)s every %(minutes)s min") % {"what": told, "minutes": row.every_minutes}
    if row.at_minutes:
        at = ", ".join(map(str, row.at_minutes))
        return _("%(what)s at %(minutes)s min") % {"what": told, "minutes": at}
    return told


def tolerance_words(percent: int | None) -> str:
    """How far pump and chart may differ."""
    return _("not checked") if percent is None else _("%(percent)s %% of the dose") % {"percent": percent}


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
        _("Modified Aldrete score, at least"): str(content.get("aldrete_minimum") or _("not asked for")),
        _("Dosed by"): str(WeightBasis(content.get("weight_basis") or WeightBasis.ACTUAL).label),
        _("Dose rounded to"): _or_unchecked(content.get("rounding_micrograms"), _("a microgram")),
        _("Dose asks for a reason above"): _or_unchecked(content.get("soft_limit_micrograms")),
        _("Dose needs the right to go over above"): _or_unchecked(content.get("hard_limit_micrograms")),
        _("Second check of the dose"): _("yes") if content.get("needs_second_check") else _("no"),
        **check_numbers(content),
    }


def check_numbers(content: Mapping[str, Any]) -> dict[str, str]:
    """The numbers of the pre-infusion check; what is not set is not checked, and said so."""

    def told(name: str, words: Any, empty: Any) -> str:
        found = content.get(name)
        return str(empty) if found is None else words % {"n": found}

    unchecked = _("not checked")
    return {
        _("Without solid food before the start"): told("fasting_solids_minutes", _("%(n)s min"), unchecked),
        _("Without clear liquids"): told("fasting_liquids_minutes", _("%(n)s min"), unchecked),
        _("Without alcohol or other substances"): told("substance_free_hours", _("%(n)s hours"), unchecked),
        _("A negative pregnancy test counts for"): told("pregnancy_test_days", _("%(n)s days"), unchecked),
        _("Pregnancy asked about"): told("pregnancy_until_age", _("below %(n)s years"), _("at every age")),
        _("Urinary symptoms asked about"): told(
            "urinary_days", _("again after %(n)s days"), _("at every visit")
        ),
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
