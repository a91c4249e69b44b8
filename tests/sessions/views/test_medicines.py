"""The pages of orders, medicines and drug: a medicine in three taps, a co-signature in one."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from sessions.models import (
    DrugUse,
    MedicationEffect,
    MedicationGiven,
    MedicineOrder,
    OrderAnswer,
    ResponsiblePrescriber,
    StandingOrder,
)
from sessions.operations.naming_responsible import name_responsible
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.scenes import staff
from tests.sessions.orders_scene import make_product, prepared, standing_order, verbal_order
from tests.sessions.scenes import NOON, make_clinic, session_at

SAID = {"medicine": "ondansetron", "dose": "4", "unit": "mg", "route": "iv", "indication": "Nausea"}


@pytest.fixture
def infusing(clinic):
    return session_at(Status.INFUSING, clinic=clinic, now=NOON)


@pytest.fixture
def nurse(clinic):
    return Pages(clinic.nurse)


def at(name, session, *more):
    return reverse(f"sessions:{name}", args=[session.public_id, *more])


def test_a_medicine_by_a_standing_order_is_three_taps_and_its_effect_one(clinic, infusing, nurse):
    order = standing_order(clinic)
    page = nurse.get(at("session", infusing)).content.decode()
    assert at("medicines", infusing) in page
    sheet = nurse.get(at("medicines", infusing))
    target = f"{at('medicine-give', infusing)}?standing={order.public_id}"
    assert target in sheet.content.decode()
    form = nurse.get(target).context["form"]
    assert (form["dose"].value(), form["unit"].value(), form["route"].value()) == ("4", "mg", "iv")
    fields = {"dose": "4", "unit": "mg", "route": "iv", "indication": "Nausea"}
    assert nurse.post(target, fields, patient=infusing.patient).status_code == 302
    given = MedicationGiven.objects.get()
    nurse.post(
        at("medicine-effect", infusing, given.public_id), {"outcome": "helped"}, patient=infusing.patient
    )
    assert MedicationEffect.objects.get().outcome == "helped"
    shown = text_of(nurse.get(at("session", infusing)))
    assert "ondansetron 4 mg IV 12:00 Helped" in shown and "standing order" in shown


def test_over_the_order_what_was_typed_stays_and_a_reason_records_it(clinic, infusing, nurse):
    target = f"{at('medicine-give', infusing)}?standing={standing_order(clinic).public_id}"
    fields = {"dose": "6", "unit": "mg", "route": "iv", "indication": "Nausea"}
    refused = nurse.post(target, fields, patient=infusing.patient)
    assert (refused.status_code, refused.context["form"]["dose"].value()) == (409, "6")
    assert "over the ordered dose of 4 mg" in text_of(refused)
    again = nurse.post(target, fields | {"departure_reason": "Vomiting"}, patient=infusing.patient)
    assert again.status_code == 302
    assert "over the ordered dose of 4 mg" in text_of(nurse.get(at("session", infusing)))


def test_a_verbal_order_is_written_down_given_and_co_signed(clinic, infusing, nurse):
    prescriber = clinic.prescriber.user
    name_responsible(
        site=clinic.site,
        kind="responsible",
        user=prescriber,
        presence="by_phone",
        phone="555 0199",
        starts_at=NOON,
        ends_at=NOON + timedelta(hours=4),
        by=clinic.nurse,
        now=NOON,
    )
    form = nurse.get(at("verbal-order", infusing)).context["form"]
    assert not form["ordered_by"].value()
    assert form.fields["ordered_by"].choices[1][0] == str(prescriber.public_id)
    told = SAID | {"ordered_by": prescriber.public_id, "words": "Four of ondansetron"}
    unread = nurse.post(at("verbal-order", infusing), told, patient=infusing.patient)
    assert unread.status_code == 422 and "Read the order back" in text_of(unread)
    went_on = nurse.post(at("verbal-order", infusing), told | {"read_back": "on"}, patient=infusing.patient)
    order = MedicineOrder.objects.get()
    assert went_on["Location"] == f"{at('medicine-give', infusing)}?order={order.public_id}"
    told = text_of(nurse.get(at("session", infusing)))
    assert "Verbal order: ondansetron 4 mg IV Four of ondansetron" in told
    mine = Pages(clinic.prescriber)
    assert text_of(mine.get(reverse("sessions:cosign-count"))).split()[0] == "1"
    assert "Four of ondansetron" in text_of(mine.get(reverse("sessions:cosign")))
    answer = reverse("sessions:cosign-answer", args=[order.public_id])
    empty = mine.post(answer, {"verdict": "disputed"}, patient=infusing.patient)
    assert empty.status_code == 422 and "Say what was ordered instead" in text_of(empty)
    assert mine.post(answer, {"verdict": "cosigned"}, patient=infusing.patient).status_code == 302
    assert OrderAnswer.objects.get().verdict == "cosigned"


def test_nobody_answers_for_anothers_order_and_another_site_sees_none(clinic, infusing):
    order = verbal_order(infusing, clinic)
    answer = reverse("sessions:cosign-answer", args=[order.public_id])
    theirs = Pages(clinic.director).post(answer, {"verdict": "cosigned"}, patient=infusing.patient)
    assert theirs.status_code == 403
    south = Pages(make_clinic("south").prescriber)
    assert south.post(answer, {"verdict": "cosigned"}, patient=infusing.patient).status_code == 404
    assert "ondansetron" not in text_of(south.get(reverse("sessions:cosign")))


def test_the_board_and_the_session_name_who_answers(clinic, infusing, nurse):
    assert "No responsible prescriber named" in text_of(nurse.get(reverse("sessions:today")))
    named = {
        "kind": "responsible",
        "user": clinic.prescriber.user.public_id,
        "presence": "on_site",
        "day": "2026-03-10",
        "starts": "12:00",
        "ends": "02:00",
    }
    assert nurse.post(reverse("sessions:responsible"), named).status_code == 302
    row = ResponsiblePrescriber.objects.get()
    assert row.ends_at - row.starts_at == timedelta(hours=14)
    for page in (reverse("sessions:today"), at("session", infusing)):
        assert f"Prescriber: {clinic.prescriber.user.printed_name} , on site" in text_of(nurse.get(page))
    taken = nurse.post(reverse("sessions:responsible"), named)
    assert taken.status_code == 409
    end = reverse("sessions:responsible-end", args=[row.public_id])
    with time_machine.travel(NOON + timedelta(hours=1)):
        assert nurse.post(end, {"revision": "1"}).status_code == 302


def test_a_standing_order_is_drafted_approved_and_retired_on_its_pages(clinic):
    author, director = Pages(clinic.prescriber), Pages(clinic.director)
    content = SAID | {"code": "ondansetron", "site": clinic.site.public_id, "for_side_effects": ["nausea"]}
    assert author.post(reverse("sessions:standing-order-new"), content).status_code == 302
    order = StandingOrder.objects.get()
    assert (order.site, order.for_side_effects) == (clinic.site, ["nausea"])
    edit = reverse("sessions:standing-order-edit", args=[order.public_id])
    assert author.post(edit, SAID | {"dose": "8", "revision": "1"}).status_code == 302
    approve = reverse("sessions:standing-order-approve", args=[order.public_id])
    assert author.post(approve, {"revision": "2"}).status_code == 403
    assert director.post(approve, {"revision": "1"}).status_code == 409
    assert director.post(approve, {"revision": "2"}).status_code == 302
    retire = reverse("sessions:standing-order-retire", args=[order.public_id])
    assert director.post(retire, {"revision": "3", "reason": "Recall"}).status_code == 302
    assert "Replaced or taken out of use" in text_of(author.get(reverse("sessions:standing-orders")))


def test_drug_is_drawn_accounted_for_and_witnessed_by_another(clinic, infusing, nurse):
    page = at("preparation", infusing)
    assert "No product is listed" in text_of(nurse.get(page))
    product = make_product(clinic.site, by=clinic.director)
    form = nurse.get(page)
    assert not re.search(r'name="product"[^>]*checked', form.content.decode())
    drawn = {
        "product": product.public_id,
        "lot": "K1",
        "expires_on": "2026-03-09",
        "drawn_micrograms": "500",
    }
    assert "expired on 09 Mar 2026" in text_of(nurse.post(page, drawn, patient=infusing.patient))
    drawn |= {"expires_on": "2026-03-10"}
    assert nurse.post(page, drawn, patient=infusing.patient).status_code == 302
    preparation = infusing.preparations.get()
    uses = at("drug-uses", infusing, preparation.public_id)
    assert nurse.post(uses, {}, patient=infusing.patient).status_code == 422
    assert nurse.post(uses, {"given": "35", "wasted": "465"}, patient=infusing.patient).status_code == 302
    waste = DrugUse.objects.get(kind="wasted")
    told = text_of(nurse.get(at("session", infusing)))
    assert "Drug drawn up: 500 mg, Ketamine 50 mg/mL, 10 mL, lot K1" in told
    assert "500 mg drawn = 35 given + 465 wasted + 0 returned" in text_of(nurse.get(page))
    witness = at("waste-witness", infusing, waste.public_id)
    assert nurse.post(witness, patient=infusing.patient).status_code == 403
    second = Pages(staff("nurse", clinic.site))
    assert "465 mg Ketamine" in text_of(second.get(reverse("sessions:preparations")))
    assert second.post(witness, patient=infusing.patient).status_code == 302
    assert "accounted for" in text_of(nurse.get(page)) and "witnessed by" in text_of(nurse.get(page))
    found = nurse.get(reverse("sessions:preparations") + "?lot=k1")
    assert infusing.patient.full_name in text_of(found)


def test_entries_made_in_error_are_struck_on_their_pages(clinic, infusing, nurse):
    drawn = prepared(infusing, clinic)
    strike = at("preparation-strike", infusing, drawn.public_id)
    assert nurse.get(strike).status_code == 200
    assert nurse.post(strike, {"reason": "Other lot"}, patient=infusing.patient).status_code == 302
    target = at("medicine-give", infusing)
    fields = {"medicine": "glucose", "dose": "5", "unit": "g", "route": "oral"}
    assert nurse.post(target, fields, patient=infusing.patient).status_code == 409
    fields["departure_reason"] = "Fainted"
    assert nurse.post(target, fields, patient=infusing.patient).status_code == 302
    given = MedicationGiven.objects.get()
    retract = at("medicine-retract", infusing, given.public_id)
    assert nurse.post(retract, {"reason": "Other patient"}, patient=infusing.patient).status_code == 302
    assert text_of(nurse.get(at("session", infusing))).count("entered in error") == 1


def test_products_are_kept_by_whoever_decides_on_treatment(clinic, nurse):
    add = reverse("stock:product-add", args=[clinic.site.public_id])
    product = {
        "name": "Ketamine 10",
        "drug": "ketamine",
        "concentration_micrograms_per_ml": "10",
        "volume_microlitres": "20",
    }
    assert nurse.post(add, product).status_code == 403
    author = Pages(clinic.prescriber)
    assert author.post(add, product).status_code == 302
    assert author.post(add, product).status_code == 409
    listed = author.get(reverse("stock:products", args=[clinic.site.public_id]))
    edit = reverse("stock:product-edit", args=[listed.context["products"][0].public_id])
    assert author.post(edit, product | {"ndc": "1", "revision": "1"}).status_code == 302
    assert "kept no more" in text_of(nurse.get(reverse("stock:products", args=[clinic.site.public_id])))
