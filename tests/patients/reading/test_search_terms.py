from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.common.text import search_key
from patients.reading.search_terms import SearchTerm


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Garc", SearchTerm(words=("garc",))),
        ("García ANA", SearchTerm(words=("garcia", "ana"))),
        ("1984-03-12", SearchTerm(birth_dates=(date(1984, 3, 12),))),
        ("12/03/1984", SearchTerm(birth_dates=(date(1984, 3, 12), date(1984, 12, 3)))),
        ("ana 12 Mar 1984", SearchTerm(words=("ana",), birth_dates=(date(1984, 3, 12),))),
        ("(617) 555-0123", SearchTerm(number="6175550123")),
        ("100001", SearchTerm(number="100001")),
        ("MRN-77", SearchTerm(words=("mrn", "77"))),
        ("", SearchTerm()),
        (" ,;%_ ", SearchTerm()),
    ],
)
def test_parse(text, term):
    assert SearchTerm.parse(text) == term


@given(text=st.text(max_size=300))
def test_anything_typed_is_a_term(text):
    SearchTerm.parse(text)


@given(
    names=st.lists(
        st.text(alphabet=st.characters(categories=["Lu", "Ll", "Lo", "Mn"]), min_size=1), max_size=4
    )
)
def test_a_name_is_found_by_its_own_words_in_any_order(names):
    key = search_key(*names)
    for word in SearchTerm.parse(" ".join(reversed(names))).words:
        assert f" {word}" in key


@given(text=st.text(alphabet=st.characters(categories=["L", "M", "N", "Z", "P"])))
def test_a_search_key_is_stable(text):
    assert search_key(search_key(text)) == search_key(text)
