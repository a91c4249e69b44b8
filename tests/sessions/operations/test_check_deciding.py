"""Asking a prescriber, deciding, naming the baseline, and the patient's wishes."""

from datetime import timedelta

import pytest

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused
from sessions.models import CheckDecision, Departure, InfusionSession, PatientWish
from sessions.operations import arriving, monitoring, running
from sessions.operations.check_deciding import ask_prescriber, choose_baseline, decide
from sessions.operations.patient_wishes import record_wishes
from sessions.reports.decisions import waiting_requests
from sessions.reports.last_time import standing_wish
from sessions.rules.corrections import standing
from sessions.rules.limits import baseline_of
from sessions.rules.signing import digest_of_chart
from sessions.states import Status
from tests.refusals import refused
from tests.scenes import staff
from tests.sessions.scenes import (
    NOON,
    NORMAL,
    booked_session,
    complete_check,
    make_clinic,
    make_course,
    session_at,
)

LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def checked(clinic):
    """Everything answered, not yet cleared."""
    session = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    complete_check(session, by=clinic.nurse, now=NOON)
    return session


def ask(session, clinic, **told):
    usual = {"session": session, "question": "164/98 twice. Go on?", "by": clinic.nurse, "now": NOON}
    return ask_prescriber(**usual | told)


def make_decision(session, clinic, outcome="proceed", **told):
    usual = {"session": session, "outcome": outcome, "by": clinic.prescriber, "now": LATER}
    return decide(**usual | told)


NEEDED = {
    "proceed": {},
    "change": {"changes": ["observation"], "words": "90 minutes"},
    "wait": {"words": "Measure again", "waits_until": LATER + timedelta(minutes=10)},
    "cancel": {"words": "Too high"},
}


def test_an_open_question_holds_the_clearance_up(clinic, checked):
    asked = ask(checked, clinic)
    with refused(Conflict, "decision.open"):
        arriving.clear(session=checked, by=clinic.nurse, now=NOON)
    assert waiting_requests(clinic.prescriber) == [asked]
    with refused(Conflict, "decision.asked"):
        ask(checked, clinic)
    with refused(Refused, "decision.prescriber"):
        make_decision(checked, clinic, by=clinic.nurse)
    answered = make_decision(checked, clinic)
    assert (answered.request, answered.by_prescriber) == (asked, True)
    assert waiting_requests(clinic.prescriber) == []
    arriving.clear(session=checked, by=clinic.nurse, now=LATER)
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs[-3:] == ["decision.asked", "decision.made", "session.cleared"]


def test_an_open_question_holds_the_start_up_but_not_the_record_of_one(clinic):
    ready = session_at(Status.READY, clinic=clinic, now=NOON)
    ask(ready, clinic)
    with refused(Conflict, "decision.open"):
        running.start(session=ready, by=clinic.nurse, now=LATER)
    running.start(session=ready, by=clinic.nurse, now=LATER, departure_reason="Had begun when we asked")
    assert "decision.open" in {one["code"] for one in Departure.objects.get().obstacles}


@pytest.mark.parametrize(
    ("outcome", "code"),
    [("proceed", None), ("change", None), ("wait", "decision.wait"), ("cancel", "decision.cancel")],
)
def test_what_a_decision_holds_up(clinic, checked, outcome, code):
    ask(checked, clinic)
    make_decision(checked, clinic, outcome, **NEEDED[outcome])
    if code is None:
        arriving.clear(session=checked, by=clinic.nurse, now=LATER)
        return
    with refused(Conflict, code):
        arriving.clear(session=checked, by=clinic.nurse, now=LATER)
    # A nurse does not go against it, but asks again, and a prescriber may decide otherwise.
    with refused(Refused, "decision.prescriber"):
        make_decision(checked, clinic, by=clinic.nurse)
    ask(checked, clinic, now=LATER, question="Settled by itself. Now?")
    make_decision(checked, clinic)
    arriving.clear(session=checked, by=clinic.nurse, now=LATER)


def test_a_wait_is_over_when_its_time_has_come(clinic, checked):
    make_decision(checked, clinic, "wait", **NEEDED["wait"])
    arriving.clear(session=checked, by=clinic.nurse, now=NEEDED["wait"]["waits_until"])


