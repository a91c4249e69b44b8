"""Emergency, leaving, ready and the day's lists as pages and through the API."""

import pytest
import time_machine

from sessions.models import DayListAnswer, EmergencyStep
from sessions.rules.discharge_values import ALDRETE
from sessions.rules.discharging import not_before
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.patients.api.client import Api
from tests.sessions.api.client import at, codes, twice
from tests.sessions.scenes import NOON, assess, session_at

pytestmark = pytest.mark.django_db


def path_of(session, *parts):
    return "/".join(["/sessions", str(session.public_id), *map(str, parts), ""])


def test_one_tap_begins_the_log_and_its_page_shows_numbers_and_lines(clinic):
    clinic.site.emergency_number, clinic.site.address = "112", "1 Lake Road"
    clinic.site.save()
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    nurse = Pages(clinic.nurse)
    assert "emergency/steps/" in nurse.get(path_of(session)).content.decode()
    tapped = nurse.post(path_of(session, "emergency", "steps"), {"kind": "alarm"}, patient=session.patient)
    assert tapped.headers["Location"] == path_of(session, "emergency")
    nurse.post(path_of(session, "emergency", "steps"), {"kind": "pump_stopped"}, patient=session.patient)
    shown = text_of(nurse.get(path_of(session, "emergency")))
    assert all(words in shown for words in ("112", "1 Lake Road", "Pump stopped", "Emergency over"))
    assert "log running since 12:00" in text_of(nurse.get(path_of(session)))
    sheet = text_of(nurse.get(path_of(session, "ambulance-sheet")))
    assert all(
        words in sheet for words in (session.patient.full_name, "mg by chart", "Pump stopped", "Allergies")
    )


