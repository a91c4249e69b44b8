"""Alerts in the API: read, acknowledged once, limits of one patient, the preview, the channels."""

import uuid
from datetime import timedelta

import pytest

from sessions.models import AlertChannelTest
from sessions.operations.monitoring import record_vital_signs
from sessions.operations.protocols import CONTENT, draft_version
from sessions.states import Status
from tests.patients.api.client import Api
from tests.sessions.api.client import at, codes
from tests.sessions.scenes import NOON, NORMAL, make_clinic, session_at


@pytest.fixture
def session(clinic):
    return session_at(Status.INFUSING, clinic=clinic, now=NOON)


@pytest.fixture
def alert(session, nurse):
    answer = nurse.post(at(session, "vital-signs/"), {"systolic": 186, "diastolic": 90})
    assert answer.status_code == 201
    return session.alerts.get()


def test_an_alert_is_read_and_acknowledged_once(clinic, session, alert, nurse, prescriber):
    (shown,) = nurse.get(at(session, "alerts/")).json()["results"]
    told = {name: shown[name] for name in ("parameter", "level", "words", "value", "is_live", "is_open")}
    assert told == {
        "parameter": "systolic",
        "level": "pause",
        "words": "Systolic pressure 186 mmHg, limit ≥ 180",
        "value": 186.0,
        "is_live": True,
        "is_open": True,
    }
    site = f"sites/{clinic.site.public_id}/alerts/"
    assert [row["id"] for row in prescriber.get(site).json()["results"]] == [str(alert.public_id)]
    path, key = at(session, f"alerts/{alert.public_id}/acknowledge/"), uuid.uuid4()
    body = {"actions": ["paused", "rechecked"], "note": "Cuff moved"}
    for status in (201, 200):
        answer = nurse.post(path, body, key=key)
        assert answer.status_code == status
        (entry,) = answer.json()["entries"]
        assert (entry["kind"], entry["actions"], entry["by"]) == (
            "acknowledged",
            body["actions"],
            clinic.nurse.user.printed_name,
        )
    assert prescriber.post(path, body).json()["code"] == "alert.acknowledged"
    assert prescriber.get(site).json()["results"] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"actions": []}, "alert.no_action_named"),
        ({"actions": ["none", "paused"]}, "alert.none_and_more"),
        ({"actions": ["prayed"]}, "field.invalid_choice"),
    ],
)
def test_what_was_done_is_named(session, alert, nurse, body, code):
    answer = nurse.post(at(session, f"alerts/{alert.public_id}/acknowledge/"), body)
    assert answer.status_code == 422
    assert code in codes(answer)


def test_alerts_out_of_reach_do_not_exist(session, alert, desk):
    path = at(session, f"alerts/{alert.public_id}/acknowledge/")
    assert desk.post(path, {"actions": ["none"]}).status_code == 403
    elsewhere = Api(make_clinic("south").nurse)
    assert elsewhere.post(path, {"actions": ["none"]}).status_code == 404
    assert elsewhere.get(at(session, "alerts/")).status_code == 404
    assert elsewhere.get(f"sites/{session.site.public_id}/alerts/").status_code == 404


def test_a_limit_of_one_patient_is_set_listed_and_taken_back(session, nurse, prescriber):
    path = at(session, "patient-limits/")
    body = {
        "parameter": "systolic",
        "phase": "infusion",
        "comparator": ">=",
        "value": 200,
        "level": "pause",
        "reason": "High as a rule",
        "valid_until": (NOON + timedelta(days=20)).isoformat(),
    }
    assert nurse.post(path, body).status_code == 403
    made = prescriber.post(path, body)
    assert (made.status_code, made.json()["revoked_at"]) == (201, None)
    assert nurse.post(at(session, "vital-signs/"), {"systolic": 186, "diastolic": 90}).status_code == 201
    assert [row["level"] for row in nurse.get(at(session, "alerts/")).json()["results"]] == ["warn"]
    revoke = f"{path}{made.json()['id']}/revoke/"
    assert "reason.missing" in codes(prescriber.post(revoke, {"reason": ""}))
    assert prescriber.post(revoke, {"reason": "Treated"}).json()["revoked_at"] is not None
    assert prescriber.post(revoke, {"reason": "Treated"}).json()["code"] == "patient_limit.over"
    assert len(nurse.get(path).json()["results"]) == 1


def test_a_draft_shows_how_often_its_limits_would_have_fired(clinic, nurse, prescriber):
    over = session_at(Status.LEFT, clinic=clinic, now=NOON)
    late = {"by": clinic.nurse, "now": NOON, "taken_at": NOON - timedelta(minutes=9)}
    record_vital_signs(session=over, values=NORMAL | {"systolic": 186}, **late)
    content = {name: getattr(clinic.version, name) for name in CONTENT}
    protocol = clinic.version.protocol
    draft = draft_version(protocol=protocol, content=content, by=clinic.prescriber, now=NOON)
    path = f"protocol-versions/{draft.public_id}/preview/"
    assert nurse.get(path).status_code == 403
    found = prescriber.get(path).json()
    assert (found["infusions"], found["infusions_with_alerts"], found["per_hundred"]) == (1, 1, 100.0)
    (fired,) = [row for row in found["rows"] if row["alerts"]]
    assert (fired["rule"], fired["infusions"]) == ("infusion.systolic.ge.180.pause", 1)


def test_a_version_with_every_part_of_a_limit_reads_back(clinic, prescriber):
    limit = {
        "parameter": "systolic",
        "phase": "infusion",
        "comparator": ">",
        "value": 30,
        "level": "warn",
        "relative_to_baseline": True,
        "in_percent": True,
        "persist_readings": 2,
        "persist_minutes": 5,
        "required_action": "Measure again",
        "acknowledged_by": "prescriber",
    }
    content = {name: getattr(clinic.version, name) for name in CONTENT}
    told = {"protocol": clinic.version.protocol, "by": clinic.prescriber, "now": NOON}
    draft = draft_version(content=content, **told)
    path = f"protocol-versions/{draft.public_id}/"
    answer = prescriber.patch(path, {"limits": [limit]}, revision=1)
    assert answer.json()["limits"] == [limit | {"value": 30.0}]
    hasty = limit | {"level": "emergency"}
    assert "protocol.limit_waits" in codes(prescriber.patch(path, {"limits": [hasty]}, revision=2))


def test_the_channels_are_tried(clinic, nurse, desk):
    path, key = f"sites/{clinic.site.public_id}/alert-channels/test/", uuid.uuid4()
    for status in (201, 200):
        answer = nurse.post(path, key=key)
        assert answer.status_code == status
        assert [(row["channel"], row["is_ok"]) for row in answer.json()["channels"]] == [("screen", True)]
    assert AlertChannelTest.objects.count() == 1
    assert desk.post(path).status_code == 403
