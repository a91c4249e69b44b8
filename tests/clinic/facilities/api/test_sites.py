"""Sites and chairs over the API."""

import uuid

import pytest

from clinic.facilities.models import Chair
from tests.patients.api.client import Api
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def path(site):
    return f"sites/{site.public_id}/"


@pytest.fixture
def api(site):
    return Api(staff("administrator", site))


def test_sites_in_reach(site, api):
    make_site("south")
    listed = api.get("sites/").json()
    assert [row["id"] for row in listed["results"]] == [str(site.public_id)]
    assert listed["results"][0]["policy"] == {
        "no_show_grace_minutes": 15,
        "weight_valid_days": 7,
        "chart_needs_two_signatures": True,
        "late_entry_hours": 24,
        "patients_per_nurse": 0,
        "late_cancel_hours": 24,
        "idle_minutes": 30,
        "pin_idle_minutes": 10,
        "cosign_hours": 24,
        "calendar_shows_names": False,
        "serious_review_hours": 0,
        "serious_report_hours": 0,
        "effect_follow_up_hours": 0,
        "alert_live_minutes": 15,
        "alert_escalation_minutes": 0,
        "alert_by_sms": False,
        "alert_by_email": False,
        "escort_alternatives": False,
        "late_entry_mark_minutes": 5,
        "reading_grace_minutes": 3,
        "wall_shows_numbers": False,
        "suicide_review_minutes": 60,
        "suicide_escalation_minutes": 0,
        "recent_worsening_days": 0,
    }


def test_a_site_is_read_and_edited_under_its_revision(api, path):
    assert api.get(path)["ETag"] == '"1"'
    edited = api.patch(path, {"phone": "555 0100", "policy": {"late_entry_hours": 48}}, revision=1)
    assert (edited.status_code, edited["ETag"]) == (200, '"2"')
    assert edited.json()["policy"]["late_entry_hours"] == 48
    assert edited.json()["policy"]["weight_valid_days"] == 7
    stale = api.patch(path, {"phone": "555 0199"}, revision=1)
    assert (stale.status_code, stale.json()["current"]["phone"]) == (412, "555 0100")
    assert api.patch(path, {"phone": "555 0199"}).status_code == 428


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"policy": {"late_entry_hours": 0}}, "policy.late_entry_hours"),
        ({"policy": {"chart_needs_two_signatures": "perhaps"}}, "policy.chart_needs_two_signatures"),
        ({"policy": 7}, "policy"),
        ({"name": ""}, "name"),
    ],
)
def test_what_does_not_fit_is_refused_by_field(api, path, body, field):
    answer = api.patch(path, body, revision=1)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_out_of_reach_does_not_exist_and_without_the_right_is_refused(site, path):
    stranger = Api(staff("administrator", make_site("south")))
    for answer in (stranger.get(path), stranger.patch(path, {}, revision=1), stranger.get(f"{path}chairs/")):
        assert answer.status_code == 404
    nurse = Api(staff("nurse", site))
    assert nurse.get(path).status_code == 200
    refused = nurse.patch(path, {"phone": "1"}, revision=1)
    assert (refused.status_code, refused.json()["code"]) == (403, "permission.missing")


def test_a_chair_is_added_once_edited_and_taken_out_of_service(api, path):
    key = uuid.uuid4()
    made = [api.post(f"{path}chairs/", {"name": "Window"}, key=key) for _time in range(2)]
    assert [answer.status_code for answer in made] == [201, 200]
    assert Chair.objects.count() == 1
    chair = f"chairs/{key}/"
    assert api.get(chair).json() == made[0].json()
    assert api.patch(chair, {"name": "Garden"}, revision=1).json()["name"] == "Garden"
    assert api.patch(chair, {"name": "Garden"}, revision=1).status_code == 412
    out = api.end(f"{chair}take-out-of-service/", {"reason": "Broken"}, revision=2)
    assert (out.status_code, out.json()["is_in_service"]) == (200, False)
    listed = api.get(f"{path}chairs/", is_in_service="true").json()
    assert listed["count"] == 0
    back = api.end(f"{chair}return-to-service/", {}, revision=3)
    assert (back.json()["is_in_service"], back["ETag"]) == (True, '"4"')


def test_a_second_chair_of_one_name_is_a_conflict(api, path):
    api.post(f"{path}chairs/", {"name": "Window"})
    answer = api.post(f"{path}chairs/", {"name": "window"})
    assert (answer.status_code, answer.json()["code"]) == (409, "chair.name_taken")


def test_chairs_of_another_site_are_out_of_reach(site, api):
    south = make_site("south")
    chair = Chair.objects.create(site=south, name="Window")
    assert api.get(f"chairs/{chair.public_id}/").status_code == 404
    for act in ("take-out-of-service", "return-to-service"):
        assert api.end(f"chairs/{chair.public_id}/{act}/", {"reason": "x"}, revision=1).status_code == 404
    assert api.get(f"sites/{site.public_id}/chairs/").json()["count"] == 0
