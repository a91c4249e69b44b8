"""Roles and single rights: who gives them, who cannot, and that somebody always remains who can."""

import pytest

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership, RolePermission
from clinic.accounts.operations.roles import (
    change_role,
    end_membership,
    give_role,
    grant_right,
    withdraw_right,
)
from clinic.accounts.permissions import Permission
from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused
from tests.refusals import refused
from tests.scenes import make_site, make_user, role_named, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def admin(site):
    return staff("administrator", site)


def now_of(actor):
    """The same person with the rights they hold by now."""
    return Actor.of_user(actor.user)


def membership_of(actor, role=None):
    rows = Membership.objects.filter(user=actor.user)
    return rows.get(role__code=role) if role else rows.get()


def last_event(site):
    return AuditEvent.objects.at_site(site.public_id).order_by("-sequence").first()


def test_a_role_is_given_beside_the_ones_somebody_has(site, admin):
    nurse = staff("nurse", site)
    give_role(user=nurse.user, site=site, role=role_named("manager"), by=admin)
    assert now_of(nurse).can(Permission.RUN_INFUSION, site.pk)
    assert now_of(nurse).can(Permission.VIEW_REPORTS, site.pk)
    event = last_event(site)
    assert (event.verb, event.subject_id) == ("staff.role_given", nurse.user.public_id)
    with refused(Conflict, "staff.role_held"):
        give_role(user=nurse.user, site=site, role=role_named("manager"), by=admin)


def test_a_role_counts_at_its_site_only(site, admin):
    south = make_site("south")
    nurse = staff("nurse", site)
    with refused(Refused, "permission.missing"):
        give_role(user=nurse.user, site=south, role=role_named("nurse"), by=admin)
    give_role(user=nurse.user, site=south, role=role_named("manager"), by=staff("administrator", south))
    assert not now_of(nurse).can(Permission.RUN_INFUSION, south.pk)
    assert not now_of(nurse).can(Permission.VIEW_REPORTS, site.pk)


def test_changing_a_role_ends_the_rights_given_beyond_it(site, admin):
    prescriber = staff("prescriber", site)
    grant_right(membership=membership_of(prescriber), permission="approve_protocol", by=admin)
    assert now_of(prescriber).can(Permission.APPROVE_PROTOCOL, site.pk)
    change_role(membership=membership_of(prescriber), role=role_named("nurse"), by=admin, reason="Left")
    assert membership_of(prescriber).role.code == "nurse"
    assert not now_of(prescriber).can(Permission.APPROVE_PROTOCOL)
    assert not now_of(prescriber).can(Permission.ORDER_COURSE)
    event = last_event(site)
    assert event.reason == "Left"
    assert event.changed() == {"role": ("prescriber", "nurse"), "rights": (["approve_protocol"], [])}


def test_changing_to_a_role_that_is_held_already_is_refused(site, admin):
    nurse = staff("nurse", site)
    give_role(user=nurse.user, site=site, role=role_named("manager"), by=admin)
    with refused(Conflict, "staff.role_held"):
        change_role(membership=membership_of(nurse, "nurse"), role=role_named("manager"), by=admin)
    assert Membership.objects.filter(user=nurse.user).count() == 2


def test_a_single_right_is_granted_and_withdrawn(site, admin):
    nurse = staff("nurse", site)
    grant_right(membership=membership_of(nurse), permission="view_reports", by=admin, reason="Audit week")
    with refused(Conflict, "right.held"):
        grant_right(membership=membership_of(nurse), permission="view_reports", by=admin)
    withdraw_right(membership=membership_of(nurse), permission="view_reports", by=admin)
    assert not now_of(nurse).can(Permission.VIEW_REPORTS)
    with refused(Conflict, "right.not_given"):
        withdraw_right(membership=membership_of(nurse), permission="view_reports", by=admin)


def test_what_the_role_includes_cannot_be_granted_or_withdrawn(site, admin):
    nurse = staff("nurse", site)
    with refused(Conflict, "right.held"):
        grant_right(membership=membership_of(nurse), permission="book", by=admin)
    with refused(Conflict, "right.not_given"):
        withdraw_right(membership=membership_of(nurse), permission="book", by=admin)


