"""Open chairs, booking anyway, the hour that comes twice, two people at once, and calling several off: on the pages."""

import re
import uuid
from datetime import datetime, timedelta

import pytest
import time_machine

from clinic.common import clock
from sessions.models import Booking, InfusionSession
from sessions.operations import blocks, booking
from sessions.operations.series import Slot, book_series
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.sessions.scenes import NOON, booked_session, make_clinic, make_course

FRIDAY = "2026-03-13"
ZONE = "America/New_York"
ANYWAY = "You may book against this rule, with a reason."


@pytest.fixture
def pages(clinic):
    return Pages(clinic.desk)


def local(text, zone=ZONE):
    return clock.from_local(datetime.fromisoformat(text), zone)


def choice(chair=None, *, at="09:30", day=FRIDAY, **more):
    return {"day": day, "chair": str(chair.public_id) if chair else "open", "starts_at": at, **more}


def book_path(course):
    return f"/courses/{course.public_id}/book/"


def taken(clinic, at="09:30"):
    return booking.book(
        course=make_course(clinic), chair=clinic.chair, starts_at=local(f"{FRIDAY} {at}"), by=clinic.desk
    )


def held(course):
    return Booking.objects.get(course=course)


# The chair


def test_a_chair_is_left_open_and_decided_by_moving(clinic, pages):
    course = make_course(clinic)
    assert "Decided at check-in" in text_of(pages.get(book_path(course)))
    assert pages.post(book_path(course), choice(), patient=course.patient).status_code == 302
    assert held(course).is_chair_provisional
    session = course.sessions.get()
    path = f"/sessions/{session.public_id}/move/"
    shown = pages.get(path)
    assert "Booked now: Fri 13 Mar 09:30 , the chair is decided at check-in." in text_of(shown)
    (checked,) = [tag for tag in re.findall(r"<input[^>]*>", shown.content.decode()) if " checked" in tag]
    assert 'value="open"' in checked
    fields = choice(clinic.chairs[1], revision=session.revision, reason="Wants the window")
    assert pages.post(path, fields, patient=course.patient).status_code == 302
    assert (held(course).is_chair_provisional, held(course).chair) == (False, clinic.chairs[1])
    assert held(course).history.latest("history_id").history_change_reason == "Wants the window"


def test_a_day_shows_open_chairs_blocks_and_those_who_share_one(clinic, pages):
    booking.book(course=make_course(clinic), chair=None, starts_at=local(f"{FRIDAY} 09:00"), by=clinic.desk)
    told = {"kind": "maintenance", "title": "New wheels", "by": clinic.desk}
    when = {"starts_at": local("2026-03-12 09:00"), "ends_at": local("2026-03-14 12:00")}
    blocks.block_chair(chair=clinic.chairs[1], **when, **told)
    for at in ("09:00", "10:00"):
        told = {"starts_at": local(f"{FRIDAY} {at}"), "by": clinic.nurse, "override_reason": "Urgent"}
        booking.book(course=make_course(clinic), chair=clinic.chairs[2], **told)
    course = make_course(clinic)
    for day in ("2026-03-12", FRIDAY, "2026-03-14"):
        assert "New wheels" in text_of(pages.get(f"{book_path(course)}?day={day}"))
    shown = text_of(pages.get(f"{book_path(course)}?day={FRIDAY}"))
    assert "R.S., any chair 09:00–11:10" in shown
    assert "New wheels 07:00–19:00" in shown
    assert "R.S. + R.S. 09:00–12:10" in shown


# Against a rule


def test_booking_anyway_is_offered_after_a_refusal_to_whoever_may(clinic):
    taken(clinic)
    course, nurse = make_course(clinic), Pages(clinic.nurse)
    key, fields = uuid.uuid4(), choice(clinic.chair, at="09:45")
    assert ANYWAY not in text_of(nurse.get(book_path(course)))
    refused = nurse.post(book_path(course), fields, patient=course.patient, key=key)
    assert (refused.status_code, ANYWAY in text_of(refused)) == (409, True)
    body = refused.content.decode()
    assert 'value="09:45"' in body and str(key) in body, "what was typed is there, under the key of the form"
    for _ in range(2):
        again = nurse.post(
            book_path(course), fields | {"override_reason": "Her only day"}, patient=course.patient, key=key
        )
        assert again.status_code == 302
    assert (held(course).is_overbooked, held(course).override_reason) == (True, "Her only day")


def test_booking_anyway_is_not_offered_to_who_may_not_nor_where_it_is_no_use(clinic, pages):
    taken(clinic)
    course = make_course(clinic)
    refused = pages.post(book_path(course), choice(clinic.chair), patient=course.patient)
    assert (refused.status_code, ANYWAY in text_of(refused)) == (409, False)
    told = choice(clinic.chair, override_reason="Please")
    assert pages.post(book_path(course), told, patient=course.patient).status_code == 403
    booked_session(clinic, starts_at=local("2026-03-14 15:00"), course=course, chair=clinic.chairs[1])
    near = Pages(clinic.nurse).post(book_path(course), choice(clinic.chairs[2]), patient=course.patient)
    assert (near.status_code, ANYWAY in text_of(near)) == (409, False)
    assert course.sessions.count() == 1


def test_a_reason_that_was_typed_stays_though_something_else_is_wrong(clinic):
    course = make_course(clinic)
    fields = choice(clinic.chair, at="", override_reason="Her only day")
    answer = Pages(clinic.nurse).post(book_path(course), fields, patient=course.patient)
    assert answer.status_code == 422
    assert "Her only day" in answer.content.decode()


# The night on which an hour comes twice


