"""What a course belongs to, through the API and the pages alike."""

import uuid
from datetime import timedelta

import pytest

from sessions.models import CoursePhase, OutcomeBaseline, OutsideInfusion
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.patients.api.client import Api
from tests.scenes import make_site, staff
from tests.sessions.operations.test_episodes import scored
from tests.sessions.scenes import NOON, make_clinic, make_course, session_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic():
    return make_clinic(now=NOON - timedelta(days=90))


@pytest.fixture
def courses(clinic):
    first = make_course(clinic, now=NOON - timedelta(days=60))
    return first, make_course(clinic, patient=first.patient, now=NOON - timedelta(days=9))


def path_of(course):
    return f"courses/{course.public_id}/"


def test_the_part_of_the_episode(clinic, courses):
    first, second = courses
    key, api = uuid.uuid4(), Api(clinic.prescriber)
    body = {"phase": "maintenance", "continues": str(first.public_id)}
    answer = api.post(path_of(second) + "phases/", body, key=key)
    assert (answer.status_code, answer.json()["continues"]) == (201, str(first.public_id))
    assert api.post(path_of(second) + "phases/", body, key=key).json() == answer.json()
    assert CoursePhase.objects.count() == 1
    refused = api.post(path_of(second) + "phases/", {"phase": "transferred"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "reason.missing")
    (row,) = api.get(path_of(second) + "phases/").json()["results"]
    assert row["phase"] == "maintenance"


def test_infusions_elsewhere(clinic, courses):
    second = courses[1]
    api = Api(clinic.nurse)
    body = {"given_on": "2026-01-05", "dose_mg": "40.5", "place": "Harbour", "known_from": "records"}
    made = api.post(path_of(second) + "outside-infusions/", body)
    assert (made.status_code, made.json()["dose_mg"], made.json()["is_current"]) == (201, "40.5", True)
    assert api.post(path_of(second) + "outside-infusions/", body).status_code == 409
    row = OutsideInfusion.objects.get()
    struck = api.post(f"{path_of(second)}outside-infusions/{row.public_id}/strike/", {"reason": "Not hers"})
    assert (struck.status_code, struck.json()["corrects"]) == (201, str(row.public_id))
    rows = api.get(path_of(second) + "outside-infusions/").json()["results"]
    assert [(one["retracted"], one["is_current"]) for one in rows] == [(False, False), (True, False)]


def test_the_baseline(clinic, courses):
    first, second = courses
    score = scored(clinic, first.patient, NOON - timedelta(days=62), *[2] * 9)
    api = Api(clinic.prescriber)
    body = {"instrument": "phq9", "assessment": str(score.public_id), "reason": "Before everything"}
    assert api.post(path_of(second) + "outcome-baselines/", body).status_code == 201
    back = api.post(path_of(second) + "outcome-baselines/", {"instrument": "phq9", "reason": "By the rule"})
    assert (back.status_code, back.json()["assessment"]) == (201, None)
    assert OutcomeBaseline.objects.count() == 2
    assert len(api.get(path_of(second) + "outcome-baselines/").json()["results"]) == 2


@pytest.mark.parametrize("kind", ["phases/", "outside-infusions/", "outcome-baselines/"])
def test_of_another_site_nothing_is_found(clinic, courses, kind):
    far = Api(staff("prescriber", make_site("far")))
    assert far.get(path_of(courses[0]) + kind).status_code == 404
    assert far.post(path_of(courses[0]) + kind, {"phase": "induction"}).status_code in {404, 422}


def test_the_pages_do_the_same(clinic, courses):
    first, second = courses
    session_at(Status.DISCHARGED, clinic=clinic, now=NOON - timedelta(days=3), course=second)
    score = scored(clinic, first.patient, NOON - timedelta(days=5), *[2] * 9)
    pages, root = Pages(clinic.prescriber), f"/courses/{second.public_id}/"
    told = {"patient": second.patient}
    assert "Part of the episode" in text_of(pages.get(root + "phase/"))
    fields = {"phase": "maintenance", "continues": str(first.public_id)}
    assert pages.post(root + "phase/", fields, **told).status_code == 302
    fields = {"given_on": "2026-01-05", "micrograms": "40", "place": "Harbour clinic", "source": "patient"}
    assert pages.post(root + "outside/", fields, **told).status_code == 302
    wrong = pages.post(root + "outside/", fields | {"given_on": "2027-01-05"}, **told)
    assert (wrong.status_code, "2027-01-05 is in the future here" in text_of(wrong)) == (422, True)
    assert 'value="Harbour clinic"' in wrong.content.decode(), "what was typed is still there"
    fields = {"assessment": str(score.public_id), "reason": "The only one"}
    assert pages.post(root + "baseline/phq9/", fields, **told).status_code == 302
    shown = text_of(pages.get(root))
    for words in (
        "Maintenance",
        "Harbour clinic",
        "40 mg",
        "Told by the patient",
        "chosen by",
        "The only one",
    ):
        assert words in shown, words
    row = OutsideInfusion.objects.get()
    strike = f"{root}outside/{row.public_id}/strike/"
    assert "It stays on record" in text_of(pages.get(strike))
    assert pages.post(strike, {"reason": "Another patient"}, **told).status_code == 302
    assert "Harbour clinic" not in text_of(pages.get(root))


def test_pages_ask_for_the_right(clinic, courses):
    root = f"/courses/{courses[1].public_id}/"
    desk, nurse = Pages(clinic.desk), Pages(clinic.nurse)
    for pages, path in ((desk, "outside/"), (nurse, "phase/"), (nurse, "baseline/phq9/")):
        assert pages.get(root + path).status_code == 403
    assert Pages(clinic.prescriber).get(root + "baseline/gad7/").status_code == 404
    far = Pages(staff("prescriber", make_site("far")))
    assert {far.get(root + path).status_code for path in ("phase/", "outside/", "baseline/phq9/")} == {404}
