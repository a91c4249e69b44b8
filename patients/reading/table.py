"""Reading an uploaded text file into rows: what it is written in, and what it must not be.

Nothing here guesses silently: a file that cannot be read as it says is refused with the first place that is wrong.
"""

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Invalid, Problem

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_CELL = 10_000
DELIMITERS = ",;\t|"
# Offered when a file is not UTF-8; chosen by a person, never guessed, since every byte is "right" in both.
ENCODINGS = {
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252 (Western Europe)",
    "iso-8859-1": "ISO 8859-1 (Latin 1)",
}

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY = {
    b"PK\x03\x04": _("an Excel workbook or a ZIP archive"),
    b"PK\x05\x06": _("a ZIP archive"),
    b"\xd0\xcf\x11\xe0": _("an old Excel workbook"),
    b"\x1f\x8b": _("a compressed file"),
    b"BZh": _("a compressed file"),
    b"\xfd7zXZ": _("a compressed file"),
    b"7z\xbc\xaf": _("a compressed file"),
    b"%PDF": _("a PDF"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row: the line on which it begins, counted from 1, and its cells."""

    number: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file that could be read.

    Attributes:
        digest: SHA-256 of the bytes, by which the same file is recognised.
    """

    columns: list[str]
    lines: list[Line]
    encoding: str
    delimiter: str
    digest: str


def read_table(content: bytes, *, encoding: str = "") -> Table:
    """Read the bytes of a CSV file with a header line.

    Args:
        encoding: one of :data:`ENCODINGS` where a person chose it; otherwise the byte order mark or UTF-8.

    Raises:
        Invalid: under ``file`` (codes ``import.file_...``), or ``encoding`` for one that is not offered.
    """
    if len(content) > MAX_BYTES:
        raise too_big()
    if not content.strip():
        raise _empty()
    text, used = _decode(content, encoding)
    delimiter = _delimiter(text)
    lines = _lines(text, delimiter)
    header = next(lines, None)
    columns = _columns(header)
    rows = [_whole(line, len(columns)) for line in lines]
    if not rows:
        raise _refusal("no_rows", _("This file has a header line and nothing below it."))
    return Table(columns, rows, used, delimiter, hashlib.sha256(content).hexdigest())


def too_big() -> Invalid:
    """The refusal of a file that is too long to be taken in."""
    message = _(
        "This file is larger than %(megabytes)s MB. Split it and import the parts one after the other."
    )
    return _refusal("too_big", message, megabytes=MAX_BYTES // 1024 // 1024)


def _decode(content: bytes, encoding: str) -> tuple[str, str]:
    for magic, kind in _BINARY.items():
        if content.startswith(magic):
            message = _(
                "This is %(kind)s, whatever its name says. Save the sheet as CSV (UTF-8) and upload that."
            )
            raise _refusal("binary", message, kind=kind)
    if encoding and encoding not in ENCODINGS:
        raise Invalid({"encoding": Problem("import.encoding", _("Choose one of the encodings in the list."))})
    marked = next((name for mark, name in _BOMS if content.startswith(mark)), "")
    used = marked or encoding or "utf-8"
    if not marked and b"\x00" in content:
        raise _nul(content.count(b"\n", 0, content.index(b"\x00")) + 1)
    try:
        text = content.decode(used)
    except UnicodeDecodeError as error:
        raise _undecodable(content, error, used) from None
    if "\x00" in text:
        raise _nul(text.count("\n", 0, text.index("\x00")) + 1)
    if not text.strip():
        raise _empty()
    return text, used


def _empty() -> Invalid:
    return _refusal("empty", _("This file is empty."))


def _nul(line: int) -> Invalid:
    message = _("Line %(line)s holds a NUL character: this is not a text file. Save it as CSV (UTF-8) again.")
    return _refusal("nul", message, line=line)


def _undecodable(content: bytes, error: UnicodeDecodeError, used: str) -> Invalid:
    line = content.count(b"\n", 0, error.start) + 1
    message = _(
        "Line %(line)s is not %(encoding)s (byte %(byte)s at position %(position)s). Save the file as CSV (UTF-8),"
        " or choose the encoding that it was written in."
    )
    shown = {"line": line, "encoding": ENCODINGS.get(used, used.upper()), "position": error.start + 1}
    return _refusal("encoding", message, byte=f"0x{content[error.start]:02X}", **shown)


def _delimiter(text: str) -> str:
    """The sign that stands most often in the first line, outside quotation marks."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    bare = "".join(first.split('"')[::2])
    counts = {sign: bare.count(sign) for sign in DELIMITERS}
    best = max(counts, key=lambda sign: counts[sign])
    if not counts[best]:
        message = _(
            "The first line names one column only. Columns are separated by comma, semicolon, tab or |."
        )
        raise _refusal("one_column", message)
    return best


def _lines(text: str, delimiter: str) -> Iterator[Line]:
    """Rows that hold anything, with the line on which each begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    count, begins = -1, 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if (count := count + 1) > MAX_ROWS:
                    message = _("This file has more than %(rows)s rows. Split it and import the parts.")
                    raise _refusal("too_long", message, rows=f"{MAX_ROWS:,}")
                yield Line(begins, [cell.strip() for cell in cells])
            begins = reader.line_num + 1
    except csv.Error as error:
        # Python's own limit, far above ours, is met first where a quotation mark swallows half the file.
        if "field limit" in str(error):
            raise _long_cell(begins) from None
        message = _(
            "The row that begins on line %(line)s cannot be read: a quotation mark is not closed or stands alone."
        )
        raise _refusal("quotes", message, line=begins) from None


def _columns(header: Line | None) -> list[str]:
    """The names of the columns, each once; a nameless one is called by its place."""
    if header is None:
        raise _empty()
    cells = header.cells
    while cells and not cells[-1]:
        cells.pop()
    named = [cell for cell in cells if cell]
    if len(cells) > MAX_COLUMNS:
        raise _refusal("wide", _("The first line names more than %(columns)s columns."), columns=MAX_COLUMNS)
    if len(named) < 2 or any(cell[:1].isdigit() for cell in named if len(cell) >= 8):
        message = _("The first line must name the columns, such as “First name” and “Date of birth”.")
        raise _refusal("no_header", message)
    return _distinct([cell[:80] or f"#{place}" for place, cell in enumerate(cells, 1)])


def _distinct(names: list[str]) -> list[str]:
    seen: set[str] = set()
    for place, name in enumerate(names):
        while names[place] in seen:
            names[place] = f"{name} #{place + 1}"
            name = names[place]
        seen.add(names[place])
    return names


def _whole(line: Line, width: int) -> Line:
    """The row without empty cells beyond the header's width. One that is still too long or short is judged later."""
    cells = line.cells
    while len(cells) > width and not cells[-1]:
        cells.pop()
    if any(len(cell) > MAX_CELL for cell in cells):
        raise _long_cell(line.number)
    return line


def _long_cell(line: int) -> Invalid:
    message = _(
        "Line %(line)s holds a cell of more than %(length)s characters; a quotation mark may be missing."
    )
    return _refusal("cell", message, line=line, length=f"{MAX_CELL:,}")


def _refusal(code: str, message: object, **params: object) -> Invalid:
    return Invalid({"file": Problem(f"import.file_{code}", message, params)})
