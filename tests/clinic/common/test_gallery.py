"""The gallery draws every component, for anybody who is signed in."""

import pytest

from tests.pages import Pages, text_of
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db


def test_it_opens_and_shows_the_components():
    answer = Pages(staff("auditor", make_site())).get("/gallery/")
    assert answer.status_code == 200
    page = answer.content.decode()
    for part in (
        "banner__name",
        "stepper",
        "pill--infusing",
        "due--late",
        "button--main",
        "strip--danger",
        "field--bad",
        "choice",
        "chips",
        "tabs",
        "tfoot",
        "pages",
        "empty",
        "stat__value",
        "facts",
        "chart--lines",
        "chart--bars",
        "chart--spark",
        "check__item--stop",
        "timeline__event",
        "toast",
    ):
        assert part in page, part
    assert "Enter a whole number, digits only." in text_of(answer)
