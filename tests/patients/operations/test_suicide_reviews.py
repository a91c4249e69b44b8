"""Reviews of answers on suicide: opened with the answers, owned by somebody, closed by whom they need."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused
from patients.models import SuicideReview
from patients.operations.assessing import correct_assessment, record_assessment
from patients.operations.suicide_reviews import (
    assign_review,
    close_review,
    confirm_review,
    make_safety_plan,
    note_review,
)
from patients.reports.suicide_reviews import open_reviews, review_line
from tests.pages import Pages, text_of
from tests.patients.api.client import Api
from tests.patients.scenes import phq9, registered_patient
from tests.refusals import refused
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
PLAN = {"text": "Call the sister; no tablets at home", "review_by": date(2026, 6, 1)}


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def patient():
    return registered_patient()


@pytest.fixture
def nurse(patient):
    return staff("nurse", make_site())


@pytest.fixture
def prescriber(patient):
    return staff("prescriber", make_site())


def answered(patient, nurse, item_nine, *, now=NOW):
    """Item 9 alone: touched, whether or not the rest is."""
    answers = phq9(*[None] * 8, item_nine)
    return record_assessment(patient=patient, instrument="phq9", answers=answers, by=nurse, now=now)


def test_an_answer_opens_a_review_in_its_own_transaction_submitted_or_not(patient, nurse):
    assessment = answered(patient, nurse, 1)
    review = SuicideReview.objects.get()
    assert (review.assessment, review.urgency) == (assessment, "before_start")
    assert review.reasons == ["new", "no_plan"]
    assert review.due_at == NOW + timedelta(minutes=60)
    assert AuditEvent.objects.latest("pk").verb == "suicide_review.opened"
    answered(patient, nurse, 0)
    assert SuicideReview.objects.count() == 1


def test_a_known_answer_with_a_plan_in_date_is_a_same_day_look(patient, nurse):
    answered(patient, nurse, 1, now=NOW - timedelta(days=20))
    make_safety_plan(patient=patient, by=nurse, now=NOW, **PLAN)
    answered(patient, nurse, 1)
    latest = SuicideReview.objects.latest("opened_at")
    assert (latest.urgency, latest.reasons) == ("same_day", ["unchanged"])


def test_a_corrected_answer_is_looked_at_as_well(patient, nurse):
    assessment = answered(patient, nurse, 0)
    correct_assessment(
        assessment=assessment, answers=phq9(*[None] * 8, 2), reason="Misread", by=nurse, now=NOW
    )
    assert SuicideReview.objects.get().assessment.corrects == assessment


def test_whoever_confirms_owns_it_and_until_then_it_is_overdue(patient, nurse, prescriber):
    answered(patient, nurse, 1)
    review = SuicideReview.objects.get()
    late = NOW + timedelta(minutes=61)
    (line,) = open_reviews(actor=nurse, now=late)
    assert (line.owner, line.is_overdue) == (None, True)
    assign_review(review=review, owner=prescriber.user, by=nurse, now=NOW)
    (line,) = open_reviews(actor=nurse, now=late)
    assert (line.owner, line.is_confirmed, line.is_overdue) == (prescriber.user, False, True)
    confirm_review(review=review, by=prescriber, now=NOW)
    (line,) = open_reviews(actor=nurse, now=late)
    assert (line.is_confirmed, line.is_overdue) == (True, False)


def test_what_stands_before_an_infusion_is_closed_by_a_prescriber(patient, nurse, prescriber):
    answered(patient, nurse, 2)
    review = SuicideReview.objects.get()
    told = {"review": review, "outcome": "safe_to_proceed", "now": NOW}
    with refused(Refused, "permission.missing"):
        close_review(text="Seen", by=nurse, **told)
    with refused(Invalid, "suicide_review.words"):
        close_review(text=" ", by=prescriber, **told)
    with refused(Invalid, "suicide_review.outcome"):
        close_review(text="Seen", by=prescriber, **{**told, "outcome": "fine"})
    close_review(text="Seen, passive thoughts only", by=prescriber, **told)
    assert open_reviews(actor=nurse, now=NOW) == []
    with refused(Conflict, "suicide_review.closed"):
        note_review(review=review, text="Called", by=nurse, now=NOW)
    assert review_line(review, now=NOW).closed.outcome == "safe_to_proceed"


def test_it_is_given_only_to_somebody_of_the_site(patient, nurse):
    answered(patient, nurse, 1)
    stranger = staff("prescriber", make_site("south"))
    with refused(Invalid, "suicide_review.owner"):
        assign_review(review=SuicideReview.objects.get(), owner=stranger.user, by=nurse, now=NOW)
    with refused(Invalid, "safety_plan.day"):
        make_safety_plan(patient=patient, by=nurse, now=NOW, text="x", review_by=date(2026, 3, 1))


def test_the_pages(patient, nurse, prescriber):
    answered(patient, nurse, 2)
    review = SuicideReview.objects.get()
    path = f"/patients/suicide-reviews/{review.public_id}/"
    page = Pages(prescriber)
    assert "García" in text_of(page.get("/patients/suicide-reviews/"))
    assert page.post(f"{path}confirm/", {}, patient=patient).status_code == 302
    assert page.post(f"{path}note/", {"text": ""}, patient=patient).status_code == 422
    page.post(f"{path}note/", {"text": "Called the patient"}, patient=patient)
    page.post(f"{path}assign/", {"owner": str(nurse.user.public_id)}, patient=patient)
    assert "Called the patient" in text_of(page.get(path))
    assert "A prescriber closes this review." in text_of(Pages(nurse).get(path))
    page.post(f"{path}close/", {"outcome": "plan_made", "text": "Plan made"}, patient=patient)
    assert "No answer waits" in text_of(page.get("/patients/suicide-reviews/"))
    plan = f"/patients/{patient.public_id}/safety-plan/"
    said = {"text": "Call the sister", "review_by": "2026-06-01"}
    assert page.post(plan, said, patient=patient).status_code == 302
    assert "Call the sister" in text_of(page.get(plan))
    assert Pages(staff("prescriber", make_site("south"))).get(path).status_code == 404


def test_the_api(patient, nurse, prescriber):
    answered(patient, nurse, 2)
    api = Api(prescriber)
    (line,) = api.get("suicide-reviews/").json()
    path = f"suicide-reviews/{line['id']}/"
    assert (line["is_overdue"], line["urgency"]) == (False, "before_start")
    assert api.post(f"{path}confirm/").json()["is_confirmed"] is True
    api.post(f"{path}note/", {"text": "Called"})
    assert api.post(f"{path}assign/", {"owner": str(nurse.user.public_id)}).json()["is_confirmed"] is False
    closed = api.post(f"{path}close/", {"outcome": "hold", "text": "Not today"}).json()
    assert (closed["is_closed"], closed["entries"][-1]["outcome"]) == (True, "hold")
    plans = f"patients/{patient.public_id}/safety-plans/"
    assert api.post(plans, {"text": "Plan", "review_by": "2026-06-01"}).status_code == 201
    assert len(api.get(plans).json()["results"]) == 1
