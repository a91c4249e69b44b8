"""Alerts judged anew because something else than their readings changed: when the infusion began or ended, what a rise
is counted from, the version of the protocol, what is usual for the patient."""

from datetime import timedelta

import pytest

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict
from sessions.demo.protocols import DEPRESSION
from sessions.models import Alert, AlertEntry, Course, InfusionSession
from sessions.operations import check_deciding, leaving, monitoring, running
from sessions.operations.acknowledging import acknowledge_alert
from sessions.operations.alert_escalating import escalate_alerts
from sessions.operations.infusion_totals import record_totals
from sessions.operations.late_events import record_late_event
from sessions.operations.moving_protocol import move_course_to_version
from sessions.operations.protocols import approve_version, draft_version
from sessions.operations.signing import sign
from sessions.rules.alerts import job_at
from sessions.rules.limits import breaches
from sessions.states import Action, Status
from tests.refusals import refused
from tests.sessions.operations.duty import set_rules
from tests.sessions.scenes import NOON, NORMAL, booked_session, make_clinic, session_at, under, walk

RISE = {"relative_to_baseline": True, "in_percent": True}
LIMITS = [
    {"parameter": "systolic", "phase": "pre", "comparator": ">=", "value": 160, "level": "hold_start"},
    {"parameter": "systolic", "phase": "infusion", "comparator": ">=", "value": 180, "level": "pause"},
    {"parameter": "systolic", "phase": "recovery", "comparator": ">=", "value": 150, "level": "warn"},
    {"parameter": "heart_rate", "phase": "infusion", "comparator": ">", "value": 30, "level": "warn", **RISE},
]
"""NORMAL is 122/76, 70 /min. A session at noon has been infusing for twelve minutes."""


@pytest.fixture
def clinic(db):
    return under(make_clinic(), now=NOON - timedelta(days=50), code="again", limits=LIMITS)


@pytest.fixture
def session(clinic):
    return session_at(Status.INFUSING, clinic=clinic, now=NOON)


def at(minute: int):
    return NOON + timedelta(minutes=minute)


def read(session, clinic, *, minute: int, entered: int | None = None, **values):
    now = at(minute if entered is None else entered)
    told = {"session": session, "values": NORMAL | values, "by": clinic.nurse, "confirmed": True}
    return monitoring.record_vital_signs(taken_at=at(minute), now=now, **told)


def move(session, kind, minute, clinic, *, entered: int = 60, reason: str = "Pump's record"):
    event = session.infusion_events.current().get(kind=kind)
    running.correct_event(event=event, at=at(minute), by=clinic.nurse, reason=reason, now=at(entered))


def told(session):
    return [
        (alert.parameter, alert.level, alert.is_live, [entry.kind for entry in alert.entries.order_by("pk")])
        for alert in session.alerts.all()
    ]


def test_an_end_put_earlier_judges_by_the_limits_of_recovery(session, clinic):
    read(session, clinic, minute=10, systolic=155)
    read(session, clinic, minute=12, systolic=120)
    running.end(session=session, by=clinic.nurse, now=at(20))
    assert told(session) == []
    move(session, "end", 8, clinic)
    assert told(session) == [("systolic", "warn", False, ["ended"])], "for review, and over since"
    assert session.alerts.get().raised_at == at(60)
    verbs = AuditEvent.objects.filter(patient_id=session.patient.public_id).order_by("-pk")
    assert list(verbs.values_list("verb", flat=True)[:3]) == [
        "infusion_event.corrected",
        "alert.ended",
        "alert.raised",
    ]


def test_an_end_put_later_takes_back_what_only_recovery_asks(session, clinic):
    running.end(session=session, by=clinic.nurse, now=at(8))
    read(session, clinic, minute=10, systolic=155)
    assert told(session) == [("systolic", "warn", True, [])]
    move(session, "end", 14, clinic, reason="It ran on until 12:14")
    entry = session.alerts.get().entries.get()
    assert (entry.kind, entry.cause, entry.note, entry.by, entry.reading) == (
        "retracted",
        "times",
        "It ran on until 12:14",
        clinic.nurse.user,
        None,
    )
    with refused(Conflict, "alert.retracted"):
        acknowledge_alert(alert=session.alerts.get(), actions=["none"], by=clinic.nurse, now=at(61))
    move(session, "end", 8, clinic, entered=62)
    assert [kinds for *_rest, kinds in told(session)] == [["retracted"], []], "it is an alert of its own"


def test_a_start_put_later_makes_a_reading_one_before_it(session, clinic):
    read(session, clinic, minute=1, systolic=185)
    move(session, "start", 3, clinic)
    assert told(session) == [
        ("systolic", "pause", True, ["retracted"]),
        ("systolic", "hold_start", False, []),
    ]


def test_a_start_recorded_late_judges_what_was_read_since(clinic):
    session = session_at(Status.READY, clinic=clinic, now=NOON)
    read(session, clinic, minute=3, systolic=185)
    assert told(session) == [("systolic", "hold_start", True, [])]
    running.start(session=session, by=clinic.nurse, at=at(2), now=at(4))
    assert told(session) == [
        ("systolic", "hold_start", True, ["retracted"]),
        ("systolic", "pause", False, []),
    ]


