"""Sessions listed, opened, booked and moved through the API."""

from datetime import timedelta

import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.audit.models import AccessEvent
from clinic.common import clock
from clinic.facilities.models import Chair
from sessions.models import Booking, InfusionSession
from sessions.operations.monitoring import (
    correct_vital_signs,
    record_vital_signs,
    report_side_effect,
    update_side_effect,
    write_note,
)
from sessions.states import Status
from tests.sessions.api.client import at, codes, twice
from tests.sessions.scenes import NORMAL, booked_session, make_chair, make_clinic, make_course, session_at


def tomorrow(minutes=0):
    return (clock.now() + timedelta(days=1, minutes=minutes)).replace(microsecond=0)


def booking(course, chair, starts_at):
    return {
        "course": str(course.public_id),
        "chair": str(chair.public_id),
        "starts_at": starts_at.isoformat(),
    }


def test_the_list_says_what_is_asked_for(clinic, desk):
    first = session_at(Status.RECOVERING, clinic=clinic)
    second = booked_session(clinic, starts_at=tomorrow(), chair=clinic.chairs[1])
    south = make_clinic("south", now=clock.now())
    session_at(Status.ARRIVED, clinic=south)

    def found(**query):
        return {row["id"] for row in desk.get("sessions/", **query).json()["results"]}

    one, two = str(first.public_id), str(second.public_id)
    assert found() == {one, two}
    assert found(site=clinic.site.public_id) == {one, two}
    assert found(site=south.site.public_id) == set()
    assert found(status="recovering") == {one}
    assert found(status=["recovering", "scheduled"]) == {one, two}
    assert found(date_from=second.local_date) == {two}
    assert found(date_to=first.local_date) == {one}
    assert found(date_from=first.local_date, date_to=second.local_date) == {one, two}
    assert found(patient=second.patient.public_id) == {two}
    assert found(course=first.course.public_id) == {one}
    assert found(chair=clinic.chairs[1].public_id) == {two}
    for query in ({"status": "asleep"}, {"date_from": "today"}, {"site": "north"}):
        assert desk.get("sessions/", **query).status_code == 422


def test_the_list_asks_the_same_however_long_it_is(clinic, desk, django_assert_num_queries):
    for number in range(6):
        session_at(Status.ARRIVED, clinic=clinic, chair=make_chair(clinic.site, f"Seat {number}"))
    # Session, user, rights; count, rows with everything they name.
    with django_assert_num_queries(5):
        page = desk.get("sessions/", page_size=5).json()
    assert (page["count"], len(page["results"])) == (6, 5)


def fill(session, nurse, times):
    """Several rows of every kind that can be added while it runs."""
    for _time in range(times):
        reading = record_vital_signs(session=session, values=NORMAL, by=nurse)
        correct_vital_signs(reading=reading, values={"heart_rate": 71}, by=nurse, reason="Misread")
        write_note(session=session, text="Calm", by=nurse)
        effect = report_side_effect(session=session, term="nausea", grade=1, by=nurse)
        update_side_effect(side_effect=effect, grade=2, by=nurse)


def test_opening_a_session_asks_the_same_however_much_is_in_it(clinic, nurse):
    session = session_at(Status.INFUSING, clinic=clinic)
    fill(session, clinic.nurse, 1)
    nurse.get(at(session))
    counts = []
    for _turn in range(2):
        with CaptureQueriesContext(connection) as queries:
            chart = nurse.get(at(session)).json()
        counts.append(len(queries))
        fill(session, clinic.nurse, 4)
    assert len(chart["vital_signs"]) == 2 + 5 * 2
    assert counts[0] == counts[1] <= 22


def test_an_opened_session_says_what_can_be_done(clinic, nurse, desk):
    session = session_at(Status.ARRIVED, clinic=clinic)
    answer = nurse.get(at(session))
    assert answer["ETag"] == f'"{session.revision}"'
    actions = {action["action"]: action for action in answer.json()["available_actions"]}
    assert set(actions) == {"undo-arrive", "clear", "do-not-start", "leave", "transfer-out"}
    assert actions["do-not-start"] == {
        "action": "do-not-start",
        "label": "Do not start",
        "is_possible": True,
        "needs_reason": True,
        "needs_override": False,
        "problems": [],
    }
    assert not actions["clear"]["is_possible"]
    refused = nurse.post(at(session, "clear/")).json()
    assert [(problem["code"], problem["detail"]) for problem in actions["clear"]["problems"]] == [
        (error["code"], error["detail"]) for error in refused["errors"]
    ]
    # The desk may do less.
    theirs = desk.get(at(session)).json()["available_actions"]
    assert {action["action"] for action in theirs} == {"undo-arrive", "leave"}


