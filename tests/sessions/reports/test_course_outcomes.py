"""The outcome of a course on its page and through the API: each verdict says what it rests on."""

from datetime import timedelta

import pytest

from patients.operations.assessing import record_assessment
from sessions.reports.course_outcomes import course_outcomes
from sessions.reports.course_picture import course_picture
from sessions.rules.outcome_definitions import Concept, definitions_of
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.patients.api.client import Api
from tests.remembered import remembered
from tests.sessions.reports.scenes import NOW
from tests.sessions.scenes import make_clinic, make_course, session_at

pytestmark = pytest.mark.django_db
START = NOW - timedelta(days=40)


@pytest.fixture
def clinic():
    return make_clinic(now=START, chairs=2)


@pytest.fixture
def course(clinic):
    made = make_course(clinic, now=START - timedelta(days=7))
    for day in (0, 4):
        session_at(Status.DISCHARGED, clinic=clinic, now=START + timedelta(days=day), course=made)
    return made


@remembered
def scored(clinic, course, day, total):
    values = [3] * (total // 3) + ([total % 3] if total % 3 else [])
    answers = {f"phq9_{n}": value for n, value in enumerate(values + [0] * (9 - len(values)), 1)}
    at = START + timedelta(days=day, hours=1)
    record_assessment(
        patient=course.patient, instrument="phq9", answers=answers, by=clinic.nurse, taken_at=at, now=at
    )


def lines_of(clinic, course):
    picture = course_picture(course, actor=clinic.nurse, now=NOW)
    return {line.concept: line for outcome in course_outcomes(picture) for line in outcome.lines}


def test_without_a_baseline_nothing_is_said_to_have_happened(clinic, course):
    scored(clinic, course, 21, 9)
    found = lines_of(clinic, course)
    assert {line.state for line in found.values()} == {"undefined"}
    assert "there is no baseline" in found["response"].sentence


def test_a_response_explains_itself(clinic, course):
    scored(clinic, course, -2, 21)
    scored(clinic, course, 21, 9)
    found = lines_of(clinic, course)
    assert (found["response"].state, found["remission"].state, found["worsening"].state) == (
        "met",
        "not_met",
        "not_met",
    )
    sentence = found["response"].sentence
    assert sentence.startswith("PHQ-9 21 on ")
    assert sentence.endswith(": −57 %, response since infusion 2.")
    assert "version 1 (A: PHQ-9 in 9,016 patients" in found["response"].rule


def test_what_reaches_back_is_provisional_in_words(clinic, course):
    scored(clinic, course, -2, 20)
    scored(clinic, course, 6, 8)
    found = lines_of(clinic, course)["response"]
    assert (found.state, "reach back before the first infusion" in found.sentence) == ("provisional", True)


@pytest.mark.parametrize(
    ("day", "total", "came"),
    [
        (2, 16, "No response in 2 days, up to the last rating, after 1 infusion."),
        (21, 16, "No response in 21 days, up to the last rating, after 2 infusions."),
        (21, 9, "Response after 21 days and 2 infusions."),
    ],
)
def test_how_soon_it_came_is_told_in_days_and_infusions(clinic, course, day, total, came):
    scored(clinic, course, -2, 21)
    scored(clinic, course, day, total)
    (outcome,) = course_outcomes(course_picture(course, actor=clinic.nurse, now=NOW))
    assert outcome.came == came


def test_the_page_and_the_api_say_the_same(clinic, course):
    for day, total in ((-2, 21), (21, 9), (28, 12), (35, 13)):
        scored(clinic, course, day, total)
    page = text_of(Pages(clinic.nurse).get(f"/courses/{course.public_id}/"))
    answer = Api(clinic.nurse).get(f"courses/{course.public_id}/outcomes/").json()
    (phq,) = answer
    assert (phq["instrument"], phq["baseline"]["total"]) == ("phq9", 21)
    assert "half of it was lost on two ratings in a row" in phq["lasted"]
    # A relapse is told with how long a response lasted.
    judged = [one.concept for one in definitions_of("phq9") if one.concept is not Concept.RELAPSE]
    assert judged and [line["concept"] for line in phq["outcomes"]] == judged
    assert all(line["sentence"] in page for line in phq["outcomes"])
