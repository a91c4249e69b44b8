"""Alerts as readings come, are corrected and struck: what is raised, what ends, what is taken back."""

from datetime import timedelta

import pytest

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused
from sessions.models import Alert, AlertEntry
from sessions.operations import monitoring, patient_limits, running, signing
from sessions.operations.acknowledging import acknowledge_alert
from sessions.operations.alert_escalating import escalate_alerts
from sessions.rules.alerts import is_open, is_unanswered, job_at
from sessions.rules.protocols import LimitLevel
from sessions.states import ENDED, PRESENT, Status
from tests.refusals import refused
from tests.scenes import staff
from tests.sessions.operations.duty import set_rules
from tests.sessions.scenes import (
    NOON,
    NORMAL,
    booked_session,
    make_clinic,
    session_at,
    under,
    walk,
)

LIMITS = [
    {"parameter": "systolic", "phase": "pre", "comparator": ">=", "value": 160, "level": "hold_start"},
    {"parameter": "systolic", "phase": "infusion", "comparator": ">=", "value": 160, "level": "warn"},
    {"parameter": "systolic", "phase": "infusion", "comparator": ">=", "value": 180, "level": "pause"},
    {"parameter": "oxygen_saturation", "phase": "infusion", "comparator": "<", "value": 92, "level": "stop"},
    {
        "parameter": "heart_rate",
        "phase": "infusion",
        "comparator": ">",
        "value": 30,
        "level": "warn",
        "relative_to_baseline": True,
        "in_percent": True,
        "persist_readings": 2,
        "acknowledged_by": "prescriber",
    },
]
"""NORMAL is 122/76, 70 /min, 98 %."""


@pytest.fixture
def clinic(db):
    return under(make_clinic(), now=NOON - timedelta(days=50), code="alerts", limits=LIMITS)


@pytest.fixture
def session(clinic):
    """Infusing for twelve minutes, its only reading during the infusion two minutes old."""
    return session_at(Status.INFUSING, clinic=clinic, now=NOON)


def read(session, clinic, *, minute: int, entered: int | None = None, **values):
    """A reading taken so many minutes after noon, entered then or later."""
    taken = NOON + timedelta(minutes=minute)
    now = taken if entered is None else NOON + timedelta(minutes=entered)
    told = {"session": session, "values": NORMAL | values, "by": clinic.nurse, "confirmed": True}
    return monitoring.record_vital_signs(taken_at=taken, now=now, **told)


def told(session) -> list[tuple[str, str, list[str]]]:
    """Every alert of a session with the kinds of its entries."""
    return [
        (alert.parameter, alert.level, [entry.kind for entry in alert.entries.order_by("pk")])
        for alert in session.alerts.all()
    ]


def test_a_reading_within_all_limits_raises_nothing(session, clinic):
    read(session, clinic, minute=1)
    assert told(session) == []


def test_one_alert_for_a_crossing_and_one_for_its_worse_tier(session, clinic):
    read(session, clinic, minute=1, systolic=165)
    read(session, clinic, minute=2, systolic=168)
    assert told(session) == [("systolic", "warn", [])]
    read(session, clinic, minute=3, systolic=186)
    assert told(session) == [("systolic", "warn", ["worsened"]), ("systolic", "pause", [])]
    warn, pause = session.alerts.all()
    assert warn.entries.get().worse == pause
    read(session, clinic, minute=4, systolic=150)
    assert [kinds for _name, _level, kinds in told(session)] == [["worsened", "ended"], ["ended"]]
    read(session, clinic, minute=5, systolic=165)
    assert told(session)[2:] == [("systolic", "warn", [])]
    assert list(Alert.objects.open()) == [pause, session.alerts.last()]


def test_an_alert_keeps_the_rule_the_version_and_the_reading(session, clinic):
    reading = read(session, clinic, minute=1, systolic=186)
    alert = session.alerts.get()
    assert alert.rule == LIMITS[2] | {"value": 180.0}
    assert (alert.rule_key, alert.value, alert.reading) == ("infusion.systolic.ge.180.pause", 186, reading)
    assert (alert.protocol_version, alert.raised_at, alert.is_live) == (
        clinic.version,
        reading.taken_at,
        True,
    )
    verbs = AuditEvent.objects.filter(patient_id=session.patient.public_id).order_by("pk")
    assert list(verbs.values_list("verb", flat=True))[-2:] == ["alert.raised", "vital_signs.recorded"]


