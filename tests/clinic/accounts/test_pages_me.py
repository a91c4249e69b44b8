"""My own page: what I may do, and tokens that are shown once."""

import re
import uuid
from datetime import timedelta

import pytest

from clinic.accounts.models import ApiToken, PermissionGrant
from clinic.accounts.operations.tokens import issue_token
from clinic.accounts.permissions import DEFAULT_ROLES, Permission
from clinic.accounts.tokens import find_valid
from clinic.common import clock
from tests.pages import Pages, text_of
from tests.scenes import make_site, make_user, staff

pytestmark = pytest.mark.django_db

NEW = "/me/tokens/new/"
TYPED = {"name": "Lab system", "days": "90", "scopes": ["view_patients", "record_scores"]}


@pytest.fixture
def nurse():
    return staff("nurse", make_site())


def token_in(answer):
    return re.search(r"clinic_[0-9a-f]{12}_[\w-]+", answer.content.decode()).group()


@pytest.mark.parametrize("role", DEFAULT_ROLES)
def test_everybody_reads_what_they_may_do(role):
    actor = staff(role, make_site())
    text = text_of(Pages(actor).get("/me/"))
    assert actor.label in text
    for right in Permission:
        assert (str(right.label) in text) == actor.can(right), right


def test_a_right_given_beyond_the_role_stands_out(nurse):
    PermissionGrant.objects.create(membership=nurse.user.memberships.get(), permission="approve_protocol")
    assert "and : Approve protocols" in text_of(Pages(nurse).get("/me/")).replace("and:", "and :")


def test_somebody_without_a_role_is_told_what_to_do():
    from clinic.accounts.actor import Actor

    text = text_of(Pages(Actor.of_user(make_user())).get("/me/"))
    assert "You have no role at any site." in text


def test_a_token_is_shown_once_and_works(nurse):
    pages = Pages(nurse)
    answer = pages.post(NEW, TYPED)
    assert answer.status_code == 201
    text = token_in(answer)
    token = find_valid(text, now=clock.now())
    assert (token.user, token.name, token.scopes) == (
        nurse.user,
        "Lab system",
        ["record_scores", "view_patients"],
    )
    assert token.expires_at - token.created_at == timedelta(days=90)
    again = pages.get("/me/")
    assert "Lab system" in text_of(again) and text.rpartition("_")[2] not in again.content.decode()


def test_the_same_form_twice_makes_one_token_and_tells_its_text_once(nurse):
    pages, key = Pages(nurse), uuid.uuid4()
    first, second = pages.post(NEW, TYPED, key=key), pages.post(NEW, TYPED, key=key)
    assert (first.status_code, second.status_code, second["Location"]) == (201, 302, "/me/")
    assert ApiToken.objects.count() == 1
    assert "Its text was shown then" in text_of(pages.get("/me/"))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"scopes": []}, "Choose at least one"),
        ({"days": ""}, "Choose how long"),
        ({"name": ""}, "This field is required"),
        ({"scopes": ["manage_staff"]}, "manage_staff"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(nurse, change, sentence):
    answer = Pages(nurse).post(NEW, TYPED | change)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert ('value="Lab system"' in answer.content.decode()) == (change.get("name") != "")
    assert ApiToken.objects.count() == 0


def test_only_rights_that_one_has_are_offered(nurse):
    page = Pages(nurse).get(NEW).content.decode()
    offered = set(re.findall(r'name="scopes" value="(\w+)"', page))
    assert offered == {right.value for right in nurse.grants[next(iter(nurse.site_ids))]}


def test_a_token_is_revoked_and_opens_nothing_more(nurse):
    pages = Pages(nurse)
    text = token_in(pages.post(NEW, TYPED))
    path, key = f"/me/tokens/{ApiToken.objects.get().public_id}/revoke/", uuid.uuid4()
    for _again in range(2):
        assert pages.post(path, key=key).status_code == 302
    assert find_valid(text, now=clock.now()) is None
    assert "revoked" in text_of(pages.get("/me/")) and pages.get(path).status_code == 405


def test_somebody_elses_token_is_out_of_reach(nurse):
    other = staff("nurse", make_site())
    token, _text = issue_token(
        user=other.user, name="theirs", scopes=["view_patients"], life=timedelta(days=9), by=other
    )
    assert "theirs" not in text_of(Pages(nurse).get("/me/"))
    assert Pages(nurse).post(f"/me/tokens/{token.public_id}/revoke/").status_code == 404


def test_the_password_can_be_changed(nurse):
    nurse.user.set_password("an old long password")
    nurse.user.save()
    pages = Pages(nurse)
    assert pages.get("/account/password/change/").status_code == 200
    typed = {
        "oldpassword": "an old long password",
        "password1": "quiet river stone",
        "password2": "quiet river stone",
    }
    assert pages.post("/account/password/change/", typed).status_code == 302
    nurse.user.refresh_from_db()
    assert nurse.user.check_password("quiet river stone")


def test_signed_out_one_is_asked_to_sign_in(client):
    for path in ("/me/", NEW, "/staff/", "/audit/", "/sites/", "/overview/", "/sessions/", "/gallery/"):
        assert client.get(path)["Location"].startswith("/account/login/")


def test_the_menu_shows_what_one_may_open_and_a_group_of_one_is_no_group(db):
    site = make_site()
    nurse = Pages(staff("nurse", site)).get("/me/").content.decode()
    assert "<summary>Planning</summary>" in nurse and "<summary>Clinic</summary>" not in nurse
    auditor = Pages(staff("auditor", site)).get("/me/").content.decode()
    assert "<summary>Planning</summary>" not in auditor
    assert '<a href="/roster/">Roster</a>' in auditor and '<a href="/audit/">Audit</a>' in auditor
