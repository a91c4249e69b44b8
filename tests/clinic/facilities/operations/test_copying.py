"""A week copied: every shift that can stand, the others named; again, and nothing doubles."""

import uuid
from datetime import date, timedelta

import pytest

from clinic.accounts.models import Membership
from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused
from clinic.facilities.models import Shift
from clinic.facilities.operations.copying import copy_week
from clinic.facilities.operations.opening import add_closure
from tests.clinic.facilities.roster_scene import MONDAY, NOW, leave, shift, span
from tests.refusals import refused
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db
NEXT = MONDAY + timedelta(days=7)


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def manager(site):
    return staff("manager", site)


@pytest.fixture
def nurse(site):
    return staff("nurse", site)


def copied(site, by, **more):
    return copy_week(**{"site": site, "week": MONDAY, "by": by, "now": NOW, **more})


def times_of(site, day):
    start, end = span(site, day, "00:00-24:00")
    found = Shift.objects.standing().filter(starts_at__gte=start, starts_at__lt=end).order_by("starts_at")
    return [
        f"{row.starts_at.astimezone(site.zone):%H:%M}-{row.ends_at.astimezone(site.zone):%H:%M}"
        for row in found
    ]


def test_shifts_and_breaks_keep_their_weekday_and_times(site, manager, nurse):
    shift(site, nurse, breaks=["12:00-12:30"], by=manager)
    shift(site, nurse, "22:00-06:00", day=MONDAY + timedelta(days=6), by=manager)
    done = copied(site, manager, week=MONDAY + timedelta(days=3), weeks=2)
    assert (len(done.made), done.left_out) == (4, ())
    for week in (1, 2):
        monday = MONDAY + timedelta(days=7 * week)
        assert times_of(site, monday) == ["08:00-16:00"]
        assert times_of(site, monday + timedelta(days=6)) == ["22:00-06:00"]
    pause = done.made[0].breaks.get()
    assert (pause.starts_at, pause.ends_at) == span(site, NEXT, "12:00-12:30")
    event = AuditEvent.objects.get(verb="roster.week_copied")
    assert len(event.details["after"]["shifts"]) == 4
    assert {row.history.get().history_user for row in done.made} == {manager.user}


def test_what_cannot_stand_is_left_out_and_said(site, manager, nurse):
    others = [staff("nurse", site) for _number in range(4)]
    away, partly, taken, gone = others
    for who in (nurse, *others):
        shift(site, who, by=manager)
    shift(site, nurse, day=MONDAY + timedelta(days=1), by=manager)
    leave(site, away, day=NEXT, by=manager)
    leave(site, partly, "08:00-10:00", day=NEXT, by=manager)
    shift(site, taken, "12:00-13:00", day=NEXT, by=manager)
    Membership.objects.filter(user=gone.user).delete()
    start, end = span(site, NEXT + timedelta(days=1), "00:00-24:00")
    add_closure(site=site, reason="Training", starts_at=start, ends_at=end, by=manager, now=NOW)
    done = copied(site, manager)
    assert {row.user for row in done.made} == {nurse.user, partly.user}
    reasons = {(each.source.user_id, each.problem.code) for each in done.left_out}
    assert reasons == {
        (away.user.pk, "copy.away"),
        (taken.user.pk, "shift.taken"),
        (gone.user.pk, "copy.not_here"),
        (nurse.user.pk, "copy.closed"),
    }


def test_copied_again_nothing_doubles(site, manager, nurse):
    shift(site, nurse, by=manager)
    copied(site, manager)
    with refused(Conflict, "copy.none") as caught:
        copied(site, manager)
    assert "shift.taken" in {problem.code for problem in caught.value.problems}
    shift(site, nurse, day=MONDAY + timedelta(days=2), by=manager)
    done = copied(site, manager)
    assert (len(done.made), len(done.left_out)) == (1, 1)


def test_the_clocks_change_and_the_times_on_the_wall_stay(site, manager, nurse):
    week = date(2026, 3, 2)
    shift(site, nurse, day=date(2026, 3, 7), times="22:00-06:00", by=manager)
    shift(site, nurse, day=week, by=manager)
    done = copied(site, manager, week=week)
    assert times_of(site, date(2026, 3, 9)) == ["08:00-16:00"]
    assert times_of(site, date(2026, 3, 14)) == ["22:00-06:00"]
    assert sorted(row.ends_at - row.starts_at for row in done.made) == [timedelta(hours=8)] * 2


def test_a_time_that_the_clocks_skip_is_left_out(site, manager, nurse):
    sunday = date(2026, 3, 1)
    shift(site, nurse, "02:30-10:00", day=sunday, by=manager)
    with refused(Conflict, "time.skipped"):
        copied(site, manager, week=sunday)


def test_an_empty_week_and_others_that_cannot_be_meant(site, manager):
    with refused(Conflict, "copy.empty"):
        copied(site, manager)
    for weeks in (0, 5):
        with refused(Invalid, "copy.weeks"):
            copied(site, manager, weeks=weeks)
    for week in (date(1, 1, 1), date(9999, 12, 31)):
        with refused(Invalid, "range.far"):
            copied(site, manager, week=week)


def test_the_new_shifts_take_their_ids_from_the_key(site, manager, nurse):
    source = shift(site, nurse, by=manager)
    key = uuid.uuid4()
    (made,) = copied(site, manager, key=key).made
    assert made.public_id == uuid.uuid5(key, f"{source.public_id} 1")


def test_only_who_plans_the_site_copies(site, manager, nurse):
    shift(site, nurse, by=manager)
    for by in (nurse, staff("manager", make_site("south"))):
        with refused(Refused, "permission.missing"):
            copied(site, by)
