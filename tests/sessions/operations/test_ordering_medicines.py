"""Verbal orders and their co-signatures, standing orders and their versions."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from clinic.accounts.actor import Actor
from clinic.common.errors import Conflict, Invalid, Refused, Stale
from clinic.facilities.operations.sites import edit_site
from sessions.models import OrderAnswer, StandingOrder
from sessions.operations import ordering_medicines as ordering
from sessions.operations import standing_orders as standing
from sessions.reports.cosign import cosign_queue, count_waiting, overdue_orders
from sessions.states import Status
from tests.refusals import refused
from tests.scenes import staff
from tests.sessions.orders_scene import ordered_dose, standing_order, verbal_order
from tests.sessions.scenes import NOON, make_clinic, session_at


@pytest.fixture
def infusing(clinic):
    return session_at(Status.INFUSING, clinic=clinic, now=NOON)


def test_a_verbal_order_waits_by_the_sites_clock_in_the_name_of_who_gave_it(clinic, infusing):
    manager = staff("administrator", clinic.site)
    revision = clinic.site.revision
    edit_site(
        site=clinic.site, changes={"policy": {"cosign_hours": 2}}, by=manager, expected_revision=revision
    )
    order = verbal_order(infusing, clinic)
    assert (order.taken_by, order.entered_by) == (clinic.prescriber.user, clinic.nurse.user)
    assert order.cosign_due_at == NOON + timedelta(hours=2)
    mine = cosign_queue(clinic.prescriber, now=NOON + timedelta(hours=2)).mine
    assert [(row.order, row.is_overdue) for row in mine] == [(order, True)]
    theirs = cosign_queue(clinic.director, now=NOON)
    assert (theirs.mine, [row.is_overdue for row in theirs.others]) == ([], [False])
    assert (count_waiting(clinic.prescriber), count_waiting(clinic.director)) == (1, 0)
    assert overdue_orders(clinic.site, now=NOON) == []
    assert overdue_orders(clinic.site, now=NOON + timedelta(hours=3)) == [order]


@pytest.mark.parametrize(
    ("told", "error", "code"),
    [
        ({"words": " "}, Invalid, "verbal.words"),
        ({"read_back": False}, Invalid, "verbal.read_back"),
        ({"ordered_by": "nurse"}, Invalid, "verbal.person"),
        ({"by": "prescriber"}, Refused, "verbal.own"),
        ({"by": "desk"}, Refused, "permission.missing"),
        ({"said": ordered_dose(indication=" ")}, Invalid, "medicine.indication"),
        ({"said": ordered_dose(max_session=Decimal(2))}, Invalid, "medicine.max_session"),
    ],
)
def test_a_verbal_order_that_is_not_one(clinic, infusing, told, error, code):
    people = {"nurse": clinic.nurse.user}
    told = {name: people.get(value, value) if name == "ordered_by" else value for name, value in told.items()}
    if isinstance(told.get("by"), str):
        told["by"] = getattr(clinic, told["by"])
    with refused(error, code):
        verbal_order(infusing, clinic, **told)


def test_only_a_prescriber_orders(clinic, infusing):
    with refused(Refused, "permission.missing"):
        ordering.order_medicine(session=infusing, said=ordered_dose(), by=clinic.nurse, now=NOON)


def test_an_answer_is_given_once_and_by_whoever_ordered(clinic, infusing):
    order = verbal_order(infusing, clinic)
    said = {"order": order, "now": NOON}
    with refused(Refused, "cosign.not_yours"):
        ordering.answer_verbal_order(verdict="cosigned", by=clinic.director, **said)
    with refused(Refused, "permission.missing"):
        ordering.answer_verbal_order(verdict="cosigned", by=clinic.nurse, **said)
    with refused(Invalid, "cosign.words"):
        ordering.answer_verbal_order(verdict="disputed", by=clinic.prescriber, **said)
    ordering.answer_verbal_order(verdict="cosigned", by=clinic.prescriber, **said)
    with refused(Conflict, "cosign.answered"):
        ordering.answer_verbal_order(verdict="disputed", words="No", by=clinic.prescriber, **said)
    assert count_waiting(clinic.prescriber) == 0


def test_a_written_order_needs_no_answer(clinic, infusing):
    order = ordering.order_medicine(session=infusing, said=ordered_dose(), by=clinic.prescriber, now=NOON)
    with refused(Conflict, "cosign.not_verbal"):
        ordering.answer_verbal_order(order=order, verdict="cosigned", by=clinic.prescriber, now=NOON)


def test_a_dispute_is_shown_and_a_signed_chart_can_still_be_answered_for(clinic):
    session = session_at(Status.DISCHARGED, clinic=clinic, now=NOON)
    order = verbal_order(session, clinic)
    from sessions.operations.signing import sign

    sign(session=session, by=clinic.nurse, now=NOON)
    ordering.answer_verbal_order(
        order=order, verdict="disputed", words="I said two", by=clinic.prescriber, now=NOON
    )
    assert [row.words for row in cosign_queue(clinic.nurse, now=NOON).disputed] == ["I said two"]
    assert OrderAnswer.objects.for_user(staff("nurse", make_clinic("south").site)).count() == 0


def test_a_new_version_of_a_standing_order_replaces_the_one_before(clinic):
    first = standing_order(clinic)
    draft = standing.draft_standing_order(
        code="ondansetron", content=ordered_dose(dose=Decimal(8)), by=clinic.director, now=NOON
    )
    with refused(Conflict, "standing_order.drafted"):
        standing.draft_standing_order(
            code="ondansetron", content=ordered_dose(), by=clinic.director, now=NOON
        )
    first.refresh_from_db()
    assert (draft.number, first.state) == (2, StandingOrder.State.APPROVED)
    edited = standing.edit_standing_order(
        order=draft, content={"dose": Decimal(2)}, by=clinic.director, expected_revision=1, now=NOON
    )
    with refused(Stale):
        standing.approve_standing_order(order=draft, by=clinic.director, expected_revision=1, now=NOON)
    approved = standing.approve_standing_order(
        order=edited, by=clinic.director, expected_revision=2, now=NOON
    )
    first.refresh_from_db()
    assert (approved.dose_micrograms, first.state) == (2000, StandingOrder.State.RETIRED)
    with refused(Conflict, "standing_order.frozen"):
        standing.edit_standing_order(
            order=approved, content={}, by=clinic.director, expected_revision=3, now=NOON
        )
    assert list(StandingOrder.objects.usable_at(clinic.site, date(2026, 3, 10))) == [approved]


def test_who_drafts_and_who_approves(clinic):
    with refused(Refused, "permission.missing"):
        standing.draft_standing_order(code="a", content=ordered_dose(), by=clinic.nurse, now=NOON)
    draft = standing.draft_standing_order(code="a", content=ordered_dose(), by=clinic.prescriber, now=NOON)
    with refused(Refused, "permission.missing"):
        standing.approve_standing_order(order=draft, by=clinic.prescriber, expected_revision=1, now=NOON)
    south = make_clinic("south")
    stranger = Actor.of_user(south.prescriber.user)
    with refused(Refused, "permission.missing"):
        standing.draft_standing_order(
            code="b", content=ordered_dose(), site=clinic.site, by=stranger, now=NOON
        )


def test_a_code_stands_for_one_place(clinic):
    standing_order(clinic)
    with refused(Conflict, "standing_order.place"):
        standing.draft_standing_order(
            code="ondansetron", content=ordered_dose(), site=clinic.site, by=clinic.director, now=NOON
        )
