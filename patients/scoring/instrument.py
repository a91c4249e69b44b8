"""What a questionnaire is and how it is scored. Pure and versioned; the wording is exact and never translated
here: an official translation is another version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any


class UnknownAnswer(ValueError):
    """An answer to an item that does not exist, or one that cannot be chosen there."""

    def __init__(self, item: str, value: object) -> None:
        super().__init__(f"{item}: {value!r}")
        self.item = item
        self.value = value


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: the number that counts and the words beside it."""

    value: int
    text: str
    loinc: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One question. ``is_scored`` is False where it does not count towards the total."""

    code: str
    text: str
    choices: tuple[Choice, ...]
    loinc: str = ""
    is_scored: bool = True

    def choice(self, value: int) -> Choice | None:
        return next((choice for choice in self.choices if choice.value == value), None)


@dataclass(frozen=True, slots=True)
class Band:
    """A range of totals with a name, both ends included."""

    low: int
    high: int
    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Score:
    """What a set of answers amounts to.

    Attributes:
        total: None unless every scored item is answered: a missing item is never guessed.
        missing: codes of the scored items without an answer.
        flags: codes of the items whose answer a clinician must look at before treatment, complete or not.
    """

    total: int | None
    band: Band | None
    missing: tuple[str, ...]
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Instrument:
    """A questionnaire in one version.

    Attributes:
        flag_from: for items that a clinician must look at, the lowest answer that calls for it.
        recall_days: the days before the answers that the questions ask about.
    """

    code: str
    version: str
    name: str
    stem: str
    recall_days: int
    items: tuple[Item, ...]
    bands: tuple[Band, ...]
    flag_from: Mapping[str, int]
    loinc_total: str
    source: str
    licence: str

    @cached_property
    def scored_items(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.is_scored)

    @cached_property
    def highest_total(self) -> int:
        return sum(max(choice.value for choice in item.choices) for item in self.scored_items)

    def item(self, code: str) -> Item | None:
        return next((item for item in self.items if item.code == code), None)

    def is_due(self, last: date | None, day: date) -> bool:
        """Whether it may be asked again on a day: earlier than its recall it would ask about the same days twice.

        The PHQ-9 asks about "the last 2 weeks" (CamCOPS ``phq9.xml``), so 14 days lie between two of them at least.
        """
        return last is None or (day - last).days >= self.recall_days

    def read_answers(self, given: Mapping[str, Any]) -> dict[str, int]:
        """Answers by item code in the order of the items; what was left blank is left out.

        Raises:
            UnknownAnswer: no such item, or no such answer there.
        """
        for code in given:
            if self.item(code) is None:
                raise UnknownAnswer(code, given[code])
        return {
            item.code: _read(item, given[item.code])
            for item in self.items
            if given.get(item.code) not in (None, "")
        }

    def score(self, answers: Mapping[str, int]) -> Score:
        """Add up answers that :meth:`read_answers` has read."""
        missing = tuple(item.code for item in self.scored_items if item.code not in answers)
        flags = tuple(code for code, lowest in self.flag_from.items() if answers.get(code, -1) >= lowest)
        if missing:
            return Score(None, None, missing, flags)
        total = sum(answers[item.code] for item in self.scored_items)
        return Score(total, self.band_of(total), (), flags)

    def band_of(self, total: int) -> Band:
        """The band of a total.

        Raises:
            ValueError: no set of answers adds up to it.
        """
        for band in self.bands:
            if band.low <= total <= band.high:
                return band
        raise ValueError(f"{self.code} has no total of {total}")


def _read(item: Item, value: Any) -> int:
    text = str(value).strip()
    # bool is an int in Python, but nobody answers a questionnaire with "true".
    if (
        isinstance(value, bool)
        or not (text.isascii() and text.isdigit())
        or item.choice(int(text[:9])) is None
    ):
        raise UnknownAnswer(item.code, value)
    return int(text)
