from datetime import date

import pytest

from patients.reading.dates import DateOrder
from patients.reading.values import read_row
from patients.reading.verdicts import REASONS

COLUMNS = ["first", "last", "born", "died", "sex"]
MAPPING = {
    "given_name": "first",
    "family_name": "last",
    "birth_date": "born",
    "deceased_on": "died",
    "sex": "sex",
}


def read(*cells: str, order: DateOrder | None = None):
    return read_row(cells, columns=COLUMNS, mapping=MAPPING, order=order)


def test_a_whole_row():
    row = read("Ana  María", "García", "1984-03-12", "", "F")
    assert row.reasons == []
    assert row.details["given_name"] == "Ana María"
    assert row.details["birth_date"] == date(1984, 3, 12)
    assert (row.details["sex"], row.details["deceased_on"]) == ("female", None)


@pytest.mark.parametrize(
    ("cells", "reasons"),
    [
        (("Ana", "", "1984-03-12", "", ""), ["no_name"]),
        (("Ana", "García", "", "", ""), ["no_birth_date"]),
        (("Ana", "García", "31/02/1984", "", ""), ["birth_date_unreadable"]),
        (("Ana", "García", "12/03/84", "", ""), ["birth_date_unreadable"]),
        (("Ana", "García", "03/04/1984", "", ""), ["birth_date_ambiguous"]),
        (("Ana", "García", "1984-03-12", "soon", ""), ["deceased_on_unreadable"]),
        (("Ana", "García", "1984-03-12", "", "mare"), ["sex_unknown_word"]),
        (("", "", "", "", ""), ["no_name", "no_birth_date"]),
        (("Ana", "García", "1984-03-12"), ["cells"]),
    ],
)
def test_what_is_wrong_with_a_row(cells, reasons):
    assert read(*cells).reasons == reasons
    assert set(reasons) <= set(REASONS)


def test_order_settles_ambiguous_dates():
    assert read("", "x", "03/04/1984", "", "", order=DateOrder.DAY_FIRST).details["birth_date"] == date(
        1984, 4, 3
    )
    assert read("", "x", "03/04/1984", "", "", order=DateOrder.MONTH_FIRST).details["birth_date"] == date(
        1984, 3, 4
    )


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("", "unknown"),
        ("M", "male"),
        ("Female", "female"),
        ("X", "other"),
        ("MÄNNLICH", "male"),
        ("U", "unknown"),
    ],
)
def test_sex_as_others_write_it(text, sex):
    assert read("", "x", "1984-03-12", "", text).details["sex"] == sex


@pytest.mark.parametrize(
    ("full", "family", "given"),
    [
        ("García, Ana María", "García", "Ana María"),
        ("Ana María García", "García", "Ana María"),
        ("Cher", "Cher", ""),
    ],
)
def test_whole_names(full, family, given):
    row = read_row(
        [full, "1984-03-12"], columns=["n", "b"], mapping={"full_name": "n", "birth_date": "b"}, order=None
    )
    assert (row.details["family_name"], row.details["given_name"]) == (family, given)


def test_a_formula_stays_the_text_it_is():
    assert (
        read("=cmd|'/C calc'!A0", "+García", "1984-03-12", "", "").details["given_name"]
        == "=cmd|'/C calc'!A0"
    )
