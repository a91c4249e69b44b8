"""Courses and sessions on a patient's page."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions.states import Status
from tests.pages import Pages, text_of
from tests.scenes import make_site, staff
from tests.sessions.scenes import NOON, booked_session, make_course, make_patient, session_at

pytestmark = pytest.mark.django_db


def path_of(patient):
    return f"/patient-panels/{patient.public_id}/"


def test_htmx_is_given_the_fragment_and_a_browser_the_page(clinic):
    patient, pages = make_patient(clinic), Pages(clinic.nurse)
    fragment = pages.get(path_of(patient), **{"HX-Request": "true"})
    assert fragment.status_code == 200
    assert "<html" not in fragment.content.decode()
    page = pages.get(path_of(patient))
    assert "<html" in page.content.decode()
    assert patient.full_name in text_of(page)
    assert "HX-Request" in page["Vary"]


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        ("prescriber", "No course yet. Order the first one."),
        ("nurse", "No course yet. A prescriber orders one."),
    ],
)
def test_an_empty_panel_says_what_to_do(clinic, role, sentence):
    assert sentence in text_of(Pages(staff(role, clinic.site)).get(path_of(make_patient(clinic))))


def test_courses_visits_ahead_and_visits_before(clinic):
    course = make_course(clinic, now=NOON - timedelta(days=30))
    session_at(Status.DISCHARGED, clinic=clinic, now=NOON - timedelta(days=9), course=course)
    session_at(Status.NO_SHOW, clinic=clinic, now=NOON - timedelta(days=4), course=course)
    booked_session(clinic, starts_at=NOON + timedelta(days=1), course=course)
    text = text_of(Pages(clinic.desk).get(path_of(course.patient)))
    assert "1 of 6 Wed 11 Mar 12:00 Book" in text
    ahead, before = text.split("Now and ahead")[1].split("Last sessions")
    assert "Wed 11 Mar 12:00 Scheduled" in ahead
    assert before.index("No-show") < before.index("Discharged")


@pytest.mark.parametrize(
    ("role", "may_order", "may_book"),
    [
        ("front_desk", False, True),
        ("nurse", False, True),
        ("prescriber", True, False),
        ("manager", False, False),
    ],
)
def test_buttons_follow_the_rights(clinic, role, may_order, may_book):
    course = make_course(clinic)
    body = Pages(staff(role, clinic.site)).get(path_of(course.patient)).content.decode()
    assert (f"/order/{course.patient.public_id}/" in body) is may_order
    assert (f"/courses/{course.public_id}/book/" in body) is may_book


def test_another_sites_patient_is_not_found(clinic):
    patient = make_patient(clinic)
    assert Pages(staff("nurse", make_site("far"))).get(path_of(patient)).status_code == 404
    assert Pages(staff("auditor", clinic.site)).get(path_of(patient)).status_code == 404


def test_more_courses_ask_no_more_often(clinic):
    patient, pages = make_patient(clinic), Pages(clinic.nurse)
    booked_session(clinic, starts_at=NOON + timedelta(days=1), course=make_course(clinic, patient=patient))
    once = queries_of(pages, patient)
    for days in (3, 5):
        course = make_course(clinic, patient=patient)
        booked_session(clinic, starts_at=NOON + timedelta(days=days), course=course)
    assert queries_of(pages, patient) == once


def queries_of(pages, patient):
    with CaptureQueriesContext(connection) as asked:
        pages.get(path_of(patient), **{"HX-Request": "true"})
    return len(asked)
