import uuid

import pytest

from clinic.audit.models import AuditEvent
from patients.models import Allergy, Assessment
from tests.patients.api.client import Api
from tests.patients.scenes import (
    approver,
    complete_record,
    consent_document,
    consent_for,
    phq9,
    registered_patient,
    screen_answers,
)
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db

ROWS = {
    "allergies": ({"substance": "Latex", "severity": "mild"}, {"reaction": "Rash"}),
    "medications": ({"name": "Lorazepam", "rems_class": "benzodiazepine"}, {"dose": "1 mg"}),
    "diagnoses": ({"code": "f332", "label": "Depression"}, {"label": "Recurrent depression"}),
    "antidepressant-trials": ({"drug": "Sertraline", "weeks": 8}, {"result": "no_response"}),
    "referring-clinicians": ({"name": "Dr Jo Lind"}, {"organisation": "Mill practice"}),
    "contacts": ({"kind": "escort", "name": "Eva", "phone": "617 555 0101"}, {"relationship": "Friend"}),
    "authorizations": (
        {"payer": "Blue", "infusions": 6, "valid_from": "2026-03-01"},
        {"reference": "A-1", "valid_until": "3000-01-01"},
    ),
}


@pytest.fixture
def patient(db):
    return registered_patient()


@pytest.fixture
def nurse(patient):
    return staff("nurse", make_site())


@pytest.fixture
def api(nurse):
    return Api(nurse)


@pytest.mark.parametrize("name", ROWS)
def test_a_row_is_added_edited_and_ended(api, patient, name):
    body, change = ROWS[name]
    path = f"patients/{patient.public_id}/{name}/"
    key = uuid.uuid4()
    made = api.post(path, body, key=key)
    assert made.status_code == 201, made.json()
    assert api.post(path, body, key=key).status_code == 200
    row = f"{path}{key}/"
    assert api.get(row)["ETag"] == '"1"'
    edited = api.patch(row, change, revision=1)
    assert edited.status_code == 200, edited.json()
    assert change.items() <= edited.json().items()
    assert api.patch(row, change, revision=1).status_code == 412
    ended = api.end(f"{row}end/", {"reason": "Over"}, revision=2)
    assert ended.json()["end_reason"] == "Over"
    assert api.end(f"{row}end/", {}, revision=3).json()["code"] == "entry.ended"
    assert api.get(path).json()["count"] == 1
    assert api.get(path, active="true").json()["count"] == 0
    verbs = AuditEvent.objects.filter(subject_id=key).order_by("pk").values_list("verb", flat=True)
    assert [verb.split(".")[1] for verb in verbs] == ["added", "edited", "ended"]


def test_a_code_is_written_the_usual_way(api, patient):
    made = api.post(f"patients/{patient.public_id}/diagnoses/", {"code": "f332", "label": "x"})
    assert made.json()["code"] == "F33.2"
    refused = api.post(f"patients/{patient.public_id}/diagnoses/", {"code": "depressed", "label": "x"})
    assert refused.json()["errors"][0]["code"] == "field.icd10cm.shape"


def test_a_row_of_another_patient_is_not_reached_through_this_one(api, patient):
    other = registered_patient(given_name="Eva")
    made = api.post(f"patients/{other.public_id}/allergies/", {"substance": "Latex"}).json()
    answer = api.patch(f"patients/{patient.public_id}/allergies/{made['id']}/", {"reaction": "x"}, revision=1)
    assert answer.status_code == 404
    assert Allergy.objects.get().revision == 1


def test_no_known_allergies(api, patient):
    path = f"patients/{patient.public_id}/"
    assert api.post(f"{path}no-known-allergies/").status_code == 201
    assert api.get(path).json()["allergy_status"] == "none_known"
    api.post(f"{path}allergies/", {"substance": "Latex"})
    answer = api.post(f"{path}no-known-allergies/")
    assert (answer.status_code, answer.json()["code"]) == (409, "allergy.listed")


def test_consent_given_and_revoked(api, patient):
    document = consent_document()
    path = f"patients/{patient.public_id}/consents/"
    made = api.post(path, {"document": str(document.public_id)})
    assert made.status_code == 201, made.json()
    consent = made.json()
    assert [event["kind"] for event in consent["events"]] == ["given"]
    assert api.end(f"{path}{consent['id']}/revoke/", {"reason": ""}, revision=1).status_code == 422
    revoked = api.end(f"{path}{consent['id']}/revoke/", {"reason": "Changed her mind"}, revision=1)
    assert revoked.status_code == 200, revoked.json()
    assert revoked.json()["revoked_on"]
    assert revoked["ETag"] == '"2"'
    again = api.end(f"{path}{consent['id']}/revoke/", {"reason": "x"}, revision=2)
    assert (again.status_code, again.json()["code"]) == (409, "consent.revoked")
    assert api.get(path).json()["count"] == 1


