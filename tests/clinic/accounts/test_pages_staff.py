"""Pages of the administrator: people, roles, single rights, and who can do what."""

import re
import uuid

import pytest

from clinic.accounts.models import Membership, User
from clinic.accounts.permissions import DEFAULT_ROLES, Permission
from clinic.accounts.reports.rights import who_can_do_what
from clinic.audit.models import AuditEvent
from tests.pages import Pages, text_of
from tests.scenes import make_site, role_named, staff

pytestmark = pytest.mark.django_db

MANAGERS = {"administrator"}
PERSON = {
    "display_name": "Ana Ruiz",
    "credential": "RN",
    "username": "ana",
    "password": "quiet river stone",
    "role": "nurse",
}


@pytest.fixture
def north():
    for code in DEFAULT_ROLES:
        role_named(code)
    return make_site()


@pytest.fixture
def admin(north):
    return staff("administrator", north)


@pytest.fixture
def nurse(north):
    return staff("nurse", north, "nia")


def path_of(actor, *parts):
    return "/".join(["/staff", str(actor.user.public_id), *map(str, parts), ""])


def at(site, role, act):
    return f"at/{site.public_id}/{role}/{act}"


@pytest.mark.parametrize("role", DEFAULT_ROLES)
def test_pages_open_for_whoever_manages_staff(north, nurse, role):
    pages = Pages(staff(role, north))
    expected = 200 if role in MANAGERS else 403
    paths = ["/staff/", "/staff/add/", path_of(nurse)]
    paths += [path_of(nurse, part) for part in ("edit", "password", "close", "reopen", "roles")]
    paths += [path_of(nurse, at(north, "nurse", act)) for act in ("change", "end", "rights")]
    assert {path: pages.get(path).status_code for path in paths} == dict.fromkeys(paths, expected)
    assert pages.get("/staff/rights/").status_code == (200 if role in {*MANAGERS, "auditor"} else 403)


def test_people_of_other_sites_are_out_of_reach(admin):
    elsewhere = staff("nurse", make_site("south"), "sam")
    pages = Pages(admin)
    assert "sam" not in text_of(pages.get("/staff/"))
    parts = ("", "edit", "password", "close", "reopen", "roles")
    assert {pages.get(path_of(elsewhere, *([part] if part else []))).status_code for part in parts} == {404}


def test_the_list_by_site_and_the_closed_ones(north, admin, nurse):
    south = make_site("south")
    Membership.objects.create(user=admin.user, site=south, role=role_named("administrator"))
    staff("nurse", south, "sam")
    pages = Pages(admin)
    assert {"nia", "sam"} <= set(text_of(pages.get("/staff/")).split())
    here = text_of(pages.get(f"/staff/?site={south.public_id}"))
    assert "sam" in here.split() and "nia" not in here.split()
    pages.post(path_of(nurse, "close"), {"reason": "Left the clinic"})
    assert "nia" not in text_of(pages.get("/staff/")).split()
    assert "nia" in text_of(pages.get("/staff/?closed=1")).split()


def test_the_list_asks_the_database_as_often_for_many_people(
    north, admin, nurse, django_assert_max_num_queries
):
    pages = Pages(admin)
    pages.get("/staff/")
    for number in range(12):
        staff("nurse", north, f"more{number}")
    with django_assert_max_num_queries(14):
        pages.get("/staff/")


def test_a_person_is_added_once_and_can_sign_in(north, admin, client):
    pages, key = Pages(admin), uuid.uuid4()
    typed = PERSON | {"site": str(north.public_id)}
    for _again in range(2):
        assert pages.post("/staff/add/", typed, key=key)["Location"] == "/staff/"
    user = User.objects.get(username="ana")
    assert [(row.site, row.role.code) for row in user.memberships.all()] == [(north, "nurse")]
    assert client.login(username="ana", password="quiet river stone")
    assert "Ana Ruiz can sign in now." in text_of(pages.get("/staff/"))


