"""The picture of a course against a naive second look at its rows."""

from datetime import date, datetime, timedelta

import pytest

from clinic.common.kept import forget
from patients.models import Assessment
from patients.operations.assessing import record_assessment
from patients.scoring.registry import CURRENT
from sessions.models import Course, InfusionSession, SideEffect, VitalSigns
from sessions.operations import leaving, monitoring, running
from sessions.operations.planning import close_course
from sessions.reports.course_picture import CoursePicture, course_picture
from sessions.reports.score_chart import score_chart
from sessions.states import EndKind, Status
from tests.patients.scenes import phq9
from tests.remembered import remembered
from tests.scenes import staff
from tests.sessions.reports.scenes import NOW
from tests.sessions.scenes import NORMAL, Clinic, make_clinic, make_course, session_at

START = NOW - timedelta(days=24)
"""The day of the first session; the order is a day older."""


@pytest.fixture
def clinic(db: None) -> Clinic:
    return make_clinic(now=START, chairs=8)


@pytest.fixture
def course(clinic: Clinic) -> Course:
    return course_of(clinic)


@pytest.fixture
def treated(clinic: Clinic) -> Course:
    """The same under another name, for a scene that adds to it."""
    return course_of(clinic)


@remembered
def course_of(clinic: Clinic) -> Course:
    """Given, no-show, given and troubled, cancelled, stopped early, and one to come."""
    course = make_course(clinic, now=START - timedelta(days=7), planned_infusions=6)
    at(clinic, course, 0, Status.DISCHARGED, signed=1)
    at(clinic, course, 4, Status.NO_SHOW)
    troubled(clinic, at(clinic, course, 8, Status.INFUSING), START + timedelta(days=8))
    at(clinic, course, 12, Status.CANCELLED)
    stopped = at(clinic, course, 16, Status.PAUSED)
    monitoring.report_side_effect(
        session=stopped, term="nausea", grade=2, by=clinic.nurse, now=START + timedelta(days=16, minutes=1)
    )
    running.end(
        session=stopped,
        kind=EndKind.STOPPED_EARLY,
        reason="Vomiting",
        by=clinic.nurse,
        now=START + timedelta(days=16, minutes=2),
    )
    at(clinic, course, 24, Status.SCHEDULED)
    return Course.objects.select_related("site", "protocol_version").get(pk=course.pk)


def at(clinic: Clinic, course: Course, day: int, status: Status, **how: int) -> InfusionSession:
    number = day // 4
    moment = START + timedelta(days=day)
    return session_at(status, clinic=clinic, now=moment, course=course, chair=clinic.chairs[number], **how)


def troubled(clinic: Clinic, session: InfusionSession, now: datetime) -> None:
    """High readings, one of them typed wrongly, and three side effects, two of one kind; completed."""
    by = {"session": session, "by": clinic.nurse}
    monitoring.record_vital_signs(values=NORMAL | {"systolic": 152, "diastolic": 95}, now=now, **by)
    wrong = monitoring.record_vital_signs(values=NORMAL | {"systolic": 210}, now=now, **by)
    monitoring.correct_vital_signs(
        reading=wrong, values={"heart_rate": 90}, reason="Cuff slipped", by=clinic.nurse, now=now
    )
    wrong = monitoring.record_vital_signs(values=NORMAL | {"systolic": 199}, now=now, **by)
    monitoring.retract_vital_signs(reading=wrong, reason="Another patient", by=clinic.nurse, now=now)
    effect = monitoring.report_side_effect(term="dissociation", grade=3, now=now, **by)
    monitoring.update_side_effect(side_effect=effect, grade=1, by=clinic.nurse, now=now)
    monitoring.report_side_effect(term="nausea", grade=1, now=now, **by)
    monitoring.report_side_effect(term="nausea", grade=2, now=now, **by)
    running.end(kind=EndKind.COMPLETED, now=now + timedelta(minutes=25), **by)


@remembered
def answered(clinic: Clinic, course: Course, day: int, *values: int | None) -> Assessment:
    moment = START + timedelta(days=day)
    return record_assessment(
        patient=course.patient,
        instrument="phq9",
        answers=phq9(*values),
        taken_at=moment,
        by=clinic.nurse,
        now=moment,
    )


def picture(clinic: Clinic, course: Course, now: datetime = NOW) -> CoursePicture:
    return course_picture(course, actor=clinic.prescriber, now=now)


def test_planned_against_what_became_of_it(clinic, course):
    found = picture(clinic, course)
    counted = (found.planned, found.given, found.completed, found.stopped_early)
    assert counted == (6, 3, 2, 1)
    assert (found.missed, found.cancelled, found.to_come) == (1, 1, 1)
    assert [line.number for line in found.sessions] == [1, None, 2, None, 3, 4]
    assert found.next_booked == found.sessions[-1]


