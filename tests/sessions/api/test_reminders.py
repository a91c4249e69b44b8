"""Messages and their texts over the API."""

import uuid

import pytest

from sessions.models import Reminder
from sessions.operations.reminding import queue_reminders
from tests.patients.api.client import Api
from tests.scenes import make_site, staff
from tests.sessions.api.client import codes, twice
from tests.sessions.messages import RIDE, job, make_text, only_reminder, visit
from tests.sessions.scenes import NOON

pytestmark = pytest.mark.django_db

BODY = RIDE | {"send_at": "10:00"}


@pytest.fixture
def admin(clinic):
    return Api(staff("administrator", clinic.site))


def test_a_text_is_written_read_and_edited(clinic, admin):
    made = twice(admin, "reminder-texts/", BODY | {"site": clinic.site.public_id})
    path = f"reminder-texts/{made['id']}/"
    assert (admin.get(path)["ETag"], made["send_at"], made["is_in_use"]) == ('"1"', "10:00", True)
    edited = admin.patch(path, {"send_at": "18:30", "is_in_use": False}, revision=1)
    assert (edited.status_code, edited.json()["send_at"], edited["ETag"]) == (200, "18:30", '"2"')
    assert codes(admin.patch(path, {"body": "Later"}, revision=1)) == {"revision.stale"}
    listed = admin.get("reminder-texts/", is_in_use="false").json()
    assert [row["id"] for row in listed["results"]] == [made["id"]]


def test_what_tells_too_much_is_refused_by_field(clinic, admin):
    answer = admin.post("reminder-texts/", BODY | {"site": clinic.site.public_id, "body": "Infusion {x}"})
    assert answer.status_code == 422
    assert codes(answer) == {"reminder.tells", "reminder.placeholder"}
    assert {error["field"] for error in answer.json()["errors"]} == {"body"}


def test_texts_of_other_sites_and_without_the_right(clinic, desk):
    text = make_text(clinic)
    stranger = Api(staff("administrator", make_site("south")))
    path = f"reminder-texts/{text.public_id}/"
    assert [stranger.get(path).status_code, stranger.patch(path, {}, revision=1).status_code] == [404, 404]
    assert stranger.post("reminder-texts/", BODY | {"site": clinic.site.public_id}).status_code == 404
    assert codes(desk.patch(path, {}, revision=1)) == {"permission.missing"}
    assert desk.get(path).status_code == 200


def test_messages_are_listed_by_what_became_of_them(clinic, desk):
    make_text(clinic)
    session = visit(clinic)
    queue_reminders(site=clinic.site, by=job(clinic), now=NOON)
    [row] = desk.get("reminders/", state="queued", day="2026-03-11").json()["results"]
    assert (row["session"], row["patient"]) == (str(session.public_id), str(session.patient.public_id))
    assert (row["state"], row["why"], row["why_code"], row["attempts"]) == ("queued", "", "", 0)
    assert desk.get("reminders/", state="sent").json()["results"] == []
    assert Api(staff("front_desk", make_site("south"))).get("reminders/").json()["results"] == []
    assert desk.get("reminders/", state="asleep").status_code == 422


def test_a_failed_one_is_tried_again_once(clinic, desk, prescriber):
    make_text(clinic)
    visit(clinic)
    queue_reminders(site=clinic.site, by=job(clinic), now=NOON)
    Reminder.objects.update(state="failed", why="refused: 550 no", settled_at=NOON)
    path = f"reminders/{only_reminder().public_id}/try-again/"
    [row] = desk.get("reminders/").json()["results"]
    assert (row["why_code"], row["why"]) == ("refused", "It was not accepted. 550 no")
    assert codes(prescriber.post(path)) == {"permission.missing"}
    assert Api(staff("front_desk", make_site("south"))).post(path).status_code == 404
    key = uuid.uuid4()
    assert [desk.post(path, key=key).json()["state"] for _again in range(2)] == ["queued", "queued"]
    assert codes(desk.post(path)) == {"reminder.not_failed"}
