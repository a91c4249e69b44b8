import csv
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.common.errors import Invalid
from patients.reading import table
from patients.reading.table import read_table

HEADER = "Id,First,Last,DOB\n"
ROW = "1,Ana,García,1984-03-12\n"


def cells(content: bytes, **how) -> list[list[str]]:
    return [line.cells for line in read_table(content, **how).lines]


@pytest.mark.parametrize(
    "content",
    [
        (HEADER + ROW).encode(),
        (HEADER + ROW).encode("utf-8-sig"),
        (HEADER + ROW).encode("utf-16"),
        b"\xfe\xff" + (HEADER + ROW).encode("utf-16-be"),
        (HEADER + ROW).replace(",", ";").encode(),
        (HEADER + ROW).replace(",", "\t").encode(),
        (HEADER + ROW).replace(",", "|").encode(),
        (HEADER + ROW).replace("\n", "\r\n").encode(),
        (HEADER + ROW).replace("\n", "\r").encode(),
        ("\n\n" + HEADER + "\n,,,\n" + ROW).encode(),
        (HEADER + ROW.rstrip("\n") + ",,,").encode(),
        (HEADER + ' 1 ,"Ana","García", 1984-03-12 ').encode(),
    ],
)
def test_every_usual_way_of_writing_the_same(content):
    assert read_table(content).columns == ["Id", "First", "Last", "DOB"]
    assert cells(content) == [["1", "Ana", "García", "1984-03-12"]]


def test_quoted_newlines_and_delimiters_keep_their_line_numbers():
    content = HEADER + '1,"Ana\nMaría","García, Ruiz",1984-03-12\n2,Eva,Ruiz,1990-01-01\n'
    read = read_table(content.encode())
    assert [(line.number, line.cells[1:3]) for line in read.lines] == [
        (2, ["Ana\nMaría", "García, Ruiz"]),
        (4, ["Eva", "Ruiz"]),
    ]


def test_windows_1252_is_read_only_when_chosen():
    content = (HEADER + ROW).encode("cp1252")
    with pytest.raises(Invalid) as refusal:
        read_table(content)
    assert refusal.value.code == "import.file_encoding"
    assert "Line 2" in str(refusal.value)
    assert "0xED" in str(refusal.value)
    assert cells(content, encoding="cp1252")[0][2] == "García"


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.csv", b"0" * 1_000_000)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \n \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (zipped(), "binary"),
        (b"\xd0\xcf\x11\xe0rest", "binary"),
        (b"\x1f\x8b\x08rest", "binary"),
        (b"%PDF-1.7 rest", "binary"),
        (HEADER.encode("utf-16-le") + ROW.encode("utf-16-le"), "nul"),
        (b"Id,Name\n1,a\x00b\n", "nul"),
        (b"\xff\xfe\x00\xd8,\x00", "encoding"),
        ((HEADER + ROW).encode("cp1252"), "encoding"),
        (b"Id\n1\n", "one_column"),
        (b"1,Ana,Garcia,1984-03-12\n2,Eva,Ruiz,1990-01-01\n", "no_header"),
        (HEADER.encode(), "no_rows"),
        (b'Id,Name\n1,"never closed\n2,x\n', "quotes"),
        (b'Id,Name\n1,"a"b\n', "quotes"),
        (b"Id,Name\n1," + b"x" * 10_001 + b"\n", "cell"),
        (b"Id,Name\n1," + b"x" * 200_000 + b"\n", "cell"),
        (",".join(f"c{place}" for place in range(300)).encode() + b"\n1\n", "wide"),
        (b"Id,Name\n" + b"1,x\n" * 20_001, "too_long"),
        (b"x" * (table.MAX_BYTES + 1), "too_big"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_refused_says_why(content, code):
    with pytest.raises(Invalid) as refusal:
        read_table(content)
    assert refusal.value.code == f"import.file_{code}"
    assert str(refusal.value)


def test_unknown_encoding_is_refused():
    with pytest.raises(Invalid) as refusal:
        read_table(b"a,b\n1,2\n", encoding="utf-7")
    assert refusal.value.code == "import.encoding"


def test_the_longest_file_is_read():
    assert len(read_table(b"Id,Name\n" + b"1,x\n" * 20_000).lines) == 20_000


def test_columns_have_names_of_their_own():
    assert read_table(b"Name,Name,,Name\n1,2,3,4\n").columns == ["Name", "Name #2", "#3", "Name #4"]


texts = st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)


@given(
    rows=st.lists(st.lists(texts, min_size=3, max_size=3), min_size=1, max_size=6),
    delimiter=st.sampled_from(table.DELIMITERS),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_round_trip(rows, delimiter, encoding):
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([["Id", "First", "Last"], *rows])
    kept = [[cell.strip() for cell in row] for row in rows]
    kept = [row for row in kept if any(row)]
    if kept:
        assert cells(buffer.getvalue().encode(encoding)) == kept


@given(content=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content):
    try:
        read_table(content)
    except Invalid as refusal:
        assert refusal.code.startswith("import.file_")
