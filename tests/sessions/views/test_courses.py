"""The course's page: figures, scores, sessions, side effects, and what may be done."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.audit.models import AccessEvent
from patients.operations.assessing import record_assessment
from sessions.operations import monitoring, running
from sessions.states import EndKind, Status
from tests.pages import Pages, text_of
from tests.scenes import make_site, staff
from tests.sessions.scenes import NOON, booked_session, make_course, session_at

pytestmark = pytest.mark.django_db


def path_of(course):
    return f"/courses/{course.public_id}/"


def test_a_new_course_says_what_comes_next(clinic):
    course = make_course(clinic, consented=False)
    shown = text_of(Pages(clinic.desk).get(path_of(course)))
    for words in (
        "0 of 6",
        "none booked yet",
        "No session is booked yet.",
        "Book the first session",
        "No questionnaire has been recorded yet.",
        "They are shown here by infusion once the first one is given.",
        "none attached",
        "0.5 mg/kg, at most 60 mg",
    ):
        assert words in shown, words


def treated(clinic):
    """A course with one infusion completed, one stopped early with a side effect, one cancelled, one to come."""
    course = make_course(clinic, now=NOON - timedelta(days=20))
    session_at(Status.DISCHARGED, clinic=clinic, now=NOON - timedelta(days=9), course=course, signed=2)
    stopped = session_at(Status.INFUSING, clinic=clinic, now=NOON - timedelta(days=4), course=course)
    at = NOON - timedelta(days=4)
    monitoring.report_side_effect(session=stopped, term="nausea", grade=2, by=clinic.nurse, now=at)
    running.end(session=stopped, kind=EndKind.STOPPED_EARLY, reason="Asked to stop", by=clinic.nurse, now=at)
    session_at(Status.CANCELLED, clinic=clinic, now=NOON - timedelta(days=1), course=course)
    booked_session(clinic, starts_at=NOON + timedelta(days=1, hours=2), course=course)
    return course


def test_planned_against_given_session_by_session(clinic):
    course = treated(clinic)
    shown = text_of(Pages(clinic.nurse).get(path_of(course)))
    for words in (
        "2 of 6 1 booked · 1 stopped early · 1 cancelled",
        "Wed 11 Mar booked at 14:00",
        "1 Sun 1 Mar",
        "Discharged 35 mg 0.5 mg/kg 40 134/76 (+12) none ✓ reviewed",
        "Recovering stopped early: Asked to stop",
        "Nausea 2",
        "Cancelled",
    ):
        assert words in shown, words
    for session in course.sessions.all():
        assert f"/sessions/{session.public_id}/" in Pages(clinic.nurse).get(path_of(course)).content.decode()


def test_scores_stand_as_figures_chart_and_table(clinic):
    course = treated(clinic)
    for days, total in ((15, 3), (3, 1)):
        record_assessment(
            patient=course.patient,
            instrument="phq9",
            answers={f"phq9_{item}": total for item in range(1, 10)},
            by=clinic.nurse,
            now=NOON - timedelta(days=days),
        )
    shown = Pages(clinic.nurse).get(path_of(course))
    text = text_of(shown)
    assert "PHQ-9 27 → 9 −67 %" in text
    assert '<svg class="chart' in shown.content.decode()
    assert "All scores as a table" in text
    assert "−18 (−67 %)" in text


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        ("front_desk", {"Book next session", "Change consent"}),
        ("nurse", {"Book next session", "Change consent"}),
        ("prescriber", {"Change consent", "Close course"}),
        ("manager", set()),
    ],
)
def test_everybody_sees_what_they_may_do(clinic, role, offered):
    course = make_course(clinic)
    shown = text_of(Pages(staff(role, clinic.site)).get(path_of(course)))
    buttons = {"Book next session", "Change consent", "Close course"}
    assert {button for button in buttons if button in shown} == offered


def test_what_cannot_be_booked_now_says_why(clinic):
    course = make_course(clinic, planned_infusions=1)
    booked_session(clinic, starts_at=NOON + timedelta(days=1), course=course)
    shown = Pages(clinic.desk).get(path_of(course))
    assert "All 1 planned infusions of this course are booked or given." in text_of(shown)
    assert "disabled" in shown.content.decode()


def test_reading_is_noted_and_keeps_to_the_site(clinic):
    course = make_course(clinic)
    assert Pages(staff("nurse", make_site("far"))).get(path_of(course)).status_code == 404
    assert Pages(staff("auditor", clinic.site)).get(path_of(course)).status_code == 404
    assert not AccessEvent.objects.exists()
    Pages(clinic.nurse).get(path_of(course))
    event = AccessEvent.objects.get()
    assert (event.what, event.patient_id) == ("course", course.patient.public_id)


def test_a_longer_course_asks_no_more_often(clinic, django_assert_max_num_queries):
    course = treated(clinic)
    pages = Pages(clinic.nurse)
    pages.get(path_of(course))
    with django_assert_max_num_queries(30):
        pages.get(path_of(course))


def test_six_infusions_ask_no_more_often_than_two(clinic):
    """The same number of queries for a course of two given infusions and for one of six, with more of everything."""

    def asked(course):
        pages = Pages(clinic.nurse)
        pages.get(path_of(course))
        with CaptureQueriesContext(connection) as queries:
            assert pages.get(path_of(course)).status_code == 200
        return len(queries)

    def grown(infusions):
        course = make_course(clinic, now=NOON - timedelta(days=40), planned_infusions=8)
        for number in range(infusions):
            at = NOON - timedelta(days=30 - 4 * number)
            session = session_at(Status.DISCHARGED, clinic=clinic, now=at, course=course)
            monitoring.report_side_effect(session=session, term="nausea", grade=1, by=clinic.nurse, now=at)
            for instrument, answers in (
                ("phq9", {f"phq9_{n}": int(n < 9) for n in range(1, 10)}),
                ("mood", {"mood": 5}),
            ):
                record_assessment(
                    patient=course.patient, instrument=instrument, answers=answers, by=clinic.nurse, now=at
                )
        return course

    assert asked(grown(2)) == asked(grown(6))
