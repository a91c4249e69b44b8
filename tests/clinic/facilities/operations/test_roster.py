"""Shifts with their breaks: inside the shift, apart from each other, and one shift of a person at a time."""

from datetime import date, timedelta

import pytest

from clinic.accounts.models import Membership
from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused, Stale
from clinic.facilities.models import Shift
from clinic.facilities.operations.roster import add_shift, edit_shift, withdraw_shift
from tests.clinic.facilities.roster_scene import MONDAY, NOW, shift, span
from tests.refusals import refused
from tests.scenes import make_site, make_user, role_named, staff

pytestmark = pytest.mark.django_db
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def manager(site):
    return staff("manager", site)


@pytest.fixture
def nurse(site):
    return staff("nurse", site)


def test_a_shift_is_added_with_its_breaks_and_the_audit_keeps_them(site, manager, nurse):
    made = shift(site, nurse, breaks=["15:00-15:15", "12:00-12:30"], by=manager)
    pauses = [span(site, MONDAY, "12:00-12:30"), span(site, MONDAY, "15:00-15:15")]
    assert [(pause.starts_at, pause.ends_at) for pause in made.breaks.all()] == pauses
    edit_shift(
        shift=made, changes={"breaks": pauses[:1]}, by=manager, expected_revision=1, reason="Short", now=NOW
    )
    event = AuditEvent.objects.get(verb="shift.edited")
    assert event.reason == "Short"
    assert [len(event.details[side]["breaks"]) for side in ("before", "after")] == [2, 1]
    assert made.history.count() == 2


@pytest.mark.parametrize(
    ("breaks", "code"),
    [
        (["07:30-08:30"], "break.outside"),
        (["15:30-16:30"], "break.outside"),
        (["17:00-17:30"], "break.outside"),
        (["12:00-12:30", "12:15-12:45"], "break.overlap"),
        (["12:00-12:30", "12:00-12:30"], "break.overlap"),
        ([f"{hour:02}:00-{hour:02}:10" for hour in range(8, 15)], "break.many"),
    ],
)
def test_breaks_that_do_not_fit(site, manager, nurse, breaks, code):
    with refused(Invalid, code):
        shift(site, nurse, breaks=breaks, by=manager)
    standing = shift(site, nurse, by=manager)
    pauses = [span(site, MONDAY, pause) for pause in breaks]
    with refused(Invalid, code):
        edit_shift(shift=standing, changes={"breaks": pauses}, by=manager, expected_revision=1, now=NOW)


def test_breaks_that_touch_each_other_and_the_ends_fit(site, manager, nurse):
    made = shift(site, nurse, breaks=["08:00-08:30", "08:30-09:00", "15:30-16:00"], by=manager)
    assert made.breaks.count() == 3


def test_a_shift_cannot_be_cut_short_of_its_breaks(site, manager, nurse):
    made = shift(site, nurse, breaks=["15:00-15:30"], by=manager)
    earlier = made.ends_at - timedelta(hours=1)
    with refused(Invalid, "break.outside"):
        edit_shift(shift=made, changes={"ends_at": earlier}, by=manager, expected_revision=1, now=NOW)


@pytest.mark.parametrize(
    ("times", "overlaps"),
    [
        ("06:00-08:00", False),
        ("16:00-20:00", False),
        ("06:00-08:01", True),
        ("15:59-20:00", True),
        ("10:00-11:00", True),
        ("06:00-20:00", True),
        ("22:00-06:00", False),
    ],
)
def test_one_shift_of_a_person_at_a_time(site, manager, nurse, times, overlaps):
    shift(site, nurse, by=manager)
    if not overlaps:
        shift(site, nurse, times, by=manager)
        return
    with refused(Conflict, "shift.taken") as caught:
        shift(site, nurse, times, by=manager)
    assert "has a shift from Mon 08:00 to 16:00 already" in str(caught.value)
    shift(site, staff("nurse", site), times, by=manager)


def test_the_database_refuses_what_goes_past_the_rule(site, manager, nurse):
    made = shift(site, nurse, by=manager)
    other = shift(site, nurse, day=TUESDAY, by=manager)
    from clinic.facilities.operations.roster import save_shift

    other.starts_at, other.ends_at = made.starts_at, made.ends_at
    with refused(Conflict, "shift.taken"):
        save_shift(other, [], by=manager, now=NOW)


