"""The schedule, nurses of sessions and other uses of chairs over the API."""

from datetime import timedelta

import pytest

from clinic.audit.models import AuditEvent
from sessions.states import Status
from tests.scenes import make_site, staff
from tests.sessions.api.client import Api, at, codes, twice, with_token
from tests.sessions.scenes import NOON, session_at

LATER = NOON + timedelta(hours=2)


@pytest.fixture
def session(clinic):
    return session_at(Status.SCHEDULED, clinic=clinic, now=NOON)


def asked(clinic, first="2026-03-10", last="2026-03-10", **more):
    return {"site": str(clinic.site.public_id), "from": first, "to": last, **more}


def keep(clinic, **changed):
    told = {"kind": "consultation", "title": "First visit", "chair": str(clinic.chairs[1].public_id)}
    ends = LATER + timedelta(minutes=30)
    return {**told, "starts_at": LATER.isoformat(), "ends_at": ends.isoformat(), **changed}


def get(api, clinic, **more):
    return api.get("schedule/", **asked(clinic, **more))


def test_the_schedule_lists_sessions_and_other_uses(clinic, desk, session):
    block = twice(desk, "blocks/", keep(clinic))
    body = get(desk, clinic).json()
    assert body["time_zone"] == "America/New_York"
    assert [visit["kind"] for visit in body["visits"]] == ["infusion", "consultation"]
    first, second = body["visits"]
    assert (first["session"], first["who"]) == (str(session.public_id), session.patient.full_name)
    assert (first["number"], first["planned"], first["status"]) == (1, 6, "scheduled")
    assert [part["minutes"] for part in first["parts"]] == [30, 40, 60]
    assert (second["id"], second["session"], second["who"]) == (block["id"], None, "First visit")
    assert get(desk, clinic, first="2026-03-11", last="2026-03-12").json()["visits"] == []


def test_the_schedule_keeps_to_site_scope_and_length(clinic, desk, session):
    assert codes(get(desk, clinic, first="2026-03-11", last="2026-03-10")) == {"schedule.range"}
    assert codes(get(desk, clinic, first="2026-03-01", last="2026-04-10")) == {"schedule.range"}
    for day in ("0001-01-01", "9999-12-31"):
        assert codes(get(desk, clinic, first=day, last=day)) == {"schedule.calendar"}
    assert get(desk, clinic, site="8f3c2a56-9a53-4f2e-8a50-000000000000").status_code == 404
    assert get(desk, clinic, first="nonsense").status_code == 422
    assert codes(get(Api(staff("auditor", clinic.site)), clinic)) == {"schedule.closed"}
    narrow = with_token(clinic.desk, "book")
    (visit,) = narrow.get("/api/v1/schedule/", asked(clinic)).json()["visits"]
    assert (visit["who"], visit["patient"]) == ("R.S.", None)


def test_a_nurse_is_assigned_by_revision(clinic, desk, session):
    nurse = {"nurse": str(clinic.nurse.user.public_id)}
    first = desk.end(at(session, "nurse/"), nurse, revision=session.revision)
    assert first.status_code == 200
    assert (first.json()["nurse"], first["ETag"]) == (clinic.nurse.label, f'"{session.revision + 1}"')
    assert AuditEvent.objects.latest("pk").verb == "session.nurse_assigned"
    assert desk.end(at(session, "nurse/"), nurse, revision=session.revision).status_code == 412
    nobody = desk.end(at(session, "nurse/"), {"nurse": None}, revision=session.revision + 1)
    assert nobody.json()["nurse"] == ""
    strange = {"nurse": str(clinic.desk.user.public_id)}
    assert codes(desk.end(at(session, "nurse/"), strange, revision=session.revision + 2)) == {
        "nurse.not_here"
    }


def test_a_taken_chair_is_kept_with_a_reason_by_those_with_the_right(clinic, desk, nurse, session):
    over = keep(clinic, chair=str(clinic.chair.public_id), starts_at=session.scheduled_start.isoformat())
    assert codes(desk.post("blocks/", over)) == {"booking.chair_taken"}
    reason = over | {"override_reason": "Only for a talk"}
    assert codes(desk.post("blocks/", reason)) == {"permission.missing"}
    block = twice(nurse, "blocks/", reason)
    assert (block["is_overbooked"], block["overrides"]) == (True, ["booking.chair_taken"])
    assert codes(desk.post("blocks/", keep(clinic, kind="infusion"))) == {"field.invalid_choice"}


def test_other_uses_of_another_site_are_not_there(clinic, desk):
    block = twice(desk, "blocks/", keep(clinic))
    stranger = Api(staff("front_desk", make_site("far")))
    for tail in ("move/", "release/"):
        body = keep(clinic) | {"reason": "x"}
        assert stranger.end(f"blocks/{block['id']}/{tail}", body, revision=1).status_code == 404
    assert stranger.post("blocks/", keep(clinic)).status_code == 404
