"""The board's statement against the querysets and rules that it restates, on charts with a history."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.facilities.models import Chair
from sessions.models import Alert, AlertEntry, InfusionSession, PatientLimit
from sessions.operations import check_deciding, checking, discharging, handing_over, monitoring
from sessions.reports.board_day import PROTOCOL, sessions_of_day
from sessions.reports.handover_summary import summarise
from sessions.reports.signals import Signals, signals_of
from sessions.rules.checking import confirmed_dose
from sessions.rules.corrections import standing
from sessions.rules.discharging import open_criteria, unconfirmed
from sessions.rules.limits import URGENCY, baseline_of, value_of
from sessions.rules.plausibility import RANGES
from sessions.rules.protocols import LimitLevel
from sessions.states import PRESENT, Status
from tests.scenes import staff
from tests.sessions.scenes import NOON, NORMAL, assess, make_clinic, make_course, session_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic():
    return make_clinic(chairs=len(Status))


@pytest.fixture
def sessions(clinic):
    return [
        session_at(status, clinic=clinic, now=NOON, chair=chair, signed=status is Status.DISCHARGED)
        for status, chair in zip(Status, clinic.chairs, strict=True)
    ]


def read(clinic, *, actor=None):
    chairs = list(Chair.objects.filter(site=clinic.site))
    return sessions_of_day(clinic.site, chairs, actor=actor or clinic.nurse, day=NOON.date())


def measured(reading):
    """When, and everything that a limit can be about."""
    return reading and (reading.taken_at, *(value_of(reading, name) for name in RANGES))


def open_alerts(row):
    """How many that page somebody nobody has answered, the worst level of them, and since when that stands."""
    found = list(row.alerts.unsettled().filter(is_live=True))
    worst = max((LimitLevel(one.level) for one in found), key=URGENCY.index, default=None)
    since = min((one.raised_at for one in found if one.level == worst), default=None)
    return len(found), worst and worst.value, since


def naive(pk):
    """The same visit by its models, one question at a time."""
    row = InfusionSession.objects.with_authorship().with_number().get(pk=pk)
    readings = standing(row.vital_signs.all())
    dose = confirmed_dose(row)
    return {
        "public_id": row.public_id,
        "state": row.state,
        "times": (row.scheduled_start, row.arrived_at, row.infusion_started_at, row.infusion_ended_at),
        "running": (row.running_since, row.infused_seconds, row.infused(NOON)),
        "who": (row.patient.short_name, row.nurse.short_name if row.nurse else None, row.chair),
        "order": (row.course.planned_infusions, row.course.duration_minutes),
        "protocol": [getattr(row.course.protocol_version, name) for name in PROTOCOL],
        "booking": (row.booking.overrides, row.booking.is_chair_provisional),
        "number": row.number,
        "signed": row.is_authored,
        "handed": row.handovers.exists(),
        "own limits": PatientLimit.objects.filter(patient=row.patient_id).exists(),
        "alerts": open_alerts(row),
        "assessed": row.discharge_assessments.exists(),
        "waited": any(answer.waits_until for answer in row.check_answers.all()),
        "ready": max(
            ((mark.entered_at, mark.pk, mark.taken_at) for mark in row.ready_marks.all()), default=[None]
        )[-1],
        "answered": len({answer.item for answer in row.check_answers.all()}),
        # Only of recovery does the board say what is not confirmed.
        "unconfirmed": open_criteria(row) if row.state is Status.RECOVERING else None,
        "rate": (row.delivered_microlitres, row.rate_microlitres_per_hour, row.rate_since),
        "excused": row.reading_excused_at,
        "dose": (dose.dose_micrograms, dose.duration_minutes, dose.bag_microlitres)
        if dose
        else (None, None, None),
        "latest": measured(max(readings, key=lambda each: (each.taken_at, each.pk), default=None)),
        "baseline": measured(baseline_of(row, readings)) if row.infusion_started_at else None,
    }


def seen(row):
    return {
        "public_id": row.public_id,
        "state": row.state,
        "times": (row.scheduled_start, row.arrived_at, row.infusion_started_at, row.infusion_ended_at),
        "running": (row.running_since, row.infused_seconds, row.infused(NOON)),
        "who": (row.patient.short_name, row.nurse.short_name if row.nurse else None, row.chair),
        "order": (row.course.planned_infusions, row.course.duration_minutes),
        "protocol": [getattr(row.course.protocol_version, name) for name in PROTOCOL],
        "booking": (row.booking.overrides, row.booking.is_chair_provisional),
        "number": row.number,
        "signed": bool(row.is_authored),
        "handed": bool(row.is_handed),
        "own limits": bool(row.has_own_limits),
        "alerts": (row.alert_count, row.alert_level, row.alert_since),
        "assessed": bool(row.is_assessed),
        "waited": bool(row.has_waited),
        "ready": row.ready_at,
        "answered": row.answered,
        "unconfirmed": unconfirmed(row.course.protocol_version, row.confirmed)
        if row.state is Status.RECOVERING
        else None,
        "rate": (row.delivered_microlitres, row.rate_microlitres_per_hour, row.rate_since),
        "excused": row.reading_excused_at,
        "dose": (row.dose, row.dose_minutes, row.dose_bag),
        "latest": measured(row.latest),
        "baseline": measured(row.baseline),
    }


def check_all(clinic):
    rows = read(clinic)
    assert [seen(row) for row in rows] == [naive(row.pk) for row in rows]
    assert [row.scheduled_start for row in rows] == sorted(row.scheduled_start for row in rows)
    return rows


def test_every_stage(clinic, sessions):
    assert len(check_all(clinic)) == len(Status)


def test_readings_that_were_repeated_late_corrected_or_struck(clinic, sessions):
    by = {"by": clinic.nurse, "now": NOON}
    for session in (each for each in sessions if each.state in PRESENT and each.infusion_started_at):
        begun = session.infusion_started_at

        def take(minutes, *, session=session, begun=begun, **values):
            at = begun + timedelta(minutes=minutes)
            return monitoring.record_vital_signs(
                session=session, values=NORMAL | values, taken_at=at, confirmed=True, **by
            )

        named = take(-4, systolic=131)
        take(-4, systolic=133)
        check_all(clinic)
        check_deciding.choose_baseline(session=session, reading=named, reason="The better cuff", **by)
        take(-2, heart_rate=None)
        wrong = take(2, systolic=180)
        monitoring.correct_vital_signs(
            reading=wrong, values=NORMAL | {"systolic": 118}, reason="Misread", **by
        )
        monitoring.retract_vital_signs(reading=take(5, systolic=190), reason="Another patient", **by)
        check_all(clinic)
    struck = [row.latest.systolic for row in read(clinic) if row.latest and row.state in PRESENT]
    assert 190 not in struck


def test_visits_of_one_course_doses_assessments_and_handovers(clinic):
    course = make_course(clinic, now=NOON - timedelta(days=40))
    for days, status in ((21, Status.DISCHARGED), (14, Status.CANCELLED), (7, Status.LEFT)):
        session_at(status, clinic=clinic, now=NOON - timedelta(days=days), course=course)
    session = session_at(Status.RECOVERING, clinic=clinic, now=NOON, course=course)
    assess(session, by=clinic.nurse, now=NOON - timedelta(minutes=3), walks_unaided=False)
    assess(session, by=clinic.nurse, now=NOON)
    other = staff("nurse", clinic.site, "other")
    told = {"site": clinic.site, "to_nurse": other.user, "by": clinic.nurse, "until": None, "now": NOON}
    handing_over.offer_handover(summarise=summarise, **told)
    (row,) = check_all(clinic)
    assert (row.number, row.is_handed) == (3, True)
    assert all(row.confirmed.values())


def test_what_calls_from_a_chair(clinic, sessions):
    of = {session.state: session for session in sessions}
    arrived, infusing, recovering = (
        of[each] for each in (Status.ARRIVED, Status.INFUSING, Status.RECOVERING)
    )
    until = NOON + timedelta(minutes=20)
    told = {"item": "escort", "outcome": "wait", "details": {"kind": "arranging"}, "waits_until": until}
    checking.answer_check_item(session=arrived, by=clinic.nurse, now=NOON, **told)
    monitoring.record_vital_signs(
        session=infusing, values=NORMAL | {"systolic": 199}, confirmed=True, by=clinic.nurse, now=NOON
    )
    later = recovering.infusion_ended_at + timedelta(hours=3)
    assess(recovering, by=clinic.nurse, now=later)
    discharging.mark_ready(
        session=recovering, override_reason="Well known here", by=clinic.director, now=later
    )
    rows = {row.state: row for row in check_all(clinic)}
    assert [rows[each].has_waited for each in (Status.ARRIVED, Status.INFUSING)] == [True, False]
    assert [rows[each].alert_count for each in (Status.ARRIVED, Status.INFUSING)] == [0, 1]
    calls = signals_of(list(rows.values()), {infusing.pk: NOON})
    assert set(calls) == {arrived.pk, infusing.pk, recovering.pk}
    assert calls[arrived.pk] == Signals(waiting_until=until, waiting_reason="ride being arranged")
    assert (calls[infusing.pk].alert_count, calls[infusing.pk].offline_since) == (1, NOON)
    assert calls[recovering.pk] == Signals(ready_since=later)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(LimitLevel)),
            st.integers(0, 5),
            st.booleans(),
            st.sampled_from(
                [(), ("escalated",), ("acknowledged",), ("ended",), ("ended", "worsened"), ("retracted",)]
            ),
        ),
        max_size=6,
    )
)
def test_alerts_of_any_level_and_whatever_became_of_them(clinic, infusing, raised):
    reading = infusing.vital_signs.latest("pk")
    with transaction.atomic():
        for level, minutes, is_live, kinds in raised:
            alert = Alert.objects.create(
                session=infusing,
                parameter="systolic",
                side="above",
                level=level,
                rule={},
                rule_key="systolic",
                protocol_version=infusing.course.protocol_version,
                reading=reading,
                value=180,
                is_live=is_live,
                raised_at=NOON + timedelta(minutes=minutes),
            )
            for kind in kinds:
                step = {"step": "nurse"} if kind == "escalated" else {}
                AlertEntry.objects.create(alert=alert, kind=kind, at=NOON, by=clinic.nurse.user, **step)
        check_all(clinic)
        transaction.set_rollback(True)


@pytest.fixture
def infusing(clinic):
    return session_at(Status.INFUSING, clinic=clinic, now=NOON)


def test_whoever_may_not_see_patients_there_reads_nobody(clinic, sessions):
    elsewhere = Actor.job("elsewhere", site_ids=[clinic.site.pk + 1], permissions=[Permission.VIEW_PATIENTS])
    assert read(clinic, actor=elsewhere) == []
    assert read(clinic, actor=Actor.job("none", site_ids=[clinic.site.pk], permissions=[])) == []