@pytest.mark.parametrize(
    ("change", "status", "sentence"),
    [
        ({"username": "NIA"}, 409, "There is an account with this user name already"),
        ({"password": "short"}, 422, "at least 12 characters"),
        ({"password": "Ana Ruiz 1234"}, 422, "too similar"),
        ({"email": "not an address"}, 422, "valid email"),
        ({"role": "surgeon"}, 422, "There is no such role"),
        ({"site": ""}, 422, "Choose a site"),
    ],
)
def test_a_refused_person_stays_typed(north, admin, nurse, change, status, sentence):
    south = make_site("south")
    Membership.objects.create(user=admin.user, site=south, role=role_named("administrator"))
    typed = PERSON | {"site": str(north.public_id)} | change
    answer = Pages(admin).post("/staff/add/", typed)
    assert (answer.status_code, sentence in text_of(answer)) == (status, True)
    assert 'value="Ana Ruiz"' in answer.content.decode()
    assert "quiet river stone" not in answer.content.decode()
    assert not User.objects.filter(username="ana").exists()


def test_details_are_corrected_once(admin, nurse):
    pages, key = Pages(admin), uuid.uuid4()
    typed = {"display_name": "Nia Okafor", "credential": "RN", "revision": "1"}
    for _again in range(2):
        assert pages.post(path_of(nurse, "edit"), typed, key=key)["Location"] == path_of(nurse)
    assert "Nia Okafor, RN" in text_of(pages.get(path_of(nurse)))
    assert AuditEvent.objects.filter(verb="staff.edited").count() == 1


def test_an_edit_of_an_older_version_shows_both_and_can_be_sent_again(admin, nurse):
    pages = Pages(admin)
    pages.post(path_of(nurse, "edit"), {"display_name": "Nia Okafor", "phone": "555 0100", "revision": "1"})
    late = {"display_name": "Nia Okafor", "phone": "555 0199", "revision": "1"}
    answer = pages.post(path_of(nurse, "edit"), late)
    assert answer.status_code == 409
    assert {"555 0100", "555 0199"} <= set(re.findall(r"555 \d{4}", text_of(answer)))
    assert 'name="revision" value="2"' in answer.content.decode()
    assert pages.post(path_of(nurse, "edit"), late | {"revision": "2"}).status_code == 302
    assert User.objects.get(pk=nurse.user_id).phone == "555 0199"


@pytest.mark.parametrize("revision", ["", "x", "²"])
def test_an_edit_that_names_no_version_is_refused(admin, nurse, revision):
    answer = Pages(admin).post(path_of(nurse, "edit"), {"display_name": "Nia", "revision": revision})
    assert answer.status_code == 422 and "which version it edits" in text_of(answer)


def test_roles_and_single_rights(north, admin, nurse):
    pages = Pages(admin)
    site = str(north.public_id)
    acts = [
        ("roles", {"site": site, "role": "prescriber"}, path_of(nurse)),
        (
            at(north, "prescriber", "rights"),
            {"permission": "approve_protocol", "reason": "Medical director"},
            None,
        ),
        (at(north, "nurse", "end"), {"reason": "Prescribes now"}, None),
    ]
    for part, typed, _back in acts:
        key = uuid.uuid4()
        assert pages.post(path_of(nurse, part), typed, key=key).status_code == 302
        # Sent twice it is done once, and leads on even where the role is gone.
        assert pages.post(path_of(nurse, part), typed, key=key).status_code == 302
    text = text_of(pages.get(path_of(nurse)))
    assert "Prescriber" in text and "Approve protocols" in text and "Nurse" not in text
    pages.post(path_of(nurse, at(north, "prescriber", "rights/approve_protocol/withdraw")))
    assert "Approve protocols" not in text_of(pages.get(path_of(nurse)))
    pages.post(path_of(nurse, at(north, "prescriber", "change")), {"role": "manager"})
    assert [row.role.code for row in nurse.user.memberships.all()] == ["manager"]
    verbs = set(AuditEvent.objects.values_list("verb", flat=True))
    assert verbs >= {"staff.role_given", "staff.role_changed", "staff.role_ended", "staff.right_granted"}


