"""Who counts as a nurse on duty: shifts, less breaks and leave, of those who may run infusions."""

import pytest

from clinic.facilities.rules.duty import duties
from tests.clinic.facilities.roster_scene import MONDAY, leave, shift, span
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def manager(site):
    return staff("manager", site)


@pytest.fixture
def nurse(site):
    return staff("nurse", site)


def on_duty(site, day=MONDAY, times="00:00-24:00", **more):
    """Pieces of the day on the site's clocks."""
    found = sorted((duty.starts_at, duty.ends_at) for duty in duties(site, *span(site, day, times), **more))
    return [f"{start.astimezone(site.zone):%H:%M}-{end.astimezone(site.zone):%H:%M}" for start, end in found]


@pytest.mark.parametrize(
    ("breaks", "away", "expected"),
    [
        ([], "", ["08:00-16:00"]),
        (["12:00-12:30"], "", ["08:00-12:00", "12:30-16:00"]),
        (["08:00-08:15", "15:45-16:00"], "", ["08:15-15:45"]),
        (["12:00-12:30"], "11:00-12:15", ["08:00-11:00", "12:30-16:00"]),
        ([], "06:00-08:00", ["08:00-16:00"]),
        ([], "16:00-18:00", ["08:00-16:00"]),
        ([], "00:00-24:00", []),
    ],
)
def test_breaks_and_leave_take_their_time(site, manager, nurse, breaks, away, expected):
    shift(site, nurse, breaks=breaks, by=manager)
    if away:
        leave(site, nurse, away, by=manager)
    assert on_duty(site) == expected


def test_without_a_leave_everything_else_still_counts(site, manager, nurse):
    shift(site, nurse, breaks=["12:00-12:30"], by=manager)
    leave(site, nurse, "08:00-09:00", by=manager)
    sick = leave(site, nurse, kind="sick", by=manager)
    assert on_duty(site) == []
    assert on_duty(site, besides_leave=sick) == ["09:00-12:00", "12:30-16:00"]


def test_only_who_may_run_infusions_counts_and_only_here(site, manager, nurse):
    south = make_site("south")
    desk = staff("front_desk", site)
    shift(site, desk, by=manager)
    shift(south, staff("nurse", south), by=staff("manager", south))
    assert on_duty(site) == []
    shift(site, nurse, by=manager)
    nurse.user.is_active = False
    nurse.user.save(update_fields=["is_active"])
    assert on_duty(site) == []
