import uuid

import pytest

from patients.models import Assessment
from patients.operations.assessing import record_assessment
from tests.patients.scenes import phq9, registered_patient
from tests.patients.views.pages import Pages, goes_to, text_of
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(db):
    return registered_patient(site=make_site())


@pytest.fixture
def actor(patient):
    return staff("nurse", make_site())


@pytest.fixture
def nurse(actor):
    return Pages(actor)


def typed(*values):
    return {f"answers.{code}": str(value) for code, value in phq9(*values).items()}


def recorded(patient, actor, *values):
    return record_assessment(patient=patient, instrument="phq9", answers=phq9(*values), by=actor)


@pytest.mark.parametrize("instrument", ["phq9", "gad7"])
def test_the_questions_are_shown_in_their_exact_words(patient, nurse, instrument):
    page = nurse.get("assess", patient, instrument)
    assert page.status_code == 200
    for item in page.context["form"].instrument.items:
        assert item.text in text_of(page)


def test_a_complete_one_is_stored_once_with_its_total(patient, nurse):
    key = uuid.uuid4()
    said = typed(3, 3, 3, 3, 3, 3, 0, 0, 0) | {"mode": "interview"}
    for _time in range(2):
        answer = nurse.post("assess", patient, "phq9", patient=patient, key=key, **said)
        assert goes_to(answer, "detail", patient, part="scores")
    one = Assessment.objects.get()
    assert (one.public_id, one.total, one.band, one.mode) == (key, 18, "moderately_severe", "interview")
    assert "PHQ-9 is stored: 18, Moderately severe." in text_of(nurse.get("detail", patient))


def test_an_incomplete_one_is_stored_without_a_total_and_says_so(patient, nurse):
    nurse.post("assess", patient, "phq9", patient=patient, mode="paper", **typed(3, 3, None, 3))
    one = Assessment.objects.get()
    assert (one.total, len(one.missing)) == (None, 6)
    page = text_of(nurse.get("detail", patient))
    assert "PHQ-9 is stored without a total: 6 questions are not answered." in page


def test_an_answer_to_look_at_is_said_at_once_and_marked(patient, nurse):
    nurse.post("assess", patient, "phq9", patient=patient, mode="paper", **typed(0, 0, 0, 0, 0, 0, 0, 0, 1))
    page = text_of(nurse.get("detail", patient))
    assert "An answer must be looked at by a clinician before any infusion" in page
    assert "Look at item 9" in page


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"mode": "paper"}, "Nothing was answered."),
        (typed(1), "This field is required."),
        (typed(4) | {"mode": "paper"}, "Choose from 0 to 3."),
        (typed(1) | {"mode": "paper", "taken_on": "3000-01-01", "taken_time": "10:00"}, "in the future"),
    ],
)
def test_what_cannot_be_is_refused(patient, nurse, said, sentence):
    answer = nurse.post("assess", patient, "phq9", patient=patient, **said)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert not Assessment.objects.exists()


def test_an_unknown_questionnaire_is_not_found(patient, nurse):
    assert nurse.get("assess", patient, "horoscope").status_code == 404


def test_the_answers_are_read_again(patient, actor, nurse):
    one = recorded(patient, actor, 2, 1, 0, 0, 0, 0, 0, 0, 1)
    page = text_of(nurse.get("assessment", patient, one))
    for said in ("4", "None or minimal", "More than half the days", "Look at this"):
        assert said in page


def test_a_correction_keeps_the_old_entry_readable(patient, actor, nurse):
    wrong = recorded(patient, actor, 3, 3, 3, 3, 3, 3, 3, 3, 0)
    form = nurse.get("correct-assessment", patient, wrong).context["form"]
    assert form["answers.phq9_1"].value() == "3"
    key = uuid.uuid4()
    said = typed(0, 3, 3, 3, 3, 3, 3, 3, 0) | {"correction_reason": "First answer misread"}
    answer = nurse.post("correct-assessment", patient, wrong, patient=patient, key=key, **said)
    right = Assessment.objects.get(public_id=key)
    assert goes_to(answer, "assessment", patient, right)
    assert (right.total, right.corrects, right.taken_at) == (21, wrong, wrong.taken_at)
    assert "It was corrected" in text_of(nurse.get("assessment", patient, wrong))
    assert "First answer misread" in text_of(nurse.get("assessment", patient, right))
    again = nurse.post("correct-assessment", patient, wrong, patient=patient, **said)
    assert again.status_code == 409
    assert "This was corrected already." in text_of(again)


def test_a_retraction_leaves_nothing_in_its_place(patient, actor, nurse):
    wrong = recorded(patient, actor, 3, 3, 3, 3, 3, 3, 3, 3, 0)
    said = {"retract": "1", "correction_reason": "Another patient's sheet"}
    answer = nurse.post("correct-assessment", patient, wrong, patient=patient, **said)
    assert goes_to(answer, "detail", patient, part="scores")
    page = nurse.get("detail", patient)
    assert page.context["record"].scores[0].history == []
    assert "It was retracted" in text_of(nurse.get("assessment", patient, wrong))


def test_a_correction_needs_its_reason(patient, actor, nurse):
    wrong = recorded(patient, actor, 3)
    answer = nurse.post("correct-assessment", patient, wrong, patient=patient, **typed(2))
    assert answer.status_code == 422
    assert Assessment.objects.count() == 1
