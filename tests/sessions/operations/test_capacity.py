"""How many patients the nurses on duty may have, and when the site is open: exceeded only with a reason."""

from datetime import time, timedelta

import pytest

from clinic.common.errors import Conflict
from clinic.facilities.rules.opening import open_times
from sessions.models import Booking
from sessions.operations import blocks, booking
from tests.refusals import refused
from tests.scenes import make_site, staff
from tests.sessions.operations.duty import away, closed, hours, on_duty, open_from, set_rules, utc
from tests.sessions.scenes import NOON, make_clinic, make_course, make_patient

BEFORE = NOON - timedelta(days=3)
ALL_DAY = hours(-4, 6)
DURING, AFTER = hours(1, 1.5), hours(3, 4)
"""Within a session of 130 minutes from noon, and after it."""


@pytest.fixture
def clinic(db):
    clinic = make_clinic()
    set_rules(clinic.site, patients_per_nurse=1)
    return clinic


def book(clinic, at=NOON, chair=0, **told):
    usual = {"by": clinic.desk, "now": BEFORE, "course": make_course(clinic, now=BEFORE)}
    where = None if chair is None else clinic.chairs[chair]
    return booking.book(starts_at=at, chair=where, **usual | told)


def room(clinic):
    """How many can be booked for noon."""
    for booked in range(len(clinic.chairs)):
        try:
            book(clinic, chair=None)
        except Conflict as refusal:
            assert {problem.code for problem in refusal.problems} == {"booking.nurse_capacity"}
            return booked
    return len(clinic.chairs)


def nobody(clinic):
    """No roster at all."""


def one(clinic):
    on_duty(clinic, clinic.nurse, ALL_DAY)


def two(clinic):
    one(clinic)
    on_duty(clinic, staff("nurse", clinic.site), ALL_DAY)


def one_withdrawn(clinic):
    shift = on_duty(clinic, clinic.nurse, ALL_DAY)
    shift.is_withdrawn = True
    shift.save()


def too_short(clinic):
    on_duty(clinic, clinic.nurse, hours(0, 2))


def relieved(clinic):
    """One goes as the other comes."""
    on_duty(clinic, clinic.nurse, hours(-4, 1))
    on_duty(clinic, staff("nurse", clinic.site), hours(1, 6))


def has_a_break(clinic):
    on_duty(clinic, clinic.nurse, ALL_DAY, breaks=[DURING])


def has_a_break_afterwards(clinic):
    on_duty(clinic, clinic.nurse, ALL_DAY, breaks=[AFTER])


def breaks_in_turn(clinic):
    on_duty(clinic, clinic.nurse, ALL_DAY, breaks=[hours(0, 1)])
    on_duty(clinic, staff("nurse", clinic.site), ALL_DAY, breaks=[hours(1, 2)])


def is_away(clinic):
    one(clinic)
    away(clinic.nurse, DURING)


def is_back(clinic):
    one(clinic)
    away(clinic.nurse, hours(-10, 0))


def leave_withdrawn(clinic):
    one(clinic)
    away(clinic.nurse, DURING, is_withdrawn=True)


def at_the_desk(clinic):
    on_duty(clinic, clinic.desk, ALL_DAY)


def elsewhere(clinic):
    far = make_clinic("far")
    on_duty(far, staff("nurse", far.site), ALL_DAY)


def has_left_the_house(clinic):
    one(clinic)
    user = clinic.nurse.user
    user.is_active = False
    user.save()