def test_a_percentage_waits_for_two_readings_in_a_row(session, clinic):
    read(session, clinic, minute=1, heart_rate=95)
    assert told(session) == []
    read(session, clinic, minute=2, heart_rate=96)
    alert = session.alerts.get()
    assert (alert.parameter, alert.before) == ("heart_rate", 70)
    assert alert.value == pytest.approx(37.14, abs=0.01)


@pytest.mark.parametrize(
    ("taken", "entered", "then_normal", "is_live"),
    [
        (1, 1, False, True),
        (1, 16, True, True),
        (1, 17, True, False),
        # Late, and nothing has been seen since: it may be going on.
        (1, 40, False, True),
    ],
)
def test_a_late_reading_is_for_review_unless_it_may_be_going_on(
    session, clinic, taken, entered, then_normal, is_live
):
    if then_normal:
        read(session, clinic, minute=entered, systolic=120)
    read(session, clinic, minute=taken, entered=entered, systolic=186)
    alert = session.alerts.get()
    assert alert.is_live is is_live
    assert alert.entries.filter(kind="ended").exists() is then_normal


def test_a_reading_corrected_into_its_limits_takes_its_alert_back(session, clinic):
    reading = read(session, clinic, minute=1, systolic=186)
    correct = {"values": NORMAL | {"systolic": 136}, "by": clinic.nurse, "reason": "Digits swapped"}
    fixed = monitoring.correct_vital_signs(reading=reading, now=NOON + timedelta(minutes=2), **correct)
    assert told(session) == [("systolic", "pause", ["retracted"])]
    assert session.alerts.get().entries.get().reading == fixed
    assert not Alert.objects.open().exists()


def test_a_reading_corrected_to_another_tier_is_another_alert(session, clinic):
    reading = read(session, clinic, minute=1, systolic=186)
    correct = {"values": NORMAL | {"systolic": 168}, "by": clinic.nurse, "reason": "Misread"}
    monitoring.correct_vital_signs(reading=reading, now=NOON + timedelta(minutes=2), **correct)
    assert told(session) == [("systolic", "pause", ["retracted"]), ("systolic", "warn", [])]


def test_a_correction_within_the_same_tier_leaves_the_alert_alone(session, clinic):
    reading = read(session, clinic, minute=1, systolic=186)
    correct = {"values": NORMAL | {"systolic": 188}, "by": clinic.nurse, "reason": "Misread"}
    monitoring.correct_vital_signs(reading=reading, now=NOON + timedelta(minutes=2), **correct)
    assert told(session) == [("systolic", "pause", [])]


def test_a_struck_reading_takes_its_alert_back_and_reopens_what_it_had_ended(session, clinic):
    read(session, clinic, minute=1, systolic=165)
    wrong = read(session, clinic, minute=2, systolic=120, oxygen_saturation=88)
    assert told(session) == [("systolic", "warn", ["ended"]), ("oxygen_saturation", "stop", [])]
    strike = {"by": clinic.nurse, "reason": "Another patient's", "now": NOON + timedelta(minutes=3)}
    monitoring.retract_vital_signs(reading=wrong, **strike)
    assert told(session) == [
        ("systolic", "warn", ["ended", "reopened"]),
        ("oxygen_saturation", "stop", ["retracted"]),
    ]
    assert [alert.level for alert in Alert.objects.unresolved()] == ["warn"]


def test_a_baseline_put_right_and_back_again(session, clinic):
    """The same reading breaches, does not, and breaches again: each time it is an alert of its own."""
    read(session, clinic, minute=1, heart_rate=95)
    read(session, clinic, minute=2, heart_rate=95)
    baseline = session.vital_signs.order_by("taken_at").first()
    for rate, kinds in ((90, ["retracted"]), (70, ["retracted", ""])):
        baseline = monitoring.correct_vital_signs(
            reading=baseline,
            values=NORMAL | {"heart_rate": rate},
            by=clinic.nurse,
            reason="Read again",
            now=NOON + timedelta(minutes=3),
        )
        assert ["".join(found) for _name, _level, found in told(session)] == kinds


