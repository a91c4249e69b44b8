"""What is seen of a discharge criterion, beside met or not met: scores, and what a value alone decides.

Modified Aldrete: five parts of 0 to 2, total 0 to 10, circulation in per cent of the baseline pressure. Two independent
copies of the table agree (grade C); the original paper was not seen. How many points a protocol asks for is its own
decision (``aldrete_minimum``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid, Problem
from sessions.models import VitalSigns


@dataclass(frozen=True, slots=True)
class AldretePart:
    """One part of the score: its words for 2, 1 and 0 points."""

    code: str
    label: Any
    words: tuple[Any, Any, Any]


ALDRETE = (
    AldretePart(
        "activity",
        _("Activity"),
        (_("moves all four limbs"), _("moves two limbs"), _("moves none")),
    ),
    AldretePart(
        "respiration",
        _("Respiration"),
        (_("breathes deeply, coughs"), _("short of breath, shallow"), _("no breathing")),
    ),
    AldretePart(
        "circulation",
        _("Circulation"),
        (
            _("systolic within 20 % of baseline"),
            _("20 to 50 % from baseline"),
            _("more than 50 % from baseline"),
        ),
    ),
    AldretePart(
        "consciousness",
        _("Consciousness"),
        (_("fully awake"), _("wakes when called"), _("does not respond")),
    ),
    AldretePart(
        "oxygen",
        _("SpO2"),
        (_("over 92 % on room air"), _("needs oxygen to stay over 90 %"), _("under 90 % with oxygen")),
    ),
)
CODES = tuple(part.code for part in ALDRETE)


def circulation_points(reading: VitalSigns | None, baseline: VitalSigns | None) -> int | None:
    """2, 1 or 0 by the systolic pressure against the baseline; None where one of them was not measured."""
    if not (reading and baseline and reading.systolic and baseline.systolic):
        return None
    change = abs(reading.systolic - baseline.systolic) * 100
    if change <= 20 * baseline.systolic:
        return 2
    return 1 if change <= 50 * baseline.systolic else 0


def aldrete_total(parts: Mapping[str, int]) -> int:
    """The sum of the five parts; all five are needed."""
    return sum(parts[code] for code in CODES)


def check_aldrete(minimum: int | None, *, criteria: Sequence[str]) -> None:
    """Raises Invalid ``protocol.aldrete``: a score that is asked for needs its number, 1 to 10."""
    if minimum is not None and not 1 <= minimum <= 10:
        message = _(
            "A modified Aldrete score is asked for from 1 to 10. Enter such a number, or leave it empty."
        )
        raise Invalid({"aldrete_minimum": Problem("protocol.aldrete", message)})
    if "aldrete" in criteria and minimum is None:
        message = _("Say which score is asked for, or do not ask for the modified Aldrete score.")
        raise Invalid({"aldrete_minimum": Problem("protocol.aldrete", message)})


def checked_values(values: Mapping[str, Any], *, computed_circulation: int | None) -> dict[str, Any]:
    """Values by criterion as they are stored.

    Args:
        values: ``aldrete``: the five parts; ``alert``: MOAA/S 0 to 5; ``no-dissociation``: 0 to 10.
        computed_circulation: what the readings say; another number of points is kept beside it as an override.

    Raises:
        Invalid: ``discharge.value``, at ``values``.
    """
    stored: dict[str, Any] = {}
    for code, value in values.items():
        if code == "aldrete":
            stored[code] = _aldrete(value, computed_circulation)
        elif code in WHOLE:
            stored[code] = _whole(value, label=WHOLE[code][0], most=WHOLE[code][1])
        else:
            message = _("The criterion %(code)s has no value of its own.")
            raise Invalid({"values": Problem("discharge.value", message, {"code": code})})
    return stored


WHOLE = {"alert": (_("MOAA/S"), 5), "no-dissociation": (_("Dissociation"), 10)}


def _aldrete(value: Any, computed: int | None) -> dict[str, int]:
    if not isinstance(value, Mapping) or set(value) != set(CODES):
        message = _("The modified Aldrete score needs all five parts.")
        raise Invalid({"values": Problem("discharge.value", message)})
    parts = {part.code: _whole(value[part.code], label=part.label, most=2) for part in ALDRETE}
    stored = parts | {"total": aldrete_total(parts)}
    if computed is not None:
        stored["circulation_computed"] = computed
    return stored


def _whole(value: Any, *, label: Any, most: int) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most:
        return value
    message = _("%(label)s: enter a whole number from 0 to %(most)s.")
    raise Invalid({"values": Problem("discharge.value", message, {"label": label, "most": most})})


def decided_by_value(code: str, value: Any, *, aldrete_minimum: int | None) -> bool | None:
    """Whether a value alone decides its criterion; None where the assessor does."""
    if code == "aldrete" and aldrete_minimum is not None:
        return bool(value["total"] >= aldrete_minimum)
    return None


def words_of(code: str, value: Any) -> str:
    """``9 of 10`` beside a criterion; empty without a value."""
    if value is None:
        return ""
    if code == "aldrete":
        computed, given = value.get("circulation_computed"), value["circulation"]
        changed = computed is not None and computed != given
        total = str(_("%(total)s of 10")) % {"total": value["total"]}
        over = str(_("circulation %(given)s, by the readings %(computed)s"))
        return f"{total} ({over % {'given': given, 'computed': computed}})" if changed else total
    return f"{WHOLE[code][0]} {value}"
