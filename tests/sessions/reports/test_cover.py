"""Booked hours without enough nurses: in a period, and because of somebody's leave."""

from datetime import timedelta

import pytest

from clinic.facilities.operations.leave import withdraw_leave
from clinic.facilities.operations.roster import add_shift, withdraw_shift
from sessions.models import Booking
from sessions.operations.blocks import block_chair
from sessions.reports.cover import uncovered, uncovered_by
from tests.clinic.facilities.roster_scene import leave, shift, span
from tests.pages import Pages, text_of
from tests.patients.api.client import Api
from tests.scenes import make_site, staff
from tests.sessions.operations.duty import set_rules
from tests.sessions.scenes import NOON, make_clinic

pytestmark = pytest.mark.django_db

DAY = NOON.date()
NOW = NOON - timedelta(hours=12)


@pytest.fixture
def clinic(db):
    return make_clinic(now=NOW)


@pytest.fixture
def manager(clinic):
    return staff("manager", clinic.site)


def visit(clinic, times, chair=0, kind=Booking.Kind.OTHER_TREATMENT):
    start, end = span(clinic.site, DAY, times)
    return block_chair(
        chair=clinic.chairs[chair],
        kind=kind,
        title="Visit",
        starts_at=start,
        ends_at=end,
        by=clinic.nurse,
        override_reason="As it was booked",
        now=NOW,
    )


def of_the_day(clinic):
    return uncovered(clinic.site, *span(clinic.site, DAY, "00:00-24:00"))


def gaps_of(answer):
    zone = answer.site.zone
    return [
        (
            f"{gap.starts_at.astimezone(zone):%H:%M}-{gap.ends_at.astimezone(zone):%H:%M}",
            gap.patients,
            gap.nurses,
        )
        for gap in answer.gaps
    ]


@pytest.mark.parametrize(
    ("most", "gaps", "minutes"),
    [
        (0, [("08:00-09:00", 1, 0), ("12:00-12:30", 2, 0)], 120),
        (1, [("08:00-09:00", 1, 0), ("10:00-13:00", 2, 0)], 60 + 120 + 60 + 30),
        (2, [("08:00-09:00", 1, 0), ("12:00-12:30", 2, 0)], 120),
    ],
)
def test_time_beyond_what_the_nurses_cover(clinic, manager, most, gaps, minutes):
    set_rules(clinic.site, patients_per_nurse=most)
    shift(clinic.site, clinic.nurse, "09:00-17:00", day=DAY, breaks=["12:00-12:30"], by=manager, now=NOW)
    visit(clinic, "08:00-13:00")
    visit(clinic, "10:00-13:00", chair=1)
    answer = of_the_day(clinic)
    assert gaps_of(answer) == gaps
    assert (answer.time, answer.visits) == (timedelta(minutes=minutes), 2)


def test_what_needs_no_nurse_and_what_was_called_off_does_not_count(clinic):
    visit(clinic, "08:00-09:00", kind=Booking.Kind.CONSULTATION)
    visit(clinic, "08:00-09:00", chair=1, kind=Booking.Kind.MAINTENANCE)
    gone = visit(clinic, "08:00-09:00", chair=2)
    Booking.objects.filter(pk=gone.pk).update(is_live=False)
    assert of_the_day(clinic).gaps == ()


def test_a_leave_is_told_apart_from_what_was_uncovered_before(clinic, manager):
    set_rules(clinic.site, patients_per_nurse=1)
    other = staff("nurse", clinic.site)
    shift(clinic.site, clinic.nurse, "09:00-17:00", day=DAY, by=manager, now=NOW)
    shift(clinic.site, other, "11:00-17:00", day=DAY, by=manager, now=NOW)
    visit(clinic, "08:00-12:00")
    away = leave(clinic.site, clinic.nurse, day=DAY, by=clinic.nurse, kind="sick", now=NOW)
    (answer,) = uncovered_by(away, actor=manager)
    assert gaps_of(answer) == [("09:00-11:00", 1, 0)]
    assert (answer.time, answer.visits) == (timedelta(hours=2), 1)
    assert gaps_of(of_the_day(clinic)) == [("08:00-11:00", 1, 0)]


def test_without_a_shift_a_leave_leaves_nothing_uncovered(clinic, manager):
    visit(clinic, "08:00-12:00")
    away = leave(clinic.site, clinic.nurse, day=DAY, by=manager, now=NOW)
    assert uncovered_by(away, actor=manager) == []


def test_of_another_site_nothing_is_told(clinic, manager):
    shift(clinic.site, clinic.nurse, day=DAY, by=manager, now=NOW)
    visit(clinic, "09:00-10:00")
    away = leave(clinic.site, clinic.nurse, day=DAY, by=manager, now=NOW)
    assert uncovered_by(away, actor=staff("manager", make_site("south"))) == []


def test_the_pages_say_how_many_booked_hours_and_of_how_many_visits(clinic, manager):
    shift(clinic.site, clinic.nurse, "09:00-17:00", day=DAY, by=manager, now=NOW)
    visit(clinic, "09:00-12:00")
    visit(clinic, "11:00-12:00", chair=1)
    away = leave(clinic.site, clinic.nurse, day=DAY, by=clinic.nurse, kind="sick", now=NOW)
    panel = Pages(clinic.nurse).get(f"/leave/{away.public_id}/cover/", **{"HX-Request": "true"})
    assert "4 h 00 of 2 visits at North clinic" in text_of(panel) and b"<html" not in panel.content
    period = f"/sites/{clinic.site.public_id}/cover/?from={DAY}&to={DAY}"
    assert "Tue 10 Mar 09:00 – 12:00 2 0" in text_of(Pages(manager).get(period))
    assert "Silva" not in text_of(Pages(manager).get(period))
    assert Pages(staff("manager", make_site("south"))).get(period).status_code == 404
    assert Pages(manager).get(f"/sites/{clinic.site.public_id}/cover/?from=x").status_code == 422
    found = Api(manager).get(f"leave/{away.public_id}/uncovered/").json()["sites"]
    assert [(row["minutes"], row["visits"], len(row["gaps"])) for row in found] == [(240, 2, 1)]
    withdraw_leave(leave=away, by=clinic.nurse, expected_revision=1, now=NOW)
    assert Api(manager).get(f"leave/{away.public_id}/uncovered/").json() == {"sites": []}
    after = Pages(clinic.nurse).get(f"/leave/{away.public_id}/cover/")
    assert "No booked hour depends on it" in text_of(after)


def test_a_stand_in_covers_and_a_withdrawn_shift_does_not(clinic, manager):
    visit(clinic, "09:00-10:00")
    start, end = span(clinic.site, DAY, "09:00-10:00")
    made = add_shift(
        site=clinic.site, user=clinic.nurse.user, starts_at=start, ends_at=end, by=manager, now=NOW
    )
    assert of_the_day(clinic).gaps == ()
    withdraw_shift(shift=made, by=manager, expected_revision=1, now=NOW)
    assert gaps_of(of_the_day(clinic)) == [("09:00-10:00", 1, 0)]
