"""Patients change hands: who may offer, accept, decline, take back and take over, and who looks after whom then."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from clinic.accounts.actor import Actor
from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused
from sessions.models import Handover, InfusionSession
from sessions.operations import arriving, checking, handing_over, running
from sessions.operations.leaving import leave
from sessions.reports.handover_summary import summarise
from sessions.rules import covering
from sessions.states import Status
from tests.refusals import refused
from tests.scenes import make_site, make_user, staff
from tests.sessions.scenes import NOON, complete_check, make_clinic, ready_answer, session_at

SOON = NOON + timedelta(minutes=1)
BREAK_OVER = NOON + timedelta(minutes=30)


@pytest.fixture
def clinic(db):
    return make_clinic(chairs=4)


@pytest.fixture
def other(clinic):
    return staff("nurse", clinic.site, "other")


@pytest.fixture
def third(clinic):
    return staff("nurse", clinic.site, "third")


@pytest.fixture
def two(clinic):
    """Two patients of the clinic's nurse, in two chairs."""
    return [
        session_at(status, clinic=clinic, now=NOON, chair=chair)
        for status, chair in zip([Status.INFUSING, Status.READY], clinic.chairs, strict=False)
    ]


def offer(clinic, to: Actor, *, by: Actor | None = None, now: datetime = NOON, **more: Any) -> Handover:
    told = {"site": clinic.site, "to_nurse": to.user, "by": by or clinic.nurse, "now": now}
    return handing_over.offer_handover(summarise=summarise, **told | more)


def accept(handover, by, *, now=SOON):
    return handing_over.accept_handover(handover=handover, by=by, now=now)


def fresh(session):
    return InfusionSession.objects.select_related("nurse").get(pk=session.pk)


def carer(session, now=SOON):
    """Who looks after the patient: by the query, and by the pure rule, which must say the same."""
    asked = InfusionSession.objects.with_carer(now).get(pk=session.pk).carer_id
    covers = covering.covers_that_count(covering.accepted_of(session))
    known = covering.carer_of(fresh(session).nurse, covers, now)
    assert asked == (known.pk if known else None)
    return known


def verbs():
    return list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))


# Who becomes the nurse


def test_whoever_clears_looks_after_the_patient_where_nobody_does(clinic, other):
    arrived = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    assert carer(arrived) is None
    complete_check(arrived, by=clinic.nurse, now=NOON)
    checking.answer_check_item(
        session=arrived, item="identity", by=other, now=NOON, **ready_answer("identity", at=NOON)
    )
    arriving.clear(session=arrived, by=other, now=NOON)
    assert carer(arrived) == other.user
    arriving.withdraw_clearance(session=arrived, by=other, now=NOON)
    arriving.clear(session=arrived, by=clinic.nurse, now=SOON)
    assert carer(arrived) == other.user


def test_whoever_starts_is_the_nurse_but_not_while_a_colleague_covers(clinic, two, other, third):
    ready = two[1]
    accept(offer(clinic, other, until=BREAK_OVER, sessions=[ready]), other)
    running.start(session=ready, by=third, now=SOON)
    assert (fresh(ready).nurse, carer(ready)) == (clinic.nurse.user, other.user)
    another = session_at(Status.READY, clinic=clinic, now=NOON, chair=clinic.chairs[2])
    running.start(session=another, by=third, now=SOON)
    assert carer(another) == third.user


# Offer


def test_offer_all_mine_and_nobody_elses(clinic, two, other):
    theirs = session_at(Status.READY, clinic=clinic, now=NOON, chair=clinic.chairs[2])
    handing_over.take_over(session=theirs, reason="Called away", by=other, now=NOON)
    session_at(Status.DISCHARGED, clinic=clinic, now=NOON, chair=clinic.chairs[3])
    offered = offer(clinic, other, note=" Chair 1 is anxious ")
    assert set(offered.sessions.all()) == set(two)
    assert offered.summary.keys() == {str(session.public_id) for session in two}
    assert (offered.state, offered.note, offered.until) == ("offered", "Chair 1 is anxious", None)
    assert carer(two[0]) == clinic.nurse.user
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.subject_id) == ("handover.offered", offered.public_id)
    assert set(event.details["after"]["sessions"]) == offered.summary.keys()


def test_offer_only_the_chosen(clinic, two, other):
    assert list(offer(clinic, other, sessions=two[:1]).sessions.all()) == two[:1]


COLLEAGUES = {
    "handover.oneself": lambda clinic: clinic.nurse,
    "handover.colleague": lambda clinic: clinic.desk,
}


@pytest.mark.parametrize("code", COLLEAGUES)
def test_offer_is_for_a_colleague_who_may(clinic, two, code):
    with refused(Invalid, code):
        offer(clinic, COLLEAGUES[code](clinic))


def test_offer_is_not_for_nurses_of_other_sites_nor_for_those_who_left(clinic, two, other):
    with refused(Invalid, "handover.colleague"):
        offer(clinic, staff("nurse", make_site("south"), "southern"))
    other.user.is_active = False
    other.user.save()
    with refused(Invalid, "handover.colleague"):
        offer(clinic, other)


