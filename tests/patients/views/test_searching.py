from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.patients.scenes import registered_patient
from tests.patients.views.pages import Pages, text_of
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def desk(site):
    return Pages(staff("front_desk", site))


@pytest.mark.parametrize(
    ("typed", "finds"),
    [
        ("garc", True),
        ("GARCÍA ana", True),
        ("ana garcia", True),
        ("1984-03-12", True),
        ("12 Mar 1984", True),
        ("100001", True),
        ("555 0101", True),
        ("smith", False),
        ("1984-03-13", False),
        ("", False),
        ("\x00\ud800".encode("utf-8", "replace").decode(), False),
    ],
)
def test_a_patient_is_found_by_what_is_known(site, desk, typed, finds):
    registered_patient(site=site, phone="617 555 0101")
    page = desk.post("search", term=typed)
    assert page.status_code == 200
    assert ("García, Ana" in text_of(page)) is finds


def test_the_search_is_a_fragment_where_htmx_asks(site, desk):
    registered_patient(site=site)
    answer = desk.client.post("/patients/search/", {"term": "gar"}, headers={"HX-Request": "true"})
    assert "García, Ana" in text_of(answer)
    assert "<html" not in text_of(answer)


def test_what_is_searched_stands_in_no_address(site, desk):
    """A term in the address is not read: it would have been logged."""
    registered_patient(site=site)
    assert "García" not in text_of(desk.get("search", query="?term=garcia"))


def test_patients_of_other_sites_are_neither_found_nor_listed(site, desk):
    registered_patient(site=make_site("south"), family_name="Okafor")
    assert "Okafor" not in text_of(desk.post("search", term="1984-03-12"))
    assert "Okafor" not in text_of(desk.get("list"))
    assert "Okafor" not in text_of(desk.get("list", query="?order=name"))


def test_an_empty_house_says_what_to_do(desk):
    page = text_of(desk.get("list"))
    assert "No patients yet." in page
    assert "Register patient" in page


def test_buttons_without_a_right_are_not_there(site):
    page = text_of(Pages(staff("manager", site)).get("list"))
    assert "Register patient" not in page
    assert "/imports/" not in page


def test_the_list_tells_whom_not_to_confuse(site, desk):
    registered_patient(site=site, birth_date=date(2020, 1, 1), given_name="Eva")
    registered_patient(site=site, deceased_on=date(2020, 1, 1))
    page = text_of(desk.get("list"))
    assert page.count("Same surname") == 2
    assert "Minor" in page
    assert "Deceased" in page


@pytest.mark.parametrize("query", ["", "?order=name", "?order=name&page=2", "?order=name&page=x"])
def test_the_number_of_queries_does_not_grow_with_the_list(site, desk, query, django_assert_num_queries):
    registered_patient(site=site)
    desk.get("list", query=query)
    with CaptureQueriesContext(connection) as few:
        assert desk.get("list", query=query).status_code == 200
    for number in range(5):
        registered_patient(site=site, given_name=f"Ana{number}")
    with django_assert_num_queries(len(few)):
        desk.get("list", query=query)


def test_whoever_may_not_open_records_is_refused(site):
    auditor = Pages(staff("auditor", site))
    assert auditor.get("list").status_code == 403
    assert auditor.post("search", term="garcia").status_code == 403
