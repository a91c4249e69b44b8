"""What a series is planned from, read from the database; and that what is proposed can be booked as it stands."""

from datetime import UTC, datetime, time, timedelta
from random import Random

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.common.errors import ClinicError
from clinic.facilities.models import Closure, OpeningHours, Shift, ShiftBreak, StaffLeave
from sessions.models import Booking
from sessions.operations import series
from sessions.operations.arriving import cancel
from sessions.operations.booking import book
from sessions.reports.free_times import course_times
from sessions.reports.series_rows import proposals
from sessions.rules.free_times import Cause
from sessions.rules.proposing import Wishes, propose
from sessions.rules.slot_check import Chosen, obstacles
from tests.sessions.operations.duty import set_rules
from tests.sessions.scenes import (
    NOON,
    approved_version,
    booked_session,
    make_clinic,
    make_course,
    make_patient,
)

BEFORE = NOON - timedelta(days=5)
EXAMPLES = 8


@pytest.fixture
def clinic(db):
    return make_clinic(now=BEFORE, chairs=2)


def claim(clinic, chair, start, minutes=130, **more):
    told = {"kind": "other_treatment", "title": "Magnetic stimulation", "booked_by": clinic.desk.user}
    return Booking.objects.create(
        site=clinic.site,
        chair=chair,
        starts_at=start,
        ends_at=start + timedelta(minutes=minutes),
        local_date=start.astimezone(clinic.site.zone).date(),
        booked_at=NOON,
        **told | more,
    )


def open_week(clinic):
    hours = (
        OpeningHours(site=clinic.site, weekday=n, opens_at=time(8), closes_at=time(18)) for n in range(5)
    )
    OpeningHours.objects.bulk_create(hours)


def plan(course, number=1, **wishes):
    times = course_times(course, now=NOON)
    found = proposals(times, Wishes(**wishes), number=number)
    return [f"{times.known.local(proposal.starts_at):%a %d %H:%M}" for proposal in found]


def test_hours_closures_chairs_and_other_bookings_are_respected(clinic):
    course, at = make_course(clinic, now=BEFORE), NOON.replace(hour=12)  # Tuesday, eight in the morning
    open_week(clinic)
    day = timedelta(days=1)
    Closure.objects.create(site=clinic.site, reason="Training", starts_at=at + day, ends_at=at + day * 1.5)
    withdrawn = {"is_withdrawn": True, "reason": "Not after all"}
    Closure.objects.create(site=clinic.site, starts_at=at + day * 2, ends_at=at + day * 2.5, **withdrawn)
    for chair in clinic.chairs:
        claim(clinic, chair, at + day * 2, 60)
    # Called off, and booked over another one: neither keeps a chair.
    claim(clinic, clinic.chair, at + day * 2 + timedelta(hours=1), is_live=False)
    claim(
        clinic,
        clinic.chair,
        at + day * 2 + timedelta(hours=1),
        is_overbooked=True,
        override_reason="Urgent",
    )
    assert plan(course, 2, first_day=(NOON + day).date()) == ["Thu 12 09:00", "Mon 16 08:00"]
    other = make_course(clinic, patient=course.patient, now=BEFORE)
    booked_session(clinic, course=other, starts_at=at + day * 2 + timedelta(hours=1), chair=clinic.chairs[1])
    assert plan(course, first_day=(NOON + day).date()) == ["Thu 12 11:10"], "the patient is here already"
    clinic.chair.is_in_service = False
    clinic.chair.save()
    times = course_times(course, now=NOON)
    assert [chair.name for chair in times.known.chairs] == ["Chair 2"]


def test_nurses_on_duty_less_their_breaks_and_leave(clinic):
    course, at = make_course(clinic, now=BEFORE), NOON.replace(hour=12) + timedelta(days=1)
    set_rules(clinic.site, patients_per_nurse=1)
    nurse = clinic.nurse.user
    for days in range(3):
        start = at + timedelta(days=days)
        shift = Shift.objects.create(
            site=clinic.site, user=nurse, starts_at=start, ends_at=start + timedelta(hours=9)
        )
        if days == 1:
            pause = start + timedelta(hours=2)
            ShiftBreak.objects.create(shift=shift, starts_at=pause, ends_at=pause + timedelta(minutes=30))
    StaffLeave.objects.create(user=nurse, kind="annual", starts_at=at, ends_at=at + timedelta(hours=20))
    claim(clinic, clinic.chair, at + timedelta(days=1, hours=2, minutes=30), 45)
    course.refresh_from_db()
    assert plan(course) == ["Thu 12 11:15"]
    (proposal,) = proposals(course_times(course, now=NOON), Wishes(weekdays=frozenset({2})), number=1)
    assert {passed.cause for passed in proposal.declined} == {Cause.NURSES}


def test_the_next_ones_come_after_those_that_are_booked(clinic):
    course = make_course(clinic, now=BEFORE)
    first = booked_session(clinic, course=course, starts_at=NOON + timedelta(days=3))
    times = course_times(course, now=NOON)
    assert (times.previous, times.days, times.to_book) == (first.local_date, (first.local_date,), 5)
    assert (times.spacing.least, times.spacing.target, times.spacing.latest) == (2, 3, None)
    moved = course_times(course, now=NOON, besides=[first])
    assert (moved.previous, moved.days, moved.to_book) == (None, (), 6)
    assert not moved.known.chairs[0].taken.overlapping(first.scheduled_start, first.scheduled_end)
    cancel(session=first, by=clinic.desk, reason="Ill", now=NOON)
    assert course_times(course, now=NOON).days == ()


