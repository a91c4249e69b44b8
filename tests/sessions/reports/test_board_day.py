"""The board's statement against the querysets and rules that it restates, on charts with a history."""

from datetime import timedelta

import pytest

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.facilities.models import Chair
from sessions.models import InfusionSession
from sessions.operations import handing_over, monitoring
from sessions.reports.board_day import MEASURED, sessions_of_day
from sessions.reports.handover_summary import summarise
from sessions.rules.checking import confirmed_dose
from sessions.rules.corrections import standing
from sessions.rules.limits import baseline_of, value_of
from sessions.rules.plausibility import RANGES
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
    return reading and tuple(getattr(reading, name) for name in MEASURED)


def naive(pk):
    """The same visit by its models, one question at a time."""
    row = InfusionSession.objects.with_authorship().with_number().get(pk=pk)
    readings = standing(row.vital_signs.all())
    dose, assessments = confirmed_dose(row), row.discharge_assessments.order_by("entered_at", "pk")
    if row.state is not Status.RECOVERING:
        assessments = assessments.none()  # what was met is asked of nobody else
    return {
        "public_id": row.public_id,
        "state": row.state,
        "times": (row.scheduled_start, row.arrived_at, row.infusion_started_at, row.infusion_ended_at),
        "running": (row.running_since, row.infused_seconds, row.infused(NOON)),
        "who": (row.patient.short_name, row.nurse.short_name if row.nurse else None, row.chair),
        "order": (row.course.planned_infusions, row.course.duration_minutes, row.course.protocol_version),
        "booking": (row.booking.overrides, row.booking.is_chair_provisional),
        "number": row.number,
        "signed": row.is_authored,
        "handed": row.handovers.exists(),
        "answered": len({answer.item for answer in row.check_answers.all()}),
        "confirmed": dict(item for each in assessments for item in each.criteria.items()),
        "dose": (dose.dose_micrograms, dose.duration_minutes) if dose else (None, None),
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
        "order": (row.course.planned_infusions, row.course.duration_minutes, row.course.protocol_version),
        "booking": (row.booking.overrides, row.booking.is_chair_provisional),
        "number": row.number,
        "signed": bool(row.is_authored),
        "handed": bool(row.is_handed),
        "answered": row.answered,
        "confirmed": row.confirmed,
        "dose": (row.dose, row.dose_minutes),
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

        take(-4, systolic=131)
        take(-4, systolic=133)
        take(-2, heart_rate=None)
        wrong = take(2, systolic=180)
        monitoring.correct_vital_signs(
            reading=wrong, values=NORMAL | {"systolic": 118}, reason="Misread", **by
        )
        monitoring.retract_vital_signs(reading=take(5, systolic=190), reason="Another patient", **by)
        check_all(clinic)
    struck = [row.latest.systolic for row in read(clinic) if row.latest and row.state in PRESENT]
    assert 190 not in struck


def test_a_reading_of_the_board_has_whatever_a_limit_can_be_about(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    [row] = read(clinic)
    latest = session.vital_signs.latest("taken_at")
    assert {name: value_of(row.latest, name) for name in RANGES} == {
        name: value_of(latest, name) for name in RANGES
    }


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


def test_whoever_may_not_see_patients_there_reads_nobody(clinic, sessions):
    elsewhere = Actor.job("elsewhere", site_ids=[clinic.site.pk + 1], permissions=[Permission.VIEW_PATIENTS])
    assert read(clinic, actor=elsewhere) == []
    assert read(clinic, actor=Actor.job("none", site_ids=[clinic.site.pk], permissions=[])) == []