def test_an_unknown_right_is_refused(site, admin):
    with refused(Invalid, "right.unknown"):
        grant_right(membership=membership_of(staff("nurse", site)), permission="fly", by=admin)


def test_nobody_raises_themselves(site, admin):
    mine = membership_of(admin)
    with refused(Refused, "staff.oneself"):
        give_role(user=admin.user, site=site, role=role_named("prescriber"), by=admin)
    with refused(Refused, "staff.oneself"):
        change_role(membership=mine, role=role_named("prescriber"), by=admin)
    with refused(Refused, "staff.oneself"):
        grant_right(membership=mine, permission="approve_protocol", by=admin)
    assert now_of(admin).grants == admin.grants


ACTS = {
    "give_role": lambda membership, by: give_role(
        user=membership.user, site=membership.site, role=role_named("manager"), by=by
    ),
    "change_role": lambda membership, by: change_role(
        membership=membership, role=role_named("manager"), by=by
    ),
    "end_membership": lambda membership, by: end_membership(membership=membership, by=by),
    "grant_right": lambda membership, by: grant_right(
        membership=membership, permission="view_reports", by=by
    ),
    "withdraw_right": lambda membership, by: withdraw_right(
        membership=membership, permission="view_reports", by=by
    ),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
@pytest.mark.parametrize("role", ["front_desk", "nurse", "prescriber", "manager", "auditor"])
def test_only_who_manages_the_staff_changes_rights(site, act, role):
    membership = membership_of(staff("nurse", site))
    before = AuditEvent.objects.count()
    with refused(Refused, "permission.missing"):
        act(membership, staff(role, site))
    with refused(Refused, "permission.missing"):
        act(membership, staff("administrator", make_site("south")))
    assert AuditEvent.objects.count() == before


def test_the_last_administrator_of_a_site_stays(site, admin):
    with refused(Conflict, "staff.last_administrator"):
        end_membership(membership=membership_of(admin), by=admin)
    second = staff("administrator", site)
    end_membership(membership=membership_of(admin), by=admin)
    assert now_of(admin).grants == {}
    with refused(Conflict, "staff.last_administrator"):
        end_membership(membership=membership_of(second), by=second)


def test_a_closed_account_is_no_administrator_who_remains(site, admin):
    second = staff("administrator", site)
    second.user.is_active = False
    second.user.save(update_fields=["is_active"])
    with refused(Conflict, "staff.last_administrator"):
        end_membership(membership=membership_of(admin), by=admin)


def test_somebody_given_the_right_counts_as_an_administrator(site, admin):
    nurse = staff("nurse", site)
    grant_right(membership=membership_of(nurse), permission="manage_staff", by=admin)
    end_membership(membership=membership_of(admin), by=admin)
    with refused(Conflict, "staff.last_administrator"):
        withdraw_right(membership=membership_of(nurse), permission="manage_staff", by=now_of(nurse))
    with refused(Conflict, "staff.last_administrator"):
        end_membership(membership=membership_of(nurse), by=now_of(nurse))


def test_two_administrators_who_remove_each_other_do_not_both_succeed(site, admin):
    """The second still carries the rights of before, as a request that was under way does."""
    second = staff("administrator", site)
    end_membership(membership=membership_of(second), by=admin)
    with refused(Conflict, "staff.last_administrator"):
        end_membership(membership=membership_of(admin), by=second)


def test_a_role_that_somebody_else_has_just_ended_is_gone(site, admin):
    nurse = membership_of(staff("nurse", site))
    end_membership(membership=Membership.objects.get(pk=nurse.pk), by=admin, reason="Moved away")
    assert last_event(site).reason == "Moved away"
    with refused(Conflict, "staff.role_gone"):
        end_membership(membership=nurse, by=admin)


def test_a_right_that_a_newer_release_dropped_is_nobodys(site, admin):
    RolePermission.objects.create(role=role_named("nurse"), permission="fly")
    user = make_user()
    give_role(user=user, site=site, role=role_named("nurse"), by=admin)
    assert "fly" not in Actor.of_user(user).grants[site.pk]
