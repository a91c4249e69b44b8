"""Shifts and leave over the API."""

import uuid

import pytest

from clinic.facilities.models import Shift
from tests.patients.api.client import Api
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db

TIMES = {"starts_at": "2026-03-16T12:00:00Z", "ends_at": "2026-03-16T20:00:00Z"}
PAUSE = {"starts_at": "2026-03-16T16:00:00Z", "ends_at": "2026-03-16T16:30:00Z"}


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def api(site):
    return Api(staff("manager", site))


@pytest.fixture
def nurse(site):
    return staff("nurse", site, "ana")


@pytest.fixture
def body(site, nurse):
    return {"site": str(site.public_id), "user": str(nurse.user.public_id), **TIMES, "breaks": [PAUSE]}


@pytest.fixture
def away(nurse):
    return {"user": str(nurse.user.public_id), "kind": "annual", **TIMES}


def test_a_shift_is_added_once_edited_and_withdrawn(api, body):
    key = uuid.uuid4()
    made = [api.post("shifts/", body, key=key) for _time in range(2)]
    assert [answer.status_code for answer in made] == [201, 200]
    assert made[1].json() == made[0].json()
    assert (made[0].json()["name"], made[0].json()["breaks"]) == ("Sam Ana, RN", [PAUSE])
    path = f"shifts/{key}/"
    kept = api.patch(path, {"ends_at": "2026-03-16T19:00:00Z"}, revision=1)
    assert (kept.json()["ends_at"], kept.json()["breaks"]) == ("2026-03-16T19:00:00Z", [PAUSE])
    assert api.patch(path, {"breaks": []}, revision=2).json()["breaks"] == []
    assert api.patch(path, {"breaks": []}, revision=2).status_code == 412
    assert api.end(f"{path}withdraw/", {"reason": "Ill"}, revision=3).json()["is_withdrawn"] is True
    late = api.patch(path, {"breaks": []}, revision=4)
    assert (late.status_code, late.json()["code"]) == (409, "shift.withdrawn")
    assert (api.get(path)["ETag"], api.get("shifts/", is_withdrawn="false").json()["count"]) == ('"4"', 0)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"ends_at": TIMES["starts_at"]}, 422, "range.order"),
        ({"breaks": [PAUSE, PAUSE]}, 422, "break.overlap"),
        ({"breaks": [{"starts_at": TIMES["starts_at"]}]}, 422, "field.required"),
        ({"starts_at": "2026-03-16T12:00:00"}, 422, "field.offset"),
        ({"user": str(uuid.UUID(int=1))}, 404, "not_found"),
        ({"site": str(uuid.UUID(int=1))}, 404, "not_found"),
    ],
)
def test_a_shift_that_does_not_fit(api, body, change, status, code):
    answer = api.post("shifts/", body | change)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Shift.objects.exists()


def test_a_second_shift_of_a_person_is_a_conflict(api, body):
    api.post("shifts/", body)
    answer = api.post("shifts/", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "shift.taken")
    assert "Sam Ana has a shift" in answer.json()["detail"]


def test_shifts_are_filtered(api, body, site, nurse, django_assert_num_queries):
    api.post("shifts/", body)
    other = staff("nurse", site)
    api.post("shifts/", body | {"user": str(other.user.public_id)})

    def count(**query):
        return api.get("shifts/", **query).json()["count"]

    assert count(site=site.public_id) == 2
    assert count(user=nurse.user.public_id) == 1
    assert count(ends_after=TIMES["starts_at"], starts_before=TIMES["ends_at"]) == 2
    assert count(ends_after=TIMES["ends_at"]) == count(starts_before=TIMES["starts_at"]) == 0
    with django_assert_num_queries(6):
        api.get("shifts/")


