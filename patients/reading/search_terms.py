"""What somebody means who types into the patient search. Pure."""

import re
from dataclasses import dataclass
from datetime import date

from clinic.common.text import words
from patients.reading.dates import readings

MAX_LENGTH = 200
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"
    r"|\b\d{1,2}([-/. ])\d{1,2}\1\d{4}\b"
    r"|\b\d{1,2}(?:st|nd|rd|th)?[ .-]{1,2}[a-z]{3,9}[ .,-]{1,2}\d{4}\b"
    r"|\b[a-z]{3,9}[ .]{1,2}\d{1,2}(?:st|nd|rd|th)?[ ,]{1,2}\d{4}\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[\d\s()+./-]+")
# Fewer digits would find half of the telephone numbers.
MIN_PHONE_DIGITS = 4


@dataclass(frozen=True, slots=True)
class SearchTerm:
    """A search, taken apart.

    Attributes:
        words: folded beginnings of name words (or of a record number); all must match.
        birth_dates: the days that a typed date may mean; one of them must match.
        number: digits when nothing but a number was typed: part of a telephone number or of a record number.
    """

    words: tuple[str, ...] = ()
    birth_dates: tuple[date, ...] = ()
    number: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.birth_dates or self.number)

    @classmethod
    def parse(cls, text: str) -> "SearchTerm":
        """
        >>> SearchTerm.parse("garc 12 Mar 1984")
        SearchTerm(words=('garc',), birth_dates=(datetime.date(1984, 3, 12),), number='')
        """
        text = text[:MAX_LENGTH]
        dates: list[date] = []
        rest = _DATE.sub(lambda match: _take(match[0], dates), text).strip()
        if rest and _NUMBER.fullmatch(rest):
            digits = "".join(char for char in rest if char.isdigit())
            return cls(birth_dates=tuple(dates), number=digits)
        return cls(words=tuple(dict.fromkeys(words(rest))), birth_dates=tuple(dates))


def _take(text: str, dates: list[date]) -> str:
    found = readings(text)
    dates.extend(found)
    return " " if found else text
