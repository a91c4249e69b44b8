"""How the codes inside a protocol version read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sessions.rules.plausibility import RANGES
from sessions.rules.protocols import ACKNOWLEDGERS, Limit, LimitLevel, Requirement, limits

PHASE_WORDS: dict[str, Any] = {
    "pre": _("Before the start"),
    "infusion": _("During the infusion"),
    "recovery": _("In recovery"),
}
COMPARATOR_WORDS: dict[str, Any] = {
    ">": _("above"),
    ">=": _("at or above"),
    "<": _("below"),
    "<=": _("at or below"),
}
LEVEL_WORDS: dict[str, Any] = {
    LimitLevel.INFO.value: _("inform"),
    LimitLevel.WARN.value: _("warn"),
    LimitLevel.HOLD_START.value: _("do not start"),
    LimitLevel.PAUSE.value: _("pause"),
    LimitLevel.STOP.value: _("stop"),
    LimitLevel.EMERGENCY.value: _("emergency"),
}
REQUIREMENT_WORDS: dict[str, Any] = {
    Requirement.REQUIRED.value: _("Required"),
    Requirement.ADVISORY.value: _("Advisory"),
}


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A limit as it reads: ``LimitLine("Systolic pressure at or above 180 mmHg", "pause", "pause", "")``.

    Attributes:
        more: what else it says: how long it waits, what to do, who acknowledges.
    """

    words: str
    level: str
    level_words: Any
    more: str = ""


def limit_sentence(limit: Limit) -> str:
    """``SpO2 below 92 %``, ``Systolic pressure, change from baseline above 30 mmHg``"""
    known = RANGES[limit.parameter]
    words = {
        "parameter": known.label,
        "comparator": COMPARATOR_WORDS[limit.comparator],
        "value": f"{limit.value:g} {'%' if limit.in_percent else known.unit}".strip(),
    }
    if limit.relative_to_baseline:
        return _now("%(parameter)s, change from baseline %(comparator)s %(value)s") % words
    return _now("%(parameter)s %(comparator)s %(value)s") % words


def limit_details(limit: Limit) -> list[str]:
    """``2 readings in a row``, ``over 5 min``, ``acknowledged by a prescriber``, ``Slow the rate``"""
    told = []
    if limit.persist_readings > 1:
        told.append(_now("%(n)s readings in a row") % {"n": limit.persist_readings})
    if limit.persist_minutes:
        told.append(_now("over %(n)s min") % {"n": limit.persist_minutes})
    if limit.acknowledged_by:
        told.append(_now("acknowledged by %(who)s") % {"who": ACKNOWLEDGERS[limit.acknowledged_by]})
    return [*told, *([limit.required_action] if limit.required_action else [])]


def limits_by_phase(stored: Iterable[Mapping[str, Any]]) -> list[tuple[Any, list[LimitLine]]]:
    """Every phase in its order, those without a limit too: what is not limited is not checked."""
    known = limits(stored)
    return [
        (label, [_line(limit) for limit in known if limit.phase == phase])
        for phase, label in PHASE_WORDS.items()
    ]


def _line(limit: Limit) -> LimitLine:
    level = limit.level.value
    return LimitLine(limit_sentence(limit), level, LEVEL_WORDS[level], "; ".join(limit_details(limit)))
