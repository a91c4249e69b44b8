"""Readings, notes, side effects through the API: what is refused and how, and what it costs."""

import json
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.accounts.permissions import Permission
from clinic.common import clock
from sessions.models import Note, VitalSigns
from sessions.states import Status
from tests.patients.api.client import ROOT, Api
from tests.sessions.api.client import at, codes, with_token
from tests.sessions.scenes import NOON, NORMAL, session_at

TRANSACTION_CONTROL = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT", "ROLLBACK")


@pytest.fixture(scope="module")
def kept(scene):
    return session_at(Status.INFUSING, clinic=scene, now=NOON)


@pytest.fixture
def session(clinic, kept):
    return kept


REFUSED_READINGS = [
    ({}, "", "vitals.empty"),
    ({"systolic": 120}, "diastolic", "vitals.pair"),
    ({"diastolic": 80}, "systolic", "vitals.pair"),
    ({"systolic": 12, "diastolic": 8}, "systolic", "vitals.impossible"),
    ({"systolic": 120, "diastolic": 120}, "diastolic", "vitals.diastolic"),
    ({"systolic": 80, "diastolic": 120}, "diastolic", "vitals.diastolic"),
    ({"systolic": 300, "diastolic": 160}, "systolic", "vitals.unusual"),
    ({"systolic": "120/80"}, "systolic", "field.invalid"),
    ({"heart_rate": -1}, "heart_rate", "field.min_value"),
    ({"heart_rate": 10**9}, "heart_rate", "field.max_value"),
    ({"heart_rate": 70.5}, "heart_rate", "field.invalid"),
    ({"oxygen_saturation": 101}, "oxygen_saturation", "vitals.impossible"),
    ({"dissociation": 11}, "dissociation", "vitals.impossible"),
    ({"temperature": "98.6"}, "temperature", "vitals.impossible"),
    ({"temperature": "36.6", "temperature_unit": "K"}, "temperature_unit", "field.invalid_choice"),
    ({"temperature": "NaN"}, "temperature", "field.invalid"),
    ({"heart_rate": 70, "taken_at": "2999-01-01T00:00:00Z"}, "taken_at", "field.range"),
    ({"heart_rate": 70, "taken_at": "0001-01-01T00:00:00+14:00"}, "taken_at", "field.range"),
    ({"heart_rate": 70, "taken_at": "2026-03-10T09:30:00"}, "taken_at", "field.offset"),
]


@pytest.mark.parametrize(("body", "field", "code"), REFUSED_READINGS)
def test_a_reading_that_cannot_be_right_says_where_and_why(nurse, session, body, field, code):
    before = VitalSigns.objects.count()
    answer = nurse.post(at(session, "vital-signs/"), body)
    assert answer.status_code == 422, answer.json()
    found = {(error["field"], error["code"]) for error in answer.json()["errors"]}
    assert (field, code) in found
    assert VitalSigns.objects.count() == before


@pytest.mark.parametrize(
    ("minutes", "code"), [(60, "time.future"), (-24 * 60, "time.before_arrival")], ids=["future", "before"]
)
@pytest.mark.parametrize(
    ("path", "field", "body"),
    [
        ("vital-signs/", "taken_at", {"heart_rate": 70}),
        ("notes/", "taken_at", {"text": "x"}),
        ("side-effect-inquiries/", "taken_at", {}),
        ("side-effects/", "onset_at", {"term": "nausea", "grade": 1}),
    ],
)
def test_a_moment_that_cannot_be_right(nurse, session, path, field, body, minutes, code):
    moment = (clock.now() + timedelta(minutes=minutes)).isoformat()
    answer = nurse.post(at(session, path), body | {field: moment})
    assert (answer.status_code, codes(answer)) == (422, {code})


