"""The readiness pages: what stands on them, and working it off."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.audit.models import AccessEvent
from sessions.models import CallAttempt, ReadinessAnswer
from sessions.operations.booking import book
from sessions.operations.readiness import log_call
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.scenes import make_site, staff
from tests.sessions.scenes import NOON, booked_session, make_clinic, make_course, session_at

pytestmark = pytest.mark.django_db

SOON = NOON + timedelta(hours=2)


@pytest.fixture
def clinic():
    with time_machine.travel(NOON, tick=False):
        yield make_clinic(chairs=6)


@pytest.fixture
def session(clinic):
    return booked_session(clinic, starts_at=SOON)


@pytest.fixture
def desk(clinic):
    return Pages(clinic.desk)


def page_of(session, tail="readiness"):
    return f"/sessions/{session.public_id}/{tail}/"


def test_the_sheet_says_what_is_missing_and_where_it_is_settled(clinic, desk, session):
    course = make_course(clinic, consented=False)
    open_chair = book(course=course, chair=None, starts_at=SOON + timedelta(days=1), by=clinic.desk, now=NOON)
    page = desk.get("/readiness/")
    shown = text_of(page)
    for words in (
        "two days from Tue 10 Mar",
        "0 of 1 ready",
        "14:00 Chair 1",
        "First infusion",
        "Ride not asked Fasting not asked",
        "Consent in date",
        "none yet, weigh on arrival",
        "PHQ-9 never",
        "Authorisation none recorded",
        "chair open",
        "not in date",
    ):
        assert words in shown, words
    body = page.content.decode()
    for address in (
        f"/courses/{course.public_id}/consent/",
        f"/sessions/{session.public_id}/#weight",
        f"/patients/{session.patient.public_id}/assess/phq9/",
        f"/sessions/{open_chair.public_id}/move/",
    ):
        assert address in body, address


def test_the_day_and_the_site_stand_in_the_address(clinic, desk, session):
    name = session.patient.full_name
    assert name in text_of(desk.get(f"/readiness/?day=2026-03-09&site={clinic.site.public_id}"))
    assert name not in text_of(desk.get("/readiness/?day=2026-03-11"))
    assert "Nobody is booked, or every visit is over." in text_of(desk.get("/readiness/?day=2026-04-01"))
    assert name in text_of(desk.get("/readiness/?day=soon")), "an unreadable day is today"
    assert desk.get(f"/readiness/?site={uuid.uuid4()}").status_code == 404
    assert desk.get(f"/readiness/?site={make_site('south').public_id}").status_code == 404


@pytest.mark.parametrize(
    ("role", "status"), [("manager", 200), ("prescriber", 200), ("auditor", 403), ("administrator", 403)]
)
def test_whoever_may_open_records_reads_it(clinic, session, role, status):
    pages = Pages(staff(role, clinic.site))
    assert pages.get("/readiness/").status_code == status
    if status == 200:
        assert "Work it off" not in text_of(pages.get("/readiness/"))


def test_an_answer_from_the_list_is_stored_once_and_leads_back(desk, session):
    key = uuid.uuid4()
    fields = {"item": "ride", "outcome": "settled", "note": "Eva drives", "back": "2026-03-10"}
    for _ in range(2):
        answer = desk.post(page_of(session, "readiness-answers"), fields, patient=session.patient, key=key)
        assert answer.status_code == 302
    site = session.site.public_id
    assert answer["Location"] == f"/readiness/?site={site}&day=2026-03-10#visit-{session.public_id}"
    assert ReadinessAnswer.objects.get().public_id == key
    assert "settled: Eva drives" in text_of(desk.get("/readiness/"))


def test_a_refused_answer_comes_back_as_it_was_typed(desk, session):
    fields = {"item": "fasting", "outcome": "not_needed", "note": "", "back": "2026-03-10"}
    answer = desk.post(page_of(session, "readiness-answers"), fields, patient=session.patient)
    assert answer.status_code == 422
    assert "Say why it does not apply to this visit." in text_of(answer)
    strange = desk.post(page_of(session, "readiness-answers"), {"item": "moon"}, patient=session.patient)
    assert strange.status_code == 422
    assert not ReadinessAnswer.objects.exists()


def test_a_call_is_noted(desk, session):
    fields = {"purpose": "readiness", "outcome": "left_message", "note": "Voicemail"}
    answer = desk.post(page_of(session, "calls"), fields, patient=session.patient)
    assert answer["Location"] == page_of(session)
    shown = text_of(desk.get(page_of(session)))
    assert "Left a message Getting ready, Tue 10 Mar 12:00" in shown and "Voicemail" in shown
    assert "1 call : Left a message" in text_of(desk.get("/readiness/")).replace("call:", "call :")
    refused = desk.post(page_of(session, "calls"), {"purpose": "readiness"}, patient=session.patient)
    assert refused.status_code == 422


def test_the_page_of_a_visit_is_noted_and_offers_what_is_possible(clinic, desk):
    missed = session_at(Status.NO_SHOW, clinic=clinic, now=NOON)
    shown = text_of(desk.get(page_of(missed)))
    assert "Note the call" in shown and "Fasting instruction Note" not in shown
    assert AccessEvent.objects.get().patient_id == missed.patient.public_id
    over = session_at(Status.DISCHARGED, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    assert "Note the call" not in text_of(desk.get(page_of(over)))
    assert "Note the call" not in text_of(Pages(clinic.prescriber).get(page_of(missed)))
    fields = {"item": "ride", "outcome": "settled"}
    late = desk.post(page_of(over, "readiness-answers"), fields, patient=over.patient)
    assert (late.status_code, "nothing is left to settle" in text_of(late)) == (409, True)


def test_calls_are_seen_and_logged_before_somebody_is_marked_as_missing(clinic, desk, session):
    log_call(session=session, outcome="no_answer", purpose="no_show", by=clinic.nurse, now=NOON)
    shown = text_of(desk.get(page_of(session, "no-show")))
    assert "No answer Did not come" in shown
    fields = {"purpose": "no_show", "outcome": "wrong_number", "note": "", "back": "no-show"}
    answer = desk.post(page_of(session, "calls"), fields, patient=session.patient)
    assert answer["Location"] == page_of(session, "no-show")
    assert CallAttempt.objects.filter(purpose="no_show").count() == 2
    with time_machine.travel(SOON + timedelta(hours=1), tick=False):
        gone = desk.post(page_of(session, "no-show"), {"reason": "Not reached"}, patient=session.patient)
    assert gone.status_code == 302
    session.refresh_from_db()
    assert session.state is Status.NO_SHOW


def test_another_patients_form_and_another_sites_visit(clinic, desk, session):
    other = booked_session(clinic, starts_at=SOON, chair=clinic.chairs[1])
    for tail, fields in (
        ("calls", {"purpose": "readiness", "outcome": "reached"}),
        ("readiness-answers", {"item": "ride", "outcome": "settled"}),
    ):
        assert desk.post(page_of(session, tail), fields, patient=other.patient).status_code == 409
        assert desk.get(page_of(session, tail))["Location"] == page_of(session)
        stranger = Pages(staff("nurse", make_site("south")))
        assert stranger.post(page_of(session, tail), fields, patient=session.patient).status_code == 404
        reader = Pages(clinic.prescriber).post(page_of(session, tail), fields, patient=session.patient)
        assert reader.status_code == 403
    assert not CallAttempt.objects.exists() and not ReadinessAnswer.objects.exists()


def test_the_number_of_queries_does_not_grow(clinic, desk, session, django_assert_num_queries):
    desk.get("/readiness/")
    with CaptureQueriesContext(connection) as few:
        desk.get("/readiness/")
    for number in (1, 2, 3):
        booked_session(clinic, starts_at=SOON + timedelta(days=number % 2), chair=clinic.chairs[number])
    with django_assert_num_queries(len(few)):
        desk.get("/readiness/")
