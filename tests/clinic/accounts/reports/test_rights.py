"""Who can do what, against asking every person for every right."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership, PermissionGrant, User
from clinic.accounts.permissions import DEFAULT_ROLES, Permission
from clinic.accounts.reports.rights import who_can_do_what
from clinic.facilities.models import Site
from tests.scenes import make_site, role_named, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(db):
    """An administrator of two of three sites, among people of every role."""
    north, south, east = make_site(), make_site("south"), make_site("east")
    for site in (north, south, east):
        for role in DEFAULT_ROLES:
            staff(role, site)
    both = staff("nurse", north)
    Membership.objects.create(user=both.user, site=north, role=role_named("prescriber"))
    Membership.objects.create(user=both.user, site=south, role=role_named("nurse"))
    for membership in Membership.objects.filter(role__code="prescriber"):
        PermissionGrant.objects.create(membership=membership, permission="approve_protocol")
    # Given although the role includes it, as when a role has grown since.
    PermissionGrant.objects.create(membership=both.user.memberships.first(), permission="book")
    gone = staff("nurse", north).user
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    admin = staff("administrator", north)
    Membership.objects.create(user=admin.user, site=south, role=role_named("administrator"))
    return Actor.of_user(admin.user)


def naive(reader):
    """Every right of every active person at every site, by the rules' own question."""
    people = [Actor.of_user(user) for user in User.objects.filter(is_active=True)]
    sites = [site for site in Site.objects.all() if site.pk in reader.site_ids]
    return {
        right: {
            (site.public_id, actor.user.public_id)
            for site in sites
            for actor in people
            if actor.can(right, site.pk)
        }
        for right in Permission
    }


def test_the_page_says_what_the_rules_say(reader):
    told = {
        right.permission: [(holder.site_id, holder.user_id) for holder in right.holders]
        for right in who_can_do_what(actor=reader)
    }
    assert {right: set(holders) for right, holders in told.items()} == naive(reader)
    assert all(len(holders) == len(set(holders)) for holders in told.values())


def test_by_what_somebody_holds_a_right(reader):
    rights = {right.permission: right for right in who_can_do_what(actor=reader)}
    approve = rights[Permission.APPROVE_PROTOCOL]
    assert approve.roles == ()
    assert {(holder.roles, holder.given) for holder in approve.holders} == {((), True)}
    sign = rights[Permission.SIGN_CHART]
    assert sign.roles == ("Nurse", "Prescriber")
    assert ("Nurse", "Prescriber") in {holder.roles for holder in sign.holders}
    assert [holder.given for holder in rights[Permission.BOOK].holders].count(True) == 1


def test_the_order_is_by_site_and_name(reader):
    for right in who_can_do_what(actor=reader):
        assert list(right.holders) == sorted(right.holders)
    assert [right.permission for right in who_can_do_what(actor=reader)] == list(Permission)


def test_four_queries_whatever_the_size(reader):
    with CaptureQueriesContext(
        connection,
    ) as few:
        who_can_do_what(actor=reader)
    for _number in range(5):
        staff("nurse", make_site())
    with CaptureQueriesContext(connection) as many:
        who_can_do_what(actor=reader)
    assert len(few) == len(many) == 4
