import json
import uuid
from datetime import date, timedelta

import pytest

from clinic.audit.models import AccessEvent
from clinic.common import clock
from patients.models import Patient
from tests.patients.api.client import Api
from tests.patients.scenes import registered_patient
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db

ANA = {"family_name": "García", "given_name": "Ana", "birth_date": "1984-03-12", "phone": "(617) 555-0101"}


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def desk(site):
    return staff("front_desk", site)


@pytest.fixture
def api(desk):
    return Api(desk)


def test_register_and_open(api, site):
    made = api.post(
        "patients/", ANA | {"site": str(site.public_id), "identifiers": [{"system": "x", "value": "1"}]}
    )
    assert made.status_code == 201, made.json()
    body = made.json()
    assert body["registrations"][0]["record_number"] == "100001"
    assert body["allergy_status"] == "not_asked"
    opened = api.get(f"patients/{body['id']}/")
    assert opened["ETag"] == '"1"'
    assert opened.json() == body
    assert AccessEvent.objects.get().patient_id == uuid.UUID(body["id"])


def test_a_retry_registers_once_and_the_key_is_the_id(api, site):
    key = uuid.uuid4()
    first = api.post("patients/", ANA | {"site": str(site.public_id)}, key=key)
    again = api.post("patients/", ANA | {"site": str(site.public_id)}, key=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"] == str(key)
    assert Patient.objects.count() == 1
    other = api.post("patients/", ANA | {"site": str(site.public_id), "city": "Salem"}, key=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency.reused")


def test_a_write_without_a_key_is_refused(api, site):
    answer = api.client.post("/api/v1/patients/", ANA | {"site": str(site.public_id)})
    assert (answer.status_code, answer.json()["code"]) == (428, "idempotency.missing")


def test_a_possible_duplicate_is_a_conflict_until_confirmed(api, site, desk):
    registered_patient(site=site, by=desk)
    body = ANA | {"site": str(site.public_id)}
    answer = api.post("patients/", body)
    assert answer.status_code == 409
    assert [error["code"] for error in answer.json()["errors"]] == [
        "patient.possible_duplicate",
        "patient.possible_duplicate_here",
    ]
    assert api.post("patients/", body | {"confirmed_not_duplicate": True}).status_code == 201


def test_looking_for_duplicates_first(api, site, desk):
    here = registered_patient(site=site, by=desk)
    registered_patient(site=make_site("south"))
    found = api.post("patients/duplicates/", ANA).json()
    assert found["elsewhere"] == 1
    assert [(match["patient"]["id"], match["reasons"]) for match in found["here"]] == [
        (str(here.public_id), ["same_name_and_birth_date"])
    ]


def test_somebody_known_elsewhere(api, site):
    known = registered_patient(site=make_site("south"))
    key = uuid.uuid4()
    for status in (201, 200):
        answer = api.post("patients/known/", ANA | {"site": str(site.public_id)}, key=key)
        assert (answer.status_code, answer.json()["id"]) == (status, str(known.public_id))
    # Only the registrations at the caller's own sites are told.
    assert [one["site_code"] for one in answer.json()["registrations"]] == ["north"]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"family_name": ""}, "family_name", "field.blank"),
        ({"birth_date": "12.3.84"}, "birth_date", "field.invalid"),
        ({"birth_date": "2999-01-01"}, "birth_date", "patient.birth_date_future"),
        ({"sex": "F"}, "sex", "field.invalid_choice"),
        ({"family_name": "x" * 121}, "family_name", "field.max_length"),
    ],
)
def test_what_cannot_be_stored_says_where_and_why(api, site, change, field, code):
    answer = api.post("patients/", ANA | {"site": str(site.public_id)} | change)
    assert answer.status_code == 422
    assert (answer.json()["errors"][0]["field"], answer.json()["errors"][0]["code"]) == (field, code)


@pytest.mark.parametrize("text", [r"a\u0000b", r"a\ud800"])
def test_unreadable_characters_are_a_sentence(api, site, text):
    body = json.dumps(ANA | {"site": str(site.public_id)})[:-1] + f', "given_name": "{text}"}}'
    answer = api.client.post("/api/v1/patients/", body, content_type="application/json")
    assert answer.status_code == 400
    assert "character" in answer.json()["detail"]


