"""What an answer of the check rests on: what carries an OK, what waits, and what the record says by itself."""

from datetime import date, timedelta

import pytest

from clinic.common.errors import Conflict, Invalid
from patients.models import Contact
from patients.operations.entries import add_entry
from sessions.demo.check_details import ready_answer
from sessions.models import CheckAnswer, InfusionSession
from sessions.operations import arriving, checking, monitoring
from sessions.reports.check_waits import waiting_until
from sessions.rules.checking import item_states
from sessions.rules.signing import digest_of_chart
from sessions.states import Status
from tests.refusals import refused
from tests.scenes import staff
from tests.sessions.operations.duty import set_rules
from tests.sessions.scenes import (
    NOON,
    NORMAL,
    booked_session,
    complete_check,
    make_course,
    make_patient,
    session_at,
)


@pytest.fixture
def arrived(clinic):
    return session_at(Status.ARRIVED, clinic=clinic, now=NOON)


def answer(session, clinic, item, outcome="ok", **told):
    usual = {"session": session, "item": item, "outcome": outcome, "by": clinic.nurse, "now": NOON}
    return checking.answer_check_item(**usual | told)


def state_of(session, item):
    fresh = InfusionSession.objects.select_related("site", "patient", "course__protocol_version").get(
        pk=session.pk
    )
    return next(state for state in item_states(fresh) if state.code == item)


def ago(**span):
    return (NOON - timedelta(**span)).isoformat()


@pytest.mark.parametrize(
    ("item", "details", "code"),
    [
        ("identity", {}, "check.identifiers"),
        ("identity", {"identifiers": ["name"]}, "check.identifiers"),
        ("identity", {"identifiers": ["name", "name"]}, "check.identifiers"),
        ("identity", {"identifiers": ["name", "face"]}, "check.details"),
        ("identity", {"identifiers": ["name", "photo"]}, None),
        ("fasting", {}, "check.fasting"),
        ("fasting", {"solids_at": ago(hours=7)}, "check.fasting"),
        ("fasting", {"solids_at": ago(hours=5), "liquids_at": ago(hours=3)}, "check.too_early"),
        ("fasting", {"solids_at": ago(hours=7), "liquids_at": ago(hours=1)}, "check.too_early"),
        ("fasting", {"solids_at": ago(hours=6), "liquids_at": ago(hours=2)}, None),
        ("fasting", {"solids_at": ago(hours=-1), "liquids_at": ago(hours=2)}, "check.details_future"),
        ("fasting", {"solids_at": "2026-03-10T06:00", "liquids_at": ago(hours=2)}, "check.details"),
        ("escort", {}, "check.escort"),
        ("escort", {"kind": "person"}, "check.escort"),
        ("escort", {"kind": "arranging", "name": "Eva"}, "check.escort"),
        ("escort", {"kind": "alternative"}, "check.escort_alternative"),
        ("escort", {"kind": "contact", "contact": "3f4cf7c4-3a9a-4a39-9f5c-4d62a3e3a111"}, "check.escort"),
        ("escort", {"kind": "person", "name": "Eva Ruiz"}, None),
        ("pregnancy", {}, "check.pregnancy"),
        ("pregnancy", {"result": "negative"}, "check.pregnancy"),
        ("pregnancy", {"result": "positive", "tested_on": "2026-03-10"}, "check.pregnancy_positive"),
        ("pregnancy", {"result": "negative", "tested_on": "2026-03-02"}, "check.pregnancy_old"),
        ("pregnancy", {"result": "negative", "tested_on": "2026-03-03"}, None),
        ("pregnancy", {"result": "negative", "tested_on": "2026-03-12"}, "check.details_future"),
        ("medicines", {"classes": ["theophylline"]}, "check.medicines"),
        ("medicines", {"classes": ["opioid"], "antihypertensive": "taken"}, None),
        ("substances", {"used": ["alcohol"]}, "check.substances"),
        ("substances", {"used": ["alcohol"], "last_at": ago(hours=11)}, "check.too_early"),
        ("substances", {"used": ["alcohol"], "last_at": ago(hours=12)}, None),
        ("mood", {"thoughts": True}, "check.thoughts"),
        ("mood", {"thoughts": "no"}, "check.details"),
        ("allergies", {"horoscope": 1}, "check.details"),
    ],
)
def test_an_ok_says_what_it_rests_on(clinic, arrived, item, details, code):
    if code is None:
        assert answer(arrived, clinic, item, details=details).details.items() >= details.items()
        return
    with refused(Invalid, code) as refusal:
        answer(arrived, clinic, item, details=details)
    assert set(refusal.value.fields) == {"details"}
    assert not CheckAnswer.objects.exists()