def test_consent_documents_are_published_in_versions(patient):
    api = Api(approver(make_site()))
    body = {"code": "treatment", "version": 1, "title": "Consent", "body": "Example, not approved."}
    assert api.post("consent-documents/", body).status_code == 201
    assert api.post("consent-documents/", body).json()["code"] == "consent_document.version"
    assert api.post("consent-documents/", body | {"version": 2}).status_code == 201
    assert [one["version"] for one in api.get("consent-documents/").json()["results"]] == [2]


def test_assessment_recorded_and_corrected(api, patient):
    path = f"patients/{patient.public_id}/assessments/"
    made = api.post(path, {"instrument": "phq9", "answers": phq9(2, 2, 1, 1, 1, 1, 1, 1, 1)})
    assert made.status_code == 201, made.json()
    wrong = made.json()
    assert (wrong["total"], wrong["band"], wrong["is_flagged"]) == (11, "moderate", True)
    partial = api.post(path, {"instrument": "gad7", "answers": {"gad7_1": 1, "gad7_2": None}}).json()
    assert (partial["total"], len(partial["missing"])) == (None, 6)
    body = {"answers": phq9(*[0] * 9), "reason": "Read from another form"}
    right = api.post(f"{path}{wrong['id']}/correct/", body)
    assert (right.status_code, right.json()["corrects"]) == (201, wrong["id"])
    again = api.post(f"{path}{wrong['id']}/correct/", body)
    assert (again.status_code, again.json()["code"]) == (409, "assessment.corrected")
    standing = api.get(path, current="true", instrument="phq9").json()["results"]
    assert [one["id"] for one in standing] == [right.json()["id"]]
    assert Assessment.objects.count() == 3


@pytest.mark.parametrize("answers", [{"phq9_1": 7}, {"nope": 1}, {}, [1], "x", {"phq9_1": "many"}])
def test_answers_that_are_none(api, patient, answers):
    path = f"patients/{patient.public_id}/assessments/"
    assert api.post(path, {"instrument": "phq9", "answers": answers}).status_code == 422


def test_contraindication_screen(api, patient):
    questions = api.get("contraindications/").json()["questions"]
    assert len(questions) == len(screen_answers())
    path = f"patients/{patient.public_id}/contraindication-screens/"
    assert api.post(path, {"answers": {}}).status_code == 422
    made = api.post(path, {"answers": screen_answers(arrhythmia="yes")})
    assert made.status_code == 201, made.json()
    assert made.json()["answers"]["arrhythmia"] == {"answer": "yes", "note": ""}
    assert api.get(path).json()["count"] == 1


def test_instruments_are_told_word_by_word(api):
    found = {one["code"]: one for one in api.get("instruments/").json()}
    phq, gad = found["phq9"], found["gad7"]
    assert phq["items"][0]["choices"][0]["text"] == "Not at all"
    assert (len(phq["items"]), len(gad["items"])) == (10, 7)
    assert {item["text"] for item in found["madrs"]["items"]} == {f"Item {number}" for number in range(1, 11)}
    assert "licence required" in found["madrs"]["licence"]


def test_lists_do_not_ask_again_for_every_row(api, django_assert_max_num_queries):
    patient = complete_record(given_name="Eva")
    for day in range(1, 6):
        consent_for(patient)
        api.post(
            f"patients/{patient.public_id}/assessments/", {"instrument": "phq9", "answers": {"phq9_1": 1}}
        )
        api.post(f"patients/{patient.public_id}/allergies/", {"substance": f"Substance {day}"})
    for name in ("consents", "assessments", "allergies", "antidepressant-trials", "contraindication-screens"):
        with django_assert_max_num_queries(10):
            assert api.get(f"patients/{patient.public_id}/{name}/").status_code == 200


@pytest.mark.parametrize("taken_at", ["0001-01-01T00:00:00Z", "9999-12-31T23:00:00-05:00"])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("assessments/", {"instrument": "phq9", "answers": phq9(1)}),
        ("contraindication-screens/", {"answers": {}}),
    ],
)
def test_a_moment_at_the_end_of_the_calendar_is_told(nurse, patient, path, body, taken_at):
    answer = Api(nurse).post(f"patients/{patient.public_id}/{path}", body | {"taken_at": taken_at})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "field.range")
