"""The lists inside a protocol version: check items, limits, discharge criteria. Their shape and their words."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid, Problem
from sessions.rules.plausibility import RANGES

CHECK_ITEMS: dict[str, Any] = {
    "identity": _("Identity confirmed by two identifiers"),
    "fasting": _("Fasting as instructed"),
    "escort": _("Escort and ride home arranged"),
    "pregnancy": _("Pregnancy test negative, or does not apply"),
    "allergies": _("Allergies reviewed"),
    "medicines": _("Medicines reviewed, changes noted"),
    "substances": _("No alcohol, benzodiazepine or other substance since the instruction"),
    "illness": _("No new illness or new symptom"),
    "mood": _("Mood and thoughts of suicide asked about"),
    "baseline-vitals": _("Baseline vital signs recorded"),
    "weight": _("Weight taken"),
    "iv-access": _("IV access placed and patent"),
    "consent": _("Consent in date"),
    "urinary": _("Urinary symptoms asked about"),
    "side-effects": _("Side effects of last time reviewed"),
}
"""Fields of a pre-infusion check as published checklists have them; which are asked is the protocol's choice."""

AUTOMATIC_ITEMS = frozenset({"baseline-vitals", "weight", "consent"})
"""Items answered by the record itself."""

DISCHARGE_CRITERIA: dict[str, Any] = {
    "vitals-near-baseline": _("Vital signs near baseline"),
    "alert": _("Awake, responds readily (MOAA/S 5)"),
    "oriented": _("Oriented to person, place and time"),
    "no-dissociation": _("No relevant dissociation"),
    "walks-unaided": _("Walks unaided"),
    "nausea-controlled": _("Nausea controlled"),
    "no-new-suicidal-thoughts": _("No new suicidal thoughts"),
    "iv-removed": _("IV line removed"),
    "escort-present": _("Escort present"),
    "instructions-given": _("Written instructions given, no driving"),
}


class Requirement(StrEnum):
    """How strictly a check item is asked for."""

    REQUIRED = "required"
    ADVISORY = "advisory"


class LimitLevel(StrEnum):
    """What a breached limit asks of the nurse; the order is that of urgency."""

    INFO = "info"
    WARN = "warn"
    HOLD_START = "hold_start"
    PAUSE = "pause"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Limit:
    """A clinical limit of a protocol: ``parameter`` compared with ``value``, or with its change from baseline."""

    parameter: str
    phase: str
    comparator: str
    value: float
    level: LimitLevel
    relative_to_baseline: bool = False

    def is_breached(self, measured: float, baseline: float | None) -> bool:
        if self.relative_to_baseline:
            if baseline is None:
                return False
            measured = measured - baseline
        return {
            ">": measured > self.value,
            ">=": measured >= self.value,
            "<": measured < self.value,
            "<=": measured <= self.value,
        }[self.comparator]


PHASES = ("pre", "infusion", "recovery")
COMPARATORS = (">", ">=", "<", "<=")


def check_items(stored: Iterable[Mapping[str, str]]) -> dict[str, Requirement]:
    """Check items of a version in their order."""
    return {entry["code"]: Requirement(entry["requirement"]) for entry in stored}


def limits(stored: Iterable[Mapping[str, Any]]) -> tuple[Limit, ...]:
    """Limits of a version."""
    return tuple(
        Limit(
            parameter=entry["parameter"],
            phase=entry["phase"],
            comparator=entry["comparator"],
            value=float(entry["value"]),
            level=LimitLevel(entry["level"]),
            relative_to_baseline=bool(entry.get("relative_to_baseline", False)),
        )
        for entry in stored
    )


def check_lists(*, checklist: Any, stored_limits: Any, discharge_criteria: Any) -> None:
    """Refuse lists that the house could not read back.

    Raises:
        Invalid: by field, ``protocol.checklist``, ``protocol.limits`` or ``protocol.discharge_criteria``.
    """
    problems: dict[str, Problem] = {}
    try:
        known = set(check_items(checklist)) <= set(CHECK_ITEMS)
    except (KeyError, TypeError, ValueError):
        known = False
    if not known:
        message = _("Each check item needs a known code and the requirement required or advisory.")
        problems["checklist"] = Problem("protocol.checklist", message)
    if not _are_limits(stored_limits):
        message = _("Each limit needs a known parameter, phase, comparator and level, and a number as value.")
        problems["limits"] = Problem("protocol.limits", message)
    if not (
        isinstance(discharge_criteria, list)
        and all(_is_one_of(code, DISCHARGE_CRITERIA) for code in discharge_criteria)
    ):
        message = _("Each discharge criterion must be one of the known criteria.")
        problems["discharge_criteria"] = Problem("protocol.discharge_criteria", message)
    if problems:
        raise Invalid(problems)


def _are_limits(stored: Any) -> bool:
    try:
        read = limits(stored)
    except (KeyError, OverflowError, TypeError, ValueError):
        return False
    return all(
        _is_one_of(limit.parameter, RANGES)
        and _is_one_of(limit.phase, PHASES)
        and _is_one_of(limit.comparator, COMPARATORS)
        and isfinite(limit.value)
        for limit in read
    )


def _is_one_of(value: Any, known: Container[str]) -> bool:
    return isinstance(value, str) and value in known