def test_the_lines_are_what_the_rows_say(clinic, course):
    """Once more, naively: a query for every question."""
    sessions = InfusionSession.objects.filter(course=course).order_by("scheduled_start")
    for session, line in zip(sessions, picture(clinic, course).sessions, strict=True):
        readings = [row for row in VitalSigns.objects.filter(session=session) if row.systolic]
        readings = [row for row in readings if not VitalSigns.objects.filter(corrects=row).exists()]
        begun = session.infusion_started_at
        before = [row for row in readings if begun is None or row.taken_at < begun]
        after = [row for row in readings if begun and row.taken_at >= begun]
        highest = max(after, key=lambda row: (row.systolic, row.diastolic), default=None)
        dose = session.doses.last()
        assert line.session_id == session.public_id
        assert (line.day, line.status, line.end_kind) == (
            session.local_date,
            session.status,
            session.end_kind,
        )
        assert line.minutes == (session.infused_seconds // 60 if begun else None)
        assert line.dose_micrograms == (dose.dose_micrograms if dose else None)
        assert line.baseline == ((before[-1].systolic, before[-1].diastolic) if before else None)
        assert line.highest == ((highest.systolic, highest.diastolic) if highest else None)
        assert line.rise == (highest.systolic - before[-1].systolic if highest else None)
        effects = SideEffect.objects.filter(session=session)
        grades = [[entry.grade for entry in effect.entries.order_by("pk")] for effect in effects]
        assert [(cell.grade, cell.worst) for cell in line.side_effects] == [(g[-1], max(g)) for g in grades]
        assert line.asked == (effects.exists() or session.side_effect_inquiries.exists())


def test_ordinary_values(clinic, course):
    first, _missed, second, _cancelled, third, coming = picture(clinic, course).sessions
    assert (first.signed, second.signed, third.signed, coming.signed) == ("signed", "", "", "")
    assert (first.dose_micrograms, first.given_micrograms, first.micrograms_per_kg) == (35_000, 35_000, 500)
    assert (first.minutes, second.minutes, third.minutes) == (40, 37, 15)
    assert third.given_micrograms == round(35_000 * 15 / 40)
    assert (second.highest, second.rise) == ((152, 95), 152 - NORMAL["systolic"])
    assert (third.stop_reason, second.stop_reason) == ("Vomiting", "")


def test_side_effects_by_kind_and_infusion(clinic, course):
    rows = {row.term: [cell and cell.grade for cell in row.cells] for row in picture(clinic, course).effects}
    assert rows == {"dissociation": [None, 1, None], "nausea": [None, 2, 2]}


def test_the_next_infusion_is_due_by_the_protocol(clinic, course):
    window = picture(clinic, course).next_due
    version = course.protocol_version
    last = date(2026, 3, 12)
    assert (window.earliest, window.target) == (
        last + timedelta(days=version.min_gap_days),
        last + timedelta(days=version.target_gap_days),
    )
    assert (window.latest, picture(clinic, course).days_late) == (None, 0)


def test_nothing_is_due_before_the_first_or_after_the_last(clinic, course):
    fresh = make_course(clinic, now=NOW - timedelta(days=1))
    assert picture(clinic, fresh).next_due is None
    for session in InfusionSession.objects.filter(course=course, status=Status.RECOVERING):
        leaving.leave(session=session, by=clinic.desk, now=NOW)
    close_course(
        course=course,
        state=Course.State.STOPPED,
        code="moved",
        reason="Moved away",
        by=clinic.prescriber,
        now=NOW,
    )
    closed = Course.objects.select_related("site", "protocol_version").get(pk=course.pk)
    assert picture(clinic, closed).next_due is None


def test_scores_with_change_from_the_first_total(clinic, course):
    answered(clinic, course, -6, 3, 3, 3, 2, 2, 2, 2, 2, None)
    answered(clinic, course, -5, 3, 3, 3, 2, 2, 2, 2, 2, 2)
    answered(clinic, course, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1)
    (table,) = picture(clinic, course).scores
    told = [
        (score.total, score.band, score.change, score.percent, score.is_flagged) for score in table.scores
    ]
    assert told == [
        (None, "", None, None, False),
        (21, "severe", None, None, True),
        (9, "mild", -12, -57, True),
    ]
    assert (table.name, table.first.total, table.latest.total) == ("PHQ-9", 21, 9)


def test_scores_long_before_the_order_are_another_story(clinic, course):
    answered(clinic, course, -200, 3, 3, 3, 3, 3, 3, 3, 3, 3)
    assert picture(clinic, course).scores == ()
    assert score_chart(picture(clinic, course)) is None


def test_the_chart_of_scores_and_infusions(clinic, course):
    answered(clinic, course, -5, 3, 3, 3, 2, 2, 2, 2, 2, 2)
    answered(clinic, course, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1)
    chart = score_chart(picture(clinic, course))
    assert chart.title == "PHQ-9 from 21 to 9 (-57 %)"
    assert "Infusions: 24 Feb, 4 Mar, 12 Mar." in chart.description
    (panel,) = chart.panels
    (curve,) = panel.curves
    assert (len(curve.paths), len(curve.marks), len(curve.reaches)) == (1, 2, 2)
    assert [band.label for band in panel.bands] == [band.label for band in CURRENT["phq9"].bands]
    assert len(chart.marks) == 3
    assert chart.marks[0].path != chart.marks[2].path, "the third infusion was a smaller one"
    assert chart.marks[2].label == "Infusion 3, 12 Mar: 13.125 mg"


def test_it_shows_nothing_of_other_sites(clinic, course):
    answered(clinic, course, -5, 3, 3, 3, 2, 2, 2, 2, 2, 2)
    stranger = staff("prescriber", make_clinic("south", now=START).site)
    found = course_picture(course, actor=stranger, now=NOW)
    assert (found.sessions, found.scores, found.given) == ((), (), 0)


def test_the_number_of_queries_does_not_grow(clinic, course, django_assert_num_queries):
    answered(clinic, course, -5, 3, 3, 3, 2, 2, 2, 2, 2, 2)
    short = make_course(clinic, now=START)
    at(clinic, short, 20, Status.INFUSING)
    for one in (course, Course.objects.select_related("site", "protocol_version").get(pk=short.pk)):
        forget()
        with django_assert_num_queries(12 if one == course else 11):
            score_chart(picture(clinic, one))