def test_an_unusual_reading_is_stored_once_confirmed(nurse, session):
    body, key = {"systolic": 300, "diastolic": 160}, uuid.uuid4()
    assert codes(nurse.post(at(session, "vital-signs/"), body, key=key)) == {"vitals.unusual"}
    # A refusal uses no key up: the same form is mended and sent again.
    stored = nurse.post(at(session, "vital-signs/"), body | {"confirmed": True}, key=key)
    assert (stored.status_code, stored.json()["confirmed_unusual"]) == (201, True)


def test_a_temperature_stands_as_typed_and_in_celsius(nurse, session):
    body = {"temperature": "98.60", "temperature_unit": "[degF]"}
    reading = nurse.post(at(session, "vital-signs/"), body).json()
    assert (reading["temperature"], reading["temperature_unit"]) == ("98.60", "[degF]")
    assert reading["temperature_celsius"] == 37.0


@pytest.mark.parametrize("text", [r"a\u0000b", r"a\ud800"], ids=["NUL", "half a pair"])
@pytest.mark.parametrize("path", ["notes/", "side-effects/", "pause/"])
def test_characters_that_no_database_stores_are_a_sentence(nurse, session, path, text):
    body = f'{{"text": "{text}", "note": "{text}", "reason": "{text}", "term": "nausea", "grade": 1}}'
    answer = nurse.client.post(
        ROOT + at(session, path),
        body,
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )
    assert answer.status_code == 400
    assert "character" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "note.empty"),
        (" \n ", "note.empty"),
        ("x" * 100_001, "note.too_long"),
        ("ä" * 50_001, "note.too_long"),
    ],
    ids=["empty", "blank", "too long", "too many bytes"],
)
def test_a_note_that_does_not_fit(nurse, session, text, code):
    assert codes(nurse.post(at(session, "notes/"), {"text": text})) == {code}
    assert not Note.objects.exists()


@pytest.mark.parametrize("text", ["x" * 100_000, "  两行\n\nδύο 😀 <b>&amp;</b>\n", '=HYPERLINK("x")'])
def test_a_note_stays_as_it_was_typed(nurse, session, text):
    note = nurse.post(at(session, "notes/"), {"text": text}).json()
    assert note["text"] == Note.objects.get().text == text
    assert nurse.get(at(session, "notes/")).json()["results"] == [note]


@pytest.mark.parametrize("status", [Status.SCHEDULED, Status.NO_SHOW, Status.CANCELLED])
@pytest.mark.parametrize(
    ("path", "body"),
    [("vital-signs/", NORMAL), ("notes/", {"text": "x"}), ("weights/", {"value": "70"})],
)
def test_nothing_is_charted_before_the_patient_is_here(clinic, nurse, status, path, body):
    answer = nurse.post(at(session_at(status, clinic=clinic, chair=clinic.chairs[1]), path), body)
    assert (answer.status_code, codes(answer)) == (409, {"session.not_present"})


def test_a_correction_needs_a_reason_and_comes_once(nurse, session):
    reading = nurse.post(at(session, "vital-signs/"), NORMAL).json()
    path = at(session, f"vital-signs/{reading['id']}/")
    assert codes(nurse.post(f"{path}correct/", NORMAL | {"reason": " "})) == {"reason.missing"}
    corrected = nurse.post(f"{path}correct/", NORMAL | {"heart_rate": 71, "reason": "Misread"}).json()
    assert (corrected["corrects"], corrected["is_current"]) == (reading["id"], True)
    # It was taken when the first was taken.
    assert corrected["taken_at"] == reading["taken_at"]
    for tail, body in (("correct/", NORMAL), ("retract/", {})):
        assert codes(nurse.post(path + tail, body | {"reason": "Again"})) == {"correction.taken"}
    listed = nurse.get(at(session, "vital-signs/")).json()["results"]
    assert {
        row["id"]: row["is_current"] for row in listed if row["id"] in {reading["id"], corrected["id"]}
    } == {
        reading["id"]: False,
        corrected["id"]: True,
    }


