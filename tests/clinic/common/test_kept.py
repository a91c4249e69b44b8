"""What is worked out once for each value, and what may be a value."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.template import Context, Engine, engines
from django.test import override_settings
from django.utils import translation

from clinic.common.kept import Shelf, forget, kept, kept_text
from clinic.facilities.models import Site

NOTICES = "_components/mark.html"


@dataclass(frozen=True)
class Holding:
    site: object


def counted(size: int = 8):
    calls = []

    @kept(size)
    def double(number: int) -> int:
        calls.append((translation.get_language(), number))
        return 2 * number

    return double, calls


def test_an_answer_is_worked_out_once_for_each_value_and_language():
    double, calls = counted()
    assert [double(3), double(3), double(4)] == [6, 6, 8]
    with translation.override("es"):
        assert double(3) == 6
    assert calls == [("en", 3), ("en", 4), ("es", 3)]


def test_the_longest_unused_goes_first():
    double, calls = counted(2)
    for number in (1, 2, 1, 3, 1, 2):
        double(number)
    assert [number for _language, number in calls] == [1, 2, 3, 2]


def test_forgetting_lets_everything_go():
    double, calls = counted()
    shelf = Shelf(4)
    double(1)
    shelf.put("a", "b")
    forget()
    double(1)
    assert (len(calls), shelf.get("a")) == (2, None)


def test_a_shelf_keeps_what_was_put_in_each_language():
    shelf = Shelf(4)
    assert (shelf.get("a"), shelf.put("a", "one"), shelf.get("a")) == (None, "one", "one")
    with translation.override("es"):
        assert shelf.get("a") is None
        shelf.put("a", "uno")
    assert shelf.get("a") == "one"


def test_a_text_sees_its_values_and_nothing_else(rf):
    written = engines["django"].from_string(
        '{% load ui %}{% kept "sessions/courses/_relief_rows.html" relief=none %}'
    )
    assert "Infusion" not in written.render({"none": (), "relief": ["never looked at"]}, rf.get("/"))


@pytest.mark.parametrize("wrap", [lambda row: row, lambda row: (row,), lambda row: (Holding(row),)])
def test_a_row_of_the_database_is_no_value(wrap):
    with pytest.raises(TypeError, match="a row may read otherwise"):
        kept_text(NOTICES, site=wrap(Site(pk=1, name="North")))


def test_what_can_change_is_no_value():
    with pytest.raises(TypeError, match="unhashable"):
        kept_text(NOTICES, lines=[1, 2])


def test_a_day_shows_its_year_once_it_is_another():
    template = "sessions/courses/_vitals_rows.html"

    @dataclass(frozen=True)
    class Vitals:
        readings: int = 0
        ends: tuple[None, ...] = ()

    @dataclass(frozen=True)
    class Line:
        number: int = 1
        day: date = date(2026, 3, 12)
        vitals: Vitals = Vitals()

    found = []
    for year in (2026, 2027):
        with time_machine.travel(datetime(year, 12, 31, 12, tzinfo=UTC), tick=False):
            found.append("12 Mar 2026" in kept_text(template, lines=(Line(),)))
    assert found == [False, True]


def test_nothing_is_kept_while_templates_are_written():
    with override_settings(DEBUG=True):
        first = kept_text(NOTICES)
        assert kept_text(NOTICES) == first
        assert kept_text(NOTICES) is not first


DJANGOS = Engine(libraries={"i18n": "django.templatetags.i18n"})


@pytest.mark.parametrize(
    "source",
    [
        '{% translate "Sign in" %}',
        '{% translate "100%% of <b>" %}',
        "{% translate word %}",
        '{% translate "Sign in"|upper %}',
        '{% translate "Save" as said %}[{{ said }}]',
        '{% translate "May" context "month" %}',
        '{% translate "Sign in" noop %}',
        '{% autoescape off %}{% translate "Sign in & out" %}{% endautoescape %}',
    ],
)
@pytest.mark.parametrize("languages", [("en", "es", "en"), ("de", "en")])
def test_words_are_translated_as_django_does(source, languages):
    ours = engines["django"].from_string("{% load i18n ui %}" + source)
    theirs = DJANGOS.from_string("{% load i18n %}" + source)
    for language in languages:
        with translation.override(language):
            shown = {"word": "Sign in <now>"}
            assert ours.render(shown) == theirs.render(Context(shown))
