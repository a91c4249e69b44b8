"""The waiting list on the pages: who waits, one click that books, and what a cancellation says."""

import uuid
from datetime import timedelta

import pytest

from sessions.models import WaitingEntry
from tests.pages import Pages, text_of
from tests.scenes import make_site, staff
from tests.sessions.scenes import NOON, make_course, make_patient
from tests.sessions.waiting_scene import FRIDAY_MORNING, booked, called_off, waits

State = WaitingEntry.State


@pytest.fixture
def pages(clinic):
    return Pages(clinic.desk)


def list_of(clinic):
    return f"/waiting/{clinic.site.public_id}/"


def of(entry, act):
    return f"/waiting/entries/{entry.public_id}/{act}/"


def chosen(clinic, chair=None, at=FRIDAY_MORNING):
    return {"chair": str((chair or clinic.chair).public_id), "starts_at": at.isoformat()}


def test_the_list_of_the_site_one_works_at(clinic, pages):
    assert pages.get("/waiting/")["Location"] == list_of(clinic)
    empty = text_of(pages.get(list_of(clinic)))
    assert "Nobody waits. Add a patient who would come at short notice" in empty
    assert "No time of the next two weeks was called off, or moved away from, that is free still." in empty


def test_who_waits_is_listed_oldest_first_with_a_star_for_need(clinic, pages):
    old = waits(clinic, now=NOON - timedelta(days=2), weekdays=[0, 2], note="Ring after ten")
    new = waits(clinic, is_starred=True)
    text = text_of(pages.get(list_of(clinic)))
    assert text.index(old.patient.full_name) < text.index(new.patient.full_name)
    assert f"★ greater need {new.patient.full_name}" in text
    assert "Mon, Wed" in text and "Ring after ten" in text and "6 of 6" in text
    starred = text_of(pages.get(f"{list_of(clinic)}?need=1"))
    assert new.patient.full_name in starred and old.patient.full_name not in starred


def test_a_course_is_put_on_the_list_once(clinic, pages):
    course, key = make_course(clinic), uuid.uuid4()
    choose = text_of(pages.get(f"{list_of(clinic)}add/"))
    assert course.patient.full_name in choose
    path = f"/courses/{course.public_id}/wait/"
    assert path in pages.get(f"/courses/{course.public_id}/").content.decode()
    assert "a session takes 2 h 10 in the chair" in text_of(pages.get(path))
    fields = {"weekdays": ["4"], "not_before": "09:00", "notice_hours": "6", "is_starred": "on"}
    for _again in range(2):
        answer = pages.post(path, fields, patient=course.patient, key=key)
        assert answer["Location"] == list_of(clinic)
    entry = WaitingEntry.objects.get()
    assert (entry.public_id, entry.weekdays, entry.notice_hours, entry.is_starred) == (key, [4], 6, True)
    again = pages.post(path, fields, patient=course.patient)
    assert (again.status_code, "on the waiting list already" in text_of(again)) == (409, True)
    assert course.patient.full_name not in text_of(pages.get(f"{list_of(clinic)}add/"))


def test_wishes_that_cannot_be_come_back_as_typed(clinic, pages):
    course = make_course(clinic)
    fields = {"not_before": "12:00", "not_after": "13:00", "notice_hours": "6", "note": "Lives near by"}
    answer = pages.post(f"/courses/{course.public_id}/wait/", fields, patient=course.patient)
    assert answer.status_code == 422
    assert "A session of this course takes 130 minutes." in text_of(answer)
    assert 'value="Lives near by"' in answer.content.decode()


def test_wishes_are_changed_and_a_second_editor_sees_both_versions(clinic, pages):
    entry = waits(clinic, note="Mornings")
    path, fields = of(entry, "edit"), {"notice_hours": "3", "note": "Afternoons", "revision": "1"}
    assert 'value="Mornings"' in pages.get(path).content.decode()
    assert pages.post(path, fields, patient=entry.patient)["Location"] == list_of(clinic)
    stale = pages.post(path, fields | {"note": "Evenings"}, patient=entry.patient)
    assert stale.status_code == 409
    text = text_of(stale)
    assert "has changed this" in text and "Afternoons" in text and "Evenings" in text
    assert 'name="revision" value="2"' in stale.content.decode()