def test_a_fact_is_reached_through_its_own_session_only(clinic, nurse, session):
    reading = session.vital_signs.first()
    other = session_at(Status.RECOVERING, clinic=clinic, chair=clinic.chairs[1])
    path = f"vital-signs/{reading.public_id}/retract/"
    assert nurse.post(at(other, path), {"reason": "x"}).status_code == 404
    assert nurse.post(at(session, path), {"reason": "x"}).status_code == 201


def test_a_side_effect_grows_by_entries(nurse, session):
    effect = nurse.post(at(session, "side-effects/"), {"term": "nausea", "grade": 2, "note": "Mild"}).json()
    early = (clock.now() - timedelta(minutes=20)).isoformat()
    path = at(session, f"side-effects/{effect['id']}/entries/")
    assert codes(nurse.post(path, {"grade": 1, "resolved_at": early})) == {"side_effect.resolved_early"}
    nurse.post(path, {"grade": 3, "action_taken": "paused"})
    (listed,) = nurse.get(at(session, "side-effects/")).json()["results"]
    assert [(entry["grade"], entry["action_taken"]) for entry in listed["entries"]] == [
        (2, "none"),
        (3, "paused"),
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"term": "hiccups", "grade": 1}, "term"),
        ({"term": "nausea", "grade": 5}, "grade"),
        ({"term": "nausea", "grade": 1, "action_taken": "prayer"}, "action_taken"),
        ({"term": "nausea"}, "grade"),
    ],
)
def test_a_side_effect_is_chosen_from_the_lists(nurse, session, body, field):
    answer = nurse.post(at(session, "side-effects/"), body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_a_corrected_event_must_fit_the_others(nurse, clinic):
    session = session_at(Status.RECOVERING, clinic=clinic, chair=clinic.chairs[1])
    end = session.infusion_events.get(kind="end")
    path = at(session, f"events/{end.public_id}/correct/")
    before_start = (session.infusion_started_at - timedelta(minutes=1)).isoformat()
    assert codes(nurse.post(path, {"at": before_start, "reason": "x"})) == {"timeline.order"}
    earlier = end.taken_at - timedelta(minutes=5)
    event = nurse.post(path, {"at": earlier.isoformat(), "reason": "Read off the pump"}).json()
    assert (event["kind"], event["end_kind"], event["corrects"]) == ("end", "completed", str(end.public_id))
    chart = nurse.get(at(session)).json()
    assert chart["infusion_ended_at"] == event["taken_at"]
    assert chart["infused_seconds"] == 35 * 60


def test_recording_vital_signs_takes_at_most_eleven_queries(clinic, session):
    client = with_token(clinic.nurse, Permission.VIEW_PATIENTS, Permission.RECORD_OBSERVATIONS)
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    with CaptureQueriesContext(connection) as queries:
        answer = client.post(ROOT + at(session, "vital-signs/"), NORMAL, headers=headers)
    assert answer.status_code == 201, answer.json()
    asked = [query["sql"] for query in queries if not query["sql"].startswith(TRANSACTION_CONTROL)]
    assert len(asked) <= 11, "\n".join(asked)


def test_a_body_that_is_no_object(nurse, session):
    for body in ("[]", "3", "null", "{", json.dumps([NORMAL]), "[" * 100_000, '{"a":' * 100_000):
        answer = nurse.client.post(ROOT + at(session, "vital-signs/"), body, content_type="application/json")
        assert (answer.status_code, codes(answer)) == (400, {"parse_error"})


def test_a_key_that_somebody_else_has_used_is_a_conflict(clinic, nurse, session):
    key, path = uuid.uuid4(), at(session, "vital-signs/")
    assert nurse.post(path, NORMAL, key=key).status_code == 201
    answer = Api(clinic.prescriber).post(path, NORMAL, key=key)
    assert (answer.status_code, codes(answer)) == (409, {"idempotency.reused"})
