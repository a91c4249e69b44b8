"""Past scores through the API: the same routes as patients, with the kind of the file said at the upload."""

import uuid

import pytest

from clinic.common import clock
from patients.models import Assessment, ImportBatch
from tests.patients.api.client import Api
from tests.patients.score_files import HEADER, ONES, answers, patient_called
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db

FILE = HEADER + f"M1,2020-06-01,{ONES}\nM1,2020-06-02,{answers(ONES, 0, '-999')}\nM2,2020-06-01,{ONES}\n"


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def desk(site):
    return staff("front_desk", site)


@pytest.fixture
def ana(site, desk):
    return patient_called("M1", site, desk)


@pytest.fixture
def api(desk):
    return Api(desk)


def staged(api, site, text=FILE):
    body = {"site": str(site.public_id), "kind": "scores", "content": text, "file_name": "scores.csv"}
    answer = api.post("imports/", body)
    assert answer.status_code == 201, answer.json()
    return answer.json()


def run(api, site, text=FILE, **mapped):
    batch = staged(api, site, text)
    path = f"imports/{batch['id']}/"
    answer = api.post(f"{path}columns/", {"mapping": batch["mapping"], **mapped})
    assert answer.status_code == 200, answer.json()
    api.post(f"{path}start/")
    return path, api.post(f"{path}next/").json()


def test_the_whole_way_and_the_same_file_again(api, site, ana):
    batch = staged(api, site)
    assert (batch["kind"], batch["mapping"]["record_number"], batch["mapping"]["phq9_9"]) == (
        "scores",
        "MRN",
        "phq9_9",
    )
    path, done = run(api, site)
    assert (done["state"], done["created_count"]) == ("done", 2)
    assert (done["counts"]["new"], done["counts"]["refused"]) == (1, 2)
    rows = {row["line"]: row["reasons"] for row in api.get(f"{path}rows/").json()["results"]}
    assert rows[3] == [
        {
            "code": "sentinel",
            "detail": "“phq9_1” holds a code for “not answered”, such as -999. Leave the cell empty: such a code is"
            " never added.",
        }
    ]
    assert rows[4][0]["code"] == "no_patient"
    again = run(api, site)[1]
    assert (again["created_count"], Assessment.objects.count()) == (0, 2)


def test_what_came_in_is_listed_with_what_to_look_at(api, site, ana):
    today = clock.local_date(clock.now(), site.time_zone).isoformat()
    path, _done = run(api, site, HEADER + f"M1,2020-06-01,{ONES}\nM1,{today},{ONES}\n")
    assert api.get(f"{path}scores/").json()["count"] == 4
    flagged = api.get(f"{path}scores/", is_flagged="true").json()["results"]
    assert [(one["instrument"], one["taken_at"][:4], one["has_review"]) for one in flagged] == [
        ("phq9", today[:4], True),
        ("phq9", "2020", False),
    ]
    record = api.get(f"patients/{ana.public_id}/assessments/").json()["results"]
    assert {(one["mode"], one["imported_from"]) for one in record} == {("imported", "scores")}


def test_one_day_for_all_rows(api, site, ana):
    text = "row,phq9_9\nM1,0\n"
    batch = staged(api, site, text)
    answer = api.post(f"imports/{batch['id']}/columns/", {"mapping": batch["mapping"]})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "taken_on")
    _path, done = run(api, site, text, taken_on="2020-06-01")
    assert (done["taken_on"], done["created_count"]) == ("2020-06-01", 1)


def test_an_imported_score_is_not_typed(api, ana):
    body = {"instrument": "gad7", "answers": {"gad7_1": 1}, "mode": "imported"}
    answer = api.post(f"patients/{ana.public_id}/assessments/", body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "mode")


def test_the_key_of_a_file_of_patients_makes_no_file_of_scores(api, site):
    key = uuid.uuid4()
    body = {"site": str(site.public_id), "content": FILE}
    assert api.post("imports/", body, key=key).status_code == 201
    assert api.post("imports/", body | {"kind": "scores"}, key=key).status_code in {409, 422}
    assert ImportBatch.objects.get().kind == "patients"


def test_they_are_seen_where_both_rights_are_held(api, site, ana):
    path, _done = run(api, site)
    for actor in (staff("nurse", site), staff("front_desk", make_site("south"))):
        other = Api(actor)
        assert other.get("imports/").json()["count"] == 0
        for part in ("", "rows/", "scores/"):
            assert other.get(path + part).status_code == 404
    answer = Api(staff("nurse", site)).post(
        "imports/", {"site": str(site.public_id), "kind": "scores", "content": FILE}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "permission.missing")
