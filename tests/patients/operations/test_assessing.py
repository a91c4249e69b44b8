from datetime import UTC, datetime, timedelta

import pytest

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused
from patients.models import Assessment, ContraindicationScreen
from patients.operations.assessing import correct_assessment, record_assessment
from patients.operations.screening import screen_contraindications
from tests.patients.scenes import phq9, registered_patient, screen_answers
from tests.refusals import refused
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
MODERATE = phq9(2, 2, 1, 1, 1, 1, 1, 1, 1)


@pytest.fixture
def patient(db):
    return registered_patient()


@pytest.fixture
def nurse(patient):
    return staff("nurse", make_site())


def record(patient, nurse, answers, **more):
    return record_assessment(
        patient=patient, instrument="phq9", answers=answers, by=nurse, **({"now": NOW} | more)
    )


def test_record_scores_a_complete_one(patient, nurse):
    assessment = record(patient, nurse, MODERATE, taken_at=NOW - timedelta(days=1))
    assert (assessment.total, assessment.band, assessment.band_label) == (11, "moderate", "Moderate")
    assert assessment.is_flagged
    assert assessment.is_late_entry
    assert (assessment.taken_by, assessment.entered_at) == (nurse.user, NOW)
    assert AuditEvent.objects.get(verb="assessment.recorded").patient_id == patient.public_id


def test_a_partial_one_keeps_its_answers_and_its_flag(patient, nurse):
    assessment = record(patient, nurse, phq9(1, None, 1, None, None, None, None, None, 2))
    assert (assessment.total, assessment.band) == (None, "")
    assert assessment.answers == {"phq9_1": 1, "phq9_3": 1, "phq9_9": 2}
    assert assessment.flags == ("phq9_9",)
    assert len(assessment.missing) == 6
    assert not Assessment.objects.scored().exists()


@pytest.mark.parametrize(
    ("answers", "more", "code"),
    [
        ({}, {}, "assessment.empty"),
        ({"phq9_1": ""}, {}, "assessment.empty"),
        ({"phq9_1": 9}, {}, "assessment.answer"),
        ({"gad7_1": 1}, {}, "assessment.answer"),
        (MODERATE, {"taken_at": NOW + timedelta(hours=1)}, "moment.future"),
        (MODERATE, {"taken_at": datetime(1980, 1, 1, tzinfo=UTC)}, "moment.before_birth"),
        (MODERATE, {"version": "99"}, "assessment.instrument"),
        (MODERATE, {"mode": "telepathy"}, "field.invalid_choice"),
    ],
)
def test_what_is_refused(patient, nurse, answers, more, code):
    with refused(Invalid, code):
        record(patient, nurse, answers, **more)


def test_scores_need_the_right(patient):
    with refused(Refused):
        record(patient, staff("manager", make_site()), MODERATE)


def test_a_correction_is_a_new_row_that_names_the_old(patient, nurse):
    wrong = record(patient, nurse, MODERATE, taken_at=NOW - timedelta(days=2))
    right = correct_assessment(
        assessment=wrong, answers=phq9(*[0] * 9), reason="Read from another form", by=nurse, now=NOW
    )
    assert (right.corrects, right.total, right.taken_at) == (wrong, 0, wrong.taken_at)
    assert list(Assessment.objects.current()) == [right]
    assert Assessment.objects.count() == 2
    with refused(Conflict, "assessment.corrected"):
        correct_assessment(assessment=wrong, answers=MODERATE, reason="again", by=nurse)


def test_a_retraction_leaves_nothing_standing(patient, nurse):
    wrong = record(patient, nurse, MODERATE)
    with refused(Invalid, "assessment.reason"):
        correct_assessment(assessment=wrong, reason="", by=nurse)
    retraction = correct_assessment(assessment=wrong, reason="Another patient's", by=nurse)
    assert not Assessment.objects.current().exists()
    with refused(Conflict, "assessment.corrected"):
        correct_assessment(assessment=retraction, answers=MODERATE, reason="x", by=nurse)


def test_screen_keeps_every_answer(patient, nurse):
    answers = screen_answers(arrhythmia="yes", pregnancy="unknown")
    screen = screen_contraindications(patient=patient, answers=answers, by=nurse, now=NOW)
    assert [question.code for question in screen.present] == ["arrhythmia"]
    assert [question.code for question in screen.unknown] == ["pregnancy"]
    later = screen_contraindications(
        patient=patient, answers=screen_answers(), by=nurse, now=NOW + timedelta(days=1)
    )
    assert ContraindicationScreen.objects.latest_of(patient) == later


def test_screen_needs_every_question_and_no_other(patient, nurse):
    answers = screen_answers()
    answers.pop("pregnancy")
    with refused(Invalid) as refusal:
        screen_contraindications(
            patient=patient,
            answers=answers | {"left_handed": {"answer": "yes"}, "arrhythmia": {"answer": "maybe"}},
            by=nurse,
        )
    assert {name: problems[0].code for name, problems in refusal.value.fields.items()} == {
        "answers.left_handed": "screen.question",
        "answers.pregnancy": "screen.answer",
        "answers.arrhythmia": "screen.answer",
    }