def test_of_another_site_one_learns_only_that_there_is_a_shift(site, manager, nurse):
    south = make_site("south")
    Membership.objects.create(user=nurse.user, site=south, role=role_named("nurse"))
    shift(south, nurse, by=staff("manager", south))
    with refused(Conflict, "shift.taken") as caught:
        shift(site, nurse, by=manager)
    assert "at another site from" in str(caught.value) and "South" not in str(caught.value)


def test_a_shift_over_midnight_and_one_in_the_night_of_the_clocks(site, manager, nurse):
    assert shift(site, nurse, "22:00-06:00", by=manager).ends_at - span(site, MONDAY, "22:00-23:00")[
        0
    ] == timedelta(hours=8)
    for eve, hours in ((date(2026, 3, 7), 7), (date(2026, 10, 31), 9)):
        made = shift(site, nurse, "22:00-06:00", day=eve, by=manager)
        assert made.ends_at - made.starts_at == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("length", "code"),
    [
        (timedelta(0), "range.order"),
        (timedelta(hours=-1), "range.order"),
        (timedelta(hours=24, minutes=1), "range.long"),
        (timedelta(days=4000), "range.far"),
    ],
)
def test_times_that_cannot_be_meant(site, manager, nurse, length, code):
    start, _end = span(site, MONDAY, "08:00-16:00")
    with refused(Invalid, code):
        add_shift(site=site, user=nurse.user, starts_at=start, ends_at=start + length, by=manager, now=NOW)


def test_who_stepped_in_yesterday_can_be_entered(site, manager, nurse):
    assert shift(site, nurse, day=date(2026, 3, 9), by=manager).starts_at < NOW


def test_only_people_of_the_site_are_rostered(site, manager):
    closed = staff("nurse", site)
    closed.user.is_active = False
    closed.user.save(update_fields=["is_active"])
    stranger = staff("nurse", make_site("south"))
    for who in (closed, stranger):
        with refused(Invalid, "shift.not_here"):
            shift(site, who, by=manager)


def test_a_shift_is_moved_onto_its_own_time_and_to_another_person(site, manager, nurse):
    made = shift(site, nurse, by=manager)
    later = {"starts_at": made.starts_at + timedelta(hours=1), "ends_at": made.ends_at + timedelta(hours=1)}
    moved = edit_shift(shift=made, changes=later, by=manager, expected_revision=1, now=NOW)
    assert (moved.starts_at, moved.revision) == (later["starts_at"], 2)
    other = staff("nurse", site)
    taken = shift(site, other, by=manager)
    with refused(Conflict, "shift.taken"):
        edit_shift(shift=made, changes={"user": other.user}, by=manager, expected_revision=2, now=NOW)
    withdraw_shift(shift=taken, by=manager, expected_revision=1, now=NOW)
    given = edit_shift(shift=made, changes={"user": other.user}, by=manager, expected_revision=2, now=NOW)
    assert given.user == other.user
    with refused(Stale, "revision.stale") as caught:
        edit_shift(shift=made, changes={}, by=manager, expected_revision=1, now=NOW)
    assert caught.value.current["user"] == other.user.pk


def test_a_withdrawn_shift_is_gone_once_and_makes_room(site, manager, nurse):
    made = shift(site, nurse, by=manager)
    withdraw_shift(shift=made, by=manager, expected_revision=1, reason="Ill", now=NOW)
    assert AuditEvent.objects.get(verb="shift.withdrawn").reason == "Ill"
    with refused(Conflict, "shift.withdrawn"):
        withdraw_shift(shift=made, by=manager, expected_revision=2, now=NOW)
    with refused(Conflict, "shift.withdrawn"):
        edit_shift(shift=made, changes={}, by=manager, expected_revision=2, now=NOW)
    again = shift(site, nurse, by=manager)
    assert list(Shift.objects.standing()) == [again]


@pytest.mark.parametrize("role", ["nurse", "front_desk", "prescriber", "auditor"])
def test_only_who_plans_the_site_plans_shifts(site, manager, nurse, role):
    made = shift(site, nurse, by=manager)
    for by in (
        staff(role, site),
        staff("manager", make_site("south")),
        staff("nurse", site, str(make_user().pk)),
    ):
        for act in (
            lambda by: shift(site, nurse, day=TUESDAY, by=by),
            lambda by: edit_shift(shift=made, changes={}, by=by, expected_revision=1),
            lambda by: withdraw_shift(shift=made, by=by, expected_revision=1),
        ):
            with refused(Refused, "permission.missing"):
                act(by)
