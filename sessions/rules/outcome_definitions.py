"""What counts as response, remission, worsening and relapse: versioned data with operator, number and source. Pure.

Sources disagree (remission on the MADRS is ``<= 10`` in one trial and ``< 10`` in another), so a definition is named
with its version wherever its verdict is shown. What no source defines is graded GK: a convention, said to be one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _


class Concept(StrEnum):
    """What is judged."""

    RESPONSE = "response"
    REMISSION = "remission"
    WORSENING = "worsening"
    RELAPSE = "relapse"


CONCEPT_LABELS: dict[Concept, Any] = {
    Concept.RESPONSE: _("Response"),
    Concept.REMISSION: _("Remission"),
    Concept.WORSENING: _("Worsening"),
    Concept.RELAPSE: _("Relapse"),
}


class Measure(StrEnum):
    """What is compared: the total itself, or its change from the baseline in points or per cent (down is negative)."""

    TOTAL = "total"
    POINTS = "points"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class OutcomeDefinition:
    """One definition in one version.

    Attributes:
        operator: ``<``, ``<=``, ``>`` or ``>=``, between the measure and ``value``.
        consecutive: how many ratings in a row must meet it.
        window_days: only ratings so many days after the last infusion count; None: any time.
        grade: of the source: A, B, C, or GK where none was found.
    """

    concept: Concept
    instrument: str
    version: str
    measure: Measure
    operator: str
    value: float
    source: str
    grade: str
    consecutive: int = 1
    window_days: int | None = None

    def is_met_by(self, total: int, baseline: int | None) -> bool | None:
        """None where it is undefined: without a baseline, or per cent of a baseline of nought."""
        if self.measure is Measure.TOTAL:
            return self._compare(total * 100)
        if baseline is None or (self.measure is Measure.PERCENT and baseline == 0):
            return None
        change = total - baseline
        # In hundredths and without division, so that exactly half is exactly half.
        if self.measure is Measure.POINTS:
            return self._compare(change * 100)
        return self._compare(change * 100 * 100, scale=baseline)

    def _compare(self, hundredths: int, *, scale: int = 1) -> bool:
        limit = round(self.value * 100) * scale
        return {
            "<": hundredths < limit,
            "<=": hundredths <= limit,
            ">": hundredths > limit,
            ">=": hundredths >= limit,
        }[self.operator]


_PHQ9_COHORT = "PHQ-9 in 9,016 patients of 178 US practices (McInnes 2022)"
_HALF = (Measure.PERCENT, "<=", -50)


def _response(instrument: str, source: str) -> OutcomeDefinition:
    return OutcomeDefinition(Concept.RESPONSE, instrument, "1", *_HALF, source=source, grade="A")


def _remission(instrument: str, operator: str, value: float, source: str) -> OutcomeDefinition:
    return OutcomeDefinition(
        Concept.REMISSION, instrument, "1", Measure.TOTAL, operator, value, source=source, grade="A"
    )


def _worsening(instrument: str, grade: str) -> OutcomeDefinition:
    return OutcomeDefinition(
        Concept.WORSENING,
        instrument,
        "1",
        Measure.POINTS,
        ">",
        0,
        source=f"Any increase over the baseline, as with the {_PHQ9_COHORT}",
        grade=grade,
    )


def _relapse(instrument: str) -> OutcomeDefinition:
    return OutcomeDefinition(
        Concept.RELAPSE,
        instrument,
        "1",
        Measure.PERCENT,
        ">",
        -50,
        source="Less than half improved on two ratings in a row after a response; not standardised, a convention",
        grade="GK",
        consecutive=2,
    )


DEFINITIONS: tuple[OutcomeDefinition, ...] = (
    _response("phq9", _PHQ9_COHORT),
    _remission("phq9", "<", 5, _PHQ9_COHORT),
    _worsening("phq9", "A"),
    _relapse("phq9"),
    _response("qids", "QIDS-SR16 in ELEKT-D (Anand 2023)"),
    _remission("qids", "<=", 5, "STAR*D convention for the QIDS-SR16"),
    _worsening("qids", "GK"),
    _relapse("qids"),
    _response("madrs", "MADRS in six infusions over two weeks (Phillips 2019)"),
    _remission("madrs", "<=", 10, "MADRS in KetECT; another trial (Bio-K) has below 10"),
    _worsening("madrs", "GK"),
    _relapse("madrs"),
)
"""The definitions in use. A new version is a new entry; verdicts name the one they used."""


def definitions_of(instrument: str) -> tuple[OutcomeDefinition, ...]:
    """What is judged by one questionnaire; empty where no definition is agreed, as for the GAD-7."""
    return tuple(definition for definition in DEFINITIONS if definition.instrument == instrument)


def definition(concept: Concept, found: Iterable[OutcomeDefinition]) -> OutcomeDefinition | None:
    """The one of a concept, if there is one."""
    return next((one for one in found if one.concept is concept), None)