@pytest.mark.parametrize(("fold", "expected"), [("0", "2026-11-01T05:30"), ("1", "2026-11-01T06:30")])
def test_the_hour_that_comes_twice_is_asked_about(clinic, pages, fold, expected):
    course = make_course(clinic)
    fields = choice(clinic.chair, day="2026-11-01", at="01:30")
    assert "before the clocks go back" not in text_of(pages.get(book_path(course)))
    asked = pages.post(book_path(course), fields, patient=course.patient)
    assert asked.status_code == 422
    assert "The first, before the clocks go back" in text_of(asked)
    assert pages.post(book_path(course), fields | {"fold": fold}, patient=course.patient).status_code == 302
    assert held(course).starts_at.isoformat().startswith(expected)


def test_an_answer_to_a_question_that_is_not_asked_any_more_does_no_harm(clinic, pages):
    course = make_course(clinic)
    assert (
        pages.post(book_path(course), choice(clinic.chair, fold="1"), patient=course.patient).status_code
        == 302
    )
    assert held(course).starts_at == local(f"{FRIDAY} 09:30")


def test_the_hour_that_is_skipped_is_refused(db):
    with time_machine.travel(datetime.fromisoformat("2026-03-02T12:00Z"), tick=False):
        clinic = make_clinic()
        course = make_course(clinic)
        fields = choice(clinic.chair, day="2026-03-08", at="02:30")
        answer = Pages(clinic.desk).post(book_path(course), fields, patient=course.patient)
    assert answer.status_code == 422
    assert "02:30 does not exist in America/New_York" in text_of(answer)
    assert "before the clocks go back" not in text_of(answer)


# Two people


def test_two_who_move_one_session_see_both_versions_and_choose(clinic, pages):
    session = booked_session(clinic, starts_at=local(f"{FRIDAY} 09:30"))
    path = f"/sessions/{session.public_id}/move/"
    theirs = {"starts_at": local(f"{FRIDAY} 13:00"), "by": clinic.nurse, "expected_revision": 1}
    booking.move_booking(session=session, chair=clinic.chairs[2], **theirs)
    mine = choice(at="15:00", revision=1)
    answer = pages.post(path, mine, patient=session.patient)
    shown = text_of(answer)
    assert answer.status_code == 409
    assert f"{clinic.nurse.user.printed_name} changed it on Tue 10 Mar 12:00" in shown
    assert "Theirs, stored now Fri 13 Mar 13:00 Chair 3" in shown
    assert "Yours, not stored Fri 13 Mar 15:00 Chair decided at check-in" in shown
    assert InfusionSession.objects.get(pk=session.pk).scheduled_start == local(f"{FRIDAY} 13:00")
    assert 'name="revision" value="2"' in answer.content.decode(), "sent again, the form knows of theirs"
    assert pages.post(path, mine | {"revision": 2}, patient=session.patient).status_code == 302
    assert InfusionSession.objects.get(pk=session.pk).scheduled_start == local(f"{FRIDAY} 15:00")


def test_two_who_want_the_same(clinic, pages):
    session = booked_session(clinic, starts_at=local(f"{FRIDAY} 09:30"))
    theirs = {"starts_at": local(f"{FRIDAY} 13:00"), "by": clinic.nurse, "expected_revision": 1}
    booking.move_booking(session=session, chair=clinic.chair, **theirs)
    path, fields = f"/sessions/{session.public_id}/move/", choice(clinic.chair, at="13:00", revision=1)
    assert "Both of you want the same." in text_of(pages.post(path, fields, patient=session.patient))


# Calling off


@pytest.fixture
def course(clinic):
    course = make_course(clinic)
    slots = [Slot(NOON + timedelta(days=number), None) for number in (1, 4, 8)]
    book_series(course=course, slots=slots, by=clinic.desk)
    return course


def statuses(course):
    return [row.state for row in course.sessions.order_by("scheduled_start")]


@pytest.mark.parametrize(
    ("number", "reach", "expected"),
    [(0, "one", "CSS"), (0, "later", "CCC"), (1, "later", "SCC"), (2, None, "SSC")],
)
def test_one_or_this_and_all_later_are_called_off_once(clinic, pages, course, number, reach, expected):
    session = course.sessions.order_by("scheduled_start")[number]
    path, key = f"/sessions/{session.public_id}/cancel/", uuid.uuid4()
    assert ("later" in text_of(pages.get(path))) == (reach is not None)
    fields = {"reason": "New job", "code": "patient"} | ({"reach": reach} if reach else {})
    for _ in range(2):
        assert pages.post(path, fields, patient=course.patient, key=key).status_code == 302
    assert ["C" if status is Status.CANCELLED else "S" for status in statuses(course)] == list(expected)
    assert set(course.sessions.filter(status="cancelled").values_list("cancel_code", flat=True)) == {
        "patient"
    }


@pytest.mark.parametrize("missing", ["reason", "code", "reach"])
def test_who_called_it_off_and_why_is_asked(clinic, pages, course, missing):
    session = course.sessions.order_by("scheduled_start")[0]
    fields = {"reason": "New job", "code": "patient", "reach": "one"}
    fields.pop(missing)
    answer = pages.post(f"/sessions/{session.public_id}/cancel/", fields, patient=course.patient)
    assert answer.status_code == 422
    assert set(statuses(course)) == {Status.SCHEDULED}


@pytest.mark.parametrize(("number", "is_late"), [(0, False), (1, False)])
def test_short_notice_is_said_before_it_counts(clinic, pages, course, number, is_late):
    session = course.sessions.order_by("scheduled_start")[number]
    said = "This is less than 24 hours before the session: it counts as cancelled late."
    path = f"/sessions/{session.public_id}/cancel/"
    assert (said in text_of(pages.get(path))) == is_late
    with time_machine.travel(session.scheduled_start - timedelta(hours=23), tick=False):
        assert said in text_of(Pages(clinic.desk).get(path))