@pytest.mark.parametrize(
    ("solids", "liquids", "until"),
    [(13, 3, None), (4, 3, 2), (13, 1, 1), (5.5, 0, 2)],
)
def test_fasting_follows_from_the_times(clinic, arrived, solids, liquids, until):
    details = {"solids_at": ago(hours=solids), "liquids_at": ago(hours=liquids)}
    said = answer(arrived, clinic, "fasting", outcome="", details=details)
    if until is None:
        assert (said.outcome, said.waits_until) == ("ok", None)
        assert waiting_until([arrived.pk]) == {}
        return
    assert (said.outcome, said.waits_until) == ("wait", NOON + timedelta(hours=until))
    assert state_of(arrived, "fasting").blocks
    with refused(Conflict, "check.waiting"):
        arriving.clear(session=arrived, by=clinic.nurse, now=NOON)
    assert waiting_until([arrived.pk]) == {arrived.pk: (said.waits_until, "fasting")}
    # When the time has come the patient is asked again: the same times carry an OK now.
    later = NOON + timedelta(hours=until)
    assert answer(arrived, clinic, "fasting", outcome="", details=details, now=later).outcome == "ok"
    assert waiting_until([arrived.pk]) == {}


def test_without_numbers_in_the_protocol_times_are_not_checked(clinic, arrived):
    version = arrived.course.protocol_version
    version.fasting_solids_minutes = version.fasting_liquids_minutes = None
    version.save()
    assert answer(arrived, clinic, "fasting").outcome == "ok"
    details = {"solids_at": ago(minutes=1), "liquids_at": ago(minutes=1)}
    assert answer(arrived, clinic, "fasting", outcome="", details=details).outcome == "ok"


def test_an_item_waits_until_a_time_for_a_reason(clinic, arrived):
    until = NOON + timedelta(minutes=10)
    with refused(Invalid, "check.until"):
        answer(arrived, clinic, "baseline-vitals", "wait", note="Again after rest")
    with refused(Invalid, "check.until"):
        answer(arrived, clinic, "allergies", "ok", waits_until=until)
    for impossible in (NOON, NOON + timedelta(hours=13)):
        with refused(Invalid, "check.wait_time"):
            answer(arrived, clinic, "baseline-vitals", "wait", waits_until=impossible)
    with refused(Invalid, "check.note"):
        answer(arrived, clinic, "illness", "wait", waits_until=until)
    answer(arrived, clinic, "escort", "wait", details={"kind": "arranging"}, waits_until=until)
    answer(arrived, clinic, "baseline-vitals", "wait", waits_until=until + timedelta(minutes=1))
    assert waiting_until([arrived.pk]) == {arrived.pk: (until + timedelta(minutes=1), "reading again")}
    # The next reading answers: what was said of the one before does not hold it up.
    told = {"session": arrived, "by": clinic.nurse, "now": until}
    monitoring.record_vital_signs(values=NORMAL, **told)
    assert state_of(arrived, "baseline-vitals").outcome == "ok"


