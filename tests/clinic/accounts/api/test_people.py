"""Who calls, and who works where."""

from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership, PermissionGrant
from clinic.accounts.operations.tokens import issue_token
from clinic.accounts.permissions import DEFAULT_ROLES
from tests.patients.api.client import Api
from tests.scenes import make_site, role_named, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(db):
    return make_site()


def at_two_sites(site):
    nurse = staff("nurse", site)
    Membership.objects.create(user=nurse.user, site=make_site("south"), role=role_named("manager"))
    Membership.objects.create(user=nurse.user, site=site, role=role_named("auditor"))
    return Actor.of_user(nurse.user)


def test_me_names_the_caller_and_their_rights_at_each_site(site):
    nurse = at_two_sites(site)
    me = Api(nurse).get("me/").json()
    assert (me["id"], me["name"]) == (str(nurse.user.public_id), nurse.label)
    north, south = me["sites"]
    assert (north["code"], north["roles"]) == ("north", ["nurse", "auditor"])
    assert set(north["rights"]) == {*DEFAULT_ROLES["nurse"][1], *DEFAULT_ROLES["auditor"][1]}
    assert (south["code"], south["roles"]) == ("south", ["manager"])


def test_a_token_shows_only_what_its_scopes_leave(site):
    nurse = at_two_sites(site)
    scopes = ["record_scores", "view_reports", "order_course"]
    _token, text = issue_token(
        user=nurse.user, name="Laboratory", scopes=scopes, life=timedelta(days=1), by=nurse
    )
    me = APIClient(HTTP_AUTHORIZATION=f"Bearer {text}").get("/api/v1/me/").json()
    assert [site["rights"] for site in me["sites"]] == [["record_scores"], ["view_reports"]]


def test_somebody_without_a_role_is_told_so(site):
    nobody = staff("nurse", site)
    Membership.objects.filter(user=nobody.user).delete()
    assert Api(nobody).get("me/").json()["sites"] == []


def test_nobody_calls_without_signing_in():
    for path in ("me/", "staff/", "sites/", "tokens/", "audit-events/", "access-events/"):
        answer = APIClient().get(f"/api/v1/{path}")
        assert answer.status_code == 401, path
        assert answer.json()["code"] == "not_authenticated"


def test_the_staff_of_the_sites_one_manages(site):
    admin, nurse = staff("administrator", site), at_two_sites(site)
    PermissionGrant.objects.create(
        membership=Membership.objects.get(user=nurse.user, role__code="nurse"), permission="view_reports"
    )
    elsewhere = staff("nurse", make_site("south"))
    people = {row["id"]: row for row in Api(admin).get("staff/").json()["results"]}
    assert set(people) == {str(admin.user.public_id), str(nurse.user.public_id)}
    assert str(elsewhere.user.public_id) not in people
    roles = people[str(nurse.user.public_id)]["roles"]
    assert [(row["role"], row["rights"]) for row in roles] == [("nurse", ["view_reports"]), ("auditor", [])]
    assert {row["site"] for row in roles} == {str(site.public_id)}
    assert "password" not in str(people)


def test_staff_filters(site):
    admin, nurse = staff("administrator", site), staff("nurse", site)
    nurse.user.is_active = False
    nurse.user.save(update_fields=["is_active"])
    api = Api(admin)
    closed = api.get("staff/", is_active="false").json()["results"]
    assert [row["id"] for row in closed] == [str(nurse.user.public_id)]
    assert api.get("staff/", site=str(site.public_id)).json()["count"] == 2
    assert api.get("staff/", site=str(make_site("south").public_id)).json()["count"] == 0
    assert api.get("staff/", site="north").status_code == 422


@pytest.mark.parametrize("role", [role for role in DEFAULT_ROLES if role != "administrator"])
def test_the_list_of_staff_is_for_who_manages_them(site, role):
    answer = Api(staff(role, site)).get("staff/")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission.missing")
