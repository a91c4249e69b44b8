"""The infusion beside its steps through the API: each write twice, what it comes to, what is refused."""

from datetime import timedelta

import pytest

from sessions.states import Status
from tests.sessions.api.client import at, codes, twice
from tests.sessions.scenes import NOON, session_at

CANNULA = {"site": "hand", "side": "right", "gauge": 22, "attempts": 2, "patency": "free"}


@pytest.fixture
def infusing(clinic):
    """Twelve minutes into 35 mg in 100 mL at 150 mL/h."""
    return session_at(Status.INFUSING, clinic=clinic, now=NOON)


@pytest.fixture
def recovering(clinic):
    return session_at(Status.RECOVERING, clinic=clinic, now=NOON, chair=clinic.chairs[1])


def moment(minutes: float) -> str:
    return (NOON + timedelta(minutes=minutes)).isoformat()


def test_a_change_of_rate_and_what_the_chart_comes_to(nurse, infusing):
    told = {"kind": "rate", "rate_ml_per_hour": "75", "taken_at": moment(-6), "reason": "Nausea"}
    event = twice(nurse, at(infusing, "events/"), told)
    assert (event["kind"], event["rate_ml_per_hour"], event["reason"]) == ("rate", "75", "Nausea")
    # Six minutes at 150 and six at 75 mL/h: 15 and 7.5 mL of 0.35 mg/mL.
    found = nurse.get(at(infusing, f"charted/?at={moment(0).replace('+', '%2B')}")).json()
    assert (found["infused_seconds"], found["charted_ml"], found["charted_mg"]) == (720, "22.5", "7.875")
    chart = nurse.get(at(infusing)).json()
    assert (chart["rate_ml_per_hour"], chart["delivered_ml"]) == ("75", "15")
    assert len(nurse.get(at(infusing, "events/")).json()["results"]) == 2


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"kind": "rate"}, 422, "field.rate"),
        ({"kind": "rate", "rate_ml_per_hour": "0"}, 422, "rate.above_zero"),
        ({"kind": "pause"}, 422, "field.required"),
        ({"kind": "pause", "taken_at": moment(-1), "rate_ml_per_hour": "9"}, 422, "field.rate"),
        ({"kind": "pause", "taken_at": moment(-1)}, 409, "infusion.running"),
        ({"kind": "end", "taken_at": moment(-1)}, 422, "field.invalid_choice"),
        ({"kind": "rate", "rate_ml_per_hour": "75", "taken_at": moment(-30)}, 409, "timeline.order"),
    ],
)
def test_events_that_cannot_be_right(nurse, infusing, body, status, code):
    answer = nurse.post(at(infusing, "events/"), body)
    assert answer.status_code == status
    assert codes(answer) == {code}


def test_a_stop_of_one_tap_and_its_reason_afterwards(nurse, infusing):
    chart = nurse.post(at(infusing, "end/"), {}).json()
    assert (chart["status"], chart["end_kind"]) == ("recovering", "stopped_early")
    stop = chart["events"][-1]
    detail = twice(nurse, at(infusing, f"events/{stop['id']}/detail/"), {"reason": "Asked to stop"})
    assert (detail["corrects"], detail["is_detail"], detail["end_kind"]) == (
        stop["id"],
        True,
        "stopped_early",
    )
    answer = nurse.post(at(infusing, f"events/{stop['id']}/retract/"), {"reason": "x"})
    assert codes(answer) == {"correction.taken"}


def test_totals_side_by_side(nurse, recovering):
    path = at(recovering, "totals/")
    body = {"pump_ml": "80", "used": "pump", "residual_ml": "0.6", "flush_ml": "0"}
    assert codes(nurse.post(path, body)) >= {"totals.gap"}
    totals = twice(nurse, path, body | {"reason": "Pump was reset"})
    told = {
        name: totals[name] for name in ("pump_mg", "charted_mg", "charted_ml", "tolerance_percent", "used")
    }
    assert told == {
        "pump_mg": "28",
        "charted_mg": "35",
        "charted_ml": "100",
        "tolerance_percent": 10,
        "used": "pump",
    }
    chart = nurse.get(at(recovering)).json()
    assert (chart["given_mg"], chart["totals_used"]) == ("28", "pump")
    twice(nurse, path, {"pump_ml": None, "reason": "Switched off"})
    assert [row["used"] for row in nurse.get(path).json()["results"]][-1] == "chart"


def test_a_cannula_from_placing_to_removal(nurse, recovering):
    path = at(recovering, "iv-accesses/")
    wrong = twice(nurse, path, CANNULA)
    twice(nurse, f"{path}{wrong['id']}/retract/", {"reason": "Left hand"})
    right = twice(nurse, path, CANNULA | {"side": "left"})
    assert codes(nurse.post(path, CANNULA | {"gauge": 21})) >= {"iv.gauge"}
    removed = twice(nurse, f"{path}{right['id']}/remove/", {"condition": "bruise"})
    assert removed["condition"] == "bruise"
    rows = nurse.get(path).json()["results"]
    assert [(row["is_current"], row["removal_condition"]) for row in rows] == [
        (False, ""),
        (False, ""),
        (True, "bruise"),
    ]


def test_planned_readings_and_one_that_was_not_done(nurse, infusing):
    planned = nurse.get(at(infusing, "planned-readings/")).json()
    told = {(row["parameter"], row["state"]) for row in planned if row["phase"] == "infusion"}
    assert ("blood_pressure", "done") in told
    assert ("sedation", "planned") in told
    due = next(row["due_at"] for row in planned if row["state"] == "planned")
    body = {"due_at": due, "reason": "Cuff off for the toilet"}
    assert codes(nurse.post(at(infusing, "readings-not-done/"), body)) >= {"time.future"}
    earlier = {"due_at": moment(-2), "reason": " "}
    assert codes(nurse.post(at(infusing, "readings-not-done/"), earlier)) >= {"reason.missing"}
    twice(nurse, at(infusing, "readings-not-done/"), earlier | {"reason": "Asleep", "parameter": "sedation"})


def test_new_values_of_a_reading(nurse, infusing):
    reading = twice(nurse, at(infusing, "vital-signs/"), {"rass": -2, "pain": 3, "oxygen_flow": 2})
    assert (reading["rass"], reading["pain"], reading["oxygen_flow"]) == (-2, 3, 2)
    for wrong in ({"rass": -6}, {"rass": 5}, {"pain": 11}, {"oxygen_flow": 61}):
        assert codes(nurse.post(at(infusing, "vital-signs/"), wrong)) >= {"vitals.impossible"}
    unusual = nurse.post(at(infusing, "vital-signs/"), {"oxygen_flow": 20})
    assert codes(unusual) >= {"vitals.unusual"}