def test_a_pressure_over_the_limit_stops_until_it_is_lower_or_overridden(clinic, arrived):
    told = {"session": arrived, "by": clinic.nurse}
    monitoring.record_vital_signs(values=NORMAL | {"systolic": 172}, now=NOON, **told)
    state = state_of(arrived, "baseline-vitals")
    assert (state.outcome, state.blocks) == ("stop", True)
    assert "172" in state.from_record.words
    later = NOON + timedelta(minutes=1)
    answer(arrived, clinic, "baseline-vitals", "overridden", note="Dr Lee agrees", now=later)
    assert not state_of(arrived, "baseline-vitals").blocks
    # An override is of one reading.
    monitoring.record_vital_signs(values=NORMAL | {"systolic": 185}, now=NOON + timedelta(minutes=9), **told)
    assert state_of(arrived, "baseline-vitals").blocks


def test_whoever_clears_has_confirmed_the_identity_themselves(clinic, arrived):
    complete_check(arrived, by=clinic.nurse, now=NOON)
    other = staff("nurse", clinic.site)
    with refused(Conflict, "check.identity_own"):
        arriving.clear(session=arrived, by=other, now=NOON)
    answer(arrived, clinic, **ready_answer("identity", at=NOON), item="identity", by=other)
    arriving.clear(session=arrived, by=other, now=NOON)


def test_an_escort_from_the_record_is_kept_as_it_stood(clinic, arrived):
    eva = Contact(
        patient=arrived.patient, kind="escort", name="Eva Ruiz", phone="555 1", relationship="sister"
    )
    contact = add_entry(entry=eva, by=clinic.nurse, now=NOON)
    said = answer(arrived, clinic, "escort", details={"kind": "contact", "contact": str(contact.public_id)})
    assert said.details == {
        "kind": "contact",
        "contact": str(contact.public_id),
        "name": "Eva Ruiz",
        "phone": "555 1",
        "relationship": "sister",
    }


def test_an_alternative_to_an_escort_is_the_sites_choice(clinic, arrived):
    set_rules(clinic.site, escort_alternatives=True)
    details = {"kind": "alternative"}
    assert answer(arrived, clinic, "escort", details=details, note="Taxi after two hours").outcome == "ok"


@pytest.mark.parametrize(
    ("sex", "born", "outcome"),
    [
        ("male", date(1980, 5, 17), "not_applicable"),
        ("female", date(1980, 5, 17), ""),
        ("unknown", date(1980, 5, 17), ""),
        ("female", date(1971, 3, 11), ""),
        ("female", date(1971, 3, 10), "not_applicable"),
    ],
)
def test_of_whom_pregnancy_is_asked(clinic, sex, born, outcome):
    patient = make_patient(clinic, sex=sex, birth_date=born)
    session = session_at(Status.ARRIVED, clinic=clinic, now=NOON, course=make_course(clinic, patient=patient))
    assert state_of(session, "pregnancy").outcome == outcome


@pytest.mark.parametrize(("days", "urinary", "pregnancy"), [(3, "ok", "ok"), (8, "ok", ""), (14, "", "")])
def test_what_was_asked_not_long_ago_stands(clinic, days, urinary, pregnancy):
    patient = make_patient(clinic, sex="female")
    course = make_course(clinic, patient=patient, now=NOON - timedelta(days=30))
    earlier = NOON - timedelta(days=days)
    before = session_at(Status.DISCHARGED, clinic=clinic, now=earlier, course=course)
    session = booked_session(clinic, starts_at=NOON, course=course)
    arriving.arrive(session=session, by=clinic.desk, now=NOON)
    assert before.check_answers.filter(item="urinary").exists()
    assert state_of(session, "urinary").outcome == urinary
    # The test was of the day before that visit, and counts for a week.
    assert state_of(session, "pregnancy").outcome == pregnancy
    assert state_of(session, "side-effects").outcome == "ok"


def test_the_details_are_covered_by_the_signature(clinic, arrived):
    before = digest_of_chart(arrived)
    answer(arrived, clinic, "identity", details={"identifiers": ["name", "birth_date"]})
    assert digest_of_chart(arrived) != before
