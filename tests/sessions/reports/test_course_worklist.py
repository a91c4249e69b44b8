"""The courses that wait for somebody, against a naive second look at each of them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions.models import Course, InfusionSession, Reevaluation
from sessions.operations.planning import close_course
from sessions.operations.reevaluating import record_reevaluation
from sessions.reports.course_worklist import course_worklist
from sessions.states import Status
from tests.remembered import remembered
from tests.scenes import staff
from tests.sessions.scenes import NOON, booked_session, make_clinic, make_course, session_at, under

START = NOON - timedelta(days=60)
LISTS = ("unbooked", "slipping", "reevaluate", "finished")


@pytest.fixture
def clinic(db):
    """Its protocol: at least 2, at most 5 days between infusions, a second look after every 2, six in all."""
    made = make_clinic(now=START, chairs=12)
    return under(made, now=START, code="strict", max_gap_days=5, reevaluate_after_infusions=2)


@remembered
def course_of(clinic, *given, planned=6, **told):
    """A course with infusions so many days ago."""
    course = make_course(clinic, now=START, planned_infusions=planned)
    for number, days in enumerate(given):
        at(clinic, course, Status.DISCHARGED, days, chair=number)
    return course


def at(clinic, course, status, days, chair=0):
    moment = NOON - timedelta(days=days)
    # Every course has chairs of its own, so that no two of them are in each other's way.
    seat = clinic.chairs[(course.pk * 3 + chair) % len(clinic.chairs)]
    return session_at(status, clinic=clinic, now=moment, course=course, chair=seat)


def ahead(clinic, course, days):
    seat = clinic.chairs[(course.pk * 3) % len(clinic.chairs)]
    return booked_session(clinic, starts_at=NOON + timedelta(days=days, hours=1), course=course, chair=seat)


def work(clinic, *, now=NOON, actor=None):
    return course_worklist([clinic.site], actor=actor or clinic.nurse, now=now)


def lists_of(clinic, course):
    found = work(clinic)
    return {name for name in LISTS if course in [row.course for row in getattr(found, name)]}


def row_of(clinic, course, name):
    (row,) = (row for row in getattr(work(clinic), name) if row.course == course)
    return row


def test_a_course_just_ordered_waits_to_be_booked(clinic):
    course = course_of(clinic)
    assert lists_of(clinic, course) == {"unbooked"}
    row = row_of(clinic, course, "unbooked")
    assert (row.given, row.booked, row.planned, row.window, row.days_late) == (0, 0, 6, None, 0)
    ahead(clinic, course, 1)
    assert lists_of(clinic, course) == set()


@pytest.mark.parametrize(
    ("given", "booked_in", "expected", "late"),
    [
        (3, None, {"unbooked"}, 0),
        (5, None, {"unbooked"}, 0),
        (6, None, {"unbooked", "slipping"}, 1),
        (9, None, {"unbooked", "slipping"}, 4),
        (3, 2, set(), 0),
        (3, 4, {"slipping"}, 2),
        (9, 0, {"slipping"}, 4),
    ],
)
def test_late_is_the_next_booking_or_today_after_the_longest_gap(clinic, given, booked_in, expected, late):
    course = course_of(clinic, given)
    if booked_in is not None:
        ahead(clinic, course, booked_in)
    assert lists_of(clinic, course) == expected
    for name in expected:
        assert row_of(clinic, course, name).days_late == late


def test_without_a_longest_gap_nothing_is_late_and_it_is_said(clinic):
    course = course_of(under(clinic, now=START, code="free"), 30)
    assert lists_of(clinic, course) == {"unbooked"}
    assert work(clinic).unchecked == 1
    assert row_of(clinic, course, "unbooked").look_after is None


def test_a_visit_of_another_day_that_nobody_closed_is_no_booking(clinic):
    course = course_of(clinic, 9)
    stale = ahead(clinic, course, -2)
    row = row_of(clinic, course, "unbooked")
    assert (row.left_open.public_id, row.booked, row.next_visit) == (stale.public_id, 0, None)


def test_a_second_look_is_due_after_so_many_and_counted_from_the_last(clinic):
    course = course_of(clinic, 12, 9)
    assert lists_of(clinic, course) == {"unbooked", "slipping", "reevaluate"}
    assert row_of(clinic, course, "reevaluate").since_look == 2
    record_reevaluation(course=course, decision="continue", by=clinic.prescriber, now=NOON)
    assert "reevaluate" not in lists_of(clinic, course)
    at(clinic, course, Status.INFUSING, 0, chair=2)
    assert "reevaluate" not in lists_of(clinic, course)
    early = record_reevaluation(
        course=course,
        decision="continue",
        by=clinic.prescriber,
        taken_at=NOON - timedelta(days=10),
        now=NOON,
    )
    assert early.delivered == 1
    assert "reevaluate" not in lists_of(clinic, course), "the latest look counts, not the one entered last"


def test_all_given_and_still_active(clinic):
    course = course_of(clinic, 9, 4, planned=2)
    assert lists_of(clinic, course) == {"finished", "reevaluate"}
    row = row_of(clinic, course, "finished")
    assert (row.given, row.planned, row.window, row.days_late) == (2, 2, None, 0)
    close_course(course=course, state="completed", reason="", by=clinic.prescriber, now=NOON)
    found = work(clinic)
    assert (found.is_empty, found.active) == (True, 0)


def test_the_most_urgent_stands_first(clinic):
    late, later = course_of(clinic, 8), course_of(clinic, 15)
    assert [row.course for row in work(clinic).slipping] == [later, late]


def test_every_row_is_what_the_rows_of_the_course_say(clinic):
    for given in ((), (3,), (9,), (12, 9), (20, 15, 9)):
        for booked_in in (None, 1, 5):
            course = course_of(clinic, *given, planned=max(2, len(given)))
            if booked_in is not None and len(given) < course.planned_infusions:
                ahead(clinic, course, booked_in)
    at(clinic, course_of(clinic), Status.NO_SHOW, 3)
    at(clinic, course_of(clinic, 9), Status.CANCELLED, 3, chair=1)
    at(clinic, course_of(clinic, 9), Status.NOT_STARTED, 3, chair=1)
    found = work(clinic)
    told = {
        name: {(row.course.pk, row.given, row.booked, row.days_late) for row in getattr(found, name)}
        for name in LISTS
    }
    assert told == naive(clinic)
    assert all(told.values()), "every list is tried"


def naive(clinic):
    """Once more, one course after the other."""
    found = {name: set() for name in LISTS}
    today = NOON.date()
    for course in Course.objects.filter(site=clinic.site, state="active"):
        sessions = InfusionSession.objects.filter(course=course).order_by("scheduled_start")
        given = [one.local_date for one in sessions if one.infusion_started_at]
        coming = [one.local_date for one in sessions if one.status == "scheduled" and one.local_date >= today]
        late = 0
        if given and len(given) < course.planned_infusions:
            late = max(0, ((coming or [today])[0] - max(given)).days - 5)
        looks = Reevaluation.objects.filter(course=course).order_by("taken_at")
        since = len(given) - (looks.last().delivered if looks else 0)
        fact = (course.pk, len(given), len(coming), late)
        if len(given) >= course.planned_infusions:
            found["finished"].add(fact)
        elif not coming:
            found["unbooked"].add(fact)
        if late:
            found["slipping"].add(fact)
        if since >= 2:
            found["reevaluate"].add(fact)
    return found


def test_the_number_of_queries_does_not_grow(clinic, django_assert_num_queries):
    course_of(clinic, 9)
    with CaptureQueriesContext(connection) as counted:
        work(clinic)
    assert len(counted) == 2
    for given in ((12, 9), (3,), ()):
        ahead(clinic, course_of(clinic, *given), 3)
    with django_assert_num_queries(2):
        assert work(clinic).active == 4


def test_today_is_that_of_the_courses_site(clinic):
    tokyo = make_clinic("south", zone="Asia/Tokyo", now=START)
    east = replace(tokyo, version=clinic.version)
    course = make_course(east, now=START)
    session_at(Status.DISCHARGED, clinic=east, now=NOON - timedelta(days=6), course=course)
    (row,) = course_worklist([east.site], actor=east.nurse, now=NOON).slipping
    assert (row.today, row.days_late) == (NOON.date() + timedelta(days=1), 2), "one more than in New York"


def test_it_shows_nothing_of_other_sites(clinic):
    course_of(clinic, 9)
    stranger = staff("nurse", make_clinic("south", now=START).site)
    assert work(clinic, actor=stranger).active == 0
