"""Several people at the orders of one site in the same moment: one is heard, the others read why not."""

from datetime import timedelta
from functools import partial

import pytest

from sessions.models import OrderAnswer, ResponsiblePrescriber, WasteWitness
from sessions.operations.naming_responsible import name_responsible
from sessions.operations.ordering_medicines import answer_verbal_order
from sessions.operations.preparing import use_drug, witness_use
from sessions.states import Status
from tests.scenes import staff
from tests.sessions.orders_scene import prepared, verbal_order
from tests.sessions.races.processes import DONE, tally
from tests.sessions.scenes import NOON, make_clinic, session_at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clinic(transactional_db):
    return make_clinic()


def test_several_who_name_the_responsible_prescriber(clinic):
    named = {
        "site": clinic.site,
        "kind": "responsible",
        "presence": "on_site",
        "starts_at": NOON,
        "ends_at": NOON + timedelta(hours=8),
        "by": clinic.nurse,
        "now": NOON,
    }
    people = [clinic.prescriber.user, clinic.director.user, clinic.prescriber.user]
    acts = [partial(name_responsible, user=user, **named) for user in people]
    assert tally(acts) == {DONE: 1, "responsible.taken": 2}
    assert ResponsiblePrescriber.objects.count() == 1


def test_an_answer_and_a_witness_are_given_once(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    order = verbal_order(session, clinic)
    answer = partial(answer_verbal_order, order=order, verdict="cosigned", by=clinic.prescriber, now=NOON)
    assert tally([answer] * 3) == {DONE: 1, "cosign.answered": 2}
    drawn = prepared(session, clinic)
    waste = use_drug(preparation=drawn, kind="wasted", micrograms=9000, by=clinic.nurse, now=NOON)
    others = [staff("nurse", clinic.site) for _number in range(3)]
    seen = [partial(witness_use, use=waste, by=other, now=NOON) for other in others]
    assert tally(seen) == {DONE: 1, "witness.taken": 2}
    assert (OrderAnswer.objects.count(), WasteWitness.objects.count()) == (1, 1)
