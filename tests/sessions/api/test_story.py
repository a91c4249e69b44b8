"""One course and its first infusion through the API alone; every write is sent twice."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from clinic.audit.models import AuditEvent
from sessions.api.serializers.protocols import VersionIn
from sessions.demo.check_details import ready_answer
from sessions.demo.protocols import DEPRESSION, STEADY
from sessions.models import InfusionSession
from sessions.rules.protocols import AUTOMATIC_ITEMS
from tests.patients.api.client import Api
from tests.patients.scenes import approver, consent_document
from tests.scenes import make_site, staff
from tests.sessions.api.client import at, codes, twice
from tests.sessions.scenes import NORMAL, make_chair

pytestmark = pytest.mark.django_db

ONCE = [
    "patient.registered",
    "consent.recorded",
    "course.ordered",
    "course.consent_attached",
    "session.booked",
    "session.arrived",
    "weight.recorded",
    "dose.confirmed",
    "session.cleared",
    "session.started",
    "vital_signs.corrected",
    "vital_signs.retracted",
    "side_effect.reported",
    "session.paused",
    "infusion.totals_recorded",
    "session.resumed",
    "side_effect.updated",
    "note.written",
    "note.corrected",
    "session.ended",
    "infusion_event.corrected",
    "side_effects.asked_none",
    "discharge.assessed",
    "session.discharged",
    "chart.signed",
    "chart.reviewed",
    "chart.addendum_added",
]
SEVERAL_TIMES = {"check.answered": 11, "vital_signs.recorded": 3}
MORNING = datetime(2026, 3, 10, 14, 0, tzinfo=UTC)


class People:
    """Everybody who has a part in the story."""

    def __init__(self):
        self.site = make_site()
        self.chair = make_chair(self.site, "Chair 1")
        self.desk, self.nurse, self.prescriber = (
            Api(staff(role, self.site)) for role in ("front_desk", "nurse", "prescriber")
        )
        self.director = Api(approver(self.site))


@pytest.fixture
def people(db):
    return People()


@pytest.fixture
def clock():
    with time_machine.travel(MORNING - timedelta(days=5), tick=False) as traveller:
        yield traveller


def approved(people):
    """A protocol from nothing to its approved version."""
    protocol = twice(
        people.prescriber,
        "protocols/",
        {"code": "depression", "name": "Ketamine for depression", "indication": "Depression"},
    )
    content = VersionIn(DEPRESSION).data
    draft = twice(people.prescriber, f"protocols/{protocol['id']}/versions/", content)
    path = f"protocol-versions/{draft['id']}/"
    edited = people.prescriber.patch(path, {"cap_mg": "55.5"}, revision=draft["revision"]).json()
    assert (edited["cap_mg"], edited["revision"]) == ("55.5", 2)
    assert people.prescriber.end(f"{path}approve/", {}, revision=2).status_code == 403
    answer = people.director.end(f"{path}approve/", {}, revision=2)
    assert (answer.status_code, answer.json()["state"]) == (200, "approved")
    return answer.json()


def ordered(people):
    """A patient with a consent, and the course that a prescriber orders."""
    patient = twice(
        people.desk,
        "patients/",
        {
            "family_name": "García",
            "given_name": "Ana",
            "birth_date": "1984-03-12",
            "site": str(people.site.public_id),
        },
    )
    consent = twice(
        people.desk,
        f"patients/{patient['id']}/consents/",
        {"document": str(consent_document(site=people.site).public_id)},
    )
    order = {
        "patient": patient["id"],
        "site": str(people.site.public_id),
        "protocol_version": approved(people)["id"],
        "diagnosis_code": "F33.2",
    }
    course = twice(people.prescriber, "courses/", order)
    assert (course["dose_mg_per_kg"], course["cap_mg"], course["planned_infusions"]) == ("0.5", "55.5", 6)
    tied = twice(people.desk, f"courses/{course['id']}/consent/", {"consent": consent["id"]})
    assert tied["consent"] == consent["id"]
    return tied


def checked(people, session, clock):
    """From the arrival to the clearance."""
    nurse = people.nurse
    assert twice(people.desk, at(session, "arrive/"))["status"] == "arrived"
    clock.shift(timedelta(minutes=5))
    for item in DEPRESSION["checklist"]:
        if item["code"] not in AUTOMATIC_ITEMS:
            given = ready_answer(item["code"], at=MORNING)
            twice(nurse, at(session, "check-answers/"), {"item": item["code"], **given})
    weight = twice(nurse, at(session, "weights/"), {"value": "154.3", "unit": "[lb_av]"})
    assert (weight["value"], weight["weight_kg"]) == ("154.3", "69.989")
    twice(nurse, at(session, "vital-signs/"), NORMAL)
    computed = nurse.get(at(session, "dose/")).json()
    assert computed["confirmed"] is None
    dose = twice(nurse, at(session, "dose/"))
    assert dose["dose_mg"] == computed["computed"]["dose_mg"] == "34.994"
    assert nurse.get(at(session, "dose/")).json()["confirmed"] == dose
    assert twice(nurse, at(session, "clear/"))["status"] == "ready"


def infused(people, session, clock):
    """From the start to the end, with a pause, a reading put right, one struck, and a side effect."""
    nurse = people.nurse
    clock.shift(timedelta(minutes=25))
    assert twice(nurse, at(session, "start/"))["status"] == "infusing"
    clock.shift(timedelta(minutes=10))
    reading = twice(nurse, at(session, "vital-signs/"), NORMAL | {"systolic": 134})
    twice(
        nurse,
        at(session, f"vital-signs/{reading['id']}/correct/"),
        NORMAL | {"systolic": 143, "reason": "Digits swapped"},
    )
    other = twice(nurse, at(session, "vital-signs/"), {"heart_rate": 99})
    twice(nurse, at(session, f"vital-signs/{other['id']}/retract/"), {"reason": "Another patient"})
    effect = twice(nurse, at(session, "side-effects/"), {"term": "nausea", "grade": 1})
    assert twice(nurse, at(session, "pause/"), {"reason": "Nausea"})["status"] == "paused"
    clock.shift(timedelta(minutes=5))
    assert twice(nurse, at(session, "resume/"))["status"] == "infusing"
    gone = {"grade": 1, "resolved_at": (MORNING + timedelta(minutes=45)).isoformat()}
    twice(nurse, at(session, f"side-effects/{effect['id']}/entries/"), gone)
    note = twice(nurse, at(session, "notes/"), {"text": "Calm, eyes closed.\n"})
    twice(
        nurse,
        at(session, f"notes/{note['id']}/correct/"),
        {"text": "Calm, eyes open.", "reason": "Wrong word"},
    )
    clock.shift(timedelta(minutes=30))
    assert twice(nurse, at(session, "end/"), {"kind": "completed"})["status"] == "recovering"


def went_home(people, session, clock):
    """From the observation to both signatures and an addendum."""
    nurse = people.nurse
    chart = nurse.get(at(session)).json()
    event = next(event for event in chart["events"] if event["kind"] == "end")
    true_end = (MORNING + timedelta(minutes=70)).isoformat()
    twice(nurse, at(session, f"events/{event['id']}/correct/"), {"at": true_end, "reason": "Late"})
    twice(nurse, at(session, "side-effect-inquiries/"))
    assert codes(nurse.post(at(session, "discharge/"))) == {"discharge.too_early", "discharge.criterion"}
    clock.shift(timedelta(minutes=60))
    criteria = dict.fromkeys(DEPRESSION["discharge_criteria"], True)
    assessed = {"criteria": criteria, "values": {"aldrete": STEADY}, "escort_name": "Eva Ruiz"}
    twice(nurse, at(session, "discharge-assessments/"), assessed)
    assert twice(nurse, at(session, "discharge/"))["status"] == "discharged"
    assert codes(people.prescriber.post(at(session, "review/"))) == {"chart.not_authored"}
    assert "chart.totals" in codes(nurse.post(at(session, "sign/")))
    twice(nurse, at(session, "totals/"), {"pump_ml": "87.5", "used": "pump"})
    twice(nurse, at(session, "sign/"), {"statement": "Complete."})
    assert codes(nurse.post(at(session, "notes/"), {"text": "Too late"})) == {"chart.signed"}
    twice(people.prescriber, at(session, "review/"))
    twice(nurse, at(session, "addenda/"), {"text": "Called the patient: well."})


def test_an_infusion_from_the_order_to_the_addendum(people, clock):
    course = ordered(people)
    booking = {"course": course["id"], "chair": str(people.chair.public_id), "starts_at": MORNING.isoformat()}
    session = twice(people.desk, "sessions/", booking)
    clock.move_to(MORNING)
    checked(people, session, clock)
    infused(people, session, clock)
    went_home(people, session, clock)

    chart = people.prescriber.get(at(session)).json()
    assert InfusionSession.objects.count() == 1
    assert {name: len(rows) for name, rows in chart.items() if isinstance(rows, list)} == {
        "overrides": 0,
        "check_answers": 11,
        "weights": 1,
        "doses": 1,
        "events": 5,
        "vital_signs": 5,
        "side_effects": 1,
        "side_effect_inquiries": 1,
        "notes": 2,
        "discharge_assessments": 1,
        "departures": 0,
        "signatures": 2,
        "addenda": 1,
        "available_actions": 0,
        "offline_entries": 0,
    }
    assert [reading["systolic"] for reading in chart["vital_signs"] if reading["is_current"]] == [122, 143]
    assert [note["text"] for note in chart["notes"] if note["is_current"]] == ["Calm, eyes open."]
    assert [len(effect["entries"]) for effect in chart["side_effects"]] == [2]
    # 40 minutes from start to end but 5 of pause, and the end was corrected.
    assert (chart["status"], chart["infused_seconds"], chart["end_kind"]) == (
        "discharged",
        35 * 60,
        "completed",
    )
    assert (chart["is_signed"], chart["is_reviewed"]) == (True, True)
    # One line for each thing done, however often it was sent.
    told = AuditEvent.objects.filter(patient_id=course["patient"]).values_list("verb", flat=True)
    assert Counter(told) == Counter(ONCE) | Counter(SEVERAL_TIMES)
