"""Two people at the waiting list in the same moment: one books, the other reads why not."""

from functools import partial

import pytest

from sessions.models import Booking, WaitingEntry
from sessions.operations.waiting import add_to_waiting_list, book_from_waiting_list
from tests.sessions.races.processes import DONE, tally
from tests.sessions.scenes import NOON, make_clinic, make_course
from tests.sessions.waiting_scene import FRIDAY_MORNING, waits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clinic(transactional_db):
    return make_clinic()


def test_two_who_book_one_entry_into_two_chairs(clinic):
    entry = waits(clinic)
    acts = [
        partial(
            book_from_waiting_list,
            entry=entry,
            chair=chair,
            starts_at=FRIDAY_MORNING,
            by=clinic.desk,
            now=NOON,
        )
        for chair in clinic.chairs
    ]
    assert tally(acts) == {DONE: 1, "waiting.over": 2}
    assert Booking.objects.count() == 1


def test_two_who_give_one_time_to_two_patients(clinic):
    acts = [
        partial(
            book_from_waiting_list,
            entry=waits(clinic),
            chair=clinic.chair,
            starts_at=FRIDAY_MORNING,
            by=clinic.desk,
            now=NOON,
        )
        for _number in range(3)
    ]
    assert tally(acts) == {DONE: 1, "booking.chair_taken": 2}
    assert WaitingEntry.objects.waiting().count() == 2


def test_two_who_put_one_course_on_the_list(clinic):
    course = make_course(clinic)
    acts = [partial(add_to_waiting_list, course=course, by=clinic.desk, now=NOON)] * 3
    assert tally(acts) == {DONE: 1, "waiting.twice": 2}
