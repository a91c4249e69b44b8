"""Opening hours as a whole week, and closures."""

from datetime import time, timedelta

import pytest

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused, Stale
from clinic.facilities.models import Closure, OpeningHours
from clinic.facilities.operations.opening import (
    add_closure,
    edit_closure,
    set_opening_hours,
    withdraw_closure,
)
from clinic.facilities.rules.opening import open_times
from tests.clinic.facilities.roster_scene import MONDAY, NOW, span
from tests.refusals import refused
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db
WEEK = [(0, time(8), time(12)), (0, time(13), time(17)), (1, time(8), time(17))]


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def manager(site):
    return staff("manager", site)


def closed(site, times="00:00-24:00", **more):
    start, end = span(site, MONDAY, times)
    given = {"site": site, "reason": "Training", "starts_at": start, "ends_at": end, "now": NOW, **more}
    return add_closure(**given)


def test_a_week_is_replaced_and_the_audit_keeps_both(site, manager):
    assert OpeningHours.objects.count() == 0
    saved = set_opening_hours(site=site, hours=WEEK, by=manager, expected_revision=1)
    assert saved.revision == 2
    set_opening_hours(
        site=site, hours=[(0, time(9), time(0))], by=manager, expected_revision=2, reason=" Summer "
    )
    assert [str(row) for row in site.opening_hours.all()] == ["Monday 09:00 to 23:59"]
    event = AuditEvent.objects.filter(verb="site.opening_hours_set").latest("sequence")
    assert event.reason == "Summer"
    assert event.details == {
        "before": {
            "opening_hours": ["Monday 08:00-12:00", "Monday 13:00-17:00", "Tuesday 08:00-17:00"],
        },
        "after": {"opening_hours": ["Monday 09:00-24:00"]},
    }


def test_an_empty_week_is_not_checked_any_more(site, manager):
    set_opening_hours(site=site, hours=WEEK, by=manager, expected_revision=1)
    night = span(site, MONDAY, "02:00-03:00")
    assert not open_times(site, *night).covers(*night)
    set_opening_hours(site=site, hours=[], by=manager, expected_revision=2)
    assert open_times(site, *night).covers(*night)


def test_an_older_version_is_refused_with_what_stands(site, manager):
    set_opening_hours(site=site, hours=WEEK[2:], by=manager, expected_revision=1)
    with refused(Stale, "revision.stale") as caught:
        set_opening_hours(site=site, hours=[], by=manager, expected_revision=1)
    assert caught.value.current == {"opening_hours": ["Tuesday 08:00-17:00"]}
    assert OpeningHours.objects.count() == 1


def test_a_wrong_week_changes_nothing(site, manager):
    set_opening_hours(site=site, hours=WEEK, by=manager, expected_revision=1)
    with refused(Invalid, "hours.order"):
        set_opening_hours(site=site, hours=[(3, time(9), time(8))], by=manager, expected_revision=2)
    assert OpeningHours.objects.count() == 3


def test_a_closure_is_added_edited_and_withdrawn(site, manager):
    closure = closed(site, by=manager, kind="holiday", reason=" Founders' Day ")
    assert (closure.reason, closure.ends_at - closure.starts_at) == ("Founders' Day", timedelta(days=1))
    noon = span(site, MONDAY, "12:00-13:00")
    assert open_times(site, *noon).closure_in(*noon) == "Founders' Day"
    later = closure.starts_at + timedelta(hours=14)
    edited = edit_closure(
        closure=closure, changes={"starts_at": later}, by=manager, expected_revision=1, now=NOW
    )
    assert (edited.starts_at, edited.reason, edited.revision) == (later, "Founders' Day", 2)
    assert open_times(site, *noon).closure_in(*noon) == ""
    with refused(Stale):
        withdraw_closure(closure=closure, by=manager, expected_revision=1, now=NOW)
    withdraw_closure(closure=closure, by=manager, expected_revision=2, reason="Moved", now=NOW)
    for again in (
        lambda: withdraw_closure(closure=closure, by=manager, expected_revision=3, now=NOW),
        lambda: edit_closure(closure=closure, changes={}, by=manager, expected_revision=3, now=NOW),
    ):
        with refused(Conflict, "closure.withdrawn"):
            again()
    assert list(Closure.objects.standing()) == []
    verbs = AuditEvent.objects.filter(verb__startswith="closure.").values_list("verb", flat=True)
    assert list(verbs.order_by("sequence")) == ["closure.added", "closure.edited", "closure.withdrawn"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reason": "  "}, "closure.reason"),
        ({"reason": "r" * 121}, "field.max_length"),
        ({"reason": "a\x00"}, "text.unreadable"),
        ({"kind": "party"}, "field.invalid_choice"),
        ({"ends_at": timedelta(0)}, "range.order"),
        ({"ends_at": timedelta(days=367)}, "range.long"),
        ({"ends_at": timedelta(days=4000)}, "range.far"),
    ],
)
def test_a_closure_that_cannot_be_meant(site, manager, change, code):
    start, _end = span(site, MONDAY, "00:00-24:00")
    if isinstance(change.get("ends_at"), timedelta):
        change = {"ends_at": start + change["ends_at"]}
    with refused(Invalid, code):
        closed(site, by=manager, **change)
    standing = closed(site, by=manager)
    with refused(Invalid, code):
        edit_closure(closure=standing, changes=change, by=manager, expected_revision=1, now=NOW)


@pytest.mark.parametrize("role", ["nurse", "front_desk", "prescriber", "auditor"])
def test_only_who_plans_the_site_changes_when_it_is_open(site, manager, role):
    closure = closed(site, by=manager)
    for by in (staff(role, site), staff("manager", make_site("south"))):
        for act in (
            lambda by: set_opening_hours(site=site, hours=[], by=by, expected_revision=1),
            lambda by: closed(site, by=by),
            lambda by: edit_closure(closure=closure, changes={}, by=by, expected_revision=1),
            lambda by: withdraw_closure(closure=closure, by=by, expected_revision=1),
        ):
            with refused(Refused, "permission.missing"):
                act(by)
