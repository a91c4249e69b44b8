"""Accounts: made by who manages the staff, corrected, closed and opened again."""

import json

import pytest
from django.test import Client

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership, User
from clinic.accounts.operations.roles import give_role
from clinic.accounts.operations.staff import (
    add_member,
    deactivate_user,
    edit_member,
    reactivate_user,
    reset_password,
)
from clinic.accounts.permissions import DEFAULT_ROLES
from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused, Stale
from tests.refusals import refused
from tests.scenes import make_site, role_named, staff

pytestmark = pytest.mark.django_db

PASSWORD = "a quiet morning in june"


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def admin(site):
    return staff("administrator", site)


def add(site, by, **changes):
    values = {
        "username": "mira",
        "display_name": "Mira Sandberg",
        "credential": "RN",
        "password": PASSWORD,
        "role": role_named("nurse"),
    }
    return add_member(**{**values, **changes}, site=site, by=by)


def told_of(user):
    return AuditEvent.objects.filter(subject_id=user.public_id).order_by("sequence")


def test_a_new_member_has_the_rights_of_the_role_and_can_sign_in(site, admin):
    user = add(site, admin, username="  Mira ")
    assert user.username == "mira"
    assert Actor.of_user(user).grants == {site.pk: DEFAULT_ROLES["nurse"][1]}
    assert Client().login(username="mira", password=PASSWORD)
    event = told_of(user).get()
    assert event.verb == "staff.added"
    assert event.details["after"]["role"] == "nurse"


def test_no_password_stands_in_the_audit(site, admin):
    user = add(site, admin)
    reset_password(user=user, password="another quiet morning", by=admin)
    edit_member(user=user, changes={"phone": "555 0101"}, by=admin, expected_revision=1)
    user.refresh_from_db()
    told = json.dumps([event.details for event in told_of(user)])
    assert user.password not in told and "quiet" not in told and "md5" not in told


@pytest.mark.parametrize("username", ["mira", "MIRA", "ｍｉｒａ"])
def test_a_user_name_is_taken_once_however_it_is_written(site, admin, username):
    add(site, admin)
    with refused(Conflict, "staff.username_taken"):
        add(site, admin, username=username)
    assert User.objects.filter(username__iexact="mira").count() == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"username": "has spaces"}, "field.invalid"),
        ({"username": ""}, "field.blank"),
        ({"display_name": " "}, "field.blank"),
        ({"display_name": "Mira\x00"}, "text.unreadable"),
        ({"display_name": "M" * 151}, "field.max_length"),
        ({"email": "nowhere"}, "field.invalid"),
        ({"password": "short"}, "password.password_too_short"),
        ({"password": "password1234"}, "password.password_too_common"),
        ({"password": "mira sandberg"}, "password.password_too_similar"),
        ({"password": "half a pair \ud800 of it"}, "text.unreadable"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(site, admin, change, code):
    people = User.objects.count()
    with refused(Invalid, code):
        add(site, admin, **change)
    assert User.objects.count() == people


@pytest.mark.parametrize("role", [role for role in DEFAULT_ROLES if role != "administrator"])
def test_only_who_manages_the_staff_makes_accounts(site, role):
    with refused(Refused, "permission.missing"):
        add(site, staff(role, site))
    with refused(Refused, "permission.missing"):
        add(site, staff("administrator", make_site("south")))


def test_details_are_corrected_under_a_revision(site, admin):
    user = add(site, admin)
    edited = edit_member(user=user, changes={"display_name": "Mira Lund"}, by=admin, expected_revision=1)
    assert (edited.printed_name, edited.revision) == ("Mira Lund, RN", 2)
    assert told_of(user).last().changed() == {"display_name": ("Mira Sandberg", "Mira Lund")}
    with refused(Stale, "revision.stale") as caught:
        edit_member(user=user, changes={"display_name": "Mira Holm"}, by=admin, expected_revision=1)
    assert caught.value.current == {
        "display_name": "Mira Lund",
        "credential": "RN",
        "email": "",
        "phone": "",
    }


def test_a_closed_account_opens_nothing_until_it_is_opened_again(site, admin):
    user = add(site, admin)
    browser = Client()
    browser.force_login(user)
    deactivate_user(user=user, by=admin, reason="Left the clinic")
    assert browser.get("/api/v1/me/").status_code == 401
    assert not Client().login(username="mira", password=PASSWORD)
    with refused(Conflict, "staff.inactive"):
        deactivate_user(user=user, by=admin)
    reactivate_user(user=user, by=admin)
    assert Client().login(username="mira", password=PASSWORD)
    with refused(Conflict, "staff.active"):
        reactivate_user(user=user, by=admin)
    verbs = list(told_of(user).values_list("verb", "reason"))
    assert verbs[1:] == [("staff.deactivated", "Left the clinic"), ("staff.reactivated", "")]


def test_a_new_password_ends_the_web_sessions(site, admin):
    user = add(site, admin)
    browser = Client()
    browser.force_login(user)
    assert browser.get("/api/v1/me/").status_code == 200
    reset_password(user=user, password="another quiet morning", by=admin)
    assert browser.get("/api/v1/me/").status_code == 401
    assert Client().login(username="mira", password="another quiet morning")


def test_nobody_closes_their_own_account_or_resets_their_own_password(site, admin):
    with refused(Refused, "staff.oneself"):
        deactivate_user(user=admin.user, by=admin)
    with refused(Refused, "staff.oneself"):
        reset_password(user=admin.user, password=PASSWORD, by=admin)


ON_THE_ACCOUNT = {
    "edit_member": lambda user, by: edit_member(
        user=user, changes={"phone": "1"}, by=by, expected_revision=1
    ),
    "reset_password": lambda user, by: reset_password(user=user, password=PASSWORD, by=by),
    "deactivate_user": lambda user, by: deactivate_user(user=user, by=by),
    "reactivate_user": lambda user, by: reactivate_user(user=user, by=by),
}


@pytest.mark.parametrize("act", ON_THE_ACCOUNT.values(), ids=ON_THE_ACCOUNT)
def test_an_account_is_touched_only_by_who_manages_all_its_sites(site, admin, act):
    south = make_site("south")
    elsewhere = staff("administrator", south)
    user = add(site, admin)
    with refused(Refused, "permission.missing"):
        act(user, elsewhere)
    with refused(Refused, "permission.missing"):
        act(user, staff("nurse", site))
    give_role(user=user, site=south, role=role_named("nurse"), by=elsewhere)
    with refused(Refused, "staff.other_sites"):
        act(user, admin)
    # Somebody who manages both can.
    Membership.objects.create(user=admin.user, site=south, role=role_named("administrator"))
    if act is not ON_THE_ACCOUNT["reactivate_user"]:
        act(user, Actor.of_user(admin.user))


def test_an_account_that_alone_manages_a_site_cannot_be_closed(site, admin):
    """Two who close each other's accounts: the second still carries the rights of before."""
    second = staff("administrator", site)
    deactivate_user(user=second.user, by=admin)
    with refused(Conflict, "staff.last_administrator"):
        deactivate_user(user=admin.user, by=second)