@pytest.mark.parametrize(
    ("part", "typed", "status", "sentence"),
    [
        ("roles", {"role": "nurse"}, 409, "has this role"),
        ("at/nurse/rights", {"permission": "approve_protocol"}, 302, ""),
        ("at/nurse/rights", {"permission": "run_infusion"}, 422, "run_infusion"),
        ("at/nurse/rights/approve_protocol/withdraw", {}, 409, "was not given"),
        ("at/nurse/change", {"role": "nurse"}, 409, "has this role"),
        ("reopen", {}, 409, "open already"),
    ],
)
def test_what_is_not_possible_is_said_on_the_form(north, admin, nurse, part, typed, status, sentence):
    part = part.replace("at/", f"at/{north.public_id}/")
    answer = Pages(admin).post(path_of(nurse, part), typed | {"site": str(north.public_id)})
    assert answer.status_code == status
    assert sentence in text_of(answer)


def test_nobody_changes_their_own_rights(north, admin):
    pages = Pages(admin)
    page = pages.get(path_of(admin)).content.decode()
    assert "This is you." in page and "/rights/" not in page.split("<main")[1]
    for part, typed in (
        ("roles", {"role": "nurse"}),
        ("close", {}),
        ("password", {"password": "quiet river stone"}),
    ):
        answer = pages.post(path_of(admin, part), typed | {"site": str(north.public_id)})
        assert answer.status_code == 403 and "yourself" in text_of(answer)


def test_the_last_administrator_stays(north, admin):
    answer = Pages(admin).post(path_of(admin, at(north, "administrator", "end")))
    assert answer.status_code == 409 and "Nobody would be left" in text_of(answer)


def test_ending_the_last_role_takes_the_person_off_the_list(north, admin, nurse):
    pages, key = Pages(admin), uuid.uuid4()
    path = path_of(nurse, at(north, "nurse", "end"))
    assert [pages.post(path, key=key)["Location"] for _ in range(2)] == ["/staff/", "/staff/"]
    assert pages.get(path_of(nurse)).status_code == 404
    assert pages.post(path).status_code == 404


def test_an_account_is_closed_and_opened_again(admin, nurse):
    pages = Pages(admin)
    assert pages.post(path_of(nurse, "close"), {"reason": "On leave"}).status_code == 302
    assert "Account closed" in text_of(pages.get(path_of(nurse)))
    assert pages.post(path_of(nurse, "reopen")).status_code == 302
    assert User.objects.get(pk=nurse.user_id).is_active


def test_a_new_password_is_set_and_stands_nowhere(admin, nurse):
    answer = Pages(admin).post(path_of(nurse, "password"), {"password": "quiet river stone"})
    assert answer.status_code == 302
    assert User.objects.get(pk=nurse.user_id).check_password("quiet river stone")


def test_who_can_do_what_names_every_right_and_holder(north, admin, nurse):
    text = text_of(Pages(admin).get("/staff/rights/"))
    for right in who_can_do_what(actor=admin):
        assert right.label in text
        assert {holder.name for holder in right.holders} <= {
            name for name in (nurse.label, admin.label) if name in text
        }
    assert text.count("Nobody") == sum(not right.holders for right in who_can_do_what(actor=admin))
    assert str(Permission.APPROVE_PROTOCOL.label) in text


def test_a_first_password_is_no_part_of_what_is_remembered_of_a_form(north, admin):
    """The fingerprint of a form is a fast hash: it would let a stolen database be tried for short passwords."""
    pages, key = Pages(admin), uuid.uuid4()
    typed = PERSON | {"site": str(north.public_id)}
    pages.post("/staff/add/", typed, key=key)
    again = pages.post("/staff/add/", typed | {"password": "another river stone"}, key=key)
    assert again.status_code == 302
    assert User.objects.get(username="ana").check_password("quiet river stone")
