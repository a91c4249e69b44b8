"""Handovers through the API: each verb once under its key, and what was told."""

from datetime import timedelta

import pytest

from clinic.facilities.models import Site
from sessions.models import Handover
from sessions.states import Status
from tests.patients.api.client import Api
from tests.scenes import staff
from tests.sessions.api.client import at, codes, twice
from tests.sessions.scenes import NOON, make_clinic, session_at


@pytest.fixture
def other(clinic):
    return staff("nurse", clinic.site, "other")


@pytest.fixture
def session(clinic):
    return session_at(Status.INFUSING, clinic=clinic, now=NOON)


def body(clinic, other, **more):
    return {"site": str(clinic.site.public_id), "to_nurse": str(other.user.public_id)} | more


def test_an_offer_tells_of_everybody_and_is_accepted_by_the_colleague(clinic, nurse, other, session):
    until = (NOON + timedelta(minutes=30)).isoformat().replace("+00:00", "Z")
    offered = twice(nurse, "handovers/", body(clinic, other, until=until, note="Anxious"))
    assert (offered["state"], offered["note"], offered["until"]) == ("offered", "Anxious", until)
    assert offered["sessions"] == [str(session.public_id)]
    assert offered["summary"][str(session.public_id)]["stage"] == ["Infusing, 12 of 40 min infused by chart"]
    accepted = twice(Api(other), f"handovers/{offered['id']}/accept/")
    assert (accepted["state"], accepted["to_nurse"]["name"]) == ("accepted", other.user.printed_name)
    assert nurse.get(f"handovers/{offered['id']}/").json() == accepted


def test_only_chosen_ones_are_offered_and_taken_back(clinic, nurse, other, session):
    session_at(Status.READY, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    offered = twice(nurse, "handovers/", body(clinic, other, sessions=[str(session.public_id)]))
    assert offered["sessions"] == [str(session.public_id)]
    assert twice(nurse, f"handovers/{offered['id']}/withdraw/")["state"] == "withdrawn"


def test_a_colleague_declines_with_a_reason(clinic, nurse, other, session):
    offered = twice(nurse, "handovers/", body(clinic, other))
    path, api = f"handovers/{offered['id']}/decline/", Api(other)
    assert codes(api.post(path, {"reason": " "})) == {"reason.missing"}
    declined = twice(api, path, {"reason": "Four already"})
    assert (declined["state"], declined["reason"]) == ("declined", "Four already")


def test_too_many_patients_are_a_warning(clinic, nurse, other, session):
    session_at(Status.READY, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    Site.objects.filter(pk=clinic.site.pk).update(policy={"patients_per_nurse": 1})
    offered = twice(nurse, "handovers/", body(clinic, other))
    (warning,) = Api(other).get(f"handovers/{offered['id']}/").json()["warnings"]
    assert warning["code"] == "handover.capacity"
    assert twice(Api(other), f"handovers/{offered['id']}/accept/")["state"] == "accepted"


def test_taking_over(clinic, other, session):
    api = Api(other)
    assert codes(api.post(at(session, "take-over/"), {"reason": ""})) == {"reason.missing"}
    taken = twice(api, at(session, "take-over/"), {"reason": "Called away"})
    assert taken["nurse"] == other.user.printed_name


def test_the_list_is_filtered(clinic, nurse, other, session):
    offered = twice(nurse, "handovers/", body(clinic, other))
    mine = f"to_nurse={other.user.public_id}"
    for query, count in ((f"{mine}&state=offered", 1), (f"{mine}&state=accepted", 0), ("state=x", None)):
        answer = nurse.get(f"handovers/?{query}")
        if count is None:
            assert answer.status_code == 422
        else:
            assert [row["id"] for row in answer.json()["results"]] == [offered["id"]] * count


def test_other_sites_are_out_of_reach(clinic, nurse, other, session):
    south = make_clinic("south", now=NOON)
    theirs, api = session_at(Status.INFUSING, clinic=south, now=NOON), Api(south.nurse)
    offered = twice(nurse, "handovers/", body(clinic, other))
    for path in ("", "accept/", "decline/", "withdraw/"):
        send = api.post if path else api.get
        assert (
            send(f"handovers/{offered['id']}/{path}", *([{"reason": "x"}] if path else [])).status_code == 404
        )
    assert api.get("handovers/").json()["count"] == 0
    assert nurse.post("handovers/", body(clinic, other, sessions=[str(theirs.public_id)])).status_code == 404
    assert nurse.post("handovers/", body(clinic, south.nurse)).status_code == 404
    assert nurse.post("handovers/", body(south, other)).status_code == 404
    assert Handover.objects.count() == 1