@pytest.mark.parametrize(
    ("after", "code"),
    [
        (timedelta(), "handover.until_past"),
        (timedelta(hours=24, seconds=1), "handover.until_far"),
        (timedelta(hours=24), None),
        (timedelta(seconds=1), None),
    ],
)
def test_offer_until_a_time_ahead_and_within_a_day(clinic, two, other, after, code):
    if code:
        with refused(Invalid, code):
            offer(clinic, other, until=NOON + after)
        return
    assert offer(clinic, other, until=NOON + after).until == NOON + after


def test_offer_needs_the_right(clinic, two, other):
    with refused(Refused, "permission.missing"):
        offer(clinic, other, by=clinic.desk)


@pytest.mark.parametrize("chosen", [None, []])
def test_offer_nobody(clinic, other, chosen):
    with refused(Conflict, "handover.nobody"):
        offer(clinic, other, sessions=chosen)


def test_offer_lists_every_patient_who_cannot_be_offered(clinic, two, other):
    gone = session_at(Status.DISCHARGED, clinic=clinic, now=NOON, chair=clinic.chairs[2])
    south = make_clinic("south")
    elsewhere = session_at(Status.READY, clinic=south, now=NOON)
    handing_over.take_over(session=two[1], reason="Called away", by=other, now=NOON)
    with refused(Conflict) as refusal:
        offer(clinic, other, sessions=[*two, gone, elsewhere])
    codes = {problem.code for problem in refusal.value.problems}
    assert codes == {"handover.not_mine", "handover.not_here", "handover.other_site"}
    assert two[0].patient.family_name not in str(refusal.value)


def test_a_patient_is_offered_once_at_a_time(clinic, two, other, third):
    first = offer(clinic, other, sessions=two[:1])
    with refused(Conflict, "handover.offered") as refusal:
        offer(clinic, third)
    assert "Chair 1" in str(refusal.value)
    offer(clinic, third, sessions=two[1:])
    handing_over.withdraw_handover(handover=first, by=clinic.nurse, now=NOON)
    assert offer(clinic, third, sessions=two[:1]).state == "offered"


def test_an_offer_that_ran_out_is_in_nobodys_way(clinic, two, other):
    offer(clinic, other, until=SOON)
    with refused(Conflict, "handover.offered"):
        offer(clinic, other)
    assert offer(clinic, other, now=SOON).state == "offered"


# Accept


def test_accept_for_good_writes_the_nurse(clinic, two, other):
    offered = offer(clinic, other)
    accept(offered, other)
    for session in two:
        assert (fresh(session).nurse, carer(session)) == (other.user, other.user)
    assert verbs()[-3:] == ["session.handed_over", "session.handed_over", "handover.accepted"]
    told = AuditEvent.objects.filter(verb="session.handed_over").first()
    assert told.patient_id in {session.patient.public_id for session in two}
    nurse, new = str(clinic.nurse.user.public_id), str(other.user.public_id)
    assert (told.details["before"]["nurse"], told.details["after"]["nurse"]) == (nurse, new)


def test_accept_until_a_time_is_cover_and_the_nurse_stays(clinic, two, other):
    accept(offer(clinic, other, until=BREAK_OVER), other)
    session = two[0]
    assert fresh(session).nurse == clinic.nurse.user
    assert carer(session, BREAK_OVER - timedelta(microseconds=1)) == other.user
    assert carer(session, BREAK_OVER) == clinic.nurse.user


def test_accept_is_for_the_named_colleague_who_still_may(clinic, two, other, third):
    offered = offer(clinic, other)
    for somebody in (third, clinic.nurse, clinic.desk):
        with refused(Refused, "handover.not_for_you"):
            accept(offered, somebody)
    other.user.memberships.all().delete()
    with refused(Refused, "permission.missing"):
        accept(offered, Actor.of_user(other.user))


def test_accept_twice_is_harmless(clinic, two, other):
    offered = offer(clinic, other)
    accept(offered, other)
    count = AuditEvent.objects.count()
    again = accept(offered, other, now=NOON + timedelta(minutes=5))
    assert (again.state, again.answered_at, AuditEvent.objects.count()) == ("accepted", SOON, count)


def test_who_has_left_meanwhile_falls_out(clinic, two, other):
    offered = offer(clinic, other)
    leave(session=two[0], by=clinic.nurse, reason="Went home", now=NOON)
    accept(offered, other)
    assert list(offered.sessions.all()) == two[1:]
    assert fresh(two[0]).nurse == clinic.nurse.user
    assert AuditEvent.objects.latest("pk").details["after"]["fell_out"] == [str(two[0].public_id)]


def test_who_is_with_somebody_else_meanwhile_falls_out(clinic, two, other, third):
    offered = offer(clinic, other, until=BREAK_OVER)
    handing_over.take_over(session=two[0], reason="Called away", by=third, now=NOON)
    accept(offered, other)
    assert (carer(two[0]), carer(two[1])) == (third.user, other.user)