def test_a_patient_is_taken_off_with_a_reason(clinic, pages):
    entry, key = waits(clinic), uuid.uuid4()
    path = of(entry, "withdraw")
    assert pages.post(path, {"reason": " ", "revision": "1"}, patient=entry.patient).status_code == 422
    for _again in range(2):
        answer = pages.post(path, {"reason": "Away", "revision": "1"}, patient=entry.patient, key=key)
        assert answer["Location"] == list_of(clinic)
    assert WaitingEntry.objects.get().state == State.WITHDRAWN
    assert entry.patient.full_name in text_of(pages.get(f"{list_of(clinic)}?show=off"))
    assert "taken off the waiting list meanwhile" in text_of(pages.get(path))


def test_a_free_time_is_given_with_one_click(clinic, pages):
    called_off(clinic)
    entry, key = waits(clinic), uuid.uuid4()
    shown = text_of(pages.get(list_of(clinic)))
    assert "Fri 13 Mar 09:30–11:40, Chair 1" in shown and "suits 1 patient" in shown
    for _again in range(2):
        answer = pages.post(of(entry, "book"), chosen(clinic), patient=entry.patient, key=key)
        assert answer["Location"] == list_of(clinic)
    entry.refresh_from_db()
    assert (entry.state, entry.session.scheduled_start) == (State.BOOKED, FRIDAY_MORNING)
    text = text_of(pages.get(list_of(clinic)))
    assert f"{entry.patient.full_name} is booked for Fri 13 Mar 09:30 in Chair 1." in text
    assert "suits" not in text
    assert "Fri 13 Mar 09:30" in text_of(pages.get(f"{list_of(clinic)}?show=booked"))


def test_whoever_clicks_second_reads_why(clinic, pages):
    called_off(clinic)
    first, second = waits(clinic), waits(clinic)
    pages.post(of(first, "book"), chosen(clinic), patient=first.patient)
    again = pages.post(of(first, "book"), chosen(clinic), patient=first.patient)
    assert (again.status_code, "booked from the waiting list meanwhile" in text_of(again)) == (409, True)
    taken = pages.post(of(second, "book"), chosen(clinic), patient=second.patient)
    assert (taken.status_code, "Chair 1 is taken from 09:30 to 11:40" in text_of(taken)) == (409, True)
    assert second.patient.full_name in text_of(taken)


@pytest.mark.parametrize(
    "changed",
    [
        {"chair": str(uuid.uuid4())},
        {"starts_at": "noon"},
        {"starts_at": ""},
        {"starts_at": "0001-01-01T00:00:00+14:00"},
        {"starts_at": "9999-12-31T23:00:00-12:00"},
    ],
)
def test_a_click_that_names_no_chair_or_time(clinic, pages, changed):
    entry = waits(clinic)
    answer = pages.post(of(entry, "book"), chosen(clinic) | changed, patient=entry.patient)
    assert answer.status_code == 422
    assert "Not booked" in text_of(answer)


def test_a_cancellation_says_how_many_wait_for_the_time(clinic, pages):
    session = booked(clinic, FRIDAY_MORNING)
    waits(clinic)
    waits(clinic, weekdays=[0])
    pages.post(
        f"/sessions/{session.public_id}/cancel/",
        {"reason": "Ill", "code": "patient"},
        patient=session.patient,
    )
    shown = pages.get(f"/courses/{session.course.public_id}/")
    assert "Chair and time are free again. 1 person is waiting for it." in text_of(shown)
    anchor = f"{list_of(clinic)}#free-{clinic.chair.public_id}-202603131330"
    assert anchor in shown.content.decode()
    assert anchor.partition("#")[2] in pages.get(list_of(clinic)).content.decode()


def test_the_pages_keep_to_right_site_and_patient(clinic, pages):
    entry, course = waits(clinic), make_course(clinic)
    paths = [
        of(entry, "edit"),
        of(entry, "withdraw"),
        of(entry, "book"),
        f"/courses/{course.public_id}/wait/",
    ]
    lists = [list_of(clinic), f"{list_of(clinic)}add/"]
    for path in (*paths, *lists):
        assert Pages(staff("prescriber", clinic.site)).get(path).status_code == 403
        assert Pages(staff("front_desk", make_site("far"))).get(path).status_code == 404
    for path in paths:
        answer = pages.post(path, {"reason": "x", "revision": "1"}, patient=make_patient(clinic))
        assert (answer.status_code, "another patient" in text_of(answer)) == (409, True)


def test_the_number_of_queries_does_not_grow(clinic, pages, django_assert_max_num_queries):
    for number in range(4):
        called_off(clinic, FRIDAY_MORNING + timedelta(days=number))
        waits(clinic)
    with django_assert_max_num_queries(20):
        pages.get(list_of(clinic))