def test_times_that_move_no_reading_change_nothing(session, clinic):
    read(session, clinic, minute=10, systolic=185)
    running.end(session=session, by=clinic.nurse, now=at(20))
    move(session, "end", 10, clinic)
    move(session, "start", -5, clinic)
    assert told(session) == [("systolic", "pause", True, [])]


@pytest.mark.parametrize("by", ["left", "late end"])
def test_an_end_that_follows_from_something_else_counts_too(session, clinic, by):
    read(session, clinic, minute=10, systolic=155)
    if by == "left":
        leaving.leave(session=session, by=clinic.nurse, at=at(8), now=at(12))
    else:
        late = {"action": Action.END, "kind": "completed"}
        record_late_event(session=session, by=clinic.nurse, at=at(8), now=at(12), **late)
    assert told(session) == [("systolic", "warn", False, [])]


def test_a_named_baseline_judges_every_rise_again(clinic):
    session = session_at(Status.READY, clinic=clinic, now=NOON)
    calm = read(session, clinic, minute=-6, heart_rate=68)
    tense = read(session, clinic, minute=-4, heart_rate=90)
    running.start(session=session, by=clinic.nurse, now=NOON)
    read(session, clinic, minute=5, heart_rate=100)
    assert told(session) == []
    name = {"session": session, "by": clinic.nurse}
    check_deciding.choose_baseline(reading=calm, reason="Tense before the needle", now=at(6), **name)
    assert told(session) == [("heart_rate", "warn", False, [])]
    assert session.alerts.get().before == 68
    check_deciding.choose_baseline(reading=tense, reason="Was right at first", now=at(7), **name)
    entry = session.alerts.get().entries.get()
    assert (entry.kind, entry.cause, entry.note) == ("retracted", "baseline", "Was right at first")


def test_a_baseline_entered_afterwards_judges_every_rise_again(session, clinic):
    read(session, clinic, minute=5, heart_rate=100)
    read(session, clinic, minute=-13, entered=6, heart_rate=90)
    assert told(session) == [("heart_rate", "warn", True, ["retracted"])]
    assert session.alerts.get().entries.get().cause == "late"


def test_a_reading_entered_afterwards_parts_a_crossing_in_two(session, clinic):
    read(session, clinic, minute=5, systolic=185)
    read(session, clinic, minute=9, systolic=190)
    read(session, clinic, minute=7, entered=10, systolic=120)
    assert told(session) == [("systolic", "pause", True, ["ended"]), ("systolic", "pause", True, [])]


def test_what_arises_anew_is_passed_on_to_nobody(session, clinic):
    set_rules(clinic.site, alert_escalation_minutes=5)
    read(session, clinic, minute=10, systolic=155)
    running.end(session=session, by=clinic.nurse, now=at(20))
    move(session, "end", 8, clinic)
    assert list(Alert.objects.open()) == [session.alerts.get()], "it asks, and pages nobody"
    assert escalate_alerts(site=clinic.site, by=job_at([clinic.site]), now=at(90)) == 0


def test_a_milder_alert_asks_again_when_the_worse_one_is_taken_back(session, clinic):
    """Nobody has answered it: the worse one had taken its place, and never was."""
    limits = [*LIMITS, {**LIMITS[1], "value": 160, "level": "warn"}]
    clinic = under(clinic, now=NOON - timedelta(days=40), code="milder", limits=limits)
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    read(session, clinic, minute=1, systolic=165)
    wrong = read(session, clinic, minute=2, systolic=186)
    monitoring.correct_vital_signs(
        reading=wrong,
        values=NORMAL | {"systolic": 168},
        by=clinic.nurse,
        reason="Misread",
        confirmed=True,
        now=at(3),
    )
    assert told(session) == [
        ("systolic", "warn", True, ["worsened"]),
        ("systolic", "pause", True, ["retracted"]),
        ("systolic", "warn", True, []),
    ]
    assert list(Alert.objects.open()) == [session.alerts.last()]


# Another version of the protocol


def move_course(session, clinic, *, now, **content):
    """The course of a session under the next version of its protocol, which has these contents."""
    told = {"by": clinic.director, "now": now}
    course = Course.objects.get(pk=session.course_id)
    draft = draft_version(protocol=course.protocol_version.protocol, content=DEPRESSION | content, **told)
    return move_course_to_version(
        course=course,
        version=approve_version(version=draft, **told),
        reason="Letter of the director",
        by=clinic.prescriber,
        expected_revision=course.revision,
        now=now,
    )


STRICTER = [{**LIMITS[0], "value": 140}, *LIMITS[1:]]


def test_a_course_moved_to_a_stricter_version_judges_what_was_read_before_the_start(clinic):
    session = session_at(Status.READY, clinic=clinic, now=NOON)
    read(session, clinic, minute=-2, systolic=150)
    assert told(session) == []
    course = move_course(session, clinic, now=at(1), limits=STRICTER)
    assert told(session) == [("systolic", "hold_start", False, [])], "for review: nothing was measured now"
    assert session.alerts.get().protocol_version == course.protocol_version
    move_course(session, clinic, now=at(2), limits=LIMITS)
    entry = session.alerts.get().entries.get()
    assert (entry.kind, entry.cause, entry.note, entry.by, entry.at) == (
        "retracted",
        "protocol",
        "Letter of the director",
        clinic.prescriber.user,
        at(2),
    )


