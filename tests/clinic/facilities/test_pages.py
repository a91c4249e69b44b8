"""Sites and chairs as an administrator changes them, and the choice of the site one works at."""

import re
import uuid
from collections import defaultdict

import pytest

from clinic.accounts.models import Membership
from clinic.accounts.permissions import DEFAULT_ROLES
from clinic.audit.models import AuditEvent
from clinic.facilities.models import Chair, Site
from clinic.facilities.operations.chairs import add_chair
from clinic.facilities.policy import SitePolicy
from clinic.facilities.rules.sites import RANGES
from tests.pages import Pages, text_of
from tests.scenes import make_site, role_named, staff

pytestmark = pytest.mark.django_db

NUMBERS = {f"policy.{name}": str(getattr(SitePolicy(), name)) for name in RANGES}
"""Every number of a site's rules, as a new site has it."""
TYPED = {
    "name": "North clinic",
    "phone": "555 0100",
    "time_zone": "America/New_York",
    **NUMBERS,
    "policy.no_show_grace_minutes": "20",
    "policy.chart_needs_two_signatures": "on",
    "reason": "People come late in winter",
    "revision": "1",
}


@pytest.fixture
def north():
    return make_site()


@pytest.fixture
def admin(north):
    return staff("administrator", north)


@pytest.fixture
def chair(north, admin):
    return add_chair(site=north, name="Chair 1", by=admin)


def edit_of(site):
    return f"/sites/{site.public_id}/edit/"


def chair_path(chair, act):
    return f"/chairs/{chair.public_id}/{act}/"


@pytest.mark.parametrize("role", DEFAULT_ROLES)
def test_pages_open_for_whoever_manages_the_site(north, chair, role):
    pages = Pages(staff(role, north))
    expected = 200 if role == "administrator" else 403
    paths = ["/sites/", edit_of(north), f"/sites/{north.public_id}/chairs/add/"]
    paths += [chair_path(chair, act) for act in ("edit", "out-of-service")]
    assert {path: pages.get(path).status_code for path in paths} == dict.fromkeys(paths, expected)
    assert pages.get(chair_path(chair, "return")).status_code == 405


def test_other_sites_are_out_of_reach(chair):
    pages = Pages(staff("administrator", make_site("south")))
    paths = [edit_of(chair.site), f"/sites/{chair.site.public_id}/chairs/add/"]
    paths += [chair_path(chair, act) for act in ("edit", "out-of-service", "return")]
    assert {pages.post(path, TYPED).status_code for path in paths} == {404}
    assert "North clinic" not in text_of(pages.get("/sites/"))


def test_a_site_of_ones_own_that_one_does_not_manage(north, admin):
    south = make_site("south")
    Membership.objects.create(user=admin.user, site=south, role=role_named("nurse"))
    assert Pages(admin).get(edit_of(south)).status_code == 403
    assert edit_of(south) not in Pages(admin).get("/sites/").content.decode()


def test_a_site_is_edited_once(north, admin):
    pages, key = Pages(admin), uuid.uuid4()
    for _again in range(2):
        assert pages.post(edit_of(north), TYPED, key=key)["Location"] == "/sites/"
    north.refresh_from_db()
    assert (north.phone, north.revision, north.rules.no_show_grace_minutes) == ("555 0100", 2, 20)
    event = AuditEvent.objects.get(verb="site.edited")
    assert event.reason == "People come late in winter"
    assert "555 0100" in text_of(pages.get("/sites/"))


def test_a_box_that_is_not_ticked_means_no(north, admin):
    typed = {name: value for name, value in TYPED.items() if "signatures" not in name}
    assert Pages(admin).post(edit_of(north), typed).status_code == 302
    north.refresh_from_db()
    assert north.rules.chart_needs_two_signatures is False


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"time_zone": "Mars/Base"}, "Mars/Base is not a time zone"),
        ({"time_zone": "localtime"}, "localtime is not a time zone"),
        ({"policy.no_show_grace_minutes": "900"}, "a whole number from 0 to 240"),
        ({"policy.weight_valid_days": "0"}, "a whole number from 1 to 90"),
        ({"policy.late_entry_hours": "x"}, "Enter a whole number"),
        ({"name": ""}, "This field is required"),
        ({"phone": "5\x00"}, "unreadable character"),
        ({"revision": ""}, "which version it edits"),
    ],
)
def test_what_does_not_fit_is_said_and_the_rest_stays_typed(north, admin, change, sentence):
    answer = Pages(admin).post(edit_of(north), TYPED | change)
    assert answer.status_code == 422
    assert sentence in text_of(answer) and "People come late in winter" in answer.content.decode()
    assert Site.objects.get(pk=north.pk).revision == 1


def test_an_older_version_is_not_stored_over_a_newer_one_unseen(north, admin):
    pages = Pages(admin)
    pages.post(edit_of(north), TYPED)
    mine = TYPED | {"phone": "555 0199", "policy.no_show_grace_minutes": "45"}
    answer = pages.post(edit_of(north), mine)
    text = text_of(answer)
    assert answer.status_code == 409
    assert "Phone 555 0100 555 0199" in text and "20 45" in text
    # Beside the field: theirs, whose it is, and a tick that takes it. Mine stays until then.
    assert f"{admin.user.display_name} has stored: 555 0100 Take theirs : Phone" in text
    body = answer.content.decode()
    assert 'data-theirs="[&quot;45&quot;]"' not in body and 'data-theirs="[&quot;20&quot;]"' in body
    assert 'value="555 0199"' in body
    assert pages.post(edit_of(north), mine | {"revision": "2"}).status_code == 302
    north.refresh_from_db()
    assert north.rules.no_show_grace_minutes == 45


