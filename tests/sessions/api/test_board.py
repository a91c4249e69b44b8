"""The board and my chairs through the API: who, what is due, and 304 while nothing changed."""

from datetime import datetime, timedelta

import pytest

from sessions.operations import monitoring
from sessions.states import Status
from tests.patients.api.client import ROOT
from tests.scenes import make_site, staff
from tests.sessions.scenes import NOON, NORMAL, session_at


@pytest.fixture
def sessions(clinic):
    stages = (Status.INFUSING, Status.PAUSED, Status.SCHEDULED)
    return [
        session_at(stage, clinic=clinic, now=NOON, chair=chair)
        for stage, chair in zip(stages, clinic.chairs, strict=True)
    ]


def test_the_board_tells_each_visit_and_what_is_due(clinic, nurse, sessions):
    told = nurse.get("board/", site=clinic.site.public_id).json()
    assert (told["day"], told["running"], told["alerts"]) == ("2026-03-10", 2, 0)
    lines = {line["session"]: line for line in told["lines"]}
    infusing = lines[str(sessions[0].public_id)]
    due = sessions[0].vital_signs.last().taken_at + timedelta(minutes=clinic.version.vitals_interval_minutes)
    assert (infusing["status"], infusing["rise"]) == ("infusing", 12)
    told_at = [datetime.fromisoformat(infusing[name]) for name in ("due_at", "overdue_at")]
    assert told_at == [due, due + timedelta(minutes=1)]
    assert infusing["reading"]["systolic"] == 134
    assert lines[str(sessions[2].public_id)]["reading"] is None


def test_my_chairs_are_those_of_whoever_asks(clinic, nurse, desk, sessions):
    site = clinic.site.public_id
    mine = nurse.get("my-chairs/", site=site).json()["lines"]
    assert [line["chair_name"] for line in mine] == ["Chair 1", "Chair 2"]
    assert desk.get("my-chairs/", site=site).json() == {"lines": []}


@pytest.mark.parametrize("route", ["board/", "my-chairs/"])
def test_nothing_is_sent_while_nothing_changed(clinic, nurse, sessions, route):
    query = {"site": str(clinic.site.public_id)}
    first = nurse.get(route, **query)
    headers = {"If-None-Match": first["ETag"]}
    assert nurse.client.get(ROOT + route, query, headers=headers).status_code == 304
    monitoring.record_vital_signs(session=sessions[0], values=NORMAL, by=clinic.nurse, now=NOON)
    assert nurse.client.get(ROOT + route, query, headers=headers).status_code == 200


@pytest.mark.parametrize("route", ["board/", "my-chairs/"])
def test_a_site_out_of_reach_or_without_the_right_is_told_apart(clinic, nurse, route):
    assert nurse.get(route, site=make_site("south").public_id).status_code == 404
    auditor = type(nurse)(staff("auditor", clinic.site))
    assert auditor.get(route, site=clinic.site.public_id).status_code == 403
    assert nurse.get(route).status_code == 422
