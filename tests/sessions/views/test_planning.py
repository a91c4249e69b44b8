"""Ordering a course, attaching a consent to it, closing it: on the pages."""

import uuid
from datetime import date, timedelta

import pytest

from patients.operations.consenting import record_consent, revoke_consent
from sessions.models import Course
from sessions.operations.planning import close_course
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.patients.scenes import consent_document, registered_patient
from tests.scenes import make_site, staff
from tests.sessions.scenes import (
    NOON,
    approved_version,
    make_course,
    make_patient,
    session_at,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages(clinic):
    return Pages(clinic.prescriber)


def path_of(clinic, patient, version=None):
    return f"/order/{patient.public_id}/?version={(version or clinic.version).public_id}"


def a_consent(clinic, patient, **given):
    return record_consent(patient=patient, document=consent_document(), by=clinic.nurse, **given)


def test_the_protocol_is_chosen_first(clinic, pages):
    patient = make_patient(clinic)
    shown = pages.get(f"/order/{patient.public_id}/")
    assert str(clinic.version) in text_of(shown)
    assert f"?version={clinic.version.public_id}" in shown.content.decode()
    assert "Contraindications have not been asked about." in text_of(shown)


def test_where_nothing_is_approved_the_page_says_so(clinic):
    site = make_site("real", is_demo=False)
    patient = registered_patient(site=site)
    shown = text_of(Pages(staff("prescriber", site)).get(f"/order/{patient.public_id}/"))
    assert "No protocol is approved for Real clinic." in shown


def test_an_order_is_stored_once_with_the_protocols_numbers(clinic, pages):
    patient, key = make_patient(clinic), uuid.uuid4()
    consent = a_consent(clinic, patient)
    fields = {"diagnosis_code": "f332", "consent": str(consent.public_id), "instructions": "Quiet room"}
    for _ in range(2):
        answer = pages.post(path_of(clinic, patient), fields, patient=patient, key=key)
        assert answer["Location"] == f"/courses/{key}/"
    course = Course.objects.get(patient=patient)
    assert (course.diagnosis_code, course.consent, course.instructions) == ("F33.2", consent, "Quiet room")
    version = clinic.version
    assert course.dose_micrograms_per_kg == version.dose_micrograms_per_kg
    assert (course.duration_minutes, course.planned_infusions) == (40, 6)


def test_an_order_may_depart_with_a_reason(clinic, pages):
    patient = make_patient(clinic)
    fields = {
        "diagnosis_code": "F33.2",
        "dose_mg_per_kg": "0,75",
        "cap_mg": "55.5",
        "duration_minutes": "50",
        "planned_infusions": "4",
        "order_reason": "Partial response to 0.5",
    }
    assert pages.post(path_of(clinic, patient), fields, patient=patient).status_code == 302
    course = Course.objects.get(patient=patient)
    assert (course.dose_micrograms_per_kg, course.cap_micrograms) == (750, 55_500)
    assert (course.duration_minutes, course.planned_infusions, course.consent) == (50, 4, None)


@pytest.mark.parametrize(
    ("changed", "status", "sentence"),
    [
        (
            {"dose_mg_per_kg": "0.6"},
            422,
            "This order departs from the protocol's dose, cap or duration. Say why.",
        ),
        ({"duration_minutes": "39"}, 422, "39 minutes is outside 40 to 60 minutes."),
        ({"dose_mg_per_kg": "0"}, 422, "Enter more than 0 mg/kg."),
        ({"cap_mg": "0"}, 422, "Enter more than 0 mg."),
        ({"planned_infusions": "61"}, 422, "Plan 1 to 60 infusions."),
        ({"dose_mg_per_kg": "half"}, 422, "Enter a number, such as 72.5."),
        ({"diagnosis_code": ""}, 422, "This field is required."),
        ({"consent": str(uuid.uuid4())}, 422, "Select a valid choice."),
    ],
)
def test_what_cannot_be_ordered_comes_back_with_what_was_typed(clinic, pages, changed, status, sentence):
    patient = make_patient(clinic)
    fields = {"diagnosis_code": "F33.2", "instructions": "Dim the light"} | changed
    answer = pages.post(path_of(clinic, patient), fields, patient=patient)
    assert answer.status_code == status
    assert sentence in text_of(answer)
    assert "Dim the light" in answer.content.decode()
    assert not Course.objects.exists()


@pytest.mark.parametrize(
    ("details", "sentence"),
    [
        ({"birth_date": date(2010, 1, 1)}, "This patient is 16 years old."),
        ({"deceased_on": date(2026, 1, 1)}, "This patient is recorded as deceased."),
    ],
)
def test_who_cannot_be_ordered_for_is_told_before_and_after(clinic, pages, details, sentence):
    patient = registered_patient(site=clinic.site, by=clinic.desk, **details)
    for path in (f"/order/{patient.public_id}/", path_of(clinic, patient)):
        shown = pages.get(path)
        assert sentence in text_of(shown), path
        assert "disabled" in shown.content.decode()
    answer = pages.post(path_of(clinic, patient), {"diagnosis_code": "F33.2"}, patient=patient)
    assert answer.status_code == 409
    assert sentence in text_of(answer)


def test_a_version_that_is_retired_meanwhile_is_refused_with_what_was_typed(clinic, pages):
    patient, old = make_patient(clinic), clinic.version
    approved_version(by=clinic.director, cap_micrograms=50_000)
    fields = {"diagnosis_code": "F33.2", "instructions": "Dim the light"}
    answer = pages.post(path_of(clinic, patient, old), fields, patient=patient)
    assert answer.status_code == 409
    assert "is not approved for this site. Choose an approved version." in text_of(answer)
    assert "Dim the light" in answer.content.decode()
    assert "Choose the protocol." in text_of(pages.get(path_of(clinic, patient, old)))


@pytest.mark.parametrize("named", ["", "latest", "7d4f0c52-1d0e-4a3c-9a53-0f2b7d6a9e11"])
def test_an_unknown_version_leads_back_to_the_choice(clinic, pages, named):
    patient = make_patient(clinic)
    path = f"/order/{patient.public_id}/?version={named}"
    assert "Choose the protocol." in text_of(pages.get(path))
    answer = pages.post(path, {"diagnosis_code": "F33.2"}, patient=patient)
    assert "Choose the protocol." in text_of(answer)
    assert not Course.objects.exists()


def test_only_consents_in_date_are_offered(clinic, pages):
    patient = make_patient(clinic)
    revoked = a_consent(clinic, patient)
    revoke_consent(consent=revoked, reason="Changed their mind", by=clinic.nurse)
    assert "No consent to treatment is in date." in text_of(pages.get(path_of(clinic, patient)))
    a_consent(clinic, patient)
    body = pages.get(path_of(clinic, patient)).content.decode()
    assert "No consent to treatment is in date." not in body
    assert str(revoked.public_id) not in body


@pytest.mark.parametrize("role", ["front_desk", "nurse", "manager"])
def test_ordering_needs_the_right(clinic, role):
    patient, pages = make_patient(clinic), Pages(staff(role, clinic.site))
    assert pages.get(path_of(clinic, patient)).status_code == 403
    answer = pages.post(path_of(clinic, patient), {"diagnosis_code": "F33.2"}, patient=patient)
    assert answer.status_code == 403


def test_another_sites_patient_is_not_found_and_anothers_form_is_refused(clinic, pages):
    stranger, patient = registered_patient(site=make_site("far")), make_patient(clinic)
    assert pages.get(f"/order/{stranger.public_id}/").status_code == 404
    answer = pages.post(path_of(clinic, patient), {"diagnosis_code": "F33.2"}, patient=make_patient(clinic))
    assert answer.status_code == 409
    assert "This form was opened for another patient." in text_of(answer)


def test_a_consent_is_attached_later(clinic):
    course = make_course(clinic, consented=False)
    pages, path, key = Pages(clinic.desk), f"/courses/{course.public_id}/consent/", uuid.uuid4()
    assert "This patient has no consent to treatment that is in date." in text_of(pages.get(path))
    consent = a_consent(clinic, course.patient)
    assert "Consents to treatment that are in date" in text_of(pages.get(path))
    for _ in range(2):
        answer = pages.post(path, {"consent": str(consent.public_id)}, patient=course.patient, key=key)
        assert answer["Location"] == f"/courses/{course.public_id}/"
    course.refresh_from_db()
    assert course.consent == consent
    assert course.history.count() == 2


def test_attaching_asks_for_a_choice_the_right_and_the_same_patient(clinic, pages):
    course = make_course(clinic)
    path = f"/courses/{course.public_id}/consent/"
    assert pages.post(path, {}, patient=course.patient).status_code == 422
    other = a_consent(clinic, make_patient(clinic))
    answer = pages.post(path, {"consent": str(other.public_id)}, patient=course.patient)
    assert answer.status_code == 422
    assert pages.post(path, {}, patient=make_patient(clinic)).status_code == 409
    assert Pages(staff("manager", clinic.site)).get(path).status_code == 403
    assert Pages(staff("nurse", make_site("far"))).get(path).status_code == 404


def test_a_course_is_stopped_with_a_reason_once(clinic, pages):
    course, key = make_course(clinic), uuid.uuid4()
    path = f"/courses/{course.public_id}/close/"
    fields = {"state": "stopped", "revision": course.revision}
    empty = pages.post(path, fields, patient=course.patient)
    assert (empty.status_code, "Say why the course is stopped." in text_of(empty)) == (422, True)
    assert "Choose why the course is stopped" in text_of(empty)
    fields |= {"code": "no_response"}
    for _ in range(2):
        answer = pages.post(path, fields | {"reason": "No response"}, patient=course.patient, key=key)
        assert answer.status_code == 302
    course.refresh_from_db()
    assert (course.state, course.close_code, course.close_reason) == ("stopped", "no_response", "No response")
    assert "(No response): No response" in text_of(pages.get(f"/courses/{course.public_id}/"))
    assert "This course is closed already." in text_of(pages.get(path))


def test_closing_says_what_stays_booked_and_what_goes_on(clinic, pages):
    session = session_at(Status.SCHEDULED, clinic=clinic, now=NOON)
    path = f"/courses/{session.course.public_id}/close/"
    assert "1 session is still booked." in text_of(pages.get(path))
    running = session_at(Status.INFUSING, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    fields = {"state": "completed", "revision": running.course.revision, "reason": "All given"}
    answer = pages.post(f"/courses/{running.course.public_id}/close/", fields, patient=running.patient)
    assert answer.status_code == 409
    assert "A session of this course is going on." in text_of(answer)
    assert "All given" in answer.content.decode()


def test_a_course_that_changed_meanwhile_is_not_closed(clinic, pages):
    course = make_course(clinic, consented=False)
    revision = course.revision
    consent = a_consent(clinic, course.patient)
    Pages(clinic.desk).post(
        f"/courses/{course.public_id}/consent/", {"consent": str(consent.public_id)}, patient=course.patient
    )
    fields = {"state": "completed", "revision": revision}
    answer = pages.post(f"/courses/{course.public_id}/close/", fields, patient=course.patient)
    assert answer.status_code == 409
    course.refresh_from_db()
    assert course.state == "active"


@pytest.mark.parametrize(("role", "status"), [("nurse", 403), ("front_desk", 403), ("manager", 403)])
def test_closing_needs_the_right(clinic, role, status):
    course = make_course(clinic)
    assert Pages(staff(role, clinic.site)).get(f"/courses/{course.public_id}/close/").status_code == status


def test_a_closed_course_offers_nothing_more(clinic):
    course = make_course(clinic)
    close_course(
        course=course, state="completed", by=clinic.prescriber, reason="", now=NOON + timedelta(minutes=1)
    )
    shown = text_of(Pages(clinic.desk).get(f"/courses/{course.public_id}/"))
    assert "Completed" in shown
    assert "Attach consent" not in shown and "Change consent" not in shown
