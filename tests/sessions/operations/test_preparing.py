"""Drug drawn up: drawn = given + wasted + returned, and waste is seen by somebody else."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from clinic.common.constraints import violated
from clinic.common.errors import Conflict, Invalid, Refused
from clinic.stock.operations.products import edit_product
from sessions.models import DrugUse, WasteWitness
from sessions.operations import preparing, signing
from sessions.reports.preparation import (
    of_lot,
    preparation_panel,
    unsettled_preparations,
    unwitnessed_waste,
)
from sessions.states import Status
from tests.refusals import refused
from tests.scenes import staff
from tests.sessions.orders_scene import make_product, prepared
from tests.sessions.scenes import NOON, make_clinic, session_at

TODAY = date(2026, 3, 10)


@pytest.fixture
def ready(clinic):
    return session_at(Status.READY, clinic=clinic, now=NOON)


def use(preparation, clinic, kind="wasted", milligrams=465, **told):
    told = {"preparation": preparation, "kind": kind, "micrograms": milligrams * 1000} | told
    return preparing.use_drug(**{"by": clinic.nurse, "now": NOON} | told)


def test_what_was_drawn_keeps_the_strength_it_had(clinic, ready):
    product = make_product(clinic.site, by=clinic.director)
    drawn = prepared(ready, clinic, product=product, drawn_micrograms=35_000)
    changed = {"concentration_micrograms_per_ml": 100_000}
    edit_product(product=product, changes=changed, by=clinic.director, expected_revision=1, now=NOON)
    assert (drawn.concentration_micrograms_per_ml, drawn.drawn_microlitres) == (50_000, 700)
    assert drawn.taken_by == clinic.nurse.user


@pytest.mark.parametrize(
    ("told", "error", "code"),
    [
        ({"lot": " "}, Invalid, "preparation.lot"),
        ({"drawn_micrograms": 0}, Invalid, "preparation.drawn"),
        ({"expires_on": TODAY - timedelta(days=1)}, Conflict, "preparation.expired"),
        ({"taken_at": NOON + timedelta(minutes=1)}, Invalid, "time.future"),
        ({"by": "desk"}, Refused, "permission.missing"),
    ],
)
def test_what_is_not_prepared(clinic, ready, told, error, code):
    if "by" in told:
        told = {"by": getattr(clinic, told["by"])}
    with refused(error, code):
        prepared(ready, clinic, **told)


def test_a_product_is_one_of_the_site_and_still_kept(clinic, ready):
    south = make_clinic("south")
    with refused(Invalid, "preparation.product"):
        prepared(ready, clinic, product=make_product(south.site, by=south.director))
    product = make_product(clinic.site, by=clinic.director)
    changed = {"is_active": False}
    edit_product(product=product, changes=changed, by=clinic.director, expected_revision=1, now=NOON)
    product.refresh_from_db()
    with refused(Invalid, "preparation.product"):
        prepared(ready, clinic, product=product)


def test_an_expired_container_that_was_drawn_from_is_recordable_with_its_reason(clinic, ready):
    last_day = prepared(ready, clinic, expires_on=TODAY)
    expired = {"expires_on": TODAY - timedelta(days=1), "departure_reason": "Noticed afterwards"}
    product = last_day.product
    assert last_day.departure_reason == ""
    assert prepared(ready, clinic, product=product, **expired).departure_reason == "Noticed afterwards"


def test_the_sum_is_shown_and_a_difference_is_named(clinic, ready):
    drawn = prepared(ready, clinic)
    use(drawn, clinic, "given", 35)
    use(drawn, clinic, "wasted", 400)
    row = preparation_panel(ready, actor=clinic.nurse).current
    assert (row.given, row.wasted, row.returned, row.difference) == (35_000, 400_000, 0, 65_000)
    assert [found.difference for found in unsettled_preparations(clinic.site, TODAY)] == [65_000]
    with refused(Invalid, "drug_use.over"):
        use(drawn, clinic, "returned", 66)
    rest = use(drawn, clinic, "returned", 66, confirmed=True)
    assert preparation_panel(ready, actor=clinic.nurse).current.difference == -1000
    preparing.strike_use(use=rest, reason="It was 65", by=clinic.nurse, now=NOON)
    use(drawn, clinic, "returned", 65)
    assert unsettled_preparations(clinic.site, TODAY) == []
    assert unsettled_preparations(make_clinic("south").site, TODAY) == []


def test_waste_waits_for_a_witness_who_did_neither(clinic, ready):
    drawn = prepared(ready, clinic)
    waste = use(drawn, clinic, by=clinic.prescriber, seal="A17")
    assert unwitnessed_waste(clinic.site, TODAY) == [waste]
    assert unwitnessed_waste(clinic.site, TODAY - timedelta(days=1)) == []
    for own in (clinic.nurse, clinic.prescriber):
        with refused(Refused, "witness.self"):
            preparing.witness_use(use=waste, by=own, now=NOON)
        assert not preparation_panel(ready, actor=own).current.uses[0].may_witness
    with refused(Refused, "permission.missing"):
        preparing.witness_use(use=waste, by=clinic.desk, now=NOON)
    other = staff("nurse", clinic.site)
    assert preparation_panel(ready, actor=other).current.uses[0].may_witness
    preparing.witness_use(use=waste, by=other, now=NOON + timedelta(hours=6))
    assert unwitnessed_waste(clinic.site, TODAY) == []
    with refused(Conflict, "witness.taken"):
        preparing.witness_use(use=waste, by=clinic.director, now=NOON)


def test_what_is_given_or_struck_asks_for_no_witness(clinic, ready):
    drawn = prepared(ready, clinic)
    given, waste = use(drawn, clinic, "given", 35), use(drawn, clinic, "wasted", 9)
    preparing.strike_use(use=waste, reason="Slip", by=clinic.nurse, now=NOON)
    for row in (given, waste):
        with refused(Conflict, "witness.not_asked"):
            preparing.witness_use(use=row, by=clinic.director, now=NOON)
    assert unwitnessed_waste(clinic.site, TODAY) == []


def test_the_database_itself_refuses_ones_own_witness(clinic, ready):
    waste = use(prepared(ready, clinic), clinic)
    mine = {
        "use": waste,
        "prepared_by": clinic.nurse.user,
        "used_by": clinic.nurse.user,
        "taken_by": clinic.nurse.user,
        "entered_by": clinic.nurse.user,
        "taken_at": NOON,
        "entered_at": NOON,
    }
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        WasteWitness.objects.create(**mine)
    assert violated(caught.value) == "waste_witness_is_another"


@pytest.mark.parametrize("status", [Status.SCHEDULED, Status.NO_SHOW, Status.NOT_STARTED])
def test_drug_of_an_infusion_that_never_starts_is_accounted_for(clinic, status):
    session = session_at(status, clinic=clinic, now=NOON)
    waste = use(prepared(session, clinic), clinic, milligrams=500)
    assert unwitnessed_waste(clinic.site, TODAY) == [waste]


def test_after_the_signature_waste_is_recorded_and_no_preparation(clinic):
    session = session_at(Status.DISCHARGED, clinic=clinic, now=NOON)
    drawn = prepared(session, clinic)
    signature = signing.sign(session=session, by=clinic.nurse, now=NOON)
    use(drawn, clinic)
    assert signing.digest_of_chart(session) == signature.digest
    with refused(Conflict, "chart.signed"):
        prepared(session, clinic, product=drawn.product)
    with refused(Conflict, "chart.signed"):
        preparing.strike_preparation(preparation=drawn, reason="Slip", by=clinic.nurse, now=NOON)


def test_a_preparation_is_struck_while_nothing_of_it_was_used(clinic, ready):
    drawn = prepared(ready, clinic)
    waste = use(drawn, clinic)
    strike = {"preparation": drawn, "reason": "Wrong lot", "by": clinic.nurse, "now": NOON}
    with refused(Conflict, "preparation.used"):
        preparing.strike_preparation(**strike)
    preparing.strike_use(use=waste, reason="Wrong lot", by=clinic.nurse, now=NOON)
    preparing.strike_preparation(**strike)
    with refused(Conflict, "preparation.struck"):
        use(drawn, clinic)
    assert preparation_panel(ready, actor=clinic.nurse).current is None
    assert DrugUse.objects.current().count() == 0


def test_a_recalled_lot_is_found_whatever_its_letters(clinic, ready):
    drawn = prepared(ready, clinic, lot="K-17b")
    prepared(ready, clinic, lot="K-18", product=drawn.product)
    assert of_lot(" k-17B ", actor=clinic.nurse) == [drawn]
    assert of_lot("K-17b", actor=make_clinic("south").nurse) == []