def test_theirs_is_taken_by_a_form_alone(north, admin):
    """Without a script: the tick beside a field, sent with the form; the other fields stay as typed."""
    pages = Pages(admin)
    pages.post(edit_of(north), TYPED)
    mine = TYPED | {"phone": "555 0199", "policy.no_show_grace_minutes": "45", "revision": "1"}
    offered = inputs_of(pages.post(edit_of(north), mine))
    assert offered["theirs.phone"] == ["555 0100"]
    assert set(offered["take_theirs"]) == {"phone", "policy.no_show_grace_minutes"}
    ticked = mine | {name: values for name, values in offered.items() if name.startswith("theirs.")}
    ticked |= {"take_theirs": ["phone"], "revision": offered["revision"][0]}
    assert pages.post(edit_of(north), ticked).status_code == 302
    north.refresh_from_db()
    assert (north.phone, north.rules.no_show_grace_minutes) == ("555 0100", 45)


def test_theirs_that_was_changed_once_more_is_another_conflict(north, admin):
    pages = Pages(admin)
    pages.post(edit_of(north), TYPED)
    ticked = TYPED | {"phone": "555 0199", "theirs.phone": "555 0100", "take_theirs": "phone"}
    answer = pages.post(edit_of(north), ticked | {"revision": "1"})
    assert answer.status_code == 409 and 'value="555 0100"' in answer.content.decode()


def inputs_of(answer):
    """The named inputs of a page with their values."""
    found = defaultdict(list)
    for tag in re.findall(r"<input[^>]*>", answer.content.decode()):
        said = dict(re.findall(r'([a-z_-]+)="([^"]*)"', tag))
        if "name" in said:
            found[said["name"]].append(said.get("value", ""))
    return found


def test_a_chair_is_added_once_and_last(north, admin, chair):
    pages, key = Pages(admin), uuid.uuid4()
    for _again in range(2):
        assert (
            pages.post(f"/sites/{north.public_id}/chairs/add/", {"name": "Window"}, key=key).status_code
            == 302
        )
    assert list(Chair.objects.values_list("name", "position")) == [("Chair 1", 1), ("Window", 2)]


def test_a_chair_of_a_name_that_stands_already(north, admin, chair):
    answer = Pages(admin).post(f"/sites/{north.public_id}/chairs/add/", {"name": "chair 1"})
    assert answer.status_code == 409 and "already has a chair" in text_of(answer)
    assert 'value="chair 1"' in answer.content.decode()


def test_a_chair_is_renamed_and_moved(admin, chair):
    typed = {"name": "Garden", "position": "7", "revision": "1"}
    assert Pages(admin).post(chair_path(chair, "edit"), typed).status_code == 302
    stale = Pages(admin).post(chair_path(chair, "edit"), typed | {"name": "Street"})
    assert stale.status_code == 409 and "Garden Street" in text_of(stale)
    chair.refresh_from_db()
    assert (chair.name, chair.position) == ("Garden", 7)


def test_a_chair_goes_out_of_service_with_a_reason_and_comes_back(admin, chair):
    pages, out = Pages(admin), chair_path(chair, "out-of-service")
    refused = pages.post(out, {"revision": "1"})
    assert refused.status_code == 422 and "Say why the chair" in text_of(refused)
    assert pages.post(out, {"reason": "Pump broken", "revision": "1"}).status_code == 302
    page = pages.get("/sites/")
    assert "Out of service" in text_of(page) and 'name="revision" value="2"' in page.content.decode()
    again = pages.post(out, {"reason": "Pump broken", "revision": "2"})
    assert again.status_code == 409 and "out of service already" in text_of(again)
    key = uuid.uuid4()
    for _again in range(2):
        back = pages.post(chair_path(chair, "return"), {"revision": "2"}, key=key)
        assert back.status_code == 302
    assert Chair.objects.get(pk=chair.pk).is_in_service
    stale = pages.post(chair_path(chair, "return"), {"revision": "1"})
    assert stale.status_code == 409


def test_the_head_offers_the_sites_that_one_works_at(north):
    nurse = staff("nurse", north)
    assert "/sites/choose/" not in Pages(nurse).get("/me/").content.decode()
    south = make_site("south")
    Membership.objects.create(user=nurse.user, site=south, role=role_named("nurse"))
    pages = Pages(nurse)
    page = pages.get("/me/").content.decode()
    assert f'<option value="{north.public_id}" selected>North clinic' in page
    answer = pages.post("/sites/choose/", {"site": str(south.public_id), "next": "/me/"})
    assert answer["Location"] == "/me/"
    assert f'<option value="{south.public_id}" selected>South clinic' in pages.get("/me/").content.decode()


@pytest.mark.parametrize("site", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_no_such_site_to_work_at(admin, site):
    assert Pages(admin).post("/sites/choose/", {"site": site}).status_code == 404


def test_choosing_a_site_leads_to_no_other_server(north, admin):
    answer = Pages(admin).post(
        "/sites/choose/", {"site": str(north.public_id), "next": "https://evil.example/"}
    )
    assert answer["Location"] == "/"