def test_a_late_reading_before_a_crossing_does_not_raise_it_twice(session, clinic):
    read(session, clinic, minute=10, systolic=165)
    read(session, clinic, minute=8, entered=11, systolic=166)
    assert told(session) == [("systolic", "warn", [])]


def test_the_usual_pressure_stands_in_for_a_baseline_over_hold(clinic):
    rise = {
        "parameter": "systolic",
        "phase": "infusion",
        "comparator": ">=",
        "value": 30,
        "level": "warn",
        "relative_to_baseline": True,
        "in_percent": True,
    }
    clinic = under(clinic, now=NOON - timedelta(days=40), code="usual", limits=[LIMITS[0], rise])
    before = session_at(Status.DISCHARGED, clinic=clinic, now=NOON - timedelta(days=7))
    start = NOON - timedelta(minutes=42)
    session = booked_session(clinic, starts_at=start, course=before.course)
    walk(session, Status.READY, clinic=clinic, start=start)
    read(session, clinic, minute=-20, systolic=170)
    running.start(session=session, by=clinic.nurse, now=NOON - timedelta(minutes=12))
    assert told(session) == [("systolic", "hold_start", [])]
    read(session, clinic, minute=1, systolic=165)
    rise_of = session.alerts.last()
    assert (rise_of.level, rise_of.before) == ("warn", 122)
    assert rise_of.value == pytest.approx(35.2, abs=0.1)


# One patient's own limits


def own(clinic, session, **changes):
    told = {
        "patient": session.patient,
        "site": clinic.site,
        "parameter": "systolic",
        "phase": "infusion",
        "comparator": ">=",
        "value": 200,
        "level": "pause",
        "reason": "Usual pressure is high, cardiologist agrees",
        "valid_until": NOON + timedelta(days=30),
        "by": clinic.prescriber,
        "now": NOON,
    }
    return patient_limits.set_patient_limit(**told | changes)


def test_a_patients_own_limit_takes_the_place_of_the_protocols(session, clinic):
    limit = own(clinic, session)
    read(session, clinic, minute=1, systolic=186)
    assert told(session) == [("systolic", "warn", [])], "another level stays the protocol's"
    read(session, clinic, minute=2, systolic=202)
    alert = session.alerts.last()
    assert (alert.level, alert.patient_limit, alert.rule["value"]) == ("pause", limit, 200)
    revoke = {"reason": "Not needed any more", "by": clinic.prescriber, "now": NOON + timedelta(minutes=3)}
    patient_limits.revoke_patient_limit(limit=limit, site=clinic.site, **revoke)
    read(session, clinic, minute=4, systolic=120)
    read(session, clinic, minute=5, systolic=186)
    assert session.alerts.last().rule["value"] == 180
    with refused(Conflict, "patient_limit.over"):
        patient_limits.revoke_patient_limit(limit=limit, site=clinic.site, **revoke)


def test_a_limit_judges_the_readings_of_its_time_only(session, clinic):
    read(session, clinic, minute=1, systolic=186)
    own(clinic, session, now=NOON + timedelta(minutes=2))
    read(session, clinic, minute=3, systolic=186)
    assert told(session) == [("systolic", "pause", [])], "what was raised under the protocol stays raised"