def test_a_session_is_booked_once_and_takes_chair_and_patient(clinic, desk):
    course, start = make_course(clinic), tomorrow()
    booked = twice(desk, "sessions/", booking(course, clinic.chair, start))
    assert (booked["status"], booked["scheduled_start"]) == (
        "scheduled",
        start.isoformat().replace("+00:00", "Z"),
    )
    assert InfusionSession.objects.count() == Booking.objects.count() == 1
    other = make_course(clinic)
    taken = desk.post("sessions/", booking(other, clinic.chair, start + timedelta(minutes=30)))
    assert (taken.status_code, codes(taken)) == (409, {"booking.chair_taken"})
    second = make_course(clinic, patient=course.patient)
    taken = desk.post("sessions/", booking(second, clinic.chairs[1], start + timedelta(minutes=30)))
    assert codes(taken) == {"booking.patient_taken"}
    near = desk.post("sessions/", booking(course, clinic.chair, start + timedelta(days=1)))
    assert codes(near) == {"booking.gap"}


def test_what_cannot_be_booked(clinic, desk):
    course, elsewhere = make_course(clinic), make_clinic("south", now=clock.now())
    for days, code in ((-1, "booking.past"), (400, "booking.too_far")):
        starts_at = clock.now() + timedelta(days=days)
        assert codes(desk.post("sessions/", booking(course, clinic.chair, starts_at))) == {code}
    assert desk.post("sessions/", booking(course, elsewhere.chair, tomorrow())).status_code == 404
    Chair.objects.filter(pk=clinic.chair.pk).update(is_in_service=False)
    refused = desk.post("sessions/", booking(course, clinic.chair, tomorrow()))
    assert codes(refused) == {"chair.out_of_service"}


def test_a_booking_is_moved_by_whoever_has_read_it(clinic, desk):
    session = booked_session(clinic, starts_at=tomorrow())
    later = {"chair": str(clinic.chairs[1].public_id), "starts_at": tomorrow(240).isoformat()}
    path = at(session, "move/")
    assert codes(desk.end(path, later, revision=7)) == {"revision.stale"}
    assert desk.client.post(f"/api/v1/{path}", later).status_code == 428
    moved = desk.end(path, later, revision=1)
    assert (moved.status_code, moved["ETag"], moved.json()["chair_name"]) == (200, '"2"', "Chair 2")
    assert moved.json()["scheduled_start"] == tomorrow(240).isoformat().replace("+00:00", "Z")
    assert codes(desk.end(path, later, revision=1)) == {"revision.stale"}


def test_a_moved_booking_meets_the_same_obstacles(clinic, desk):
    session = booked_session(clinic, starts_at=tomorrow())
    booked_session(clinic, starts_at=tomorrow(), chair=clinic.chairs[1])
    taken = {"chair": str(clinic.chairs[1].public_id), "starts_at": tomorrow().isoformat()}
    assert codes(desk.end(at(session, "move/"), taken, revision=1)) == {"booking.chair_taken"}
    arrived = session_at(Status.ARRIVED, clinic=clinic, chair=clinic.chairs[2])
    answer = desk.end(at(arrived, "move/"), taken, revision=arrived.revision)
    assert codes(answer) == {"session.status"}


def test_a_patient_is_seated_in_another_chair_before_the_infusion(clinic, desk):
    session = session_at(Status.ARRIVED, clinic=clinic)
    body = {"chair": str(clinic.chairs[1].public_id)}
    assert twice(desk, at(session, "chair/"), body)["chair_name"] == "Chair 2"
    running = session_at(Status.INFUSING, clinic=clinic, chair=clinic.chairs[2])
    assert codes(desk.post(at(running, "chair/"), body)) == {"session.status"}


def test_opening_a_session_is_noted_once_for_a_program_that_keeps_asking(clinic, nurse, desk):
    session = session_at(Status.INFUSING, clinic=clinic)
    for api in (nurse, nurse, desk):
        api.get(at(session))
    noted = AccessEvent.objects.filter(what="session", patient_id=session.patient.public_id)
    assert sorted(noted.values_list("actor_label", flat=True)) == sorted(
        [clinic.nurse.label, clinic.desk.label]
    )
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        nurse.get(at(session))
    assert noted.count() == 3