@pytest.mark.parametrize(
    ("outcome", "told", "fields"),
    [
        ("perhaps", {"words": "x"}, {"outcome"}),
        ("change", {}, {"changes", "words"}),
        ("change", {"changes": ["weather"], "words": "x"}, {"changes"}),
        ("proceed", {"changes": ["dose"]}, {"changes"}),
        ("wait", {"words": "x"}, {"waits_until"}),
        ("wait", {"words": "x", "waits_until": LATER}, {"waits_until"}),
        ("wait", {"words": "x", "waits_until": LATER + timedelta(hours=13)}, {"waits_until"}),
        ("proceed", {"waits_until": LATER + timedelta(minutes=5)}, {"waits_until"}),
        ("cancel", {"words": "  "}, {"words"}),
    ],
)
def test_a_decision_is_whole(clinic, checked, outcome, told, fields):
    with refused(Invalid) as refusal:
        make_decision(checked, clinic, outcome, **told)
    assert set(refusal.value.fields) == fields
    assert not CheckDecision.objects.exists()


def test_who_may_ask_and_decide(clinic, checked):
    for write in (ask, make_decision):
        with refused(Refused, "permission.missing"):
            write(checked, clinic, by=clinic.desk)
    # Nobody was asked: a nurse decides.
    assert make_decision(checked, clinic, "cancel", by=clinic.nurse, words="Unwell").by_prescriber is False
    assert make_decision(checked, clinic, by=clinic.nurse).outcome == "proceed"
    assert waiting_requests(staff("prescriber", make_clinic("south").site)) == []


@pytest.mark.parametrize("status", [Status.INFUSING, Status.NOT_STARTED])
def test_nothing_is_decided_after_the_check(clinic, status):
    session = session_at(status, clinic=clinic, now=NOON)
    for write in (ask, make_decision):
        with refused(Conflict, "check.over"):
            write(session, clinic)


def test_the_baseline_is_the_reading_that_a_nurse_names(clinic, checked):
    told = {"session": checked, "by": clinic.nurse}
    first = checked.vital_signs.get()
    second = monitoring.record_vital_signs(values=NORMAL | {"systolic": 150}, now=LATER, **told)
    pulse = monitoring.record_vital_signs(values={"heart_rate": 70}, now=LATER, **told)

    def baseline():
        return baseline_of(InfusionSession.objects.get(pk=checked.pk), standing(checked.vital_signs.all()))

    assert baseline() == second
    choose_baseline(reading=first, now=LATER, **told)
    assert baseline() == first
    with refused(Conflict, "baseline.not_one"):
        choose_baseline(reading=pulse, now=LATER, **told)
    # Struck, it is no baseline any more, and cannot be named.
    monitoring.retract_vital_signs(reading=first, reason="Wrong arm", by=clinic.nurse, now=LATER)
    assert baseline() == second
    with refused(Conflict, "baseline.not_one"):
        choose_baseline(reading=first, now=LATER, **told)


def test_another_baseline_after_the_start_says_why(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    before, during = session.vital_signs.order_by("taken_at")
    told = {"session": session, "by": clinic.nurse, "now": NOON}
    with refused(Conflict, "baseline.not_one"):
        choose_baseline(reading=during, reason="x", **told)
    with refused(Invalid, "reason.missing"):
        choose_baseline(reading=before, **told)
    assert choose_baseline(reading=before, reason="The one at rest", **told).reason == "The one at rest"


def test_the_wishes_stand_at_the_next_visit(clinic):
    course = make_course(clinic, now=NOON - timedelta(days=9))
    before = session_at(Status.ARRIVED, clinic=clinic, now=NOON - timedelta(days=3), course=course)
    told = {"session": before, "by": clinic.nurse, "now": NOON - timedelta(days=3)}
    with refused(Invalid, "wish.unknown"):
        record_wishes(kinds=["champagne"], **told)
    record_wishes(kinds=["quiet"], **told)
    record_wishes(kinds=["own_music", "lights_low"], words=" Bach ", **told)
    today = booked_session(clinic, starts_at=NOON, course=course)
    wish = standing_wish(today, actor=clinic.nurse)
    assert str(wish) == "Lights low, Own music, Bach"
    assert PatientWish.objects.count() == 2
    assert standing_wish(today, actor=make_clinic("south").nurse) is None


def test_all_of_it_is_covered_by_the_signature(clinic, checked):
    told = {"session": checked, "by": clinic.nurse, "now": NOON}
    digests = [digest_of_chart(checked)]
    for write in (
        lambda: ask(checked, clinic),
        lambda: make_decision(checked, clinic),
        lambda: choose_baseline(reading=checked.vital_signs.get(), **told),
        lambda: record_wishes(kinds=["quiet"], **told),
    ):
        write()
        digests.append(digest_of_chart(checked))
    assert len(set(digests)) == 5
