"""Medicines given by their orders, and recorded all the same where no order covers them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from clinic.audit.models import AuditEvent
from clinic.common.constraints import violated
from clinic.common.errors import Conflict, Invalid
from sessions.models import MedicationGiven
from sessions.operations import medicines, signing
from sessions.operations.monitoring import report_side_effect
from sessions.operations.ordering_medicines import answer_verbal_order, order_medicine
from sessions.operations.standing_orders import retire_standing_order
from sessions.reports.medicines import helped, medicines_panel, standing_orders_for
from sessions.states import Status
from tests.refusals import refused
from tests.sessions.orders_scene import ordered_dose, standing_order, verbal_order
from tests.sessions.scenes import NOON, make_clinic, session_at


@pytest.fixture
def infusing(clinic):
    return session_at(Status.INFUSING, clinic=clinic, now=NOON)


def give(session, clinic, **told):
    return medicines.give_medicine(
        **{"session": session, "dose": Decimal(4), "unit": "mg", "by": clinic.nurse, "now": NOON} | told
    )


def test_by_a_standing_order_it_is_given_as_that_says(clinic, infusing):
    order = standing_order(clinic)
    effect = report_side_effect(session=infusing, term="nausea", grade=2, by=clinic.nurse, now=NOON)
    given = give(infusing, clinic, standing_order=order, side_effect=effect)
    assert (given.medicine, given.dose_micrograms, given.route) == ("ondansetron", 4000, "iv")
    assert (given.indication, given.departure_reason, given.obstacles) == ("Nausea", "", [])
    assert list(effect.medicines.all()) == [given]
    assert AuditEvent.objects.filter(verb="medicine.given", patient_id=infusing.patient.public_id).exists()


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"dose": Decimal("4.001")}, "medicine.over_dose"),
        ({"dose": Decimal("0.005"), "unit": "g"}, "medicine.over_dose"),
        ({"route": "oral"}, "medicine.route"),
        ({"standing_order": None, "medicine": "ondansetron", "route": "iv"}, "medicine.no_order"),
    ],
)
def test_what_the_order_does_not_cover_is_refused_and_recordable_with_a_reason(clinic, infusing, told, code):
    told = {"standing_order": standing_order(clinic)} | told
    with refused(Conflict, code):
        give(infusing, clinic, **told)
    given = give(infusing, clinic, departure_reason="Given before I asked", **told)
    assert [item["code"] for item in given.obstacles] == [code]
    assert given.departure_reason == "Given before I asked"


def test_the_most_for_a_session_counts_every_version_and_no_struck_row(clinic, infusing):
    order = standing_order(clinic)
    first = give(infusing, clinic, standing_order=order)
    newer = standing_order(clinic)
    second = give(infusing, clinic, standing_order=newer)
    with refused(Conflict, "medicine.over_session"):
        give(infusing, clinic, standing_order=newer)
    panel = medicines_panel(infusing, actor=clinic.nurse, now=NOON)
    assert [(offer.left, offer.is_used_up) for offer in panel.standing] == [("0 mg", True)]
    medicines.retract_medicine(given=first, reason="Other patient", by=clinic.nurse, now=NOON)
    assert give(infusing, clinic, standing_order=newer).pk > second.pk


def test_without_a_most_one_dose_is_all(clinic, infusing):
    order = standing_order(clinic, max_session=None)
    give(infusing, clinic, standing_order=order)
    with refused(Conflict, "medicine.over_session"):
        give(infusing, clinic, standing_order=order)


def test_a_standing_order_counts_where_and_while_it_is_in_use(clinic, infusing):
    south = make_clinic("south")
    elsewhere = standing_order(south, code="other", site=south.site)
    run_out = standing_order(clinic, code="old", valid_until=(NOON - timedelta(days=1)).date())
    retired = standing_order(clinic, code="gone")
    retire_standing_order(order=retired, reason="Recall", by=clinic.director, expected_revision=2, now=NOON)
    for order in (elsewhere, run_out, retired):
        with refused(Conflict, "medicine.standing_order"):
            give(infusing, clinic, standing_order=order)
    example = standing_order(clinic, code="example", is_example=True)
    assert give(infusing, clinic, standing_order=example).standing_order == example
    infusing.site.is_demo = False
    infusing.site.save()
    with refused(Conflict, "medicine.standing_order"):
        give(infusing, clinic, standing_order=example)


def test_by_an_order_of_this_session_and_of_no_other(clinic, infusing):
    order = order_medicine(session=infusing, said=ordered_dose(), by=clinic.prescriber, now=NOON)
    assert give(infusing, clinic, order=order).order == order
    other = session_at(Status.INFUSING, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    with refused(Conflict, "medicine.other_session"):
        give(other, clinic, order=order, departure_reason="They are neighbours")


def test_a_disputed_order_covers_nothing_more(clinic, infusing):
    order = verbal_order(infusing, clinic)
    give(infusing, clinic, order=order)
    answer_verbal_order(order=order, verdict="disputed", words="I said two", by=clinic.prescriber, now=NOON)
    with refused(Conflict, "medicine.disputed"):
        give(infusing, clinic, order=order)
    assert medicines_panel(infusing, actor=clinic.nurse, now=NOON).ordered == []


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"dose": Decimal(0)}, "medicine.dose"),
        ({"dose": Decimal("NaN")}, "medicine.dose"),
        ({"dose": Decimal("0.0005")}, "medicine.dose"),
        ({"dose": Decimal(101), "unit": "g"}, "medicine.dose"),
        ({"unit": "mL"}, "medicine.unit"),
        ({"standing_order": None, "medicine": " ", "route": "iv"}, "medicine.name"),
        ({"standing_order": None, "medicine": "water"}, "medicine.route_unknown"),
    ],
)
def test_what_cannot_be_meant_is_refused_whatever_the_reason(clinic, infusing, told, code):
    told = {"standing_order": standing_order(clinic)} | told
    with refused(Invalid, code):
        give(infusing, clinic, departure_reason="In a hurry", **told)


def test_what_helped_is_told_the_next_time(clinic, infusing):
    given = give(infusing, clinic, standing_order=standing_order(clinic))
    note = {"given": given, "by": clinic.nurse}
    medicines.note_effect(outcome="unchanged", now=NOON, **note)
    assert helped(infusing) == []
    medicines.note_effect(outcome="helped", now=NOON + timedelta(minutes=10), **note)
    assert helped(infusing) == ["ondansetron 4 mg IV"]
    with refused(Invalid, "medicine.too_early"):
        medicines.note_effect(outcome="helped", taken_at=NOON - timedelta(minutes=1), now=NOON, **note)
    medicines.retract_medicine(given=given, reason="Other patient", by=clinic.nurse, now=NOON)
    assert helped(infusing) == []


def test_orders_for_a_side_effect_come_first_for_it(clinic, infusing):
    order = standing_order(clinic)
    standing_order(clinic, code="labetalol", medicine="labetalol", for_side_effects=[])
    asked = {"actor": clinic.nurse, "now": NOON}
    assert standing_orders_for(infusing, "nausea", **asked) == [order]
    assert standing_orders_for(infusing, "headache", **asked) == []


def test_a_signature_covers_what_was_given(clinic):
    session = session_at(Status.DISCHARGED, clinic=clinic, now=NOON)
    before = signing.digest_of_chart(session)
    give(session, clinic, standing_order=standing_order(clinic))
    assert signing.digest_of_chart(session) != before
    signing.sign(session=session, by=clinic.nurse, now=NOON)
    with refused(Conflict, "chart.signed"):
        give(session, clinic, departure_reason="Late")


def test_the_database_refuses_a_medicine_without_order_and_reason(clinic, infusing):
    given = give(infusing, clinic, standing_order=standing_order(clinic))
    row = MedicationGiven.objects.filter(pk=given.pk).values().get()
    del row["id"], row["public_id"]
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        MedicationGiven.objects.create(**row | {"standing_order_id": None})
    assert violated(caught.value) == "medication_given_by_order_or_reason"
