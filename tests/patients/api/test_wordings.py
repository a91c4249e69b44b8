"""Licensed wording through the API: the same verbs, scope and rights as on the pages."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.models import Assessment, LicensedWording
from tests.patients.api.client import Api
from tests.patients.scenes import registered_patient
from tests.patients.wordings import approved, placeholders
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 16, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def keeper(site):
    return staff("administrator", site)


def body(**told):
    return {
        "instrument": "qids",
        "licence_holder": "North clinic",
        "licence_reference": "L-1",
        "licensed_from": "2026-01-01",
        "licensed_until": "2026-12-31",
        "stem": "Invented words above the questions.",
        "items": placeholders("qids"),
    } | told


def test_entered_approved_used_and_withdrawn(site, keeper):
    api = Api(keeper)
    made = api.post(f"sites/{site.public_id}/wordings/", body())
    assert (made.status_code, made.json()["standing"], made.json()["number"]) == (201, "draft", 1)
    address = f"wordings/{made.json()['id']}/"
    done = api.post(f"{address}approve/")
    assert (done.status_code, done.json()["standing"]) == (200, "in_force")
    assert [step["kind"] for step in done.json()["steps"]] == ["approved"]
    nurse, patient = Api(staff("nurse", site)), registered_patient(site=site)
    (seen,) = nurse.get(f"sites/{site.public_id}/wordings/").json()
    assert seen["items"]["qids_1"]["text"] == "Item 1, as licensed"
    scores = f"patients/{patient.public_id}/assessments/"
    told = {"instrument": "qids", "answers": {"qids_5": 1}, "wording": seen["id"]}
    scored = nurse.post(scores, told)
    assert (scored.status_code, scored.json()["wording"]) == (201, seen["id"])
    assert nurse.post(scores, told | {"instrument": "madrs"}).status_code == 422
    gone = api.post(f"{address}withdraw/", {"reason": "Licence taken back"})
    assert gone.json()["standing"] == "withdrawn"
    assert Assessment.objects.get().wording == LicensedWording.objects.get()


def test_the_list_asks_as_often_for_many_versions_as_for_one(site, keeper, django_assert_num_queries):
    api, address = Api(keeper), f"sites/{site.public_id}/wordings/"
    api.post(address, body())
    with CaptureQueriesContext(connection) as few:
        assert len(api.get(address).json()) == 1
    asked = len(few)
    for _time in range(3):
        api.post(address, body())
    with django_assert_num_queries(asked):
        assert [one["number"] for one in api.get(address).json()] == [4, 3, 2, 1]


def test_a_repeated_request_makes_one_version(site, keeper):
    api, key = Api(keeper), "00000000-0000-4000-8000-00000000000a"
    answers = [api.post(f"sites/{site.public_id}/wordings/", body(), key=key) for _time in range(2)]
    assert [answer.json()["id"] for answer in answers] == [key, key]
    assert LicensedWording.objects.count() == 1


def test_what_is_wrong_is_said_by_field(site, keeper):
    items = placeholders("qids")
    del items["qids_3"]
    answer = Api(keeper).post(f"sites/{site.public_id}/wordings/", body(items=items))
    assert answer.status_code == 422
    assert "items.qids_3.text" in str(answer.json())


def test_out_of_reach_and_without_the_right(site, keeper):
    wording = approved(site, "qids", keeper, now=NOW)
    south = make_site("south")
    stranger, nurse = Api(staff("administrator", south)), Api(staff("nurse", site))
    address = f"wordings/{wording.public_id}/"
    assert stranger.get(address).status_code == 404
    assert stranger.post(f"{address}withdraw/", {"reason": "x"}).status_code == 404
    assert stranger.get(f"sites/{site.public_id}/wordings/").status_code == 404
    assert nurse.get(address).status_code == 200
    assert nurse.post(f"{address}withdraw/", {"reason": "x"}).status_code == 403
    assert nurse.post(f"sites/{site.public_id}/wordings/", body()).status_code == 403
    patient = registered_patient(site=south)
    told = {"instrument": "qids", "answers": {"qids_5": 1}, "wording": str(wording.public_id)}
    southern = Api(staff("nurse", south))
    assert southern.post(f"patients/{patient.public_id}/assessments/", told).status_code == 404
