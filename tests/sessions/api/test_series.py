"""Open chairs, bookings against a rule, and several sessions at once, through the API."""

import uuid
from datetime import timedelta

import pytest

from clinic.audit.models import AuditEvent
from clinic.common import clock
from sessions.models import Booking, InfusionSession
from sessions.rules.planning import ids_of_series
from tests.patients.api.client import Api
from tests.sessions.api.client import at, codes, twice, with_token
from tests.sessions.scenes import booked_session, make_clinic, make_course


def day(number, minutes=0):
    return (clock.now() + timedelta(days=number, minutes=minutes)).replace(microsecond=0)


def slot(number, chair=None):
    return {"starts_at": day(number).isoformat(), "chair": str(chair.public_id) if chair else None}


def series(course, tail=""):
    return f"courses/{course.public_id}/series/{tail}"


def relocation(session, number, chair=None):
    return {"session": str(session.public_id), "revision": session.revision, **slot(number, chair)}


# One session


def test_a_booking_may_leave_its_chair_open_until_check_in(clinic, desk):
    body = {"course": str(make_course(clinic).public_id), **slot(1)}
    booked = twice(desk, "sessions/", body)
    assert (booked["is_chair_provisional"], booked["chair_name"]) == (True, "Chair 1")
    chair = {"chair": str(clinic.chairs[2].public_id)}
    settled = twice(desk, at(booked, "assign-chair/"), chair)
    assert (settled["is_chair_provisional"], settled["chair_name"]) == (False, "Chair 3")
    opened = desk.end(at(booked, "move/"), slot(1), revision=settled["revision"])
    assert (opened.status_code, opened.json()["is_chair_provisional"]) == (200, True)
    body.pop("chair")
    assert desk.post("sessions/", body).status_code == 422, "whether a chair is left open is always said"


def test_a_booking_against_a_rule_says_why(clinic, desk, nurse):
    booked_session(clinic, starts_at=day(1))
    body = {"course": str(make_course(clinic).public_id), **slot(1, clinic.chair)}
    assert codes(desk.post("sessions/", body)) == {"booking.chair_taken"}
    against = body | {"override_reason": "Her only day off"}
    assert codes(desk.post("sessions/", against)) == {"permission.missing"}
    booked = twice(nurse, "sessions/", against)
    told = ("is_overbooked", "overrides", "override_reason")
    assert [booked[name] for name in told] == [True, ["booking.chair_taken"], "Her only day off"]
    moved = nurse.end(
        at(booked, "move/"), slot(1, clinic.chairs[1]) | {"reason": "Window"}, revision=1
    ).json()
    assert [moved[name] for name in told] == [False, [], ""]
    assert AuditEvent.objects.latest("pk").reason == "Window"
    row = next(row for row in desk.get("sessions/").json()["results"] if row["id"] == booked["id"])
    assert row["is_overbooked"] is False


def test_a_token_overbooks_only_with_the_scope(clinic):
    booked_session(clinic, starts_at=day(1))
    body = {
        "course": str(make_course(clinic).public_id),
        **slot(1, clinic.chair),
        "override_reason": "Why not",
    }
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    for scopes, status in ((("view_patients", "book"), 403), (("view_patients", "book", "overbook"), 201)):
        client = with_token(clinic.nurse, *scopes)
        assert client.post("/api/v1/sessions/", body, headers=headers).status_code == status


# Several


