"""C-SSRS screen: the answers and what they lead to, without the questions, whose electronic use is licensed.

Triage: yes to 4 or 5, or behaviour in the past three months, is high. Yes to 3, or behaviour longer ago, is moderate;
yes to 1 or 2 alone is low (the last two are general knowledge). The level is kept as a number from 0 to 3: an order,
not a sum.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from patients.scoring.instrument import Band, Choice, Instrument, Item, Score, Wording

YES_OR_NO = (Choice(0, "No"), Choice(1, "Yes"))
ALWAYS = ("cssrs_1", "cssrs_2", "cssrs_6")
AFTER_THOUGHTS = ("cssrs_3", "cssrs_4", "cssrs_5")
NEGATIVE, LOW, MODERATE, HIGH = range(4)


@dataclass(frozen=True)
class SuicideScreen(Instrument):
    """A screen with skips: 3 to 5 are asked only after a yes to 2, "past three months" only after a yes to 6."""

    @property
    def highest_total(self) -> int:
        return HIGH

    @property
    def suicide_items(self) -> tuple[str, ...]:
        return tuple(item.code for item in self.items)

    def score(self, answers: Mapping[str, int]) -> Score:
        """The level of the answers; None until all that they call for is answered."""
        asked = [*ALWAYS]
        if answers.get("cssrs_2"):
            asked += AFTER_THOUGHTS
        if answers.get("cssrs_6"):
            asked.append("cssrs_6b")
        missing = tuple(code for code in asked if code not in answers)
        flags = tuple(item.code for item in self.items if answers.get(item.code))
        # What is high is acted on, whatever else is still open.
        level = self._level(answers)
        if missing and level != HIGH:
            return Score(None, None, missing, flags)
        return Score(level, self.band_of(level), missing, flags, is_partial=bool(missing))

    @staticmethod
    def _level(answers: Mapping[str, int]) -> int:
        if answers.get("cssrs_4") or answers.get("cssrs_5") or answers.get("cssrs_6b"):
            return HIGH
        if answers.get("cssrs_3") or answers.get("cssrs_6"):
            return MODERATE
        return LOW if answers.get("cssrs_1") or answers.get("cssrs_2") else NEGATIVE


def _item(code: str, text: str) -> Item:
    return Item(code, text, YES_OR_NO)


CSSRS = SuicideScreen(
    code="cssrs",
    version="1",
    name="C-SSRS screen",
    stem="Enter the answers of the licensed form; questions 3 to 5 only after a yes to 2.",
    recall_days=0,
    items=(
        *(_item(f"cssrs_{number}", f"Question {number}") for number in range(1, 7)),
        _item("cssrs_6b", "Question 6: in the past three months"),
    ),
    bands=(
        Band(NEGATIVE, NEGATIVE, "negative", "Negative"),
        Band(LOW, LOW, "low", "Low"),
        Band(MODERATE, MODERATE, "moderate", "Moderate"),
        Band(HIGH, HIGH, "high", "High"),
    ),
    flag_from={},
    loinc_total="93374-7",
    source="Skips and high level as published; low and moderate are general knowledge",
    licence="Electronic use is licensed exclusively (Clario): answers only, no wording.",
    wording=Wording.NUMBERS_ONLY,
)
