from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.reading.dates import (
    AmbiguousDate,
    DateOrder,
    UnreadableDate,
    order_of,
    read_date,
    readings,
    swapped,
)

BIRTH_DATES = st.dates(min_value=date(1900, 1, 1), max_value=date(2030, 12, 31))
MARCH_12 = date(1984, 3, 12)


@pytest.mark.parametrize(
    "text",
    [
        "1984-03-12",
        "1984/3/12",
        "1984.03.12",
        "19840312",
        "12 Mar 1984",
        "12 march 1984",
        "12-Mar-1984",
        "12th March 1984",
        "Mar 12, 1984",
        "March 12 1984",
        "1984-03-12T00:00:00Z",
        "1984-03-12 00:00:00.000",
        " 1984-03-12 ",
    ],
)
def test_one_reading(text):
    assert readings(text) == (MARCH_12,)
    assert read_date(text) == MARCH_12


def test_two_readings_need_an_order():
    assert readings("12/03/1984") == (MARCH_12, date(1984, 12, 3))
    with pytest.raises(AmbiguousDate):
        read_date("12/03/1984")
    assert read_date("12/03/1984", DateOrder.DAY_FIRST) == MARCH_12
    assert read_date("12.03.1984", DateOrder.MONTH_FIRST) == date(1984, 12, 3)


def test_an_order_never_bends_a_date():
    with pytest.raises(UnreadableDate):
        read_date("25/12/1984", DateOrder.MONTH_FIRST)
    assert read_date("1984-03-12", DateOrder.MONTH_FIRST) == MARCH_12


@pytest.mark.parametrize(
    "text", ["", "12/03/84", "31/02/1984", "1984-13-01", "Smarch 12 1984", "0000-01-01", "12-03/1984", "=1+1"]
)
def test_no_reading(text):
    assert readings(text) == ()
    with pytest.raises(UnreadableDate):
        read_date(text)


def test_a_column_betrays_its_order():
    assert order_of(["03/04/1980", "25/12/1980"]) is DateOrder.DAY_FIRST
    assert order_of(["03/04/1980", "12/25/1980"]) is DateOrder.MONTH_FIRST
    assert order_of(["03/04/1980"]) is None
    assert order_of(["25/12/1980", "12/25/1980"]) is None


@given(day=BIRTH_DATES, mark=st.sampled_from("/-. "))
def test_round_trip(day, mark):
    day_first = f"{day.day:02}{mark}{day.month:02}{mark}{day.year}"
    month_first = f"{day.month}{mark}{day.day}{mark}{day.year}"
    assert read_date(day.isoformat()) == day
    assert read_date(day_first, DateOrder.DAY_FIRST) == day
    assert read_date(month_first, DateOrder.MONTH_FIRST) == day
    assert day in readings(day_first)


@given(day=BIRTH_DATES)
def test_swapping_twice_is_nothing(day):
    other = swapped(day)
    assert other is None or (other != day and swapped(other) == day)


@given(text=st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    assert len(readings(text)) <= 2
