"""Offers, answers and take-overs at the same moment: every patient is with one person, and offered once."""

from functools import partial

import pytest

from clinic.audit.models import AuditEvent
from sessions.models import Handover, InfusionSession
from sessions.operations import handing_over
from sessions.reports.handover_summary import summarise
from sessions.states import Status
from tests.scenes import staff
from tests.sessions.races.processes import DONE, at_once, tally
from tests.sessions.scenes import NOON, make_clinic, session_at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clinic(transactional_db):
    return make_clinic(now=NOON)


@pytest.fixture
def sessions(clinic):
    return [session_at(Status.INFUSING, clinic=clinic, now=NOON, chair=chair) for chair in clinic.chairs]


def offer(clinic, to, **more):
    told = {"site": clinic.site, "to_nurse": to.user, "by": clinic.nurse, "now": NOON}
    return handing_over.offer_handover(summarise=summarise, **told | more)


def test_the_same_patients_are_offered_once(clinic, sessions):
    colleagues = [staff("nurse", clinic.site) for _number in range(4)]
    acts = [partial(offer, clinic, to) for to in colleagues]
    assert tally(acts) == {DONE: 1, "handover.offered": 3}
    assert Handover.objects.get().rows.count() == len(sessions)


def test_an_offer_is_accepted_once_though_it_is_pressed_often(clinic, sessions):
    other = staff("nurse", clinic.site)
    offered = offer(clinic, other)
    acts = [partial(handing_over.accept_handover, handover=offered, by=other, now=NOON)] * 4
    assert tally(acts) == {DONE: 4}
    assert AuditEvent.objects.filter(verb="handover.accepted").count() == 1


@pytest.mark.parametrize("_again", range(3))
def test_a_take_over_while_an_offer_is_accepted(clinic, sessions, _again):
    """Whichever comes first, nobody is stuck, and the patient is with the one who came last or was not given away."""
    other, third = staff("nurse", clinic.site), staff("nurse", clinic.site)
    offered = offer(clinic, other)
    accepted, taken = at_once(
        [
            partial(handing_over.accept_handover, handover=offered, by=other, now=NOON),
            partial(handing_over.take_over, session=sessions[0], reason="Called", by=third, now=NOON),
        ]
    )
    assert (accepted, taken) == (DONE, DONE)
    nurses = [InfusionSession.objects.get(pk=session.pk).nurse_id for session in sessions]
    assert nurses == [third.user_id, other.user_id, other.user_id]


def test_one_answer_stands(clinic, sessions):
    other = staff("nurse", clinic.site)
    offered = offer(clinic, other)
    acts = [
        partial(handing_over.accept_handover, handover=offered, by=other, now=NOON),
        partial(handing_over.decline_handover, handover=offered, reason="No", by=other, now=NOON),
        partial(handing_over.withdraw_handover, handover=offered, by=clinic.nurse, now=NOON),
    ]
    assert tally(acts) == {DONE: 1, "handover.answered": 2}
