"""Booking on the two nights: the hour that is skipped, the hour that comes twice, and minutes that are real."""

from datetime import datetime, timedelta

import pytest

from clinic.common import clock
from clinic.common.errors import Conflict, Invalid
from sessions.models import InfusionSession
from sessions.operations import booking
from sessions.operations.series import Relocation, Slot, book_series, move_series
from tests.refusals import refused
from tests.sessions.operations.duty import utc
from tests.sessions.scenes import NOON, make_clinic, make_course

BEFORE = NOON - timedelta(days=30)
LENGTH = timedelta(minutes=30 + 40 + 60)
ZONE = "America/New_York"


@pytest.fixture
def clinic(db):
    return make_clinic(now=BEFORE)


def wall(text, fold=None):
    return clock.from_local(datetime.fromisoformat(text), ZONE, fold=fold)


def book(clinic, at, **told):
    usual = {"chair": clinic.chair, "by": clinic.desk, "now": BEFORE}
    now = told.get("now", BEFORE)
    session = booking.book(course=make_course(clinic, now=now), starts_at=at, **usual | told)
    return InfusionSession.objects.select_related("booking").get(pk=session.pk)


def test_the_hour_that_is_skipped_is_refused():
    with refused_time("time.skipped"):
        wall("2026-03-08T02:30")


def test_the_hour_that_comes_twice_is_asked_about():
    with refused_time("time.ambiguous"):
        wall("2026-11-01T01:30")
    first, second = (wall("2026-11-01T01:30", fold=fold) for fold in (0, 1))
    assert (first, second) == (utc("2026-11-01T05:30"), utc("2026-11-01T06:30"))


def refused_time(code):
    return pytest.raises(Invalid, check=lambda error: error.code == code)


@pytest.mark.parametrize(
    ("start", "ends_on_the_wall"),
    [
        ("2026-03-08T06:30+00:00", "04:40"),
        ("2026-03-08T00:30-05:00", "03:40"),
        ("2026-11-01T00:30-04:00", "01:40"),
        ("2026-11-01T01:30-04:00", "02:40"),
        ("2026-11-01T01:30-05:00", "03:40"),
        ("2026-03-10T12:00-04:00", "14:10"),
    ],
)
def test_a_visit_takes_its_real_minutes(clinic, start, ends_on_the_wall):
    at, now = datetime.fromisoformat(start), datetime.fromisoformat(start) - timedelta(days=1)
    held = book(clinic, at, now=now).booking
    assert (held.starts_at, held.ends_at - held.starts_at) == (at, LENGTH)
    assert held.ends_at.astimezone(clinic.site.zone).strftime("%H:%M") == ends_on_the_wall


@pytest.mark.parametrize(("minutes", "is_taken"), [(-130, False), (-129, True), (129, True), (130, False)])
def test_overlaps_are_of_instants_and_not_of_what_the_wall_shows(clinic, minutes, is_taken):
    """Around the first half past one of the night in which it comes twice."""
    now = utc("2026-10-20T12:00")
    first = book(clinic, wall("2026-11-01T01:30", fold=0), now=now)
    at = first.scheduled_start + timedelta(minutes=minutes)
    if not is_taken:
        book(clinic, at, now=now)
        return
    with refused(Conflict, "booking.chair_taken"):
        book(clinic, at, now=now)


def test_a_series_shifted_across_the_change_keeps_what_its_patient_reads_on_the_wall(clinic):
    course = make_course(clinic, now=BEFORE)
    days = ("2026-03-05", "2026-03-09")
    slots = [Slot(wall(f"{day}T09:30"), clinic.chair) for day in days]
    sessions = book_series(course=course, slots=slots, by=clinic.desk, now=BEFORE)
    assert [session.scheduled_start.hour for session in sessions] == [14, 13]
    later = [Slot(wall(f"{day}T09:30"), clinic.chair) for day in ("2026-03-09", "2026-03-12")]
    moves = [Relocation(one, one.revision, slot) for one, slot in zip(sessions, later, strict=True)]
    moved = move_series(course=course, moves=moves, by=clinic.desk, now=BEFORE)
    assert [str(session.local_date) for session in moved] == ["2026-03-09", "2026-03-12"]
    assert all(one.scheduled_end - one.scheduled_start == LENGTH for one in moved)
