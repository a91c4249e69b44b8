"""A long list, a page at a time; the filters stay in the address."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest

PER_PAGE = 50
LAST = 1_000_000
"""A page number that a database can still skip to."""


@dataclass(frozen=True, slots=True)
class Pages:
    """Where in a list the reader stands. ``total`` rows in all, ``query`` the address's other parameters.

    Example: page 2 of ``Pages(number=2, per=50, total=120, query="verb=session")`` shows the rows 51 to 100.
    """

    number: int
    per: int
    total: int
    query: str

    @property
    def count(self) -> int:
        return max(1, -(-self.total // self.per))

    @property
    def first(self) -> int:
        """The number of the first row shown, counted from 1; 0 where there is none."""
        return min(start_of(self.number, self.per) + 1, self.total)

    @property
    def last(self) -> int:
        return min(self.number * self.per, self.total)

    @property
    def previous(self) -> str:
        return self._address(min(self.number - 1, self.count)) if self.number > 1 else ""

    @property
    def next(self) -> str:
        return self._address(self.number + 1) if self.number < self.count else ""

    def _address(self, number: int) -> str:
        return "?" + "&".join(part for part in (self.query, f"page={number}") if part)


def page_number(request: HttpRequest) -> int:
    """``page`` of the address; the first where it is missing or no number."""
    text = request.GET.get("page", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 1
    return max(1, min(number, LAST))


def start_of(number: int, per: int = PER_PAGE) -> int:
    """How many rows stand before a page."""
    return (number - 1) * per


def pages(request: HttpRequest, *, total: int, per: int = PER_PAGE) -> Pages:
    """The page that the address asks for, of ``total`` rows."""
    others = [(name, value) for name in request.GET for value in request.GET.getlist(name) if value]
    query = urlencode([pair for pair in others if pair[0] != "page"])
    return Pages(number=page_number(request), per=per, total=total, query=query)