def test_another_sites_patient_does_not_exist(api):
    other = registered_patient(site=make_site("south"))
    for answer in (
        api.get(f"patients/{other.public_id}/"),
        api.patch(f"patients/{other.public_id}/", {"city": "x"}, revision=1),
        api.get(f"patients/{other.public_id}/allergies/"),
        api.post(f"patients/{other.public_id}/allergies/", {"substance": "x"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert api.get("patients/").json()["count"] == 0
    assert api.post("patients/search/", {"term": "garcia"}).json()["results"] == []


def test_edit_names_its_version(api, site, desk):
    patient = registered_patient(site=site, by=desk)
    path = f"patients/{patient.public_id}/"
    assert api.patch(path, {"city": "Salem"}).status_code == 428
    assert api.patch(path, {"city": "Salem"}, revision="x").status_code == 422
    edited = api.patch(path, {"city": "Salem"}, revision=1)
    assert (edited.status_code, edited["ETag"], edited.json()["city"]) == (200, '"2"', "Salem")
    stale = api.patch(path, {"city": "Boston"}, revision=1)
    assert (stale.status_code, stale.json()["code"]) == (412, "revision.stale")
    assert stale.json()["current"]["city"] == "Salem"


def test_death_is_recorded_by_its_own_route(api, site, desk):
    patient = registered_patient(site=site, by=desk)
    answer = api.end(f"patients/{patient.public_id}/death/", {"deceased_on": "2020-05-01"}, revision=1)
    assert (answer.status_code, answer.json()["deceased_on"]) == (200, "2020-05-01")


def test_a_manager_reads_and_cannot_write(site):
    patient = registered_patient(site=site)
    manager = Api(staff("manager", site))
    assert manager.get(f"patients/{patient.public_id}/").status_code == 200
    answer = manager.patch(f"patients/{patient.public_id}/", {"city": "x"}, revision=1)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission.missing")


def test_nobody_without_signing_in(client, db):
    assert client.get("/api/v1/patients/").status_code == 401


@pytest.mark.parametrize(
    "term",
    [
        "garc",
        "ANA gar",
        "gárcia ana",
        "1984-03-12",
        "12 Mar 1984",
        "12/03/1984",
        "100001",
        "617 555-0101",
        "garcia 1984-03-12",
    ],
)
def test_search_finds_by_whatever_is_known(api, site, desk, term):
    registered_patient(site=site, by=desk, phone="(617) 555-0101")
    registered_patient(
        site=site, by=desk, family_name="Smith", given_name="Joan", birth_date=date(1990, 1, 1)
    )
    found = api.post("patients/search/", {"term": term}).json()
    assert [patient["full_name"] for patient in found["results"]] == ["García, Ana"]
    assert found["more"] is False


@pytest.mark.parametrize("term", ["arcia", "%", "_na", "1985-03-12", "999999", "xyz"])
def test_search_finds_nobody_else(api, site, desk, term):
    registered_patient(site=site, by=desk)
    assert api.post("patients/search/", {"term": term}).json()["results"] == []


def test_search_shows_25_and_says_that_there_are_more(api, site, desk, django_assert_max_num_queries):
    for number in range(27):
        registered_patient(site=site, by=desk, given_name=f"Ana{number:02}")
    with django_assert_max_num_queries(5):
        found = api.post("patients/search/", {"term": "garcia"}).json()
    assert (len(found["results"]), found["more"]) == (25, True)
    names = [patient["full_name"] for patient in found["results"]]
    assert names == sorted(names)


def test_list_filters_and_counts_its_queries(api, site, desk, django_assert_num_queries):
    for number in range(12):
        registered_patient(site=site, by=desk, given_name=f"Ana{number:02}")
    # Session, user, rights; count, patients, registrations.
    with django_assert_num_queries(6):
        page = api.get("patients/", page_size=10).json()
    assert (page["count"], len(page["results"])) == (12, 10)
    assert api.get("patients/", site=site.public_id).json()["count"] == 12
    assert api.get("patients/", site=make_site("south").public_id).json()["count"] == 0
    later = (clock.now() + timedelta(hours=1)).isoformat()
    assert api.get("patients/", updated_since=later).json()["count"] == 0
    assert api.get("patients/", birth_date="1984-03-12").json()["count"] == 12


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        ("2026-03-10T09:30:00+18:07", 200),
        ("1108-01-18T00:11:29.3+18:07", 200),
        ("0001-01-01T00:00:00+14:00", 422),
        ("9999-12-31T23:59:59-12:00", 422),
        ("yesterday", 422),
    ],
)
def test_a_moment_to_filter_by_is_read_or_refused_on_every_database(api, moment, status):
    assert api.get("patients/", updated_since=moment).status_code == status


def test_reminders_need_an_address(api):
    patient = registered_patient()
    path = f"patients/{patient.public_id}/"
    refused = api.patch(path, {"reminders_by": "sms"}, revision=1)
    assert (refused.status_code, refused.json()["code"]) == (422, "patient.no_phone")
    assert api.patch(path, {"time_zone": "Mars"}, revision=1).json()["code"] == "patient.time_zone"
    told = {"reminders_by": "sms", "phone": "617 555 0101", "time_zone": "America/Denver"}
    assert told.items() <= api.patch(path, told, revision=1).json().items()
