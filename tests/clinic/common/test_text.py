"""Text as people type it: found whatever its case and accents, ordered alike everywhere, stored as it is."""

import unicodedata

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from clinic.common.errors import Invalid
from clinic.common.models import JobRun
from clinic.common.text import fold, is_storable, search_key, sort_key, storable, words

FOLDED = [
    ("Ólafur", "olafur"),
    ("GARCÍA", "garcia"),
    ("Straße", "strasse"),
    ("Łukasz", "lukasz"),
    ("Nguyễn", "nguyen"),
    ("İpek", "ipek"),
    ("Søren", "soren"),
    ("Ǿrsted", "orsted"),
    ("Đặng", "dang"),
    ("Yılmaz", "yilmaz"),
    ("Æsa Þórðardóttir", "aesa thordardottir"),
    ("ﬁnn", "finn"),
    ("Ｍｉｒａ", "mira"),
    ("山田", "山田"),
    ("Ἀθηνᾶ", "αθηνα"),
]


@pytest.mark.parametrize(("text", "folded"), FOLDED)
def test_case_and_diacritics_are_folded(text, folded):
    assert fold(text) == folded
    # However the keyboard composed it.
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert fold(unicodedata.normalize(form, text)) == folded


@given(st.text())
def test_folding_twice_changes_nothing_more(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("O'Rourke-Smith", ["o", "rourke", "smith"]),
        ("  García   Márquez ", ["garcia", "marquez"]),
        ("MRN-0042/b", ["mrn", "0042", "b"]),
        ("—", []),
        ("", []),
    ],
)
def test_words(text, found):
    assert words(text) == found


def test_the_search_key_holds_each_word_once_in_order_with_spaces_around():
    assert search_key("Márquez García", "Lucía", "garcia") == " garcia lucia marquez "
    assert search_key() == "  "


@given(st.lists(st.text(), max_size=4))
def test_every_typed_word_is_found_whatever_the_order_of_the_names(names):
    key = search_key(*names)
    assert key == search_key(*reversed(names))
    for name in names:
        for word in words(name):
            assert f" {word} " in key


def test_the_sort_key_keeps_the_order_of_the_words():
    assert sort_key("de Sá", "Ana") == "de sa ana"
    assert sorted(["Zoë", "Ávila", "abel"], key=sort_key) == ["abel", "Ávila", "Zoë"]


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x\udfff", "\udc41b"])
def test_what_no_database_stores_is_refused_with_a_sentence(text):
    assert not is_storable(text)
    with pytest.raises(Invalid) as caught:
        storable(text, field="note")
    assert (caught.value.code, list(caught.value.fields)) == ("text.unreadable", ["note"])


def test_what_can_be_stored_passes_unchanged():
    assert storable("Ínês \U0001f600\n\t\x01") == "Ínês \U0001f600\n\t\x01"


@pytest.mark.django_db
@given(st.text().filter(is_storable))
def test_what_passes_is_stored_and_read_back_as_it_was(text):
    run = JobRun.objects.create(name="x", started_by="x", started_at=timezone.now(), error=text)
    run.refresh_from_db()
    assert run.error == text