def test_a_wordless_other_step_comes_back_with_its_sentence(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    answer = Pages(clinic.nurse).post(
        path_of(session, "emergency", "steps"), {"kind": "other"}, patient=session.patient
    )
    assert answer.status_code == 422
    assert "Say what was done." in text_of(answer)


def test_a_line_is_struck_on_its_own_page(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    nurse = Pages(clinic.nurse)
    nurse.post(path_of(session, "emergency", "steps"), {"kind": "shock"}, patient=session.patient)
    step = EmergencyStep.objects.get()
    path = path_of(session, "emergency", "steps", step.public_id, "strike")
    assert nurse.get(path).status_code == 200
    assert nurse.post(path, {"reason": "Wrong button"}, patient=session.patient).status_code == 302
    assert not EmergencyStep.objects.current().exists()


def test_left_against_advice_is_two_taps_and_the_words_come_later(clinic):
    session = session_at(Status.RECOVERING, clinic=clinic, now=NOON)
    nurse = Pages(clinic.nurse)
    nurse.post(path_of(session, "leave"), {"leaving": "against_advice"}, patient=session.patient)
    shown = text_of(nurse.get(path_of(session)))
    assert "Left against advice, 12:00" in shown
    assert "Not confirmed: Walks unaided." in shown
    words = {"leaving": "without_escort", "note": "The ride did not come"}
    assert nurse.post(path_of(session, "leaving"), words, patient=session.patient).status_code == 302
    assert "The ride did not come" in text_of(nurse.get(path_of(session)))


def test_criteria_are_assessed_one_by_one_on_the_page(clinic):
    session = session_at(Status.RECOVERING, clinic=clinic, now=NOON)
    nurse = Pages(clinic.nurse)
    path = path_of(session, "discharge-assessments")
    assert nurse.post(path, {}, patient=session.patient).status_code == 422
    parts = {f"aldrete-{part.code}": "2" for part in ALDRETE}
    missing = nurse.post(path, parts | {"aldrete-oxygen": ""}, patient=session.patient)
    assert (missing.status_code, "needs all five parts" in text_of(missing)) == (422, True)
    nurse.post(path, parts | {"met-alert": "yes", "value-alert": "5"}, patient=session.patient)
    shown = text_of(nurse.get(path_of(session)))
    assert "10 of 10" in shown
    assert "MOAA/S 5" in shown
    # Of eleven: the score meets its own criterion, and the nurse confirmed another.
    assert "not before 12:50; 9 criteria open" in shown


def test_ready_on_the_page(clinic):
    session = session_at(Status.RECOVERING, clinic=clinic, now=NOON)
    due = not_before(session)
    assess(session, by=clinic.nurse, now=NOON, escort_present=False)
    with time_machine.travel(due, tick=False):
        nurse = Pages(clinic.nurse)
        nurse.post(path_of(session, "ready"), {}, patient=session.patient)
        assert "Ready to leave since 12:50" in text_of(nurse.get(path_of(session)))


def test_a_prescriber_finishes_a_discharge_by_an_override(clinic):
    session = session_at(Status.RECOVERING, clinic=clinic, now=NOON)
    assess(session, by=clinic.nurse, now=NOON, walks_unaided=False)
    path = path_of(session, "discharge")
    prescriber = Pages(clinic.prescriber)
    early = text_of(prescriber.get(path_of(session)))
    assert "Discharge with a reason" not in early
    assert "Observe until 12:50" in early
    asked = text_of(prescriber.get(path))
    assert "No reason sets this aside Observe until 12:50" in asked
    assert "Open now; with a reason you discharge over it Not confirmed: Walks unaided." in asked
    with time_machine.travel(not_before(session), tick=False):
        assert "Discharge with a reason" in text_of(prescriber.get(path_of(session)))
        asked = text_of(prescriber.get(path))
        assert "Open now; with a reason you discharge over it Not confirmed: Walks unaided." in asked
        empty = prescriber.post(path, {"override_reason": ""}, patient=session.patient)
        assert (empty.status_code, "This field is required." in text_of(empty)) == (422, True)
        desk = Pages(clinic.desk).post(path, {"override_reason": "Seen"}, patient=session.patient)
        assert (desk.status_code, "Your role does not include this right" in text_of(desk)) == (403, True)
        done = prescriber.post(path, {"override_reason": "Walks with a stick"}, patient=session.patient)
        assert done.status_code == 302
    change = session.status_changes.get(action="discharge")
    assert (change.reason, change.taken_by) == ("Walks with a stick", clinic.prescriber.user)


def test_the_api_offers_a_prescriber_the_override(clinic):
    session = session_at(Status.RECOVERING, clinic=clinic, now=NOON)
    prescriber = Api(clinic.prescriber)
    with time_machine.travel(not_before(session), tick=False):
        offered = prescriber.get(at(session)).json()["available_actions"]
        discharge = next(one for one in offered if one["action"] == "discharge")
        assert (discharge["needs_override"], discharge["is_possible"]) == (True, True)
        assert codes(prescriber.post(at(session, "discharge/"))) == {"permission.missing"}
        body = {"override_reason": "Walks with a stick"}
        assert twice(prescriber, at(session, "discharge/"), body)["status"] == "discharged"


def test_the_day_lists_page(clinic):
    nurse = Pages(clinic.nurse)
    tapped = nurse.post("/opening/answer/", {"moment": "opening", "item": "oxygen", "outcome": "ok"})
    assert tapped.status_code == 302
    refused = nurse.post("/opening/answer/", {"moment": "opening", "item": "airway", "outcome": "not_ok"})
    assert (refused.status_code, "Say what is wrong" in text_of(refused)) == (422, True)
    assert "Oxygen: cylinder full" in text_of(nurse.get("/opening/"))
    assert DayListAnswer.objects.count() == 1


def test_the_api_of_all_of_it(clinic):
    session = session_at(Status.RECOVERING, clinic=clinic, now=NOON)
    nurse = Api(clinic.nurse)
    alarm = twice(nurse, at(session, "emergency-steps/"), {"kind": "alarm"})
    joined = nurse.post(at(session, "emergency-steps/"), {"kind": "alarm"})
    assert (joined.status_code, joined.json()["id"]) == (201, alarm["id"])
    struck = nurse.post(at(session, f"emergency-steps/{alarm['id']}/strike/"), {"reason": "Test"})
    assert struck.json()["corrects"] == alarm["id"]
    assert codes(nurse.post(at(session, "ready-marks/"), {})) >= {"discharge.too_early"}
    assert codes(nurse.post(at(session, "early-leavings/"), {"note": "x"})) == {"leaving.none"}
    left = nurse.post(at(session, "leave/"), {"leaving": "without_escort"})
    assert left.json()["status"] == "left"
    twice(nurse, at(session, "early-leavings/"), {"note": "Took a bus"})
    rows = nurse.get(at(session, "early-leavings/")).json()["results"]
    assert [row["note"] for row in rows] == ["", "Took a bus"]
    lists = f"sites/{clinic.site.public_id}/day-lists/"
    twice(nurse, lists, {"moment": "opening", "item": "oxygen", "outcome": "ok"})
    line = next(one for one in nurse.get(lists).json()["opening"] if one["item"] == "oxygen")
    assert (line["is_ok"], line["answer"]["taken_by"]) == (True, clinic.nurse.label)
