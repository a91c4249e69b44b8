"""Which baseline and whose limits count: the same in the alerts, at the check, on the page and in the handover."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions.models import InfusionSession
from sessions.operations import running
from sessions.operations.alert_escalating import escalate_alerts
from sessions.operations.check_deciding import choose_baseline
from sessions.operations.monitoring import record_vital_signs
from sessions.operations.patient_limits import set_patient_limit
from sessions.reports.board import board
from sessions.reports.chairside import chairside
from sessions.reports.chart import read_chart
from sessions.reports.handover_summary import summarise
from sessions.rules.alerts import job_at
from sessions.rules.checking import item_states
from sessions.states import Status
from tests.scenes import staff
from tests.sessions.operations.duty import hours, on_duty, set_rules
from tests.sessions.scenes import NOON, NORMAL, approved_version, make_clinic, session_at

RISE = {
    "parameter": "systolic",
    "phase": "infusion",
    "comparator": ">=",
    "value": 30,
    "level": "warn",
    "relative_to_baseline": True,
}
HOLD = {"parameter": "systolic", "phase": "pre", "comparator": ">=", "value": 160, "level": "hold_start"}


@pytest.fixture
def clinic(db):
    found = make_clinic()
    version = approved_version(
        by=found.director, now=NOON - timedelta(days=50), code="limits", limits=[RISE, HOLD]
    )
    return replace(found, version=version)


def read(session, clinic, *, at, **values):
    told = {"session": session, "by": clinic.nurse, "taken_at": at, "now": at}
    return record_vital_signs(values=NORMAL | values, **told)


def own_limit(session, clinic, *, value):
    return set_patient_limit(
        patient=session.patient,
        site=clinic.site,
        **{**{name: HOLD[name] for name in ("parameter", "phase", "comparator", "level")}, "value": value},
        reason="Known hypertension",
        valid_until=NOON + timedelta(days=30),
        by=clinic.prescriber,
        now=NOON,
    )


def charted(session):
    return read_chart(InfusionSession.objects.filter(pk=session.pk))


def page_of(session, clinic, now):
    return chairside(charted(session), actor=clinic.nurse, now=now)


def on_the_board(session, clinic, now):
    lines = board(clinic.site, actor=clinic.nurse, silent={}, now=now).lines
    return next(line for line in lines if line.session.pk == session.pk)


def test_a_rise_is_counted_from_the_reading_that_the_nurse_has_named(clinic):
    session = session_at(Status.READY, clinic=clinic, now=NOON)
    calm = read(session, clinic, at=NOON + timedelta(minutes=1), systolic=120)
    read(session, clinic, at=NOON + timedelta(minutes=2), systolic=150)
    choose_baseline(session=session, reading=calm, by=clinic.nurse, now=NOON + timedelta(minutes=3))
    session.refresh_from_db()
    running.start(session=session, by=clinic.nurse, now=NOON + timedelta(minutes=4))
    session.refresh_from_db()
    later = NOON + timedelta(minutes=14)
    read(session, clinic, at=later, systolic=151)
    assert [(alert.value, alert.before) for alert in session.alerts.all()] == [(31, 120)]
    assert [(one.limit.value, one.value) for one in page_of(session, clinic, later).latest.breaches] == [
        (30, 31)
    ]


def test_the_patient_s_own_limit_holds_the_start_as_it_raises_the_alert(clinic):
    session = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    own_limit(session, clinic, value=130)
    at = NOON + timedelta(minutes=5)
    read(session, clinic, at=at, systolic=145)
    assert session.alerts.get().level == "hold_start"
    [state] = [state for state in item_states(charted(session)) if state.code == "baseline-vitals"]
    assert (state.outcome, "limit ≥ 130" in state.from_record.words) == ("stop", True)
    page = page_of(session, clinic, at)
    assert [one.limit.value for one in page.latest.breaches] == [130]
    assert [one.limit.value for one in on_the_board(session, clinic, at).breaches] == [130]
    assert [
        line for line in summarise([session], at)[str(session.public_id)]["problems"] if "limit" in line
    ] == ["Limit: Systolic pressure 145 mmHg, limit ≥ 130"]


def test_a_limit_that_was_replaced_holds_nothing(clinic):
    session = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    own_limit(session, clinic, value=170)
    at = NOON + timedelta(minutes=5)
    read(session, clinic, at=at, systolic=165)
    assert not session.alerts.exists()
    [state] = [state for state in item_states(charted(session)) if state.code == "baseline-vitals"]
    assert state.outcome == "ok"
    assert page_of(session, clinic, at).latest.breaches == []
    assert on_the_board(session, clinic, at).breaches == []


def test_a_board_that_asks_takes_no_lock_until_a_step_is_due(clinic, django_assert_num_queries):
    set_rules(clinic.site, alert_escalation_minutes=5)
    on_duty(clinic, staff("nurse", clinic.site), hours(-3, 5))
    session = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    read(session, clinic, at=NOON, systolic=165)
    job = job_at([clinic.site])

    def ask(minute):
        return escalate_alerts(site=clinic.site, by=job, now=NOON + timedelta(minutes=minute))

    assert ask(5) == 1
    with CaptureQueriesContext(connection) as asked:
        assert ask(6) == 0
    assert {query["sql"].split()[0] for query in asked} == {"SELECT"}
    assert ask(10) == 3
    with django_assert_num_queries(1):
        assert ask(20) == 0