def test_a_week_is_copied_once_and_what_is_left_out_is_named(api, body, site, away):
    source = api.post("shifts/", body).json()["id"]
    api.post("leave/", away | {"starts_at": "2026-03-30T04:00:00Z", "ends_at": "2026-03-31T04:00:00Z"})
    path, key = f"sites/{site.public_id}/roster/copy-week/", uuid.uuid4()
    done = [api.post(path, {"week": "2026-03-18", "weeks": 2}, key=key) for _time in range(2)]
    assert [answer.status_code for answer in done] == [201, 200]
    assert done[1].json() == done[0].json()
    found = done[0].json()
    assert [row["starts_at"] for row in found["made"]] == ["2026-03-23T12:00:00Z"]
    assert len(found["made"][0]["breaks"]) == 1
    (left,) = found["left_out"]
    assert (left["shift"], left["week"], left["code"]) == (source, 2, "copy.away")
    assert Shift.objects.count() == 2
    assert api.post(path, {"week": "2026-03-18", "weeks": 5}).status_code == 422
    assert api.post(path, {"week": "2020-01-01"}).json()["code"] == "copy.empty"


def test_leave_is_recorded_once_edited_and_withdrawn(api, away):
    key = uuid.uuid4()
    made = [api.post("leave/", away, key=key) for _time in range(2)]
    assert [answer.status_code for answer in made] == [201, 200]
    path = f"leave/{key}/"
    edited = api.patch(path, {"kind": "training", "note": "Course"}, revision=1)
    assert (edited.json()["kind"], edited.json()["note"]) == ("training", "Course")
    assert api.patch(path, {"note": "x"}, revision=1).status_code == 412
    assert api.end(f"{path}withdraw/", {}, revision=2).json()["is_withdrawn"] is True
    assert api.end(f"{path}withdraw/", {}, revision=3).json()["code"] == "leave.withdrawn"


def test_why_somebody_is_away_is_told_to_few(api, site, nurse, away):
    mine = Api(nurse)
    sick = mine.post("leave/", away | {"kind": "sick", "note": "Fever"})
    assert (sick.status_code, sick.json()["kind"]) == (201, "sick")
    assert mine.post("leave/", away).status_code == 403
    path = f"leave/{sick.json()['id']}/"
    colleague, stranger = Api(staff("nurse", site)), Api(staff("manager", make_site("south")))
    told = {who: who.get(path).json() for who in (api, mine, colleague)}
    assert [(row["kind"], row["note"]) for row in told.values()] == [
        ("sick", "Fever"),
        ("sick", "Fever"),
        (None, None),
    ]
    listed = colleague.get("leave/", site=site.public_id).json()["results"]
    assert [(row["name"], row["kind"]) for row in listed] == [("Sam Ana, RN", None)]
    assert colleague.patch(path, {"note": "x"}, revision=1).status_code == 403
    assert colleague.get(f"{path}uncovered/").status_code == 404
    assert stranger.get(path).status_code == stranger.patch(path, {}, revision=1).status_code == 404
    assert stranger.get("leave/").json()["count"] == 0


def test_leave_is_filtered(api, site, nurse, away):
    api.post("leave/", away)

    def count(**query):
        return api.get("leave/", **query).json()["count"]

    assert count(site=site.public_id) == count(user=nurse.user.public_id) == 1
    assert count(ends_after=TIMES["starts_at"], starts_before=TIMES["ends_at"]) == 1
    assert count(site=uuid.uuid4()) == count(user=uuid.uuid4()) == count(ends_after=TIMES["ends_at"]) == 0


def test_out_of_reach_does_not_exist_and_without_the_right_is_refused(site, api, body):
    key = uuid.uuid4()
    api.post("shifts/", body, key=key)
    path = f"shifts/{key}/"
    for who, status in ((staff("manager", make_site("south")), 404), (staff("nurse", site), 403)):
        caller = Api(who)
        answers = [
            caller.post("shifts/", body),
            caller.patch(path, {"breaks": []}, revision=1),
            caller.end(f"{path}withdraw/", {}, revision=1),
            caller.post(f"sites/{site.public_id}/roster/copy-week/", {"week": "2026-03-18"}),
        ]
        assert [answer.status_code for answer in answers] == [status] * 4
        assert caller.get("shifts/").json()["count"] == (1 if status == 403 else 0)
