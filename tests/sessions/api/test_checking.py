"""The pre-infusion check through the API: answers, weights, and the dose that follows from them."""

import pytest

from sessions.models import CheckAnswer, DoseConfirmation, WeightMeasurement
from sessions.states import Status
from tests.patients.api.client import Api
from tests.sessions.api.client import at, codes, twice
from tests.sessions.scenes import NOON, session_at


@pytest.fixture(scope="module")
def kept(scene):
    return session_at(Status.ARRIVED, clinic=scene, now=NOON)


@pytest.fixture
def session(clinic, kept):
    return kept


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"value": "7"}, "weight.impossible"),
        ({"value": "700"}, "weight.impossible"),
        ({"value": "7", "confirmed": True}, "weight.impossible"),
        ({"value": "210"}, "weight.unusual"),
        ({"value": "-70"}, "weight.impossible"),
        ({"value": "1e99"}, "field.max_digits"),
        ({"value": "NaN"}, "field.invalid"),
        ({"value": "70,5"}, "field.invalid"),
        ({"value": "70.1234"}, "field.max_decimal_places"),
        ({"value": "70", "unit": "st"}, "field.invalid_choice"),
    ],
)
def test_a_weight_that_cannot_be_right(nurse, session, body, code):
    answer = nurse.post(at(session, "weights/"), body)
    assert (answer.status_code, codes(answer)) == (422, {code})
    assert not WeightMeasurement.objects.exists()


@pytest.mark.parametrize(
    ("typed", "unit", "kilograms"),
    [("70.50", "kg", "70.5"), ("155", "[lb_av]", "70.307"), ("70", "kg", "70")],
)
def test_a_weight_stands_as_typed_and_in_kilograms(nurse, session, typed, unit, kilograms):
    weight = twice(nurse, at(session, "weights/"), {"value": typed, "unit": unit})
    assert (weight["value"], weight["unit"], weight["weight_kg"]) == (typed, unit, kilograms)
    assert nurse.get(at(session, "weights/")).json()["results"] == [weight]


def test_an_unusual_weight_is_stored_once_confirmed(nurse, session):
    assert nurse.post(at(session, "weights/"), {"value": "210", "confirmed": True}).status_code == 201


def test_the_dose_is_computed_with_its_working(nurse, session):
    path = at(session, "dose/")
    assert nurse.get(path).json() == {"computed": None, "confirmed": None}
    assert codes(nurse.post(path)) == {"weight.missing"}
    weight = nurse.post(at(session, "weights/"), {"value": "70"}).json()
    assert nurse.get(path).json() == {
        "computed": {
            "weight": weight["id"],
            "weight_kg": "70",
            "dose_mg_per_kg": "0.5",
            "uncapped_mg": "35",
            "cap_mg": "60",
            "dose_mg": "35",
            "is_capped": False,
            "concentration_mg_per_ml": "50",
            "drug_ml": "0.7",
            "bag_ml": "100",
            "duration_minutes": 40,
            "rate_ml_per_hour": "150",
            "working": [
                "0.5 mg/kg × 70 kg = 35 mg",
                "35 mg ÷ 50 mg/mL = 0.7 mL",
                "100 mL × 60 ÷ 40 min = 150 mL/h",
            ],
        },
        "confirmed": None,
    }
    confirmed = twice(nurse, path)
    assert (confirmed["dose_mg"], confirmed["drug_ml"], confirmed["is_capped"]) == ("35", "0.7", False)


def test_over_the_cap_needs_the_right_and_a_reason(clinic, nurse, session):
    nurse.post(at(session, "weights/"), {"value": "150"})
    computed = nurse.get(at(session, "dose/")).json()["computed"]
    assert (computed["uncapped_mg"], computed["dose_mg"], computed["is_capped"]) == ("75", "60", True)
    assert computed["working"][1] == "at most 60 mg"
    prescriber, body = Api(clinic.prescriber), {"over_cap": True, "reason": "Responds at this dose only"}
    refused = nurse.post(at(session, "dose/"), body)
    assert (refused.status_code, codes(refused)) == (403, {"permission.missing"})
    assert codes(prescriber.post(at(session, "dose/"), {"over_cap": True})) == {"reason.missing"}
    given = prescriber.post(at(session, "dose/"), body).json()
    assert (given["dose_mg"], given["is_capped"], given["reason"]) == ("75", False, body["reason"])
    assert twice(nurse, at(session, "dose/"))["dose_mg"] == "60"
    assert DoseConfirmation.objects.count() == 2


@pytest.mark.parametrize("minutes", [39, 61, 240])
def test_another_duration_needs_the_right_and_a_reason(clinic, nurse, session, minutes):
    nurse.post(at(session, "weights/"), {"value": "70"})
    path, body = at(session, "dose/"), {"duration_minutes": minutes, "reason": "Slowly"}
    prescriber = Api(clinic.prescriber)
    assert codes(prescriber.post(path, {"duration_minutes": minutes})) == {"order.duration"}
    assert codes(nurse.post(path, body)) == {"permission.missing"}
    assert prescriber.post(path, body).json()["duration_minutes"] == minutes


def test_a_duration_that_is_a_slipped_digit_is_refused_to_everybody(clinic, nurse, session):
    nurse.post(at(session, "weights/"), {"value": "70"})
    body = {"duration_minutes": 400, "reason": "Slowly"}
    assert codes(Api(clinic.prescriber).post(at(session, "dose/"), body)) == {"order.duration"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"item": "horoscope", "outcome": "ok"}, "check.unknown"),
        ({"item": "identity", "outcome": "maybe"}, "field.invalid_choice"),
        ({"item": "identity", "outcome": "stop"}, "check.note"),
        ({"item": "pregnancy", "outcome": "not_applicable", "note": " "}, "check.note"),
        ({"item": "x" * 41, "outcome": "ok"}, "field.max_length"),
    ],
)
def test_an_answer_that_does_not_fit(nurse, session, body, code):
    answer = nurse.post(at(session, "check-answers/"), body)
    assert (answer.status_code, codes(answer)) == (422, {code})


def test_the_last_answer_to_an_item_stands(nurse, session):
    confirmed = {"outcome": "ok", "details": {"identifiers": ["name", "birth_date"]}}
    for given in ({"outcome": "stop", "note": "No wristband"}, confirmed):
        answer = twice(nurse, at(session, "check-answers/"), {"item": "identity", **given})
    assert answer["details"] == confirmed["details"]
    assert CheckAnswer.objects.count() == 2
    open_items = nurse.post(at(session, "clear/")).json()["errors"]
    assert not any("two identifiers" in problem["detail"] for problem in open_items)


def test_the_check_is_over_once_the_infusion_runs(clinic, nurse):
    session = session_at(Status.INFUSING, clinic=clinic, chair=clinic.chairs[1])
    for path, body in (("check-answers/", {"item": "identity", "outcome": "ok"}), ("dose/", {})):
        assert codes(nurse.post(at(session, path), body)) == {"check.over"}
