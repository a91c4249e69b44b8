"""Courses that belong together, infusions given elsewhere, and the score that a course is measured against."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused
from patients.operations.assessing import record_assessment
from sessions.models import CoursePhase, OutcomeBaseline, OutsideInfusion
from sessions.operations.episodes import (
    choose_outcome_baseline,
    record_outside_infusion,
    retract_outside_infusion,
    set_course_phase,
)
from sessions.states import Status
from tests.patients.scenes import phq9
from tests.refusals import refused
from tests.remembered import remembered
from tests.sessions.scenes import NOON, make_clinic, make_course, session_at

pytestmark = pytest.mark.django_db
START = NOON - timedelta(days=60)


@pytest.fixture
def clinic():
    return make_clinic(now=START - timedelta(days=9))


@pytest.fixture
def first(clinic):
    return make_course(clinic, now=START)


@pytest.fixture
def second(clinic, first):
    return make_course(clinic, patient=first.patient, now=NOON - timedelta(days=9))


def place(course, clinic, phase="maintenance", **told):
    return set_course_phase(course=course, phase=phase, **{"by": clinic.prescriber, "now": NOON} | told)


def elsewhere(course, clinic, **told):
    given = {"given_on": date(2026, 1, 5), "place": "Harbour clinic", "source": "records"}
    return record_outside_infusion(course=course, **given | {"by": clinic.nurse, "now": NOON} | told)


@remembered
def scored(clinic, patient, at, *values):
    return record_assessment(
        patient=patient, instrument="phq9", answers=phq9(*values), by=clinic.nurse, taken_at=at, now=at
    )


def choose(course, clinic, assessment, reason="Scored by the clinic before", **told):
    given = {"instrument": "phq9", "by": clinic.prescriber, "now": NOON}
    return choose_outcome_baseline(course=course, assessment=assessment, reason=reason, **given | told)


def test_a_course_goes_on_from_another(clinic, first, second):
    key = uuid.uuid4()
    place(second, clinic, continues=first, public_id=key)
    row = CoursePhase.objects.get(public_id=key)
    assert (row.phase, row.continues, row.taken_by, row.taken_at) == (
        "maintenance",
        first,
        clinic.prescriber.user,
        NOON,
    )
    event = AuditEvent.objects.get(subject_id=key)
    assert event.verb == "course.phase_set"


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"phase": "booster"}, "phase.unknown"),
        ({"phase": "induction", "continues": "first"}, "phase.begins"),
        ({"continues": "stranger"}, "phase.other_patient"),
        ({"continues": "second"}, "phase.order"),
    ],
)
def test_what_cannot_go_on_is_refused(clinic, first, second, told, code):
    named = {"first": first, "second": second, "stranger": make_course(clinic, now=START)}
    if "continues" in told:
        told = told | {"continues": named[told["continues"]]}
    with refused(Invalid, code):
        place(second, clinic, **told)
    assert not CoursePhase.objects.exists()


def test_an_earlier_course_cannot_go_on_from_a_later_one(clinic, first, second):
    with refused(Invalid, "phase.order"):
        place(first, clinic, continues=second)


def test_a_change_of_what_was_said_needs_a_reason(clinic, first, second):
    place(second, clinic, continues=first)
    with refused(Invalid, "reason.missing"):
        place(second, clinic, "transferred", reason=" ")
    place(second, clinic, "transferred", reason="The first was another illness")
    assert [row.phase for row in second.phases.all()] == ["maintenance", "transferred"]


def test_the_database_holds_the_same(clinic, second):
    place(second, clinic)
    row = CoursePhase.objects.get()
    for wrong in ({"continues_id": second.pk}, {"phase": "induction", "continues_id": row.course_id - 1}):
        copy = CoursePhase(course=second, phase="maintenance", taken_at=NOON, entered_at=NOON)
        copy.taken_by = copy.entered_by = clinic.prescriber.user
        for name, value in wrong.items():
            setattr(copy, name, value)
        with pytest.raises(IntegrityError), transaction.atomic():
            copy.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        CoursePhase.objects.filter(pk=row.pk).update(phase="transferred")


def test_who_may(clinic, first, second):
    for by in (clinic.nurse, clinic.desk):
        with refused(Refused, "permission.missing"):
            place(second, clinic, by=by)
        with refused(Refused, "permission.missing"):
            choose(second, clinic, None, by=by)
    with refused(Refused, "permission.missing"):
        elsewhere(second, clinic, by=clinic.desk)


def test_an_infusion_given_elsewhere_is_a_fact_with_its_source(clinic, second):
    row = elsewhere(second, clinic, micrograms=40_000, note=" First of six ")
    assert (row.given_on, row.micrograms, row.note) == (date(2026, 1, 5), 40_000, "First of six")
    assert (row.entered_by, row.entered_at) == (clinic.nurse.user, NOON)
    event = AuditEvent.objects.get(subject_id=row.public_id)
    assert event.verb == "outside_infusion.recorded"
    unknown = elsewhere(second, clinic, given_on=date(2026, 1, 8))
    assert unknown.micrograms is None


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"given_on": date(2026, 3, 11)}, "time.future"),
        ({"given_on": date(1979, 3, 11)}, "time.before_birth"),
        ({"micrograms": 0}, "outside.dose"),
        ({"micrograms": 1_000_001}, "outside.dose"),
        ({"place": " "}, "outside.place"),
        ({"source": "rumour"}, "outside.source"),
    ],
)
def test_what_cannot_have_been_is_refused(clinic, second, told, code):
    with refused(Invalid, code):
        elsewhere(second, clinic, **told)
    assert not OutsideInfusion.objects.exists()


def test_today_here_is_the_latest_day(clinic, second):
    elsewhere(second, clinic, given_on=date(2026, 3, 10))


def test_one_of_a_day_until_it_is_struck(clinic, second):
    wrong = elsewhere(second, clinic)
    with refused(Conflict, "outside.same_day"):
        elsewhere(second, clinic)
    with refused(Invalid, "reason.missing"):
        retract_outside_infusion(infusion=wrong, reason=" ", by=clinic.nurse, now=NOON)
    struck = retract_outside_infusion(infusion=wrong, reason="Another patient", by=clinic.nurse, now=NOON)
    assert (struck.corrects, struck.retracted) == (wrong, True)
    with refused(Conflict, "correction.taken"):
        retract_outside_infusion(infusion=wrong, reason="Again", by=clinic.nurse, now=NOON)
    assert not OutsideInfusion.objects.current().exists()
    elsewhere(second, clinic)
    assert OutsideInfusion.objects.current().count() == 1


def test_a_baseline_is_chosen_and_taken_back(clinic, first, second):
    score = scored(clinic, first.patient, START - timedelta(days=2), 2, 2, 2, 2, 2, 2, 2, 2, 0)
    row = choose(second, clinic, score)
    assert (row.assessment, row.instrument_code) == (score, "phq9")
    back = choose(second, clinic, None, reason="Back to the rule")
    assert (back.assessment, OutcomeBaseline.objects.count()) == (None, 2)
    verbs = AuditEvent.objects.filter(subject_id__in=[row.public_id, back.public_id])
    assert {event.verb for event in verbs} == {"course.baseline_chosen"}


def test_only_a_complete_standing_score_of_this_patient_from_before(clinic, first, second):
    patient, at = first.patient, START - timedelta(days=2)
    incomplete = scored(clinic, patient, at, 2, 2, 2)
    strange = scored(clinic, make_course(clinic, now=START).patient, at, *[2] * 9)
    session_at(Status.DISCHARGED, clinic=clinic, now=NOON - timedelta(days=3), course=second)
    late = scored(clinic, patient, NOON - timedelta(days=1), *[1] * 9)
    for score in (incomplete, strange):
        with refused(Invalid, "baseline.assessment"):
            choose(second, clinic, score)
    with refused(Invalid, "baseline.late"):
        choose(second, clinic, late)
    good = scored(clinic, patient, at, *[2] * 9)
    with refused(Invalid, "reason.missing"):
        choose(second, clinic, good, reason=" ")
    with refused(Invalid, "baseline.instrument"):
        choose(second, clinic, None, instrument="gad7")
    assert not OutcomeBaseline.objects.exists()
