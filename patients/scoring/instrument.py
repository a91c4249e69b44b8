"""What a questionnaire is and how it is scored. Pure and versioned; the wording is exact and never translated
here: an official translation is another version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any


class UnknownAnswer(ValueError):
    """An answer to an item that does not exist, or one that cannot be chosen there."""

    def __init__(self, item: str, value: object) -> None:
        super().__init__(f"{item}: {value!r}")
        self.item = item
        self.value = value


class Wording(StrEnum):
    """Whether the questions themselves may stand in this software."""

    SHIPPED = "shipped"
    NUMBERS_ONLY = "numbers_only"
    LICENSED = "licensed"
    """The words are a site's own, entered under its licence; nothing of them stands in this software."""


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


def number_item(code: str, text: str, lowest: int, highest: int, *, is_scored: bool = True) -> Item:
    """An item of which only the number is kept: its wording belongs to somebody else."""
    choices = tuple(Choice(value, str(value)) for value in range(lowest, highest + 1))
    return Item(code, text, choices, is_scored=is_scored)


@dataclass(frozen=True, slots=True)
class ItemText:
    """The words of one item as a licence holder prints them; an answer without words keeps its number."""

    text: str
    answers: Mapping[int, str]


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
        total: None unless the questionnaire is answered as far as its own rule asks: a missing item is never guessed.
        missing: codes of the scored items without an answer.
        flags: codes of the items whose answer a clinician must look at before treatment, complete or not.
        is_partial: the total stands although items are missing, by the questionnaire's declared rule.
    """

    total: int | None
    band: Band | None
    missing: tuple[str, ...]
    flags: tuple[str, ...]
    is_partial: bool = False


@dataclass(frozen=True)
class Instrument:
    """A questionnaire in one version.

    Attributes:
        flag_from: for items that a clinician must look at, the lowest answer that calls for it.
        recall_days: the days before the answers that the questions ask about.
        domains: groups of items of which the highest answer counts; empty: every scored item counts.
        missing_rule: in words, when a total stands although items are missing; empty: never.
        wording: whether the questions stand here; otherwise only numbers are kept.
        lower_is_better: the direction of improvement.
        minimal_change: points that count as a change that matters; None where no source could be read.
        repeat_days: the shortest sensible interval; None: as long as the recall.
        by_patient: whether a patient may fill it in alone; otherwise a trained rater does.
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
    domains: tuple[tuple[str, ...], ...] = ()
    missing_rule: str = ""
    wording: Wording = Wording.SHIPPED
    lower_is_better: bool = True
    minimal_change: int | None = None
    repeat_days: int | None = None
    by_patient: bool = True

    @cached_property
    def scored_items(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.is_scored)

    @cached_property
    def highest_total(self) -> int:
        highest = {item.code: max(choice.value for choice in item.choices) for item in self.scored_items}
        return sum(max(highest[code] for code in domain) for domain in self.counted_domains)

    @cached_property
    def counted_domains(self) -> tuple[tuple[str, ...], ...]:
        """What is added up: the declared domains, or each scored item as one of its own."""
        return self.domains or tuple((item.code,) for item in self.scored_items)

    def band_label(self, code: str) -> str:
        """The name of a band; empty without one."""
        return next((band.label for band in self.bands if band.code == code), "")

    @property
    def ships_wording(self) -> bool:
        return self.wording is Wording.SHIPPED

    @property
    def shows_wording(self) -> bool:
        """Whether the questions can be read, by this software's right or by a site's licence."""
        return self.wording is not Wording.NUMBERS_ONLY

    @property
    def suicide_items(self) -> tuple[str, ...]:
        """Codes of the items whose answer may call for a review."""
        return tuple(self.flag_from)

    def worded(self, stem: str, texts: Mapping[str, ItemText]) -> "Instrument":
        """The same questionnaire, scored alike, in the words of a licensed form."""
        items = tuple(_worded(item, texts[item.code]) if item.code in texts else item for item in self.items)
        return replace(self, stem=stem, items=items, wording=Wording.LICENSED)

    def item(self, code: str) -> Item | None:
        return next((item for item in self.items if item.code == code), None)

    def is_due(self, last: date | None, day: date) -> bool:
        """Whether it may be asked again on a day: earlier than its recall it would ask about the same days twice.

        The PHQ-9 asks about "the last 2 weeks" (CamCOPS ``phq9.xml``), so 14 days lie between two of them at least.
        """
        least = self.recall_days if self.repeat_days is None else self.repeat_days
        return last is None or (day - last).days >= least

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
        """Add up answers that :meth:`read_answers` has read: of each domain the highest."""
        missing = tuple(item.code for item in self.scored_items if item.code not in answers)
        flags = tuple(code for code, lowest in self.flag_from.items() if answers.get(code, -1) >= lowest)
        given = [[answers[code] for code in domain if code in answers] for domain in self.counted_domains]
        if not all(given) or (missing and not self.missing_rule):
            return Score(None, None, missing, flags)
        total = sum(max(domain) for domain in given)
        return Score(total, self.band_of(total), missing, flags, is_partial=bool(missing))

    def band_of(self, total: int) -> Band:
        """The band of a total.

        Raises:
            ValueError: no set of answers adds up to it.
        """
        for band in self.bands:
            if band.low <= total <= band.high:
                return band
        raise ValueError(f"{self.code} has no total of {total}")


def _worded(item: Item, said: ItemText) -> Item:
    choices = tuple(
        replace(choice, text=said.answers.get(choice.value, "") or choice.text) for choice in item.choices
    )
    return replace(item, text=said.text or item.text, choices=choices)


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
