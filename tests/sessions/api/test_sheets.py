"""Ambulance sheet, last-time card, downtime sheets and wall screens through the API."""

from datetime import timedelta

import pytest

from clinic.accounts.permissions import Permission
from clinic.audit.models import AccessEvent
from clinic.common import clock
from sessions.models import WallScreen
from sessions.operations.emergency import log_emergency_step
from sessions.operations.monitoring import report_side_effect
from sessions.operations.patient_wishes import record_wishes
from sessions.operations.wall_screens import make_screen
from sessions.states import Status
from tests.patients.api.client import Api
from tests.scenes import staff
from tests.sessions.api.client import ROOT, at, codes, twice, with_token
from tests.sessions.scenes import booked_session, make_clinic, session_at


@pytest.fixture
def session(clinic):
    return session_at(Status.INFUSING, clinic=clinic)


def test_the_ambulance_sheet_says_who_what_and_whom_to_call(clinic, nurse, session):
    clinic.site.emergency_number, clinic.site.address = "112", "1 Lake Road"
    clinic.site.save()
    report_side_effect(session=session, term="nausea", grade=1, by=clinic.nurse)
    log_emergency_step(session=session, kind="alarm", by=clinic.nurse)
    told = nurse.get(at(session, "ambulance-sheet/")).json()
    person, sheet = told["person"], told["sheet"]
    assert (person["name"], person["allergy_status"], person["allergies"]) == (
        session.patient.full_name,
        "not_asked",
        [],
    )
    assert (sheet["infusion"]["ended_at"], sheet["infusion"]["minutes"]) == (None, 12)
    assert sheet["infusion"]["dose_mg"] == "35"
    assert len(sheet["readings"]) == session.vital_signs.count()
    assert sheet["side_effects"] == ["Nausea"]
    assert [step["kind"] for step in sheet["emergencies"][0]["steps"]] == ["alarm"]
    assert (sheet["site"]["emergency_number"], sheet["site"]["address"]) == ("112", "1 Lake Road")
    assert AccessEvent.objects.filter(what="ambulance-sheet").count() == 1


def test_the_sheet_of_somebody_who_was_given_nothing(clinic, nurse):
    session = session_at(Status.ARRIVED, clinic=clinic)
    sheet = nurse.get(at(session, "ambulance-sheet/")).json()["sheet"]
    assert (sheet["infusion"], sheet["readings"], sheet["weight_kg"]) == (None, [], None)


def test_the_last_time_card(clinic, nurse):
    before = session_at(Status.INFUSING, clinic=clinic, now=clock.now() - timedelta(days=5))
    report_side_effect(
        session=before,
        term="nausea",
        grade=1,
        action_taken="paused",
        by=clinic.nurse,
        now=clock.now() - timedelta(days=5),
    )
    today = booked_session(
        clinic, starts_at=clock.now() + timedelta(hours=2), course=before.course, chair=clinic.chairs[1]
    )
    first = nurse.get(at(before, "last-time/")).json()
    assert (first["last"], first["helped"], first["wish"]) == (None, [], None)
    record_wishes(session=before, kinds=["lights_low"], words="Own headphones", by=clinic.nurse)
    told = nurse.get(at(today, "last-time/")).json()
    assert (told["last"]["session"], told["last"]["systolic"], told["last"]["minute"]) == (
        str(before.public_id),
        134,
        10,
    )
    assert told["last"]["side_effects"] == ["Nausea"]
    assert told["helped"] == ["Nausea: infusion paused"]
    assert (told["wish"]["kinds"], told["wish"]["words"]) == (["lights_low"], "Own headphones")


def test_the_downtime_sheets(clinic, nurse, session):
    over = session_at(Status.LEFT, clinic=clinic, chair=clinic.chairs[1])
    path = f"sites/{clinic.site.public_id}/downtime-sheets/"
    pack = nurse.get(path).json()
    (sheet,) = pack["sheets"]
    assert over.patient.full_name != sheet["name"] == session.patient.full_name
    assert (sheet["dose_mg"], sheet["weight_kg"], sheet["chair"]) == ("35", "70", session.chair.name)
    assert (sheet["readings_during"][0], sheet["allergies_asked"]) == (0, False)
    assert nurse.get(path).json()["sheets"] == pack["sheets"]
    assert AccessEvent.objects.filter(what="downtime").count() == 1, "asked again it is one opening"


