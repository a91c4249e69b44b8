"""A course beside others: every figure once more from the pages of the other courses, and nothing of a small group."""

from datetime import timedelta
from statistics import median

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.common.kept import forget
from sessions.models import Course
from sessions.operations.episodes import set_course_phase
from sessions.reports import course_comparison as report
from sessions.reports.course_comparison import course_comparison
from sessions.reports.course_outcomes import course_outcomes
from sessions.reports.course_picture import course_picture
from sessions.rules.small_groups import SMALLEST_GROUP
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.patients.api.client import Api
from tests.remembered import remembered
from tests.scenes import make_site, staff
from tests.sessions.operations.test_episodes import scored
from tests.sessions.reports.scenes import NOW
from tests.sessions.scenes import make_clinic, make_course, session_at

pytestmark = pytest.mark.django_db
START = NOW - timedelta(days=60)


@pytest.fixture
def clinic():
    return make_clinic(now=START - timedelta(days=9), chairs=2)


def answers(total):
    return [3] * (total // 3) + ([total % 3] if total % 3 else []) + [0] * (9 - -(-total // 3))


@remembered
def treated(clinic, number, totals, *, first=START):
    """A course with one infusion, and PHQ-9 totals by the day after it."""
    day = first + timedelta(hours=number * 3 % 6, days=number // 2)
    course = make_course(clinic, now=day - timedelta(days=6))
    chair = clinic.chairs[number % 2]
    session_at(Status.DISCHARGED, clinic=clinic, now=day, course=course, chair=chair)
    for after, total in totals.items():
        scored(clinic, course.patient, day + timedelta(days=after, minutes=5), *answers(total))
    return course


@pytest.fixture
def site(clinic):
    """Twelve who can be judged, with ties, early and late responses and none; one without a baseline."""
    changes = [
        {-2: 20, 14: 9},
        {-2: 20, 14: 10, 30: 12},
        {-1: 18, 7: 15, 21: 8},
        {-1: 24, 21: 20},
        {-3: 16, 14: 15, 28: 14},
        {-2: 22, 21: 11},
        {-2: 12, 10: 5},
        {-2: 15, 14: 16},
        {-2: 20, 28: 9},
        {-2: 19, 14: 9},
        {-2: 21, 35: 20},
        {-2: 17, 14: 8, 28: 16},
        {14: 9},
    ]
    return [treated(clinic, number, totals) for number, totals in enumerate(changes)]


@pytest.fixture
def mine(clinic):
    return treated(clinic, 30, {-2: 20, 14: 13, 21: 9})


def compared(clinic, course):
    found = Course.objects.select_related("site").get(pk=course.pk)
    return course_comparison(found, actor=clinic.nurse, now=NOW)


def judged_on_its_page(clinic, course):
    """What the course's own page says of it: (change in per cent, days, responded), or nothing."""
    rows = Course.objects.select_related("site", "protocol_version")
    outcomes = course_outcomes(course_picture(rows.get(pk=course.pk), actor=clinic.nurse, now=NOW))
    for outcome in outcomes:
        lines = {line.concept: line.verdict for line in outcome.lines}
        if outcome.code == "phq9" and outcome.response:
            return lines["worsening"].percent, outcome.response.days, outcome.response.reached
    return None


def test_the_site_against_the_pages_of_its_courses(clinic, site, mine):
    (group,) = compared(clinic, mine).groups
    naive = [found for course in site if (found := judged_on_its_page(clinic, course))]
    assert (group.given, group.judged, group.is_shown) == (13, 12, True)
    assert len(naive) == 12
    assert group.responded == sum(reached for _percent, _days, reached in naive)
    assert group.responded_percent == round(100 * group.responded / 12)
    assert group.quarters[1] == median(percent for percent, _days, _reached in naive)
    own_percent = judged_on_its_page(clinic, mine)[0]
    assert group.mine.percent == own_percent
    assert group.did_less == sum(percent > own_percent for percent, _days, _reached in naive)
    for row in group.rows:
        # Kaplan-Meier once more, by walking through the days.
        left = 1.0
        for day in range(row.day + 1):
            at_risk = sum(days >= day for _percent, days, _reached in naive)
            events = sum(days == day and reached for _percent, days, reached in naive)
            left *= (at_risk - events) / at_risk if at_risk else 1
        assert row.share == pytest.approx(1 - left)
        assert row.watched == sum(days >= row.day for _percent, days, _reached in naive)
        assert row.low is None or row.low <= row.share <= row.high


def test_a_small_group_is_left_out(clinic, site, mine):
    for course in site[:2]:
        set_course_phase(course=course, phase="transferred", by=clinic.prescriber, now=NOW)
    (group,) = compared(clinic, mine).groups
    assert (group.judged, group.is_shown) == (SMALLEST_GROUP - 1, False)
    assert (group.responded, group.quarters, group.curve, group.rows, group.did_less) == (
        0,
        None,
        None,
        (),
        None,
    )
    shown = text_of(Pages(clinic.nurse).get(f"/courses/{mine.public_id}/compare/"))
    assert f"Fewer than {SMALLEST_GROUP} patients can be judged, so no figures are shown." in shown
    assert "reached a response" not in shown
    answer = Api(clinic.nurse).get(f"courses/{mine.public_id}/comparison/").json()["groups"][0]
    assert (answer["is_shown"], answer["quarters"], answer["curve"]) == (False, None, [])


def test_one_course_of_each_other_patient(clinic, site, mine):
    again = make_course(clinic, patient=site[0].patient, now=NOW - timedelta(days=8))
    session_at(Status.DISCHARGED, clinic=clinic, now=NOW - timedelta(days=2), course=again)
    more = make_course(clinic, patient=mine.patient, now=NOW - timedelta(days=8))
    session_at(Status.DISCHARGED, clinic=clinic, now=NOW - timedelta(days=1), course=more)
    (group,) = compared(clinic, mine).groups
    assert group.given == 13
    assert [one.is_this for one in compared(clinic, mine).own] == [True, False]


def test_what_was_long_ago_and_what_is_elsewhere_is_not_the_site(clinic, site, mine, monkeypatch):
    south = make_clinic("south", now=START)
    treated(south, 0, {-2: 20, 14: 9})
    assert compared(clinic, mine).groups[0].given == 13
    monkeypatch.setattr(report, "WINDOW", timedelta(days=62))
    fresh = Course.objects.filter(site=clinic.site, ordered_at__gte=NOW - timedelta(days=62))
    assert compared(clinic, mine).groups[0].given == fresh.exclude(pk=mine.pk).count() < 13


def test_maintenance_is_compared_with_the_patients_own_courses_only(clinic, mine):
    second = make_course(clinic, patient=mine.patient, now=NOW - timedelta(days=9))
    session_at(Status.DISCHARGED, clinic=clinic, now=NOW - timedelta(days=3), course=second)
    set_course_phase(course=second, phase="maintenance", continues=mine, by=clinic.prescriber, now=NOW)
    found = compared(clinic, second)
    assert (found.is_induction, found.groups) == (False, ())
    first = found.own[0]
    assert dict(first.by_instrument)["phq9"].percent == judged_on_its_page(clinic, mine)[0]
    shown = text_of(Pages(clinic.nurse).get(f"/courses/{second.public_id}/compare/"))
    assert "Only inductions are compared with the site" in shown


def test_page_and_api_say_the_same_with_n_and_of_how_many(clinic, site, mine):
    shown = text_of(Pages(clinic.nurse).get(f"/courses/{mine.public_id}/compare/"))
    answer = Api(clinic.nurse).get(f"courses/{mine.public_id}/comparison/").json()
    group = answer["groups"][0]
    percent = round(100 * group["responded"] / group["judged"])
    assert f"{group['responded']} of {group['judged']} ({percent} %) reached a response." in shown
    assert f"{group['did_less']} of {group['judged']} improved less." in shown
    assert "12 of 13 other patients" in shown
    assert answer["own"][0]["outcomes"]["phq9"]["percent"] == -55
    far = staff("nurse", make_site("far"))
    assert Pages(far).get(f"/courses/{mine.public_id}/compare/").status_code == 404
    assert Api(far).get(f"courses/{mine.public_id}/comparison/").status_code == 404


def test_a_larger_site_asks_no_more_often(clinic, mine):
    def asked():
        forget()
        with CaptureQueriesContext(connection) as queries:
            compared(clinic, mine)
        return len(queries)

    treated(clinic, 0, {-2: 20, 14: 9})
    before = asked()
    for number in (1, 2, 3):
        treated(clinic, number, {-2: 20, 14: 9})
    assert asked() == before
