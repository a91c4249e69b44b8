"""Leave: one's own sickness by oneself, the rest by whoever plans; always recordable."""

from datetime import timedelta

import pytest

from clinic.accounts.models import Membership
from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused, Stale
from clinic.facilities.models import StaffLeave
from clinic.facilities.operations.leave import edit_leave, withdraw_leave
from clinic.facilities.rules.leave import may_see_kind, people_planned_by
from tests.clinic.facilities.roster_scene import MONDAY, NOW, leave, shift
from tests.refusals import refused
from tests.scenes import make_site, role_named, staff

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


@pytest.mark.parametrize("role", ["nurse", "front_desk", "prescriber", "auditor"])
def test_anybody_records_their_own_sickness_and_nothing_else(site, role):
    me, colleague = staff(role, site), staff("nurse", site)
    assert leave(site, me, by=me, kind="sick").user == me.user
    for kind in ("annual", "training", "other"):
        with refused(Refused, "permission.missing"):
            leave(site, me, by=me, kind=kind)
    with refused(Refused, "permission.missing"):
        leave(site, colleague, by=me, kind="sick")


def test_who_plans_a_site_records_the_leave_of_its_people(site, manager, nurse):
    for kind in StaffLeave.Kind.values:
        assert leave(site, nurse, by=manager, kind=kind).kind == kind
    with refused(Refused, "permission.missing"):
        leave(site, nurse, by=staff("manager", make_site("south")))


def test_leave_is_recorded_over_shifts_over_other_leave_and_in_the_past(site, manager, nurse):
    shift(site, nurse, by=manager)
    leave(site, nurse, by=manager)
    sick = leave(site, nurse, by=nurse, kind="sick")
    assert leave(site, nurse, day=MONDAY - timedelta(days=30), by=manager).pk != sick.pk
    assert StaffLeave.objects.standing().count() == 3


def test_leave_is_edited_and_withdrawn(site, manager, nurse):
    sick = leave(site, nurse, by=nurse, kind="sick", note=" Call me ")
    longer = sick.ends_at + timedelta(days=2)
    edited = edit_leave(leave=sick, changes={"ends_at": longer}, by=nurse, expected_revision=1, now=NOW)
    assert (edited.ends_at, edited.note, edited.revision) == (longer, "Call me", 2)
    with refused(Stale, "revision.stale"):
        edit_leave(leave=sick, changes={"note": "x"}, by=manager, expected_revision=1, now=NOW)
    with refused(Refused, "permission.missing"):
        edit_leave(leave=sick, changes={"kind": "annual"}, by=nurse, expected_revision=2, now=NOW)
    edit_leave(leave=sick, changes={"kind": "other"}, by=manager, expected_revision=2, now=NOW)
    # The copy in hand still says that it is sickness.
    with refused(Refused, "permission.missing"):
        withdraw_leave(leave=sick, by=nurse, expected_revision=3, now=NOW)
    withdraw_leave(leave=sick, by=manager, expected_revision=3, reason="Came back", now=NOW)
    with refused(Conflict, "leave.withdrawn"):
        withdraw_leave(leave=sick, by=manager, expected_revision=4, now=NOW)
    events = AuditEvent.objects.filter(verb__startswith="leave.").order_by("sequence")
    verbs = ["leave.recorded", "leave.edited", "leave.edited", "leave.withdrawn"]
    assert [event.verb for event in events] == verbs
    assert {event.site_key for event in events} == {str(site.public_id)}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "party"}, "leave.kind"),
        ({"note": "a\x00"}, "text.unreadable"),
        ({"note": "n" * 201}, "field.max_length"),
        ({"length": timedelta(0)}, "range.order"),
        ({"length": timedelta(days=733)}, "range.long"),
        ({"length": timedelta(days=4000)}, "range.far"),
    ],
)
def test_leave_that_cannot_be_meant(site, manager, nurse, change, code):
    change = dict(change)
    standing = leave(site, nurse, by=manager)
    if "length" in change:
        change["ends_at"] = standing.starts_at + change.pop("length")
    with refused(Invalid, code):
        edit_leave(leave=standing, changes=change, by=manager, expected_revision=1, now=NOW)
    assert StaffLeave.objects.get().revision == 1


def test_why_is_between_the_person_and_who_plans(site, manager, nurse):
    south = make_site("south")
    Membership.objects.create(user=nurse.user, site=south, role=role_named("nurse"))
    there = staff("manager", south)
    sick = leave(site, nurse, by=nurse, kind="sick")
    colleague, stranger = staff("nurse", site), staff("manager", make_site("west"))
    knows = {
        who.label: may_see_kind(who, sick, planned=people_planned_by(who))
        for who in (manager, there, nurse, colleague, stranger)
    }
    assert list(knows.values()) == [True, True, True, False, False]
