"""What a process keeps of a course is never older than the course: every addition shows at the next look."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from clinic.common.kept import forget
from patients.models import Assessment
from patients.operations.assessing import correct_assessment
from sessions.models import Course, InfusionSession, VitalSigns
from sessions.operations import check_deciding, infusion_events, infusion_totals, monitoring, running, signing
from sessions.reports.score_chart import score_chart
from sessions.states import EndKind, Status
from tests.pages import Pages
from tests.patients.scenes import phq9
from tests.sessions.reports.test_course_picture import START, answered, at, course_of, picture
from tests.sessions.scenes import NORMAL, Clinic, make_clinic, make_course

DAY = 20
LATER = START + timedelta(days=DAY, minutes=5)


@pytest.fixture
def clinic(db: None) -> Clinic:
    return make_clinic(now=START, chairs=8)


@pytest.fixture
def course(clinic: Clinic) -> Course:
    course = course_of(clinic)
    session = at(clinic, course, DAY, Status.DISCHARGED)
    early = session.infusion_started_at - timedelta(minutes=10)
    monitoring.record_vital_signs(
        session=session, values=NORMAL | {"systolic": 101}, by=clinic.nurse, taken_at=early, now=LATER
    )
    monitoring.report_side_effect(session=session, term="headache", grade=1, by=clinic.nurse, now=LATER)
    unasked = at(clinic, course, DAY + 2, Status.PAUSED)
    told = {"kind": EndKind.STOPPED_EARLY, "reason": "The pump failed", "by": clinic.nurse}
    running.end(session=unasked, now=LATER + timedelta(days=2), **told)
    answered(clinic, course, -5, 3, 3, 3, 2, 2, 2, 2, 2, 2)
    return course


def again(course: Course) -> Course:
    return Course.objects.select_related("site", "protocol_version").get(pk=course.pk)


def of_day(course: Course, day: int = DAY) -> InfusionSession:
    return InfusionSession.objects.get(course=course, local_date=(START + timedelta(days=day)).date())


def reading_added(clinic, course, session):
    monitoring.record_vital_signs(
        session=session, values=NORMAL | {"systolic": 171}, by=clinic.nurse, now=LATER
    )


def reading_corrected(clinic, course, session):
    monitoring.correct_vital_signs(
        reading=session.vital_signs.latest("taken_at"),
        values=NORMAL | {"systolic": 172},
        reason="Typed wrongly",
        by=clinic.nurse,
        now=LATER,
    )


def reading_struck(clinic, course, session):
    row = VitalSigns.objects.filter(session=session).latest("taken_at")
    monitoring.retract_vital_signs(reading=row, reason="Another patient", by=clinic.nurse, now=LATER)


def effect_added(clinic, course, session):
    monitoring.report_side_effect(session=session, term="nausea", grade=2, by=clinic.nurse, now=LATER)


def effect_worse(clinic, course, session):
    effect = session.side_effects.get()
    monitoring.update_side_effect(side_effect=effect, grade=3, by=clinic.nurse, now=LATER)


def effects_asked(clinic, course, session):
    unasked = of_day(course, DAY + 2)
    monitoring.ask_about_side_effects(session=unasked, by=clinic.nurse, now=LATER + timedelta(days=2))


def event_detailed(clinic, course, session):
    stopped = InfusionSession.objects.filter(course=course, end_kind="stopped_early").latest(
        "scheduled_start"
    )
    told = {"event": stopped.infusion_events.last(), "reason": "The battery of the pump failed"}
    infusion_events.detail_event(by=clinic.nurse, now=LATER + timedelta(days=2), **told)


def totals_settled(clinic, course, session):
    told = {"pump_microlitres": 90_000, "used": "pump", "reason": "Bag left over"}
    infusion_totals.record_totals(session=session, by=clinic.nurse, now=LATER, **told)


def dose_confirmed_again(clinic, course, session):
    dose = session.doses.get()
    dose.pk, dose.public_id, dose.dose_micrograms = None, uuid.uuid4(), 30_000
    dose.save(force_insert=True)


def baseline_chosen(clinic, course, session):
    first = session.vital_signs.earliest("taken_at")
    check_deciding.choose_baseline(
        session=session, reading=first, reason="Calmer then", by=clinic.nurse, now=LATER
    )


def chart_signed(clinic, course, session):
    signing.sign(session=session, by=clinic.nurse, now=LATER)


def score_added(clinic, course, session):
    answered(clinic, course, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1)


def score_corrected(clinic, course, session):
    correct_assessment(
        assessment=Assessment.objects.get(),
        answers=phq9(2, 2, 2, 2, 2, 2, 2, 2, 2),
        reason="Read wrongly",
        by=clinic.nurse,
        now=LATER,
    )


def site_moved(clinic, course, session):
    course.site.time_zone = "Asia/Tokyo"
    course.site.save()


CHANGES = [
    reading_added,
    reading_corrected,
    reading_struck,
    effect_added,
    effect_worse,
    effects_asked,
    event_detailed,
    totals_settled,
    dose_confirmed_again,
    baseline_chosen,
    chart_signed,
    score_added,
    score_corrected,
    site_moved,
]


def whole(clinic, course):
    """All that the page says, times as they are written: instants are equal on any clock."""
    found = picture(clinic, again(course))
    return found, [line.starts_at.isoformat() for line in found.sessions], score_chart(found)


@pytest.mark.parametrize("change", CHANGES)
def test_every_addition_shows_at_the_next_look(clinic, course, change):
    before = whole(clinic, course)
    change(clinic, course, of_day(course))
    found = whole(clinic, course)
    assert found != before
    forget()
    assert whole(clinic, course) == found


def test_an_infusion_that_runs_is_read_by_the_clock(clinic, course):
    other = at(clinic, make_course(clinic, now=START), 28, Status.INFUSING).course
    minutes = [
        picture(clinic, again(other), now=START + timedelta(days=28, minutes=m)).sessions[0].minutes
        for m in (5, 9)
    ]
    assert minutes[1] == minutes[0] + 4


def test_what_is_known_is_asked_for_no_more(clinic, course):
    counts = []
    for _look in range(3):
        with CaptureQueriesContext(connection) as queries:
            whole(clinic, course)
        counts.append(len(queries))
    assert counts[0] > counts[1] == counts[2]


def test_each_language_has_its_own_words(clinic, course):
    with translation.override("es"):
        spanish = whole(clinic, course)
    forget()
    english = whole(clinic, course)
    with translation.override("es"):
        assert whole(clinic, course) == spanish
    assert whole(clinic, course) == english


def test_the_page_shows_what_was_added_since_it_was_last_written_out(clinic, course):
    page, url = Pages(clinic.nurse), f"/courses/{course.public_id}/"
    before = page.get(url).content.decode()
    effect_worse(clinic, course, of_day(course))
    score_added(clinic, course, of_day(course))
    after = page.get(url).content.decode()
    assert ("PHQ-9 from 21 to 9" in before, "PHQ-9 from 21 to 9" in after) == (False, True)
    assert after.count("matrix__grade--3") == before.count("matrix__grade--3") + 1