def test_a_series_is_booked_once_and_whole(clinic, desk):
    course, key = make_course(clinic), uuid.uuid4()
    body = {"slots": [slot(8), slot(1, clinic.chairs[1]), slot(4)]}
    first, again = (desk.post(series(course), body, key=key) for _attempt in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    booked = first.json()["sessions"]
    assert [row["id"] for row in booked] == [str(public_id) for public_id in ids_of_series(key, 3)]
    assert [row["is_chair_provisional"] for row in booked] == [False, True, True]
    assert Booking.objects.filter(course=course).count() == 3


def test_a_series_that_is_refused_names_every_day(clinic, desk):
    for number in (4, 8):
        booked_session(clinic, starts_at=day(number))
    course = make_course(clinic)
    refused = desk.post(series(course), {"slots": [slot(number, clinic.chair) for number in (1, 4, 8)]})
    assert (refused.status_code, codes(refused)) == (409, {"booking.chair_taken"})
    assert [error["detail"][:10] for error in refused.json()["errors"]] == ["Sat 14 Mar", "Wed 18 Mar"]
    past = desk.post(series(course), {"slots": [slot(-3)]})
    assert (past.status_code, codes(past)) == (422, {"booking.past"})
    assert not Booking.objects.filter(course=course).exists()


@pytest.mark.parametrize(
    "body", [{}, {"slots": []}, {"slots": [{}]}, {"slots": [{"starts_at": "soon"}]}, {"slots": 7}]
)
def test_a_series_in_another_shape(clinic, desk, body):
    assert desk.post(series(make_course(clinic)), body).status_code == 422


def test_a_series_is_moved_once_and_whole(clinic, desk):
    course = make_course(clinic)
    rows = desk.post(series(course), {"slots": [slot(1), slot(3), slot(5)]}).json()["sessions"]
    sessions = [InfusionSession.objects.get(public_id=row["id"]) for row in rows]
    body = {
        "moves": [relocation(session, 3 + 2 * n) for n, session in enumerate(sessions)],
        "reason": "Holidays",
    }
    moved = twice(desk, series(course, "move/"), body)
    assert [row["scheduled_start"][:10] for row in moved["sessions"]] == [
        "2026-03-13",
        "2026-03-15",
        "2026-03-17",
    ]
    stale = desk.post(series(course, "move/"), body)
    assert (stale.status_code, codes(stale)) == (412, {"revision.stale"})
    other = booked_session(clinic, starts_at=day(1), chair=clinic.chairs[1])
    assert desk.post(series(course, "move/"), {"moves": [relocation(other, 3)]}).status_code == 404


def test_this_one_and_all_later_are_called_off(clinic, desk):
    course = make_course(clinic)
    rows = desk.post(series(course), {"slots": [slot(1), slot(3), slot(5)]}).json()["sessions"]
    body = {"reason": "New job", "code": "patient"}
    off = twice(desk, at(rows[1], "cancel-later/"), body)["sessions"]
    assert [(row["id"], row["status"]) for row in off] == [(row["id"], "cancelled") for row in rows[1:]]
    assert {(row["cancel_code"], row["is_late_cancel"]) for row in off} == {("patient", False)}
    assert codes(desk.post(at(rows[0], "cancel-later/"), {"reason": " "})) == {"reason.missing"}
    assert desk.post(at(rows[0], "cancel-later/"), {"reason": "x", "code": "weather"}).status_code == 422
    assert codes(desk.post(at(rows[1], "cancel-later/"), body)) == {"session.status"}


def test_series_keep_to_the_site_and_to_the_right(clinic, prescriber):
    course, far = make_course(clinic), make_clinic("far", now=clock.now())
    for tail, body in (
        ("", {"slots": [slot(1)]}),
        ("move/", {"moves": [relocation(booked_session(clinic, starts_at=day(1), course=course), 4)]}),
    ):
        assert Api(far.desk).post(series(course, tail), body).status_code == 404
        assert codes(prescriber.post(series(course, tail), body)) == {"permission.missing"}
    theirs = {"slots": [slot(9, far.chair)]}
    assert Api(clinic.desk).post(series(course), theirs).status_code == 404


def test_a_series_asks_the_same_however_long_its_answer_is(clinic, desk, django_assert_max_num_queries):
    course = make_course(clinic)
    key, body = uuid.uuid4(), {"slots": [slot(2 * number) for number in range(1, 6)]}
    desk.post(series(course), body, key=key)
    with django_assert_max_num_queries(12):
        assert len(desk.post(series(course), body, key=key).json()["sessions"]) == 5
