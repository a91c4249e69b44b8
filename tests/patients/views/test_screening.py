import uuid

import pytest

from patients.models import ContraindicationScreen
from patients.scoring.contraindications import CURRENT
from tests.patients.scenes import registered_patient
from tests.patients.views.pages import Pages, goes_to, text_of
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(db):
    return registered_patient(site=make_site())


@pytest.fixture
def nurse(patient):
    return Pages(staff("nurse", make_site()))


def answers(**said):
    """ "No" to every question but those named; None leaves one open."""
    chosen = {one.code: "no" for one in CURRENT.questions} | said
    return {f"answers.{code}": answer for code, answer in chosen.items() if answer is not None}


def test_the_answers_are_recorded_once(patient, nurse):
    key = uuid.uuid4()
    said = answers(pregnancy="yes", arrhythmia="unknown") | {"notes.pregnancy": "Week 12"}
    for _time in range(2):
        answer = nurse.post("screen", patient, patient=patient, key=key, **said)
        assert goes_to(answer, "detail", patient, part="screen")
    screen = ContraindicationScreen.objects.get()
    assert screen.public_id == key
    assert screen.answers["pregnancy"] == {"answer": "yes", "note": "Week 12"}
    page = text_of(nurse.get("detail", patient))
    assert "Pregnant or breast-feeding" in page
    assert "Week 12" in page


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (answers(pregnancy=None), "Answer with yes, no or unknown."),
        (answers(pregnancy="perhaps"), "Select a valid choice."),
        (answers() | {"notes.pregnancy": "x" * 501}, "Shorten this note to 500 characters."),
        (answers() | {"notes.pregnancy": "a\x00b"}, "unreadable character"),
        (answers() | {"taken_on": "2020-01-01"}, "Give the time too"),
        (answers() | {"taken_on": "3000-01-01", "taken_time": "10:00"}, "This time is in the future."),
        (answers() | {"taken_on": "1980-01-01", "taken_time": "10:00"}, "before the patient was born"),
        (answers() | {"taken_on": "2024-03-10", "taken_time": "02:30"}, "does not exist"),
        (answers() | {"taken_on": "2024-11-03", "taken_time": "01:30"}, "comes twice"),
    ],
)
def test_what_cannot_be_is_refused_and_kept(patient, nurse, said, sentence):
    answer = nurse.post("screen", patient, patient=patient, **said, **{"notes.arrhythmia": "Since 2019"})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert 'value="Since 2019"' in text_of(answer)
    assert not ContraindicationScreen.objects.exists()


def test_it_may_have_been_asked_earlier(patient, nurse):
    said = answers() | {"taken_on": "2024-03-11", "taken_time": "10:00"}
    nurse.post("screen", patient, patient=patient, **said)
    assert ContraindicationScreen.objects.get().taken_at.isoformat() == "2024-03-11T14:00:00+00:00"
