"""Whether somebody is there by the roster: shifts, breaks and leave, and a site that has planned nothing."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.facilities.models import Shift, ShiftBreak, StaffLeave
from clinic.facilities.rules.attendance import Away, attendance
from tests.scenes import make_site, make_user
from tests.sessions.scenes import NOON

HOUR = timedelta(hours=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def nurse():
    return make_user("ana")


def shift(site, user, start=-2 * HOUR, end=4 * HOUR, pause=None):
    made = Shift.objects.create(site=site, user=user, starts_at=NOON + start, ends_at=NOON + end)
    if pause:
        ShiftBreak.objects.create(shift=made, starts_at=NOON + pause[0], ends_at=NOON + pause[1])
    return made


def away(site, user, after=timedelta()):
    return attendance(site, now=NOON + after, people={user.pk}).away(user.pk, NOON + after)


def test_where_nothing_is_planned_nothing_is_known(site, nurse):
    StaffLeave.objects.create(user=nurse, kind="sick", starts_at=NOON - HOUR, ends_at=NOON + HOUR)
    assert away(site, nurse) is None
    shift(make_site("south"), make_user("eva"))
    assert away(site, nurse) is None
    withdrawn = shift(site, make_user("max"))
    withdrawn.is_withdrawn = True
    withdrawn.save()
    assert away(site, nurse) is None


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (-2 * HOUR - timedelta(seconds=1), (Away.OFF_SHIFT, NOON - 2 * HOUR)),
        (-2 * HOUR, None),
        (-timedelta(seconds=1), None),
        (timedelta(), (Away.BREAK, NOON + HOUR / 2)),
        (HOUR / 2, None),
        (2 * HOUR, (Away.LEAVE, NOON + 3 * HOUR)),
        (3 * HOUR, None),
        (4 * HOUR, (Away.OFF_SHIFT, None)),
    ],
)
def test_shift_break_and_leave_are_half_open(site, nurse, after, why):
    shift(site, nurse, pause=(timedelta(), HOUR / 2))
    StaffLeave.objects.create(user=nurse, kind="sick", starts_at=NOON + 2 * HOUR, ends_at=NOON + 3 * HOUR)
    assert away(site, nurse, after) == why


def test_whoever_has_no_shift_on_a_planned_day_is_not_on_shift(site, nurse):
    shift(site, make_user("eva"))
    assert away(site, nurse) == (Away.OFF_SHIFT, None)


def test_the_next_change_is_the_next_edge_of_anybody_asked_about(site, nurse):
    shift(site, nurse, pause=(HOUR, 2 * HOUR))
    shift(site, make_user("eva"), end=HOUR / 4)
    known = attendance(site, now=NOON, people={nurse.pk})
    edges = [NOON + HOUR, NOON + 2 * HOUR, NOON + 4 * HOUR, None]
    assert [known.next_change(at) for at in (NOON, *edges[:-1])] == edges
    assert attendance(make_site("south"), now=NOON, people={nurse.pk}).next_change(NOON) is None


def test_at_most_three_queries_for_any_number_of_people(site):
    people = [make_user() for _number in range(5)]
    for user in people:
        shift(site, user, pause=(HOUR, 2 * HOUR))
    with CaptureQueriesContext(connection) as caught:
        attendance(site, now=NOON, people={user.pk for user in people})
    assert len(caught) == 3