@pytest.mark.parametrize(
    ("roster", "most", "expected"),
    [
        (nobody, 0, 3),
        (nobody, 1, 0),
        (one, 1, 1),
        (one, 2, 2),
        (two, 1, 2),
        (one_withdrawn, 1, 0),
        (too_short, 1, 0),
        (relieved, 1, 1),
        (has_a_break, 1, 0),
        (has_a_break_afterwards, 1, 1),
        (breaks_in_turn, 1, 1),
        (breaks_in_turn, 2, 2),
        (is_away, 1, 0),
        (is_back, 1, 1),
        (leave_withdrawn, 1, 1),
        (at_the_desk, 1, 0),
        (elsewhere, 1, 0),
        (has_left_the_house, 1, 0),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_book_as_many_as_the_nurses_can_have(clinic, roster, most, expected):
    set_rules(clinic.site, patients_per_nurse=most)
    roster(clinic)
    assert room(clinic) == expected


def test_the_sentence_names_the_first_moment(clinic):
    two(clinic)
    away(clinic.nurse, DURING)
    book(clinic)
    with refused(Conflict, "booking.nurse_capacity") as refusal:
        book(clinic, chair=1)
    assert str(refusal.value) == (
        "At 13:00 there would be 2 patients; nurses on duty: 1, each for at most 1. Choose another time."
    )


def test_more_patients_than_nurses_take_a_reason(clinic):
    one(clinic)
    book(clinic)
    second = book(clinic, chair=1, by=clinic.nurse, override_reason="Both are stable")
    held = second.booking
    assert (held.overrides, held.override_reason, held.is_overbooked) == (
        ["booking.nurse_capacity"],
        "Both are stable",
        False,
    )


def test_touching_visits_are_never_there_at_once(clinic):
    one(clinic)
    book(clinic)
    book(clinic, NOON + timedelta(minutes=130), chair=1)
    book(clinic, NOON - timedelta(minutes=130), chair=2)


def test_a_visit_that_moves_does_not_count_against_itself(clinic):
    one(clinic)
    session = book(clinic)
    told = {"chair": clinic.chairs[1], "by": clinic.desk, "expected_revision": 1, "now": BEFORE}
    booking.move_booking(session=session, starts_at=NOON + timedelta(minutes=30), **told)


@pytest.mark.parametrize(
    ("kind", "with_patient", "is_nursed"),
    [
        ("consultation", True, False),
        ("other_treatment", True, True),
        ("other_treatment", False, True),
        ("maintenance", False, False),
    ],
)
def test_which_other_visits_take_a_nurse(clinic, kind, with_patient, is_nursed):
    one(clinic)
    patient = make_patient(clinic, now=BEFORE) if with_patient else None
    start, end = hours(0, 1)
    blocks.block_chair(
        chair=clinic.chairs[2],
        kind=kind,
        title="Something",
        starts_at=start,
        ends_at=end,
        patient=patient,
        by=clinic.desk,
        now=BEFORE,
    )
    assert room(clinic) == (0 if is_nursed else 1)


# Opening


@pytest.fixture
def open_clinic(db):
    """Open on weekdays from eight to five by the clocks of New York; noon there is a Tuesday."""
    clinic = make_clinic()
    open_from(clinic.site, time(8), time(17))
    return clinic


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (hours(-4, 0)[0], None),
        (hours(-4 - 1 / 60, 0)[0], "booking.outside_hours"),
        (NOON + timedelta(minutes=5 * 60 - 130), None),
        (NOON + timedelta(minutes=5 * 60 - 129), "booking.outside_hours"),
        (NOON + timedelta(days=4), "booking.outside_hours"),
        (NOON + timedelta(days=6), None),
    ],
)
def test_book_within_the_opening_hours(open_clinic, at, code):
    if code is None:
        book(open_clinic, at)
        return
    with refused(Conflict, code):
        book(open_clinic, at)
    held = book(open_clinic, at, by=open_clinic.nurse, override_reason="Stays late").booking
    assert (held.overrides, held.is_overbooked) == ([code], False)


def test_hours_in_two_stretches_leave_the_pause_out(db):
    clinic = make_clinic()
    for opens, closes in ((time(8), time(12)), (time(13), time(17))):
        open_from(clinic.site, opens, closes)
    with refused(Conflict, "booking.outside_hours") as refusal:
        book(clinic, NOON - timedelta(hours=1))
    assert "Tue 11:00 to 13:10 is outside the opening hours" in str(refusal.value)
    book(clinic, NOON + timedelta(hours=1))


@pytest.mark.parametrize(
    ("when", "is_closed"),
    [
        (hours(1, 1.5), True),
        (hours(-2, 0), False),
        (hours(-2, 1 / 60), True),
        (hours(130 / 60, 5), False),
        (hours(129 / 60, 5), True),
    ],
)
@pytest.mark.parametrize("has_hours", [False, True])
def test_book_around_a_closure(db, when, is_closed, has_hours):
    clinic = make_clinic()
    if has_hours:
        open_from(clinic.site, time(8), time(17))
    closed(clinic.site, when)
    if not is_closed:
        book(clinic)
        return
    with refused(Conflict, "booking.site_closed") as refusal:
        book(clinic)
    assert str(refusal.value) == "North clinic is closed then: Painters. Choose another time."
    held = book(clinic, by=clinic.nurse, override_reason="Side door").booking
    assert held.overrides == ["booking.site_closed"]


def test_a_closure_that_was_withdrawn_or_is_elsewhere_closes_nothing(db):
    clinic = make_clinic()
    closed(clinic.site, ALL_DAY, is_withdrawn=True)
    closed(make_site("south"), ALL_DAY)
    book(clinic)


def test_maintenance_needs_neither_hours_nor_nurses(open_clinic):
    set_rules(open_clinic.site, patients_per_nurse=1)
    start, end = hours(9, 10)
    told = {"chair": open_clinic.chair, "title": "New wheels", "by": open_clinic.desk, "now": BEFORE}
    blocks.block_chair(kind="maintenance", starts_at=start, ends_at=end, **told)
    with refused(Conflict, "booking.outside_hours"):
        blocks.block_chair(kind="consultation", starts_at=start, ends_at=end, **told)
    assert Booking.objects.get().overrides == []


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        # Forward at 2:00 on 8 March 2026, so one hour of the five is not there; back at 2:00 on 1 November.
        ("2026-03-08", ("2026-03-08T05:00", "2026-03-08T09:00")),
        ("2026-11-01", ("2026-11-01T04:00", "2026-11-01T10:00")),
        ("2026-03-15", ("2026-03-15T04:00", "2026-03-15T09:00")),
    ],
)
def test_hours_on_the_night_of_a_clock_change(db, day, expected):
    site = make_site()
    open_from(site, time(0), time(5), weekdays=[6])
    start = utc(f"{day}T00:00")
    found = open_times(site, start, start + timedelta(days=1)).on(start.date())
    assert found == [tuple(map(utc, expected))]
