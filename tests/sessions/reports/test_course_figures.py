"""Doses, vital signs at their furthest, the last year, spacing and relief, against a naive second look at the rows."""

from datetime import timedelta

import pytest

from patients.operations.assessing import record_assessment
from sessions.models import Course, InfusionSession, OutsideInfusion, VitalSigns
from sessions.operations.episodes import record_outside_infusion, set_course_phase
from sessions.operations.reevaluating import record_reevaluation
from sessions.reports.course_figures import course_figures
from sessions.reports.course_picture import course_picture
from sessions.reports.reevaluations import looks_at
from sessions.reports.score_chart import score_chart
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.patients.api.client import Api
from tests.sessions.operations.test_episodes import scored
from tests.sessions.reports import test_course_picture as scene
from tests.sessions.reports.scenes import NOW
from tests.sessions.scenes import make_clinic, make_course, make_patient, session_at

pytestmark = pytest.mark.django_db
clinic, course = scene.clinic, scene.course
LONG_AGO = NOW - timedelta(days=420)


def figures_of(clinic, course):
    found = Course.objects.select_related("site", "protocol_version").get(pk=course.pk)
    picture = course_picture(found, actor=clinic.prescriber, now=NOW)
    return picture, course_figures(picture, actor=clinic.prescriber)


def test_the_doses_one_by_one(clinic, course):
    _picture, figures = figures_of(clinic, course)
    sessions = list(course.sessions.delivered().order_by("infusion_started_at"))
    assert [dose.line.session_id for dose in figures.doses] == [one.public_id for one in sessions]
    naive = [one.doses.last().dose_micrograms for one in sessions]
    changes = [None, *(later - earlier for earlier, later in zip(naive, naive[1:], strict=False))]
    assert [dose.change for dose in figures.doses] == changes
    days = [one.local_date for one in sessions]
    assert figures.spacing.gaps == tuple((b - a).days for a, b in zip(days, days[1:], strict=False))
    assert [dose.gap for dose in figures.doses] == [None, *figures.spacing.gaps]
    assert figures.doses[-1].line.dose_reasons == ("Vomiting",)
    given = [35_000, round(35_000 * 37 / 40), round(35_000 * 15 / 40)]
    assert (figures.course.infusions, figures.course.micrograms, figures.course.unknown) == (3, sum(given), 0)


def test_vital_signs_at_their_furthest(clinic, course):
    """Once more, naively: every standing reading after the start, by column."""
    picture, _figures = figures_of(clinic, course)
    for line in picture.infusions:
        session = InfusionSession.objects.get(public_id=line.session_id)
        rows = [row for row in session.vital_signs.all() if not row.retracted]
        rows = [row for row in rows if not VitalSigns.objects.filter(corrects=row).exists()]
        before = [row for row in rows if row.taken_at < session.infusion_started_at]
        after = [row for row in rows if row.taken_at >= session.infusion_started_at]
        assert line.vitals.readings == len(after)
        for end in line.vitals.ends:
            values = [value for row in after if (value := getattr(row, end.parameter)) is not None]
            assert end.value == (max if end.end == "highest" else min)(values)
            assert end.change == end.value - getattr(before[-1], end.parameter)


def test_the_last_year_is_the_patients_not_the_courses():
    clinic = make_clinic(now=LONG_AGO, chairs=2)
    patient = make_patient(clinic, now=LONG_AGO)
    old = make_course(clinic, patient=patient, now=LONG_AGO)
    new = make_course(clinic, patient=patient, now=NOW - timedelta(days=30))
    for course, ago in ((old, 400), (old, 300), (new, 20), (new, 10)):
        session_at(Status.DISCHARGED, clinic=clinic, now=NOW - timedelta(days=ago), course=course)
    for course, ago, dose in ((old, 366, 10_000), (old, 364, 20_000), (new, 40, None)):
        record_outside_infusion(
            course=course,
            given_on=(NOW - timedelta(days=ago)).date(),
            place="Elsewhere",
            source="patient",
            micrograms=dose,
            by=clinic.nurse,
            now=NOW,
        )
    _picture, figures = figures_of(clinic, new)
    since = (NOW - timedelta(days=365)).date()
    here = InfusionSession.objects.filter(patient=patient, infusion_started_at__isnull=False)
    doses = [one.given_micrograms for one in here if one.local_date > since]
    doses += [one.micrograms for one in OutsideInfusion.objects.all() if one.given_on > since]
    known = [dose for dose in doses if dose is not None]
    assert (figures.year.infusions, figures.year.micrograms, figures.year.unknown) == (
        len(doses),
        sum(known),
        len(doses) - len(known),
    )
    assert (len(doses), figures.episode.infusions, figures.course.infusions) == (5, 3, 2)