@pytest.mark.parametrize("tail", ["ambulance-sheet/", "last-time/"])
def test_a_sheet_is_reached_like_its_session(clinic, session, tail):
    elsewhere = Api(make_clinic("south", now=clock.now()).nurse)
    assert elsewhere.get(at(session, tail)).status_code == 404
    assert (
        with_token(clinic.nurse, Permission.RECORD_OBSERVATIONS).get(ROOT + at(session, tail)).status_code
        == 404
    )
    assert with_token(clinic.nurse, Permission.VIEW_PATIENTS).get(ROOT + at(session, tail)).status_code == 200
    assert Api(staff("auditor", clinic.site)).get(at(session, tail)).status_code == 404


def test_who_reads_the_downtime_sheets(clinic, session):
    path = f"sites/{clinic.site.public_id}/downtime-sheets/"
    assert Api(make_clinic("south", now=clock.now()).nurse).get(path).status_code == 404
    assert codes(Api(staff("auditor", clinic.site)).get(path)) == {"permission.missing"}
    token = with_token(clinic.nurse, Permission.VIEW_PATIENTS)
    assert token.get(ROOT + path).status_code == 200
    blind = with_token(clinic.nurse, Permission.RECORD_OBSERVATIONS)
    assert blind.get(ROOT + path).status_code == 403


# Wall screens


@pytest.fixture
def planner(clinic):
    return staff("manager", clinic.site)


def test_a_screen_is_made_once_listed_and_revoked(clinic, planner):
    api, path = Api(planner), f"sites/{clinic.site.public_id}/wall-screens/"
    key = "7b0f6f0e-3f0c-4e0c-9f5e-1c7b6f0d2a11"
    first, again = (api.post(path, {"name": " Corridor "}, key=key) for _attempt in range(2))
    assert (first.status_code, first.json()["name"], first.json()["id"]) == (201, "Corridor", key)
    assert len(first.json()["code"]) == 8
    assert (again.status_code, again.json()["code"]) == (200, None), "a code is shown once"
    assert WallScreen.objects.count() == 1
    (row,) = api.get(path).json()["results"]
    assert (row["id"], row["revoked_at"], "code" in row) == (key, None, False)
    revoked = twice(api, f"wall-screens/{key}/revoke/")
    assert revoked["revoked_at"] is not None
    assert api.get(path).json()["results"] == [revoked]


def test_who_makes_and_revokes_screens(clinic, planner, nurse):
    path = f"sites/{clinic.site.public_id}/wall-screens/"
    screen, _code = make_screen(site=clinic.site, name="Corridor", by=planner)
    revoke = f"wall-screens/{screen.public_id}/revoke/"
    for answer in (nurse.get(path), nurse.post(path, {"name": "Mine"})):
        assert codes(answer) == {"permission.missing"}
    assert nurse.post(revoke).status_code == 404
    other = Api(staff("manager", make_clinic("south", now=clock.now()).site))
    for answer in (other.get(path), other.post(path, {"name": "Ours"}), other.post(revoke)):
        assert answer.status_code == 404
    assert codes(Api(planner).post(path, {"name": ""})) == {"field.blank"}
    token = with_token(planner, Permission.PLAN_ROSTER)
    assert token.get(ROOT + path).json()["count"] == 1
    headers = {"Idempotency-Key": "0d8bfe0a-4f68-4f6e-8b3b-0c7cbb1f7f10"}
    outlives = token.post(ROOT + path, {"name": "By token"}, headers=headers)
    assert (outlives.status_code, codes(outlives)) == (403, {"wall.by_token"})
    assert WallScreen.objects.count() == 1
