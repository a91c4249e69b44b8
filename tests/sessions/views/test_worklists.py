"""The worklist of courses, the window on the course's page, and the second look."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions.models import Reevaluation
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.scenes import make_site, staff
from tests.sessions.scenes import NOON, booked_session, make_clinic, make_course, session_at, under

pytestmark = pytest.mark.django_db

START = NOON - timedelta(days=60)


@pytest.fixture
def clinic():
    with time_machine.travel(NOON, tick=False):
        made = make_clinic(now=START, chairs=6)
        gaps = {"min_gap_days": 2, "target_gap_days": 3, "max_gap_days": 5, "reevaluate_after_infusions": 2}
        yield under(made, now=START, code="strict", **gaps)


def course_of(clinic, *given, planned=6):
    course = make_course(clinic, now=START, planned_infusions=planned)
    for number, days in enumerate(given):
        moment = NOON - timedelta(days=days)
        chair = clinic.chairs[number]
        session_at(Status.DISCHARGED, clinic=clinic, now=moment, course=course, chair=chair)
    return course


def test_each_list_offers_the_act_that_resolves_it(clinic):
    late, done = course_of(clinic, 8), course_of(clinic, 10, 7, planned=2)
    late_booked = course_of(clinic, 9)
    visit = booked_session(clinic, starts_at=NOON + timedelta(hours=2), course=late_booked)
    body = Pages(clinic.desk).get("/courses/").content.decode()
    assert f"/courses/{late.public_id}/book/" in body
    assert f"/sessions/{visit.public_id}/move/" in body
    assert f"/courses/{done.public_id}/close/" not in body
    shown = text_of(Pages(clinic.desk).get("/courses/"))
    for words in (
        "3 active courses",
        "Not booked 1",
        "Late 2",
        "Re-evaluate 1",
        "To close 1",
        "due 4–7 Mar late by 3 days",
        "booked Tue 10 Mar, due 3–6 Mar late by 4 days",
        "A prescriber decides.",
        "2 infusions since the last look",
    ):
        assert words in shown, words
    body = Pages(clinic.prescriber).get("/courses/").content.decode()
    assert f"/courses/{done.public_id}/close/?state=completed" in body
    assert f"/courses/{done.public_id}/reevaluate/" in body
    assert f"/courses/{late.public_id}/book/" not in body


def test_a_visit_that_nobody_closed_is_offered_first(clinic):
    course = course_of(clinic)
    stale = booked_session(clinic, starts_at=NOON - timedelta(days=2), course=course)
    page = Pages(clinic.desk).get("/courses/")
    assert "Visit of Sun 8 Mar is open" in text_of(page)
    assert f"/sessions/{stale.public_id}/no-show/" in page.content.decode()


def test_empty_states_say_what_to_do(clinic):
    assert "A prescriber orders one" in text_of(Pages(clinic.desk).get("/courses/"))
    booked_session(clinic, starts_at=NOON + timedelta(days=1), course=course_of(clinic))
    shown = text_of(Pages(clinic.desk).get("/courses/"))
    assert "Every course has its next visit" in shown and "Nobody waits for a second look." in shown


def test_the_site_stands_in_the_address(clinic):
    course = course_of(clinic)
    south = make_clinic("south", now=START)
    both = Pages(staff("manager", clinic.site))
    assert course.patient.full_name in text_of(both.get(f"/courses/?site={clinic.site.public_id}"))
    assert both.get(f"/courses/?site={south.site.public_id}").status_code == 404
    assert course.patient.full_name not in text_of(Pages(south.nurse).get("/courses/"))
    assert Pages(staff("auditor", clinic.site)).get("/courses/").status_code == 403


def test_the_number_of_queries_does_not_grow(clinic, django_assert_num_queries):
    pages = Pages(clinic.desk)
    course_of(clinic, 9)
    pages.get("/courses/")
    with CaptureQueriesContext(connection) as few:
        pages.get("/courses/")
    course_of(clinic, 12, 7)
    course_of(clinic)
    with django_assert_num_queries(len(few)):
        pages.get("/courses/")


@pytest.mark.parametrize(
    ("given", "booked_in", "words"),
    [
        (3, None, "not booked, due 9–12 Mar"),
        (8, None, "late by 3 days, not booked"),
        (3, 1, "Wed 11 Mar booked at 14:00 · due 9–12 Mar"),
        (7, 1, "late by 3 days"),
    ],
)
def test_the_window_stands_on_the_courses_page(clinic, given, booked_in, words):
    course = course_of(clinic, given)
    if booked_in:
        starts_at = NOON + timedelta(days=booked_in, hours=2)
        booked_session(clinic, starts_at=starts_at, course=course, chair=clinic.chairs[1])
    shown = text_of(Pages(clinic.desk).get(f"/courses/{course.public_id}/"))
    assert words in shown, shown
    assert "lateness is not checked" not in shown


def test_a_protocol_without_a_longest_gap_says_that_lateness_is_not_checked(clinic):
    course = course_of(under(clinic, now=START, code="free"), 30)
    shown = text_of(Pages(clinic.desk).get(f"/courses/{course.public_id}/"))
    assert "lateness is not checked" in shown and "late by" not in shown


def test_a_second_look_is_recorded_once(clinic):
    course, key = course_of(clinic, 10, 7), uuid.uuid4()
    pages, path = Pages(clinic.prescriber), f"/courses/{course.public_id}/reevaluate/"
    assert "A re-evaluation is due: 2 infusions" in text_of(pages.get(f"/courses/{course.public_id}/"))
    assert "The protocol asks for one after every 2." in text_of(pages.get(path))
    empty = pages.post(path, {"decision": "change"}, patient=course.patient)
    assert (empty.status_code, "Say what changes" in text_of(empty)) == (422, True)
    for _ in range(2):
        fields = {"decision": "change", "note": "Weekly from now"}
        answer = pages.post(path, fields, patient=course.patient, key=key)
        assert answer["Location"] == f"/courses/{course.public_id}/"
    assert Reevaluation.objects.get().public_id == key
    shown = text_of(pages.get(f"/courses/{course.public_id}/"))
    assert "Weekly from now" in shown and "A re-evaluation is due" not in shown


def test_a_stop_leads_on_to_closing(clinic):
    course = course_of(clinic, 10, 7)
    pages = Pages(clinic.prescriber)
    fields = {"decision": "stop", "note": "No response"}
    answer = pages.post(f"/courses/{course.public_id}/reevaluate/", fields, patient=course.patient)
    assert answer["Location"] == f"/courses/{course.public_id}/close/?state=stopped"
    form = pages.get(answer["Location"]).context["form"]
    assert form["state"].value() == "stopped"


@pytest.mark.parametrize(("role", "status"), [("nurse", 403), ("front_desk", 403), ("prescriber", 200)])
def test_a_second_look_needs_the_right(clinic, role, status):
    path = f"/courses/{course_of(clinic).public_id}/reevaluate/"
    assert Pages(staff(role, clinic.site)).get(path).status_code == status
    assert Pages(staff(role, make_site("south"))).get(path).status_code == 404
