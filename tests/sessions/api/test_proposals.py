"""Proposals for a course through the API: what is asked for stands in the address, and nothing is stored."""

import uuid

import pytest

from sessions.models import Booking
from sessions.operations.planning import close_course
from tests.patients.api.client import Api
from tests.scenes import make_site, staff
from tests.sessions.api.client import codes, with_token
from tests.sessions.scenes import make_course


def path_of(course):
    return f"courses/{course.public_id}/proposals/"


def test_the_rest_of_a_course_is_proposed(clinic, desk):
    course, chair = make_course(clinic, planned_infusions=3), clinic.chairs[1]
    asked = {
        "weekdays": [0, 3],
        "starts_from": "09:00",
        "starts_until": "10:00",
        "chair": str(chair.public_id),
    }
    answer = desk.get(path_of(course), **asked).json()
    assert (answer["course"], answer["to_book"]) == (str(course.public_id), 3)
    first, second, third = answer["results"]
    assert [row["starts_at"] for row in answer["results"]] == [
        "2026-03-12T13:00:00Z",
        "2026-03-16T13:00:00Z",
        "2026-03-19T13:00:00Z",
    ]
    assert first["window"] == {
        "after": None,
        "earliest": "2026-03-10",
        "target": "2026-03-10",
        "latest": None,
    }
    assert second["window"] == {
        "after": "2026-03-12",
        "earliest": "2026-03-14",
        "target": "2026-03-15",
        "latest": None,
    }
    assert (third["ends_at"], third["chair"], third["chair_name"]) == (
        "2026-03-19T15:10:00Z",
        str(chair.public_id),
        "Chair 2",
    )
    assert (third["gave_way"], third["note"], third["is_late"]) == ("nothing", "", False)
    assert not Booking.objects.exists()


def test_what_gave_way_and_why_is_told(clinic, desk):
    course, chair = make_course(clinic), clinic.chair
    body = {"course": str(make_course(clinic).public_id), "chair": str(chair.public_id)}
    assert desk.post("sessions/", body | {"starts_at": "2026-03-12T13:00:00Z"}).status_code == 201
    asked = {
        "number": 1,
        "weekdays": 3,
        "first_day": "2026-03-12",
        "starts_from": "09:00",
        "starts_until": "09:30",
    }
    (told,) = desk.get(path_of(course), **asked, chair=str(chair.public_id)).json()["results"]
    assert told["starts_at"] == "2026-03-19T13:00:00Z", "a week later as wished"
    assert told["not_offered"] == [
        {
            "day": "2026-03-12",
            "first": "2026-03-12T13:00:00Z",
            "last": "2026-03-12T13:30:00Z",
            "code": "booking.chair_taken",
            "detail": "Chair 1 is taken",
        }
    ]
    (told,) = desk.get(path_of(course), number=1, leave_chair_open=True).json()["results"]
    assert (told["chair"], told["chair_name"]) == (None, "")


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"starts_from": "10:00", "starts_until": "09:00"}, 422, "field.times"),
        ({"starts_from": "ten"}, 422, "field.invalid"),
        ({"weekdays": 7}, 422, "field.invalid_choice"),
        ({"number": 0}, 422, "field.min_value"),
        ({"spacing": 0}, 422, "field.min_value"),
        ({"first_day": "9999-12-31"}, 422, "field.range"),
        ({"chair": str(uuid.uuid4())}, 404, "not_found"),
    ],
)
def test_what_cannot_be_asked_for(clinic, desk, asked, status, code):
    answer = desk.get(path_of(make_course(clinic)), **asked)
    assert (answer.status_code, codes(answer) >= {code}) == (status, True)


def test_only_as_many_as_the_order_leaves(clinic, desk):
    course = make_course(clinic, planned_infusions=2)
    assert len(desk.get(path_of(course), number=9).json()["results"]) == 2
    close_course(course=course, state="completed", reason="", by=clinic.prescriber)
    closed = desk.get(path_of(course)).json()
    assert (closed["to_book"], closed["results"]) == (0, [])


def test_who_may_ask(clinic):
    course = make_course(clinic)
    assert codes(Api(staff("front_desk", make_site("south"))).get(path_of(course))) == {"not_found"}
    client = with_token(clinic.desk, "view_patients")
    assert codes(client.get(f"/api/v1/{path_of(course)}")) == {"permission.missing"}
