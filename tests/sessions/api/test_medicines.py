"""Orders, medicines and drug through the API."""

from datetime import timedelta

import pytest

from sessions.states import Status
from tests.patients.api.client import Api
from tests.scenes import staff
from tests.sessions.api.client import at, codes, twice
from tests.sessions.orders_scene import make_product
from tests.sessions.scenes import NOON, session_at

SAID = {"medicine": "ondansetron", "dose": "4", "unit": "mg", "route": "iv", "indication": "Nausea"}


@pytest.fixture(scope="module")
def kept(scene):
    return session_at(Status.INFUSING, clinic=scene, now=NOON)


@pytest.fixture
def session(clinic, kept):
    return kept


def approved(clinic, **said):
    director = Api(clinic.director)
    draft = twice(director, "standing-orders/", SAID | {"code": "ondansetron"} | said)
    path = f"standing-orders/{draft['id']}/"
    assert codes(director.end(f"{path}approve/", {}, revision=7)) == {"revision.stale"}
    return director.end(f"{path}approve/", {}, revision=1).json()


def test_a_standing_order_and_a_medicine_by_it(clinic, nurse, session):
    order = approved(clinic, max_session="8")
    assert (order["state"], order["dose_mg"], order["max_session_mg"]) == ("approved", "4", "8")
    director = Api(clinic.director)
    assert codes(director.patch(f"standing-orders/{order['id']}/", {"dose": "5"}, revision=2)) == {
        "standing_order.frozen"
    }
    body = {"standing_order": order["id"], "dose": "4.0", "unit": "mg"}
    given = twice(nurse, at(session, "medicines/"), body)
    assert (given["dose"], given["dose_mg"], given["is_current"]) == ("4", "4", True)
    over = nurse.post(at(session, "medicines/"), body | {"dose": "5"})
    assert (over.status_code, codes(over)) == (409, {"medicine.over_dose", "medicine.over_session"})
    effects = at(session, f"medicines/{given['id']}/effects/")
    assert twice(nurse, effects, {"outcome": "helped"})["outcome"] == "helped"
    twice(nurse, at(session, f"medicines/{given['id']}/retract/"), {"reason": "Other patient"})
    first, struck = nurse.get(at(session, "medicines/")).json()["results"]
    assert (first["is_current"], struck["retracted"], len(first["effects"])) == (False, True, 1)
    retired = director.end(f"standing-orders/{order['id']}/retire/", {"reason": "Recall"}, revision=2)
    assert retired.json()["state"] == "retired"
    assert codes(nurse.post(at(session, "medicines/"), body)) == {"medicine.standing_order"}


def test_a_verbal_order_and_its_answer(clinic, nurse, prescriber, session):
    path = at(session, "medicine-orders/")
    verbal = SAID | {"ordered_by": clinic.prescriber.user.public_id, "words": "Four of ondansetron"}
    assert codes(nurse.post(path, verbal)) == {"verbal.read_back"}
    assert codes(nurse.post(path, SAID | {"words": "Four"})) == {"verbal.person"}
    assert codes(nurse.post(path, SAID)) == {"permission.missing"}
    order = twice(nurse, path, verbal | {"read_back": True})
    assert (order["kind"], order["answer"], order["ordered_at"]) == ("verbal", None, order["entered_at"])
    assert [row["id"] for row in nurse.get("cosign/").json()["results"]] == [order["id"]]
    answer = f"medicine-orders/{order['id']}/answer/"
    assert codes(prescriber.post(answer, {"verdict": "disputed"})) == {"cosign.words"}
    twice(prescriber, answer, {"verdict": "cosigned"})
    assert nurse.get("cosign/").json()["results"] == []
    (listed,) = nurse.get(path).json()["results"]
    assert listed["answer"]["verdict"] == "cosigned"


def test_who_answers(clinic, nurse):
    user = clinic.prescriber.user.public_id
    body = {
        "site": clinic.site.public_id,
        "kind": "responsible",
        "user": user,
        "presence": "on_site",
        "starts_at": (NOON + timedelta(hours=1)).isoformat(),
        "ends_at": (NOON + timedelta(hours=8)).isoformat(),
    }
    row = twice(nurse, "responsible/", body)
    assert codes(nurse.post("responsible/", body)) == {"responsible.taken"}
    asked = f"responsible/?site={clinic.site.public_id}&kind=responsible"
    assert [found["id"] for found in nurse.get(asked).json()["results"]] == [row["id"]]
    ended = nurse.end(f"responsible/{row['id']}/end/", {}, revision=1)
    assert (ended.json()["is_withdrawn"], ended["ETag"]) == (True, '"2"')


def test_drug_drawn_used_and_witnessed(clinic, nurse, session):
    product = make_product(clinic.site, by=clinic.director)
    path = at(session, "preparations/")
    body = {"product": product.public_id, "lot": "K1", "expires_on": "2026-03-09", "drawn_mg": "500"}
    assert codes(nurse.post(path, body)) == {"preparation.expired"}
    drawn = twice(nurse, path, body | {"expires_on": "2027-01-31"})
    assert (drawn["drawn_ml"], drawn["concentration_mg_per_ml"]) == ("10", "50")
    uses = at(session, f"preparations/{drawn['id']}/uses/")
    assert codes(nurse.post(uses, {"kind": "given", "amount_mg": "501"})) == {"drug_use.over"}
    waste = twice(nurse, uses, {"kind": "wasted", "amount_mg": "465", "seal": "A1"})
    witness = at(session, f"drug-uses/{waste['id']}/witness/")
    assert codes(nurse.post(witness)) == {"witness.self"}
    other = staff("nurse", clinic.site)
    assert twice(Api(other), witness)["witness"] == other.label
    (row,) = nurse.get(at(session, "drug-uses/")).json()["results"]
    assert row["witness"]["witness"] == other.label
    assert codes(nurse.post(at(session, f"preparations/{drawn['id']}/strike/"), {"reason": "x"})) == {
        "preparation.used"
    }
    twice(nurse, at(session, f"drug-uses/{waste['id']}/strike/"), {"reason": "Slip"})
    twice(nurse, at(session, f"preparations/{drawn['id']}/strike/"), {"reason": "Slip"})
    assert [row["lot"] for row in nurse.get("preparations/?lot=k1").json()["results"]] == ["K1", "K1"]
    assert nurse.get("preparations/?lot=k2").json()["results"] == []


def test_products(clinic, nurse):
    author = Api(clinic.prescriber)
    body = {
        "site": clinic.site.public_id,
        "name": "Ketamine 10",
        "drug": "ketamine",
        "concentration_mg_per_ml": "10",
        "volume_ml": "20",
    }
    assert codes(nurse.post("products/", body)) == {"permission.missing"}
    assert codes(author.post("products/", body | {"volume_ml": "0"})) == {"product.above_zero"}
    product = twice(author, "products/", body)
    changed = author.patch(f"products/{product['id']}/", {"is_active": False}, revision=1).json()
    assert (changed["is_active"], changed["volume_ml"]) == (False, "20")
    asked = f"products/?site={clinic.site.public_id}&is_active=true"
    assert product["id"] not in {row["id"] for row in nurse.get(asked).json()["results"]}
