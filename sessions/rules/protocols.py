"""The lists inside a protocol version: check items, limits, discharge criteria. Their shape and their words."""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from operator import ge, gt, le, lt
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
    "aldrete": _("Modified Aldrete score reached"),
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
    EMERGENCY = "emergency"


NEVER_WAITS = frozenset({LimitLevel.STOP, LimitLevel.EMERGENCY})
"""The top tiers: an alert of theirs never waits for a second reading."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A clinical limit of a protocol: ``parameter`` compared with ``value``, or with its change from baseline.

    Attributes:
        in_percent: the change is counted in percent of what it is counted from.
        persist_readings: an alert waits for so many breaching readings in a row.
        persist_minutes: and until they span so many minutes. The top tiers wait for neither.
        required_action: what the protocol asks the nurse to do, in its own words.
        acknowledged_by: a key of :data:`ACKNOWLEDGERS`.
        patient_limit: the inner key of the patient's own limit that this one is; None: it is the protocol's.
    """

    parameter: str
    phase: str
    comparator: str
    value: float
    level: LimitLevel
    relative_to_baseline: bool = False
    in_percent: bool = False
    persist_readings: int = 1
    persist_minutes: int = 0
    required_action: str = ""
    acknowledged_by: str = ""
    patient_limit: int | None = None

    @property
    def side(self) -> str:
        """``above`` or ``below``: on which side of the limit it is breached."""
        return "above" if self.comparator.startswith(">") else "below"

    @property
    def waits(self) -> bool:
        """Whether one breaching reading is not enough for an alert."""
        return self.level not in NEVER_WAITS and (self.persist_readings > 1 or self.persist_minutes > 0)

    def compared(self, measured: float, baseline: float | None) -> float | None:
        """What is held against ``value``: the measurement or its change; None where nothing is known to change from."""
        if not self.relative_to_baseline:
            return measured
        if baseline is None or (self.in_percent and not baseline):
            return None
        change = measured - baseline
        return change * 100 / baseline if self.in_percent else change

    def edge(self, baseline: float | None) -> float | None:
        """The measurement at which it is reached."""
        if not self.relative_to_baseline:
            return self.value
        if baseline is None:
            return None
        return baseline * (100 + self.value) / 100 if self.in_percent else baseline + self.value

    def is_breached(self, measured: float, baseline: float | None) -> bool:
        found = self.compared(measured, baseline)
        return found is not None and COMPARE[self.comparator](found, self.value)


COMPARE: dict[str, Callable[[float, float], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}
ACKNOWLEDGERS: dict[str, Any] = {
    "": _("a nurse or a prescriber"),
    "nurse": _("a nurse"),
    "prescriber": _("a prescriber"),
}
"""Who may acknowledge an alert of a limit."""
MOST_READINGS, MOST_MINUTES, LONGEST_ACTION = 10, 120, 200


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
            in_percent=bool(entry.get("in_percent", False)),
            persist_readings=int(entry.get("persist_readings", 1)),
            persist_minutes=int(entry.get("persist_minutes", 0)),
            required_action=entry.get("required_action", ""),
            acknowledged_by=entry.get("acknowledged_by", ""),
        )
        for entry in stored
    )


def read_once(version: Any, column: str, read: Callable[[Any], Any]) -> Any:
    """What a version's column says, worked out once for the row that was read and kept beside it."""
    stored, kept_as = getattr(version, column), f"_{column}_read"
    known = version.__dict__.get(kept_as)
    if known is None or known[0] is not stored:
        known = version.__dict__[kept_as] = (stored, read(stored))
    return known[1]


def limits_of(version: Any) -> tuple[Limit, ...]:
    """Limits of a version, worked out once for the row that was read: a board asks for them at every chair."""
    found: tuple[Limit, ...] = read_once(version, "limits", limits)
    return found


def stored(limit: Limit) -> dict[str, Any]:
    """A limit as a version stores it; what is as usual is left out, as versions of earlier releases left it out."""
    plain = {name: getattr(limit, name) for name in ("parameter", "phase", "comparator", "value")}
    return (
        plain
        | {"level": limit.level.value}
        | {name: value for name, usual in OPTIONAL.items() if (value := getattr(limit, name)) != usual}
    )


OPTIONAL: dict[str, Any] = {
    "relative_to_baseline": False,
    "in_percent": False,
    "persist_readings": 1,
    "persist_minutes": 0,
    "required_action": "",
    "acknowledged_by": "",
}
"""What a stored limit may leave out, and what it then means."""


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
    elif any(limit.persist_readings > 1 or limit.persist_minutes for limit in _hasty(limits(stored_limits))):
        message = _(
            "A limit of the level stop or emergency never waits for a second reading. Take the wait away."
        )
        problems["limits"] = Problem("protocol.limit_waits", message)
    if not (
        isinstance(discharge_criteria, list)
        and all(_is_one_of(code, DISCHARGE_CRITERIA) for code in discharge_criteria)
    ):
        message = _("Each discharge criterion must be one of the known criteria.")
        problems["discharge_criteria"] = Problem("protocol.discharge_criteria", message)
    if problems:
        raise Invalid(problems)


def _hasty(found: Iterable[Limit]) -> list[Limit]:
    return [limit for limit in found if limit.level in NEVER_WAITS]


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
        and (limit.relative_to_baseline or not limit.in_percent)
        and 1 <= limit.persist_readings <= MOST_READINGS
        and 0 <= limit.persist_minutes <= MOST_MINUTES
        and isinstance(limit.required_action, str)
        and len(limit.required_action) <= LONGEST_ACTION
        and _is_one_of(limit.acknowledged_by, ACKNOWLEDGERS)
        for limit in read
    )


def _is_one_of(value: Any, known: Container[str]) -> bool:
    return isinstance(value, str) and value in known
