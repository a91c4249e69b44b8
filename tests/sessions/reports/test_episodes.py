"""The episode around a course against a naive second look, and what follows from it for numbers and verdicts."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patients.models import Assessment
from sessions.models import Course, CoursePhase, OutsideInfusion
from sessions.operations.episodes import (
    choose_outcome_baseline,
    record_outside_infusion,
    retract_outside_infusion,
    set_course_phase,
)
from sessions.reports.course_outcomes import course_outcomes
from sessions.reports.course_picture import course_picture
from sessions.reports.episodes import courses_to_continue, episode_of
from sessions.rules.episodes import members_of
from sessions.states import Status
from tests.scenes import staff
from tests.sessions.operations.test_episodes import scored
from tests.sessions.reports.scenes import NOW
from tests.sessions.scenes import make_clinic, make_course, make_patient, session_at

pytestmark = pytest.mark.django_db
START = NOW - timedelta(days=90)
SEVERE, MILD = [3, 3, 3, 2, 2, 2, 2, 2, 0], [1, 1, 1, 1, 1, 1, 1, 0, 0]


@pytest.fixture
def clinic():
    return make_clinic(now=START, chairs=2)


@pytest.fixture
def courses(clinic):
    """Two given under an induction, one given elsewhere, then two under maintenance; scores around all of them."""
    patient = make_patient(clinic, now=START)
    first = make_course(clinic, patient=patient, now=START - timedelta(days=7))
    second = make_course(clinic, patient=patient, now=START + timedelta(days=40))
    for course, day in ((first, 0), (first, 4), (second, 50), (second, 64)):
        session_at(Status.DISCHARGED, clinic=clinic, now=START + timedelta(days=day), course=course)
    set_course_phase(
        course=second,
        phase="maintenance",
        continues=first,
        by=clinic.prescriber,
        now=START + timedelta(days=40),
    )
    record_outside_infusion(
        course=second,
        given_on=(START + timedelta(days=30)).date(),
        place="Harbour clinic",
        source="records",
        micrograms=40_000,
        by=clinic.nurse,
        now=START + timedelta(days=41),
    )
    for day, values in ((-2, SEVERE), (21, MILD), (49, SEVERE), (80, MILD)):
        scored(clinic, patient, START + timedelta(days=day, hours=1), *values)
    return first, second


def picture(course, clinic, by=None):
    found = Course.objects.select_related("site", "protocol_version").get(pk=course.pk)
    return course_picture(found, actor=by or clinic.nurse, now=NOW)


def test_the_courses_that_go_on_from_one_another(clinic, courses):
    first, second = courses
    alone = make_course(clinic, patient=first.patient, now=START + timedelta(days=5))
    for course in courses:
        found = episode_of(course, actor=clinic.nurse)
        assert [part.course for part in found.parts] == [first, second]
        assert [part.phase for part in found.parts] == ["induction", "maintenance"]
        assert found.own.course == course
    assert episode_of(alone, actor=clinic.nurse).is_alone
    assert episode_of(second, actor=clinic.nurse).others
    assert courses_to_continue(second, actor=clinic.nurse) == [alone, first]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.integers(0, 8), min_size=9, max_size=9))
def test_members_against_a_walk(links):
    """Each course goes on from an earlier one or from nothing; two belong together if their beginnings are one."""
    before = {n: (links[n] if links[n] < n else None) for n in range(9)}

    def beginning(n):
        return n if before[n] is None else beginning(before[n])

    for start in range(9):
        assert members_of(start, before) == {n for n in range(9) if beginning(n) == beginning(start)}


def test_infusions_are_numbered_through_the_episode(clinic, courses):
    """Once more, naively: every day from the rows, sorted."""
    first, second = courses
    here = [
        (session.local_date, course)
        for course in courses
        for session in course.sessions.filter(infusion_started_at__isnull=False)
    ]
    there = [(row.given_on, None) for row in OutsideInfusion.objects.filter(course__in=courses)]
    naive = sorted([*here, *there], key=lambda entry: entry[0])
    found = picture(second, clinic).all_infusions
    assert [(one.number, one.day) for one in found] == [(n, day) for n, (day, _c) in enumerate(naive, 1)]
    assert [one.is_own for one in found] == [course == second for _day, course in naive]
    assert [one.is_outside for one in found] == [course is None for _day, course in naive]
    assert list(picture(second, clinic).episode_numbers.values()) == [4, 5]
    assert picture(first, clinic).episode_numbers == {}


def test_what_is_struck_is_not_counted(clinic, courses):
    second = courses[1]
    row = OutsideInfusion.objects.get()
    retract_outside_infusion(infusion=row, reason="Not hers", by=clinic.nurse, now=NOW)
    assert [one.is_outside for one in picture(second, clinic).all_infusions] == [False] * 4
    assert picture(second, clinic).episode.outside == ()


def phq(course, clinic):
    (found,) = course_outcomes(picture(course, clinic))
    return found, {line.concept: line for line in found.lines}


def test_maintenance_is_judged_against_the_first_baseline_of_the_episode(clinic, courses):
    first, second = courses
    found, lines = phq(second, clinic)
    assert (found.baseline.total, found.baseline.day) == (19, (START - timedelta(days=2)).date())
    assert "first infusion of the episode" in found.measured
    assert (lines["response"].state, lines["response"].verdict.since_infusion) == ("met", 5)
    assert lines["response"].verdict.rating.day == (START + timedelta(days=80)).date()
    before, its_lines = phq(first, clinic)
    assert before.baseline == found.baseline
    # What was scored after the next course had begun speaks of that one.
    assert its_lines["response"].verdict.rating.day == (START + timedelta(days=21)).date()
    assert its_lines["worsening"].verdict.rating.day == (START + timedelta(days=49)).date()


def test_a_chosen_baseline_counts_for_its_course_while_its_score_stands(clinic, courses):
    first, second = courses
    score = Assessment.objects.order_by("taken_at")[1]
    told = {"course": second, "instrument": "phq9", "by": clinic.prescriber, "now": NOW}
    choose_outcome_baseline(assessment=score, reason="Best since", **told)
    found, lines = phq(second, clinic)
    assert (found.baseline.total, lines["response"].state) == (7, "not_met")
    assert found.measured.endswith("Best since")
    assert phq(first, clinic)[0].baseline.total == 19
    choose_outcome_baseline(assessment=None, reason="Back to the rule", **told)
    assert phq(second, clinic)[0].baseline.total == 19


def test_time_to_response_counts_from_the_first_infusion_of_the_course(clinic, courses):
    first, second = courses
    found = phq(second, clinic)[0].response
    assert (found.days, found.infusions, found.reached) == (30, 2, True)
    earlier = phq(first, clinic)[0].response
    assert (earlier.days, earlier.infusions, earlier.reached) == (21, 2, True)


def test_of_another_site_nothing_is_told_but_that_there_is_something(clinic, courses):
    first, second = courses
    south = make_clinic("south", now=START)
    Course.objects.filter(pk=first.pk).update(site=south.site)
    for session in first.sessions.all():
        type(session).objects.filter(pk=session.pk).update(site=south.site)
    found = picture(second, clinic)
    assert found.episode.is_partial
    assert [part.course for part in found.episode.parts] == [second]
    assert [one.is_outside for one in found.all_infusions] == [True, False, False]
    assert episode_of(second, actor=staff("nurse", south.site)).is_partial is False


def test_the_first_day_of_the_episode(clinic, courses):
    first, second = courses
    assert episode_of(second, actor=clinic.nurse).first_day == (START - timedelta(days=7)).date()
    record_outside_infusion(
        course=second, given_on=date(2025, 6, 1), place="X", source="patient", by=clinic.nurse, now=NOW
    )
    assert episode_of(first, actor=clinic.nurse).first_day == date(2025, 6, 1)


def test_without_a_row_a_course_is_an_induction(clinic):
    course = make_course(clinic, now=START)
    assert not CoursePhase.objects.exists()
    assert episode_of(course, actor=clinic.nurse).own.label == "Induction"