@pytest.fixture
def maintenance():
    """Four infusions under maintenance, each gap shorter than the one before it."""
    clinic = make_clinic(now=NOW - timedelta(days=90), chairs=2)
    course = make_course(clinic, now=NOW - timedelta(days=70))
    for ago in (60, 39, 25, 15):
        session_at(Status.DISCHARGED, clinic=clinic, now=NOW - timedelta(days=ago), course=course)
    for ago, total in ((61, 3), (59, 7), (58, 6), (57, 3), (15, 4), (14, 8), (13, 8)):
        at = NOW - timedelta(days=ago)
        record_assessment(
            patient=course.patient,
            instrument="mood",
            answers={"mood": total},
            mode="self",
            by=clinic.nurse,
            taken_at=at,
            now=at,
        )
    return clinic, course


def test_shrinking_spacing_is_flagged_in_maintenance_only(maintenance):
    clinic, course = maintenance
    assert not figures_of(clinic, course)[1].shrinks
    set_course_phase(course=course, phase="maintenance", by=clinic.prescriber, now=NOW)
    _picture, figures = figures_of(clinic, course)
    assert (figures.spacing.gaps, figures.shrinks) == ((21, 14, 10), True)


def test_relief_says_on_what_it_rests(maintenance):
    clinic, course = maintenance
    _picture, figures = figures_of(clinic, course)
    assert [(one.relief.days, one.relief.ratings) for one in figures.relief] == [
        (3, 3),
        (None, 0),
        (None, 0),
        (2, 2),
    ]
    assert (
        figures.relief[0].sentence == "3 days until the mood was no better than before (3 moods, 3 before)."
    )
    assert (figures.moods, figures.ended, figures.median_relief) == (7, 1, None)


def test_the_page_and_the_api_show_them(maintenance):
    clinic, course = maintenance
    set_course_phase(course=course, phase="maintenance", by=clinic.prescriber, now=NOW)
    shown = text_of(Pages(clinic.nurse).get(f"/courses/{course.public_id}/"))
    for words in (
        "The spacing shrinks",
        "Days between the infusions: 21, 14, 10.",
        "3 days until the mood was no better than before (3 moods, 3 before).",
        "From 7 daily moods",
        "140.0 mg in 4 infusions of this course",
        "134 (+12)",
    ):
        assert words in shown, words
    answer = Api(clinic.nurse).get(f"courses/{course.public_id}/dashboard/").json()
    assert (answer["phase"], answer["given"], answer["spacing_shrinks"]) == ("maintenance", 4, True)
    assert answer["in_course"] == {"infusions": 4, "mg": "140", "without_dose": 0}
    assert answer["gaps_in_days"] == [21, 14, 10]
    assert [one["days"] for one in answer["relief"]] == [3, None, None, 2]
    highest = answer["infusions"][0]["vital_signs"][0]
    assert highest == {"parameter": "systolic", "end": "highest", "value": 134, "change": 12}
    (scores,) = answer["scores"]
    assert (scores["instrument"], scores["baseline"], len(scores["scores"])) == ("mood", 3, 7)


def test_the_matrix_names_the_severity(clinic, course):
    shown = text_of(Pages(clinic.nurse).get(f"/courses/{course.public_id}/"))
    assert "Nausea · not reported ◐ Moderate ◐ Moderate" in shown
    assert "Dissociation, feeling unreal · not reported ● Severe · not reported" in shown


def test_the_picture_has_lines_lanes_and_marks(clinic, course):
    for day, values in ((-5, [3, 3, 3, 2, 2, 2, 2, 2, 1]), (9, [1] * 9)):
        scored(clinic, course.patient, scene.START + timedelta(days=day), *values)
    record_reevaluation(course=course, decision="continue", by=clinic.prescriber, now=NOW)
    record_outside_infusion(
        course=course,
        given_on=(scene.START - timedelta(days=2)).date(),
        place="Elsewhere",
        source="records",
        micrograms=70_000,
        by=clinic.nurse,
        now=NOW,
    )
    picture, _figures = figures_of(clinic, course)
    looks = looks_at(picture, actor=clinic.nurse)
    chart = score_chart(picture, looks=looks.rows)
    labels = [level.label for level in chart.panels[0].levels]
    assert labels == ["baseline 20", "response ≤ 10", "remission < 5"]
    assert [mark.hatched for mark in chart.marks] == [True, False, False, False]
    assert chart.marks[0].label.endswith("70 mg, given elsewhere: Elsewhere")
    lanes = {lane.title: [mark.key for mark in lane.marks] for lane in chart.lanes}
    assert lanes == {"Side effects": ["effect-3", "effect-2"], "Events": ["missed", "stopped", "look"]}
    assert "given elsewhere: 22 Feb" in chart.description
