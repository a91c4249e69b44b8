"""One row of a file of past scores: of whom, of which day, and which answers or totals; or why it is none."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from clinic.common.text import fold
from patients.reading.dates import AmbiguousDate, DateOrder, UnreadableDate, read_date
from patients.reading.values import names_of
from patients.rules.score_columns import instrument_named, total_field
from patients.scoring.instrument import Instrument, Item
from patients.scoring.registry import CURRENT

# Spreadsheets and statistics programs write a column of numbers with gaps as 2.0.
_WHOLE = re.compile(r"(-?\d{1,9})(?:[.,]0+)?")
_NOT_ANSWERED = frozenset({"na", "n/a", "nan", "null", "missing", "unknown", ".", "?", "-"})
_CODES_OF_NOTHING = frozenset({77, 88, 97, 98, 99, 777, 888, 998, 999, 9999})


@dataclass(slots=True)
class Score:
    """One questionnaire of a row.

    Attributes:
        answers: numbers by item; empty where the file holds the total only.
        total: computed from the answers, or the file's own where there are none; None while items are missing.
    """

    questionnaire: Instrument
    answers: dict[str, int]
    total: int | None


@dataclass(slots=True)
class ScoreRow:
    """What a row says.

    Attributes:
        names: family, given and middle names as they stand there.
        reasons: codes of what is wrong with it; a row with any is refused whole.
        remarks: codes of what is worth knowing about it all the same.
    """

    record_number: str = ""
    source_id: str = ""
    names: dict[str, str] = field(default_factory=dict)
    birth_date: date | None = None
    day: date | None = None
    scores: list[Score] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read_scores(
    cells: Sequence[str],
    *,
    columns: Sequence[str],
    mapping: Mapping[str, str],
    order: DateOrder | None,
    taken_on: date | None,
) -> ScoreRow:
    """Read the mapped cells of one row. A cell is a number, a word of the questionnaire or nothing: never a formula.

    Args:
        taken_on: the day of every row, where no column holds it.
    """
    row = ScoreRow()
    if len(cells) != len(columns):
        row.reasons.append("cells")
        return row
    by_column = dict(zip(columns, cells, strict=True))
    given = {name: " ".join(by_column.get(column, "").split()) for name, column in mapping.items()}
    row.record_number, row.source_id = given.get("record_number", ""), given.get("source_id", "")
    row.names = names_of(given)
    row.birth_date = _date(given.get("birth_date", ""), order, "birth_date", row)
    row.day = taken_on or _date(given.get("taken_on", ""), order, "taken_on", row)
    if row.day is None and not given.get("taken_on"):
        row.reasons.append("no_taken_on")
    _read_answers(row, _with_named_total(given, row, mapping), mapping)
    if not row.scores and not row.reasons:
        row.reasons.append("no_score")
    return row


def _date(text: str, order: DateOrder | None, name: str, row: ScoreRow) -> date | None:
    if not text:
        return None
    try:
        return read_date(text, order)
    except UnreadableDate:
        row.reasons.append(f"{name}_unreadable")
    except AmbiguousDate:
        row.reasons.append(f"{name}_ambiguous")
    return None


def _with_named_total(given: dict[str, str], row: ScoreRow, mapping: Mapping[str, str]) -> dict[str, str]:
    """The cells, with the total of the questionnaire that the row names put where a column of its own would be."""
    if "instrument" not in mapping or not given.get("total"):
        return given
    named = instrument_named(given.get("instrument", ""))
    if named is None:
        row.reasons.append("instrument_unknown" if given.get("instrument") else "no_instrument")
        return given
    place = total_field(named)
    if not place:
        row.reasons.append("level_only")
        return given
    if given.get(place):
        row.reasons.append(f"total_twice:{named.name}")
    return given | {place: given["total"]}


def _read_answers(row: ScoreRow, given: Mapping[str, str], mapping: Mapping[str, str]) -> None:
    for questionnaire in CURRENT.values():
        answers: dict[str, int] = {}
        for item in questionnaire.items:
            if text := given.get(item.code, ""):
                answer = _answer(item, text)
                if isinstance(answer, str):
                    row.reasons.append(f"{answer}:{mapping.get(item.code) or mapping['total']}")
                else:
                    answers[item.code] = answer
        place = total_field(questionnaire)
        stated = given.get(place, "") if place and questionnaire.item(place) is None else ""
        if answers or stated:
            column = mapping.get(place) or mapping.get("total", "")
            _add_score(row, questionnaire, answers, stated, column)


def _add_score(
    row: ScoreRow, questionnaire: Instrument, answers: dict[str, int], stated: str, column: str
) -> None:
    computed = questionnaire.score(answers).total
    total = computed
    if stated:
        number = _number(stated)
        if number is None or not 0 <= number <= questionnaire.highest_total:
            row.reasons.append(f"{_why_none(stated, number, beyond='total_range')}:{column}")
        elif computed is not None and number != computed:
            row.reasons.append(f"total_differs:{questionnaire.name}")
        elif not answers:
            total = number
    if answers and computed is None:
        row.remarks.append(f"incomplete:{questionnaire.name}")
    row.scores.append(Score(questionnaire, answers, total))


def _answer(item: Item, text: str) -> int | str:
    """The number of an answer, or the code of why it is none."""
    number = _number(text)
    if number is not None and item.choice(number) is not None:
        return number
    said = next((choice.value for choice in item.choices if fold(choice.text) == fold(text)), None)
    return _why_none(text, number, beyond="answer_range") if said is None else said


def _number(text: str) -> int | None:
    match = _WHOLE.fullmatch(text) if text.isascii() else None
    return int(match[1]) if match else None


def _why_none(text: str, number: int | None, *, beyond: str) -> str:
    if number is None:
        return "sentinel" if fold(text) in _NOT_ANSWERED else "not_an_answer"
    return "sentinel" if number < 0 or number in _CODES_OF_NOTHING else beyond