def test_the_same_questions_whatever_the_book_holds(clinic, django_assert_num_queries):
    set_rules(clinic.site, patients_per_nurse=3)
    course = make_course(clinic, now=BEFORE)
    for days in range(1, 9):
        start = NOON + timedelta(days=days)
        claim(clinic, clinic.chair, start)
        shift = Shift.objects.create(
            site=clinic.site, user=clinic.nurse.user, starts_at=start, ends_at=start + timedelta(hours=8)
        )
        ShiftBreak.objects.create(shift=shift, starts_at=start, ends_at=start + timedelta(minutes=30))
    # Days of the course; bookings of site and patient; hours, closures; chairs; nurses, shifts, breaks, leave.
    with django_assert_num_queries(10):
        course_times(course, now=NOON)


class Book:
    """A random book of a clinic's next two weeks."""

    def __init__(self, clinic, chance):
        self.clinic, self.chance = clinic, chance
        self.morning = datetime(2026, 3, 3, 13, 0, tzinfo=UTC)
        set_rules(clinic.site, patients_per_nurse=chance.choice([0, 0, 1, 2]))
        if chance.random() < 0.7:
            open_week(clinic)
        for n in range(16):
            self._day(self.morning + timedelta(days=n))

    def _day(self, start):
        chance, clinic = self.chance, self.clinic
        Shift.objects.create(
            site=clinic.site, user=clinic.nurse.user, starts_at=start, ends_at=start + timedelta(hours=8)
        )
        if chance.random() < 0.1:
            Closure.objects.create(
                site=clinic.site,
                reason="Works",
                starts_at=start,
                ends_at=start + timedelta(hours=chance.randrange(1, 9)),
            )
        for chair in clinic.chairs:
            at = start + timedelta(minutes=5 * chance.randrange(12))
            while chance.random() < 0.7 and at < start + timedelta(hours=8):
                is_open = chance.random() < 0.3
                minutes = 5 * chance.randrange(6, 30)
                claim(clinic, chair, at, minutes, is_chair_provisional=is_open)
                if chance.random() < 0.1:
                    later = at + timedelta(minutes=minutes - 5)
                    claim(clinic, chair, later, 60, is_overbooked=True, override_reason="The only day")
                at += timedelta(minutes=5 * chance.randrange(30, 40))

    def wishes(self):
        chance = self.chance
        return Wishes(
            weekdays=frozenset(chance.sample(range(7), chance.randrange(4))),
            starts_from=chance.choice([None, time(9), time(11, 30)]),
            starts_until=chance.choice([None, time(12), time(15)]),
            chair=chance.choice([None, *(chair.pk for chair in self.clinic.chairs)]),
            leaves_chair_open=chance.random() < 0.3,
            spacing=chance.choice([None, 2, 5]),
        )

    def slot_of(self, chosen):
        chairs = {chair.pk: chair for chair in self.clinic.chairs}
        return series.Slot(chosen.starts_at, chairs.get(chosen.chair))


def rolled_back(example):
    with transaction.atomic():
        example()
        transaction.set_rollback(True)


def test_every_proposal_is_booked_without_a_refusal(clinic):
    approved_version(by=clinic.director, max_gap_days=6, now=BEFORE)
    clinic.version.protocol.versions.update(max_gap_days=6)
    course = make_course(clinic, now=BEFORE, planned_infusions=7)

    @settings(max_examples=EXAMPLES)
    @given(st.randoms(use_true_random=False))
    def check(chance: Random):
        def example():
            book = Book(clinic, chance)
            course.refresh_from_db()
            times = course_times(course, now=NOON)
            found = propose(times.known, number=7, spacing=times.spacing, wishes=book.wishes())
            slots = [book.slot_of(proposal) for proposal in found if proposal.starts_at]
            if slots:
                booked = series.book_series(course=course, slots=slots, by=clinic.desk, now=NOON)
                assert [session.scheduled_start for session in booked] == [slot.starts_at for slot in slots]

        rolled_back(example)

    check()


def test_what_a_row_says_is_what_a_booking_says(clinic):
    """The sentences of a time chosen by hand are those with which the operation would refuse it: none, or the same."""
    course = make_course(clinic, patient=make_patient(clinic, now=BEFORE), now=BEFORE)
    other = make_course(clinic, patient=course.patient, now=BEFORE)

    @settings(max_examples=EXAMPLES)
    @given(st.randoms(use_true_random=False))
    def check(chance: Random):
        def example():
            Book(clinic, chance)
            try_to(
                lambda: book(
                    course=other, chair=None, starts_at=random_time(chance), by=clinic.desk, now=NOON
                )
            )
            try_to(
                lambda: book(
                    course=course, chair=None, starts_at=random_time(chance), by=clinic.desk, now=NOON
                )
            )
            course.refresh_from_db()
            times = course_times(course, now=NOON)
            for _ in range(8):
                chair = chance.choice([None, *clinic.chairs])
                chosen = Chosen(random_time(chance), chair and chair.pk)
                said = obstacles(times.known, chosen, spacing=times.spacing, days=times.days)
                refused = refusal_of(
                    lambda start=chosen.starts_at, chair=chair: book(
                        course=course, chair=chair, starts_at=start, by=clinic.desk, now=NOON
                    )
                )
                assert bool(said) == bool(refused), (said, refused)
                assert refused <= {str(problem) for problem in said}

        rolled_back(example)

    check()


def random_time(chance):
    return NOON + timedelta(minutes=5 * chance.randrange(-12, 12 * 24 * 10))


def try_to(act):
    """Do it where the random book has room for it."""
    refusal_of(act, keep=True)


def refusal_of(act, *, keep=False):
    """The sentences of a refusal; what was done is taken back unless it is to be kept."""
    try:
        with transaction.atomic():
            act()
            transaction.set_rollback(not keep)
    except ClinicError as error:
        return {str(problem) for problem in error.problems}
    return set()
