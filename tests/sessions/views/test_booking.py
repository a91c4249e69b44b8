"""The chairs of a day, booking and moving, other chairs, visits called off: on the pages."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from clinic.common import clock
from sessions.models import Booking, InfusionSession
from sessions.operations.booking import book
from sessions.reports.chair_day import CLOSES, GRAIN, OPENS, _cells, _Free, _Taken, chair_day, next_window
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.scenes import make_site, staff
from tests.sessions.scenes import NOON, booked_session, make_clinic, make_course, make_patient, session_at

FRIDAY = "2026-03-13"
ZONE = "America/New_York"


@pytest.fixture
def pages(clinic):
    return Pages(clinic.desk)


def local(text, zone=ZONE):
    return clock.from_local(datetime.fromisoformat(text), zone)


def choice(chair, *, at="09:30", day=FRIDAY, **more):
    return {"day": day, "chair": str(chair.public_id), "starts_at": at, **more}


def book_path(course):
    return f"/courses/{course.public_id}/book/"


def test_a_day_shows_chairs_bookings_and_free_times(clinic, pages):
    course = make_course(clinic)
    book(course=make_course(clinic), chair=clinic.chair, starts_at=local(f"{FRIDAY} 09:10"), by=clinic.desk)
    shown = pages.get(f"{book_path(course)}?day={FRIDAY}")
    text = text_of(shown)
    assert "Preparation 30 min, infusion 40 min, recovery 60 min: 2 h 10 in the chair." in text
    assert "R.S. 09:10–11:20" in text
    assert "Silva" in text and text.count("Silva") == 1, "only the banner names a patient"
    body = shown.content.decode()
    free = f"?day={FRIDAY}&amp;chair={clinic.chair.public_id}&amp;at="
    assert f"{free}11:20#book" in body and f"{free}09:30#book" not in body
    assert f"{free}07:00#book" in body and f"{free}07:30#book" not in body, "130 minutes end at 09:40"


def test_a_free_time_fills_in_the_form(clinic, pages):
    path = f"{book_path(make_course(clinic))}?day={FRIDAY}&chair={clinic.chair.public_id}&at=09:30"
    shown = pages.get(path)
    assert 'name="starts_at" value="09:30"' in shown.content.decode()
    assert "Until 11:40" in text_of(shown)


def test_a_booking_is_stored_once(clinic, pages):
    course, key = make_course(clinic), uuid.uuid4()
    for _ in range(2):
        answer = pages.post(book_path(course), choice(clinic.chair), patient=course.patient, key=key)
        assert answer["Location"] == f"/courses/{course.public_id}/"
    session = InfusionSession.objects.get(course=course)
    assert (session.public_id, session.scheduled_start) == (key, local(f"{FRIDAY} 09:30"))
    assert session.scheduled_end - session.scheduled_start == timedelta(minutes=130)


@pytest.mark.parametrize(
    ("changed", "status", "sentence"),
    [
        ({"starts_at": "09:00"}, 409, "Chair 1 is taken from 08:00 to 10:10. Choose another time or chair."),
        ({"day": "2026-03-10", "starts_at": "11:00"}, 422, "This time has passed. Choose a later one."),
        ({"day": "2028-03-10"}, 422, "This is more than a year ahead. Check the date."),
        ({"starts_at": ""}, 422, "This field is required."),
        ({"starts_at": "half past nine"}, 422, "Enter a valid time."),
        ({"day": "2026-11-01", "starts_at": "01:30"}, 422, "01:30 comes twice"),
        ({"chair": str(uuid.uuid4())}, 422, "Select a valid choice."),
    ],
)
def test_what_cannot_be_booked_comes_back_with_what_was_typed(clinic, pages, changed, status, sentence):
    book(course=make_course(clinic), chair=clinic.chair, starts_at=local(f"{FRIDAY} 08:00"), by=clinic.desk)
    course = make_course(clinic)
    fields = choice(clinic.chair) | changed
    answer = pages.post(book_path(course), fields, patient=course.patient)
    assert answer.status_code == status
    assert sentence in text_of(answer)
    if fields["starts_at"]:
        assert f'name="starts_at" value="{fields["starts_at"]}"' in answer.content.decode()
    assert not course.sessions.exists()


def test_the_spacing_is_suggested_and_asked_for(clinic, pages):
    course = make_course(clinic)
    assert "any day will do" in text_of(pages.get(book_path(course)))
    pages.post(book_path(course), choice(clinic.chair), patient=course.patient)
    shown = text_of(pages.get(book_path(course)))
    assert "After the session of Fri 13 Mar the next one belongs on Sun 15 Mar Mon 16 Mar" in shown
    window = next_window(course)
    assert (window.earliest.isoformat(), window.target.isoformat()) == ("2026-03-15", "2026-03-16")
    near = pages.post(book_path(course), choice(clinic.chair, day="2026-03-14"), patient=course.patient)
    assert near.status_code == 409
    assert "This protocol asks for at least 2 days between infusions." in text_of(near)


def test_a_full_course_says_so_instead_of_failing_later(clinic, pages):
    course = make_course(clinic, planned_infusions=1)
    pages.post(book_path(course), choice(clinic.chair), patient=course.patient)
    shown = pages.get(book_path(course))
    assert "All 1 planned infusions of this course are booked or given." in text_of(shown)
    assert "disabled" in shown.content.decode()


@pytest.mark.parametrize("asked", ["", "yesterday", "2026-13-45", "1999-01-01", "2099-01-01"])
def test_any_day_asked_for_opens_one_that_can_be_booked(clinic, pages, asked):
    assert pages.get(f"{book_path(make_course(clinic))}?day={asked}&at=99:99&chair=none").status_code == 200


@pytest.mark.parametrize("role", ["prescriber", "manager"])
def test_booking_needs_the_right(clinic, role):
    course, pages = make_course(clinic), Pages(staff(role, clinic.site))
    assert pages.get(book_path(course)).status_code == 403
    assert pages.post(book_path(course), choice(clinic.chair), patient=course.patient).status_code == 403


def test_booking_keeps_to_the_site_and_to_the_patient(clinic, pages):
    course, far = make_course(clinic), make_clinic("far")
    assert Pages(far.desk).get(book_path(course)).status_code == 404
    assert pages.post(book_path(course), choice(far.chair), patient=course.patient).status_code == 422
    answer = pages.post(book_path(course), choice(clinic.chair), patient=make_patient(clinic))
    assert answer.status_code == 409
    assert not Booking.objects.filter(course=course).exists()


def test_a_session_is_moved_once_and_its_own_booking_is_in_nobodys_way(clinic, pages):
    session, key = booked_session(clinic, starts_at=local(f"{FRIDAY} 09:30")), uuid.uuid4()
    path = f"/sessions/{session.public_id}/move/"
    shown = pages.get(path)
    assert "Booked now: Fri 13 Mar 09:30 in Chair 1." in text_of(shown)
    assert "09:30–11:40" not in text_of(shown)
    fields = choice(clinic.chair, at="10:00", revision=session.revision)
    for _ in range(2):
        assert pages.post(path, fields, patient=session.patient, key=key).status_code == 302
    session.refresh_from_db()
    assert session.scheduled_start == local(f"{FRIDAY} 10:00")
    stale = pages.post(path, choice(clinic.chair, at="13:00", revision=1), patient=session.patient)
    assert stale.status_code == 409
    assert 'value="13:00"' in stale.content.decode()


def test_only_what_is_scheduled_can_be_moved(clinic, pages):
    session = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    path = f"/sessions/{session.public_id}/move/"
    assert "Only a scheduled session can be moved. This one is checking." in text_of(pages.get(path))
    answer = pages.post(path, choice(clinic.chair, revision=session.revision), patient=session.patient)
    assert answer.status_code == 409


def test_a_patient_who_has_arrived_is_seated_elsewhere(clinic, pages):
    session, key = session_at(Status.ARRIVED, clinic=clinic, now=NOON), uuid.uuid4()
    path = f"/sessions/{session.public_id}/chair/"
    assert "The patient sits in Chair 1 now." in text_of(pages.get(path))
    for _ in range(2):
        fields = {"chair": str(clinic.chairs[1].public_id)}
        answer = pages.post(path, fields, patient=session.patient, key=key)
        assert answer["Location"] == f"/sessions/{session.public_id}/"
    session.refresh_from_db()
    assert session.chair == clinic.chairs[1]
    late = session_at(Status.INFUSING, clinic=clinic, now=NOON, chair=clinic.chairs[2])
    answer = pages.post(f"/sessions/{late.public_id}/chair/", fields, patient=late.patient)
    assert answer.status_code == 409
    assert "The chair is changed before the infusion." in text_of(answer)


@pytest.mark.parametrize(
    ("action", "minutes", "status"), [("cancel", -60, Status.CANCELLED), ("no-show", 30, Status.NO_SHOW)]
)
def test_a_visit_is_called_off_with_a_reason(clinic, pages, action, minutes, status):
    session, key = booked_session(clinic, starts_at=NOON - timedelta(minutes=minutes)), uuid.uuid4()
    path = f"/sessions/{session.public_id}/{action}/"
    assert pages.get(path).status_code == 200
    assert pages.post(path, {"reason": " "}, patient=session.patient).status_code == 422
    for _ in range(2):
        answer = pages.post(
            path, {"reason": "Has a cold", "code": "patient"}, patient=session.patient, key=key
        )
        assert answer["Location"] == f"/courses/{session.course.public_id}/"
    session.refresh_from_db()
    assert session.state is status
    assert not session.booking.is_live
    again = pages.get(path)
    assert f"This session is {str(status.label).lower()}" in text_of(again)
    assert "disabled" in again.content.decode()


def test_a_no_show_waits_for_the_sites_grace_time(clinic, pages):
    session = booked_session(clinic, starts_at=NOON - timedelta(minutes=5))
    path = f"/sessions/{session.public_id}/no-show/"
    assert "Wait until 12:10" in text_of(pages.get(path))
    answer = pages.post(path, {"reason": "No answer by phone"}, patient=session.patient)
    assert answer.status_code == 409
    assert "No answer by phone" in answer.content.decode()


@pytest.mark.parametrize("page", ["move", "cancel", "no-show", "chair"])
def test_pages_of_a_visit_keep_to_right_site_and_patient(clinic, pages, page):
    session = booked_session(clinic, starts_at=NOON + timedelta(hours=1))
    path = f"/sessions/{session.public_id}/{page}/"
    assert Pages(staff("prescriber", clinic.site)).get(path).status_code == 403
    assert Pages(staff("front_desk", make_site("far"))).get(path).status_code == 404
    answer = pages.post(path, {"reason": "Ill"}, patient=make_patient(clinic))
    assert (answer.status_code, "another patient" in text_of(answer)) == (409, True)


def test_a_site_without_chairs_says_who_adds_them(db):
    with time_machine.travel(NOON, tick=False):
        clinic = make_clinic(chairs=0)
        shown = text_of(Pages(clinic.desk).get(book_path(make_course(clinic))))
    assert "This site has no chair in service." in shown


def test_a_day_asks_as_often_with_many_bookings_as_with_one(clinic, django_assert_num_queries):
    course, day = make_course(clinic), datetime.fromisoformat(FRIDAY).date()
    for number, chair in enumerate(clinic.chairs):
        for hour in (8, 11, 14)[: number + 1]:
            other = make_course(clinic)
            book(course=other, chair=chair, starts_at=local(f"{FRIDAY} {hour:02}:00"), by=clinic.desk)
    with django_assert_num_queries(2):
        chair_day(course, day=day, actor=clinic.desk, now=NOON)


@given(
    lengths=st.lists(st.tuples(st.integers(0, 200), st.integers(40, 240)), max_size=4),
    minutes=st.integers(45, 300),
    now=st.integers(0, 24 * 60),
)
def test_the_offered_times_are_those_that_fit(lengths, minutes, now):
    """Against a check of every minute of the day."""
    day, taken, at = datetime(2026, 3, 13, tzinfo=UTC), [], 5 * 60
    for pause, length in lengths:
        if at + pause + length > 24 * 60:
            break
        taken.append(_Taken(at + pause, at + pause + length, "A.B.", False))
        at += pause + length
    opens = min([OPENS, *(block.begins // 60 * 60 for block in taken)])
    closes = max([CLOSES, *(-(-block.ends // 60) * 60 for block in taken)])
    free = _Free(day=day.date(), zone="UTC", minutes=minutes, now=day + timedelta(minutes=now))
    cells = list(_cells(taken, opens, closes, free))
    assert sum(cell.span for cell in cells) == (closes - opens) // GRAIN
    offered = [cell.start.instant for cell in cells if cell.start]
    assert offered == sorted(set(offered))
    for instant in offered:
        begins = int((instant - day).total_seconds()) // 60
        assert max(OPENS, now) <= begins <= CLOSES - minutes
        assert all(block.ends <= begins or begins + minutes <= block.begins for block in taken)
    fitting = [
        begins
        for begins in range(max(OPENS, now), CLOSES - minutes + 1)
        if all(block.ends <= begins or begins + minutes <= block.begins for block in taken)
    ]
    on_the_half_hour = [begins for begins in fitting if begins % 30 == 0]
    assert bool(offered) >= bool(on_the_half_hour)