REFUSED = {
    "a nurse": ({"by": "nurse"}, Refused, "permission.missing"),
    "no reason": ({"reason": " "}, Invalid, "reason.missing"),
    "over already": ({"valid_until": NOON}, Invalid, "patient_limit.past"),
    "for two years": ({"valid_until": NOON + timedelta(days=700)}, Invalid, "patient_limit.long"),
    "a slipped digit": ({"value": 2000}, Invalid, "patient_limit.value"),
    "no such parameter": ({"parameter": "mood"}, Invalid, "patient_limit.choice"),
    "no such level": ({"level": "panic"}, Invalid, "patient_limit.choice"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_limit_that_cannot_be_set(session, clinic, name):
    changes, error, code = REFUSED[name]
    if "by" in changes:
        changes = changes | {"by": clinic.nurse}
    with refused(error, code):
        own(clinic, session, **changes)


# Acknowledging


@pytest.fixture
def alert(session, clinic):
    read(session, clinic, minute=1, systolic=186)
    return session.alerts.get()


def test_an_alert_is_acknowledged_once_with_what_was_done(alert, clinic):
    at = NOON + timedelta(minutes=3)
    entry = acknowledge_alert(
        alert=alert, actions=["paused", "rechecked"], note=" Cuff moved ", by=clinic.nurse, now=at
    )
    assert (entry.actions, entry.note, entry.by, entry.at) == (
        ["paused", "rechecked"],
        "Cuff moved",
        clinic.nurse.user,
        at,
    )
    assert not Alert.objects.open().exists()
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.subject_id, event.details["after"]) == (
        "alert.acknowledged",
        alert.public_id,
        {"actions": ["paused", "rechecked"]},
    )
    with refused(Conflict, "alert.acknowledged") as refusal:
        acknowledge_alert(alert=alert, actions=["paused"], by=clinic.prescriber, now=at)
    assert clinic.nurse.user.printed_name in str(refusal.value)


@pytest.mark.parametrize(
    ("actions", "code"),
    [
        ([], "alert.no_action_named"),
        (["prayed"], "alert.action"),
        (["none", "paused"], "alert.none_and_more"),
    ],
)
def test_what_was_done_is_named_from_the_list(alert, clinic, actions, code):
    with refused(Invalid, code):
        acknowledge_alert(alert=alert, actions=actions, by=clinic.nurse, now=NOON)
    assert not AlertEntry.objects.exists()


def test_who_may_acknowledge(session, clinic, alert):
    with refused(Refused, "permission.missing"):
        acknowledge_alert(alert=alert, actions=["none"], by=clinic.desk, now=NOON)
    with refused(Refused, "permission.missing"):
        acknowledge_alert(alert=alert, actions=["none"], by=staff("manager", clinic.site), now=NOON)
    for minute in (2, 3):
        read(session, clinic, minute=minute, heart_rate=95)
    rises = session.alerts.get(parameter="heart_rate")
    with refused(Refused, "alert.prescriber"):
        acknowledge_alert(alert=rises, actions=["watched"], by=clinic.nurse, now=NOON)
    acknowledge_alert(alert=rises, actions=["watched"], by=clinic.prescriber, now=NOON)


def test_a_signed_chart_can_still_be_acknowledged(clinic):
    session = session_at(Status.LEFT, clinic=clinic, now=NOON)
    read(session, clinic, minute=-10, entered=1, systolic=186)
    signing.sign(session=session, by=clinic.nurse, now=NOON + timedelta(minutes=2))
    acknowledge_alert(alert=session.alerts.get(), actions=["none"], by=clinic.nurse, now=NOON)


@pytest.mark.parametrize("status", sorted(PRESENT | ENDED))
def test_an_alert_asks_while_the_patient_is_here_and_stays_unanswered_after(clinic, status):
    limits = [{**LIMITS[2], "phase": phase} for phase in ("pre", "infusion", "recovery")]
    clinic = under(clinic, now=NOON - timedelta(days=40), code="everywhere", limits=limits)
    session = session_at(status, clinic=clinic, now=NOON)
    read(session, clinic, minute=0, systolic=186)
    alert = session.alerts.get()
    asks = status in PRESENT
    assert (is_open(alert), is_unanswered(alert)) == (asks, not asks)
    assert list(Alert.objects.open()) == ([alert] if asks else [])
    assert list(Alert.objects.unanswered()) == ([] if asks else [alert])
    set_rules(clinic.site, alert_escalation_minutes=1)
    taken = escalate_alerts(site=clinic.site, by=job_at([clinic.site]), now=NOON + timedelta(minutes=90))
    assert bool(taken) == (asks and alert.is_live)
    acknowledge_alert(alert=alert, actions=["none"], by=clinic.nurse, now=NOON)
    answered = Alert.objects.get()
    assert not is_open(answered) and not is_unanswered(answered)
    assert not Alert.objects.open().exists() and not Alert.objects.unanswered().exists()


def test_nothing_is_left_behind_by_a_reading_that_is_refused(session, clinic):
    with refused(Invalid, "vitals.impossible"):
        monitoring.record_vital_signs(
            session=session, values={"systolic": 900, "diastolic": 80}, by=clinic.nurse, now=NOON
        )
    assert not Alert.objects.exists()


def test_the_levels_of_the_model_are_those_of_the_rules():
    assert [code for code, _label in Alert._meta.get_field("level").choices] == list(LimitLevel)
