"""Opening hours and closures over the API."""

import uuid

import pytest

from clinic.facilities.models import OpeningHours
from tests.patients.api.client import ROOT, Api
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db

WEEK = [
    {"weekday": 0, "opens_at": "08:00", "closes_at": "12:00"},
    {"weekday": 0, "opens_at": "13:00", "closes_at": "17:00"},
    {"weekday": 5, "opens_at": "18:00", "closes_at": "00:00"},
]
HOLIDAY = {
    "kind": "holiday",
    "reason": "Labour Day",
    "starts_at": "2026-09-07T04:00:00Z",
    "ends_at": "2026-09-08T04:00:00Z",
}


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def api(site):
    return Api(staff("manager", site))


@pytest.fixture
def hours(site):
    return f"sites/{site.public_id}/opening-hours/"


def put(api, path, body, revision=None):
    headers = {} if revision is None else {"If-Match": f'"{revision}"'}
    return api.client.put(ROOT + path, body, headers=headers)


def test_a_week_is_read_and_replaced_under_the_revision_of_the_site(api, site, hours):
    empty = api.get(hours)
    assert (empty.json()["opening_hours"], empty["ETag"]) == ([], '"1"')
    saved = put(api, hours, {"opening_hours": WEEK, "reason": "Winter"}, 1)
    assert (saved.status_code, saved["ETag"], saved.json()["opening_hours"]) == (200, '"2"', WEEK)
    assert api.get(hours).json() == saved.json()
    stale = put(api, hours, {"opening_hours": []}, 1)
    assert stale.status_code == 412 and len(stale.json()["current"]["opening_hours"]) == 3
    assert put(api, hours, {"opening_hours": []}).status_code == 428
    assert put(api, hours, {"opening_hours": []}, 2).json()["opening_hours"] == []


@pytest.mark.parametrize(
    ("stretch", "code"),
    [
        ({"weekday": 7}, "field.max_value"),
        ({"opens_at": "25:00"}, "field.invalid"),
        ({"opens_at": "18:00"}, "hours.order"),
    ],
)
def test_a_week_that_does_not_fit(api, hours, stretch, code):
    body = {"opening_hours": [{"weekday": 1, "opens_at": "08:00", "closes_at": "17:00"} | stretch]}
    answer = put(api, hours, body, 1)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)
    assert put(api, hours, {}, 1).status_code == 422
    assert not OpeningHours.objects.exists()


def test_a_closure_is_added_once_edited_and_withdrawn(api, site):
    key, body = uuid.uuid4(), HOLIDAY | {"site": str(site.public_id)}
    made = [api.post("closures/", body, key=key) for _time in range(2)]
    assert [answer.status_code for answer in made] == [201, 200]
    path = f"closures/{key}/"
    assert api.get(path).json() == made[0].json()
    edited = api.patch(path, {"reason": "Labor Day"}, revision=1)
    assert (edited.json()["reason"], edited["ETag"]) == ("Labor Day", '"2"')
    assert api.patch(path, {"reason": "x"}, revision=1).status_code == 412
    done = api.end(f"{path}withdraw/", {"reason": "Open after all"}, revision=2)
    assert done.json()["is_withdrawn"] is True
    again = api.end(f"{path}withdraw/", {}, revision=3)
    assert (again.status_code, again.json()["code"]) == (409, "closure.withdrawn")


def test_closures_are_filtered(api, site):
    for day in ("07", "21"):
        times = {"starts_at": f"2026-09-{day}T04:00:00Z", "ends_at": f"2026-09-{day}T12:00:00Z"}
        api.post("closures/", HOLIDAY | times | {"site": str(site.public_id)})

    def count(**query):
        return api.get("closures/", **query).json()["count"]

    assert count(site=site.public_id) == count(kind="holiday", is_withdrawn="false") == 2
    assert count(ends_after="2026-09-07T12:00:00Z") == 1
    assert count(starts_before="2026-09-21T04:00:00Z") == 1
    assert count(site=uuid.uuid4()) == count(kind="closure") == count(is_withdrawn="true") == 0


def test_out_of_reach_does_not_exist_and_without_the_right_is_refused(site, api, hours):
    key = uuid.uuid4()
    body = HOLIDAY | {"site": str(site.public_id)}
    api.post("closures/", body, key=key)
    path = f"closures/{key}/"
    for who, status in ((staff("manager", make_site("south")), 404), (staff("nurse", site), 403)):
        caller = Api(who)
        answers = [
            put(caller, hours, {"opening_hours": []}, 1),
            caller.post("closures/", body),
            caller.patch(path, {"reason": "x"}, revision=1),
            caller.end(f"{path}withdraw/", {}, revision=1),
        ]
        assert [answer.status_code for answer in answers] == [status] * 4
        reads = [caller.get(hours).status_code, caller.get(path).status_code]
        assert reads == [200 if status == 403 else 404] * 2
        assert caller.get("closures/").json()["count"] == (1 if status == 403 else 0)
