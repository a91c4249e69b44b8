"""Which rows a page shows, and the addresses beside it."""

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from clinic.common.paging import Pages, page_number, pages, start_of

whole = st.integers(0, 500)


@given(total=whole, per=st.integers(1, 60))
def test_the_pages_show_every_row_once(total, per):
    rows = list(range(total))
    count = Pages(1, per, total, "").count
    shown = [rows[start_of(number, per) :][:per] for number in range(1, count + 1)]
    assert [row for page in shown for row in page] == rows
    for number, page in enumerate(shown, start=1):
        here = Pages(number, per, total, "")
        assert (here.first, here.last) == ((page[0] + 1, page[-1] + 1) if page else (0, 0))
        assert bool(here.previous) == (number > 1) and bool(here.next) == (number < count)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 1),
        ("3", 3),
        ("0", 1),
        ("-2", 1),
        ("x", 1),
        ("²", 1),
        ("٣", 1),
        ("9999999", 1_000_000),
        ("9" * 40, 1),
    ],
)
def test_a_page_number_is_a_number_or_the_first(text, number):
    assert page_number(RequestFactory().get("/", {"page": text})) == number


def test_the_filters_stay_in_the_address():
    request = RequestFactory().get("/?status=left&status=ready&from=&page=2&note=a%26b")
    here = pages(request, total=120)
    assert here.query == "status=left&status=ready&note=a%26b"
    assert here.next == "?status=left&status=ready&note=a%26b&page=3"
    assert here.previous == "?status=left&status=ready&note=a%26b&page=1"


def test_far_beyond_the_end_the_way_back_is_the_last_page():
    assert Pages(40, 50, 120, "").previous == "?page=3"