def test_a_visit_that_is_over_keeps_the_limits_it_was_under(clinic):
    session = session_at(Status.DISCHARGED, clinic=clinic, now=NOON)
    session.refresh_from_db()
    high = session.vital_signs.get(systolic=134)
    stricter = [{**LIMITS[1], "value": 130, "level": "warn"}]
    move_course(session, clinic, now=at(1), limits=stricter)
    assert told(session) == []
    monitoring.correct_vital_signs(
        reading=high,
        values=NORMAL | {"systolic": 186},
        by=clinic.nurse,
        reason="Misread",
        confirmed=True,
        now=at(2),
    )
    assert told(session) == [("systolic", "pause", False, [])]
    assert session.alerts.get().protocol_version == clinic.version
    over = InfusionSession.objects.get(pk=session.pk)
    (found,) = breaches(over.vital_signs.current().get(systolic=186), session=over, baseline=None)
    assert found.limit.value == 180, "and its flowsheet says the same"


# What is usual for the patient


@pytest.fixture
def visits(clinic):
    """An infusion of last week that is not signed, and today's: its baseline was over the hold limit."""
    by_usual = [LIMITS[0], {**LIMITS[3], "parameter": "systolic"}]
    clinic = under(clinic, now=NOON - timedelta(days=40), code="usual", limits=by_usual)
    before = session_at(Status.DISCHARGED, clinic=clinic, now=NOON - timedelta(days=7))
    start = NOON - timedelta(minutes=42)
    today = booked_session(clinic, starts_at=start, course=before.course)
    walk(today, Status.READY, clinic=clinic, start=start)
    read(today, clinic, minute=-20, systolic=170)
    running.start(session=today, by=clinic.nurse, now=NOON - timedelta(minutes=12))
    read(today, clinic, minute=1, systolic=165)
    return clinic, before, today


def rises(session):
    return [(alert.before, kinds_of(alert)) for alert in session.alerts.filter(level="warn")]


def kinds_of(alert):
    return list(alert.entries.order_by("pk").values_list("kind", "cause"))


def baseline_of_last_week(before):
    return before.vital_signs.current().filter(taken_at__lt=before.infusion_started_at).last()


def test_an_earlier_baseline_put_right_judges_the_rise_of_today_again(visits):
    clinic, before, today = visits
    assert rises(today) == [(122, [])]
    wrong = baseline_of_last_week(before)
    put_right = monitoring.correct_vital_signs(
        reading=wrong,
        values=NORMAL | {"systolic": 150},
        by=clinic.nurse,
        reason="Monitor's printout",
        confirmed=True,
        now=at(2),
    )
    (alert,) = today.alerts.filter(level="warn")
    assert kinds_of(alert) == [("retracted", "usual")]
    entry = alert.entries.get()
    assert (entry.note, entry.by, entry.at) == ("Monitor's printout", clinic.nurse.user, at(2))
    monitoring.retract_vital_signs(reading=put_right, by=clinic.nurse, reason="Another patient's", now=at(3))
    assert rises(today) == [(122, [("retracted", "usual")])], "nothing is known, so nothing is checked"


def test_an_earlier_reading_entered_afterwards_counts_as_what_is_usual(visits):
    clinic, before, today = visits
    taken = before.infusion_started_at - timedelta(minutes=1)
    told = {"values": NORMAL | {"systolic": 150}, "by": clinic.nurse, "confirmed": True}
    monitoring.record_vital_signs(session=before, taken_at=taken, now=at(2), **told)
    assert rises(today) == [(122, [("retracted", "usual")])]


def test_an_earlier_start_put_right_counts_another_reading_as_usual(visits):
    """Of what was read before and after, the last one before the start is the baseline: 134 ten minutes into it."""
    clinic, before, today = visits
    start = before.infusion_events.current().get(kind="start")
    told = {"by": clinic.nurse, "reason": "Pump's record"}
    running.correct_event(event=start, at=start.taken_at + timedelta(minutes=11), now=at(2), **told)
    assert rises(today) == [(122, [("retracted", "usual")])]


def test_a_signed_chart_is_settled(visits):
    clinic, before, today = visits
    told = {"session": today, "by": clinic.nurse}
    monitoring.ask_about_side_effects(now=at(19), **told)
    running.end(kind="completed", now=at(20), **told)
    record_totals(reason="The pump was switched off", now=at(21), **told)
    leaving.leave(reason="Wanted to go home", now=at(30), **told)
    sign(now=at(40), **told)
    entries = AlertEntry.objects.filter(alert__session=today).count()
    monitoring.retract_vital_signs(
        reading=baseline_of_last_week(before), by=clinic.nurse, reason="Another patient's", now=at(50)
    )
    assert AlertEntry.objects.filter(alert__session=today).count() == entries