def test_accept_with_nobody_left(clinic, two, other):
    offered = offer(clinic, other, sessions=two[:1])
    leave(session=two[0], by=clinic.nurse, reason="Went home", now=NOON)
    with refused(Conflict, "handover.nobody_left"):
        accept(offered, other)


def test_accept_after_its_time(clinic, two, other):
    offered = offer(clinic, other, until=BREAK_OVER)
    with refused(Conflict, "handover.expired"):
        accept(offered, other, now=BREAK_OVER)


# Decline, withdraw


def decline(handover, by, **more):
    told = {"reason": "Four patients already", "now": SOON}
    return handing_over.decline_handover(handover=handover, by=by, **told | more)


def withdraw(handover, by):
    return handing_over.withdraw_handover(handover=handover, by=by, now=SOON)


def test_decline_leaves_everybody_where_they_are(clinic, two, other, third):
    offered = offer(clinic, other)
    with refused(Refused, "handover.not_for_you"):
        decline(offered, clinic.nurse)
    with refused(Invalid, "reason.missing"):
        decline(offered, other, reason="  ")
    assert decline(offered, other).state == "declined"
    assert carer(two[0]) == clinic.nurse.user
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.reason) == ("handover.declined", "Four patients already")
    assert offer(clinic, third).state == "offered"


def test_withdraw_is_for_whoever_offered(clinic, two, other):
    offered = offer(clinic, other)
    with refused(Refused, "handover.not_yours"):
        withdraw(offered, other)
    assert withdraw(offered, clinic.nurse).state == "withdrawn"
    assert verbs()[-1] == "handover.withdrawn"


ANSWERS = {
    "accepted": accept,
    "declined": decline,
    "withdrawn": lambda handover, by: withdraw(handover, handover.giver),
}


@pytest.mark.parametrize("first", ANSWERS)
@pytest.mark.parametrize("second", ANSWERS)
def test_an_answer_stands(clinic, two, other, first, second):
    offered = offer(clinic, other)
    offered.giver = clinic.nurse
    ANSWERS[first](offered, other)
    if first == second == "accepted":
        return
    with refused(Conflict, "handover.answered"):
        ANSWERS[second](offered, other)
    offered.refresh_from_db()
    assert offered.state == first


# Take over


def test_take_over_where_nobody_looked_after_the_patient(clinic, other):
    arrived = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    handing_over.take_over(session=arrived, reason="At the chair", by=other, now=NOON)
    assert carer(arrived) == other.user
    assert not Handover.objects.exists()
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.reason, event.patient_id) == (
        "session.taken_over",
        "At the chair",
        arrived.patient.public_id,
    )


def test_take_over_from_a_nurse_ends_cover_and_stands_among_the_handovers(clinic, two, other, third):
    accept(offer(clinic, other, until=BREAK_OVER), other)
    handing_over.take_over(session=two[0], reason="Nobody at the chair", by=third, now=SOON)
    assert (carer(two[0]), carer(two[1])) == (third.user, other.user)
    noted = Handover.objects.latest("pk")
    assert (noted.from_nurse, noted.to_nurse, noted.note) == (other.user, third.user, "Nobody at the chair")


def test_take_back_before_and_after_the_cover_has_run_out(clinic, two, other):
    accept(offer(clinic, other, until=BREAK_OVER), other)
    handing_over.take_over(session=two[0], reason="Back early", by=clinic.nurse, now=SOON)
    assert carer(two[0]) == clinic.nurse.user
    handing_over.take_over(session=two[1], reason="Back", by=clinic.nurse, now=BREAK_OVER)
    with refused(Conflict, "handover.mine"):
        handing_over.take_over(session=two[1], reason="Back", by=clinic.nurse, now=BREAK_OVER)


def test_take_over_needs_a_reason_the_right_and_a_patient_who_is_here(clinic, two, other):
    with refused(Invalid, "reason.missing"):
        handing_over.take_over(session=two[0], reason=" ", by=other, now=NOON)
    with refused(Refused, "permission.missing"):
        handing_over.take_over(session=two[0], reason="x", by=clinic.desk, now=NOON)
    gone = session_at(Status.DISCHARGED, clinic=clinic, now=NOON, chair=clinic.chairs[2])
    with refused(Conflict, "handover.not_here"):
        handing_over.take_over(session=gone, reason="x", by=other, now=NOON)


def test_cover_of_a_cover_goes_back_the_way_it_came(clinic, two, other, third):
    accept(offer(clinic, other, until=NOON + timedelta(hours=2)), other)
    accept(offer(clinic, third, by=other, until=BREAK_OVER, now=SOON), third)
    session = two[0]
    assert carer(session) == third.user
    assert carer(session, BREAK_OVER) == other.user
    assert carer(session, NOON + timedelta(hours=2)) == clinic.nurse.user


def test_somebody_without_a_role_is_nobodys_colleague(clinic, two):
    with refused(Invalid, "handover.colleague"):
        offer(clinic, Actor.of_user(make_user("nobody")))
