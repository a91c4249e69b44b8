"""The page of one session: every fact is stored once, a refusal keeps what was typed, and no form strays."""

from datetime import timedelta

import pytest

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership
from clinic.audit.models import AccessEvent
from patients.models import Registration
from patients.reports.banner import banner_of
from sessions.reports.chairside import stepper
from sessions.rules.transitions import available_actions
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.scenes import role_named, staff
from tests.sessions.scenes import NOON, make_clinic, make_patient, session_at

pytestmark = pytest.mark.django_db

READING = {"systolic": "128", "diastolic": "80", "heart_rate": "72", "oxygen_saturation": "97", "ago": "0"}
TAPS = {
    "identity": {"identifiers": ["name", "birth_date"]},
    "fasting": {"solids": "20:00", "liquids": "07:30", "outcome": ""},
    "escort": {"kind": "person", "name": "Eva Ruiz"},
    "mood": {"thoughts": "no"},
}
"""What the page sends with a tap beyond OK."""
FACTS = {
    "vital-signs": (READING, "vital_signs"),
    "notes": ({"text": "Calm, music on", "ago": "2"}, "notes"),
    "side-effects": ({"term": "nausea", "severity": "mild", "ago": "0"}, "side_effects"),
    "side-effect-inquiries": ({}, "side_effect_inquiries"),
}


def path_of(session, *parts):
    return "/".join(["/sessions", str(session.public_id), *map(str, parts), ""])


@pytest.mark.parametrize("status", list(Status))
def test_it_opens_in_every_state_and_notes_that_it_was_opened(clinic, status):
    session = session_at(status, clinic=clinic, now=NOON)
    answer = Pages(clinic.nurse).get(path_of(session))
    assert answer.status_code == 200
    assert session.patient.full_name in text_of(answer)
    assert AccessEvent.objects.filter(patient_id=session.patient.public_id).count() == 1


@pytest.mark.parametrize("status", list(Status))
def test_it_offers_every_step_that_is_possible(clinic, status):
    session = session_at(status, clinic=clinic, now=NOON)
    page = Pages(clinic.nurse).get(path_of(session)).content.decode()
    steps = available_actions(session=session, by=clinic.nurse, now=NOON)
    possible = [step.action for step in steps if step.is_possible]
    assert [action for action in possible if path_of(session, action.value) not in page] == []


STEPS_SHOWN = {
    Status.SCHEDULED: "Arrived Checked Infusion Recovery Discharge Signed",
    Status.CANCELLED: "",
    Status.NO_SHOW: "",
    Status.NOT_STARTED: "✓Arrived Signed",
    Status.RECOVERING: "✓Arrived ✓Checked ✓Infusion Recovery Discharge Signed",
    Status.DISCHARGED: "✓Arrived ✓Checked ✓Infusion ✓Recovery ✓Discharge Signed",
}


@pytest.mark.parametrize("status", STEPS_SHOWN)
def test_only_steps_that_happened_are_ticked(clinic, status):
    session = session_at(status, clinic=clinic, now=NOON)
    steps = stepper(session, signed=False)
    told = " ".join(("✓" if state == "done" else "") + name for name, state in steps)
    assert told == STEPS_SHOWN[status]


@pytest.mark.parametrize(("status", "is_open"), [(Status.ARRIVED, True), (Status.READY, False)])
def test_the_reason_for_a_step_that_was_not_cleared_is_folded_away_unless_needed(clinic, status, is_open):
    session = session_at(status, clinic=clinic, now=NOON)
    page = Pages(clinic.nurse).get(path_of(session, "start")).content.decode()
    assert 'name="departure_reason"' in page
    assert ("<details open>" in page) is is_open


@pytest.mark.parametrize("address", FACTS)
def test_a_fact_sent_twice_is_stored_once(clinic, address):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    fields, rows = FACTS[address]
    before = getattr(session, rows).count()
    pages, key = Pages(clinic.nurse), "3f4cf7c4-3a9a-4a39-9f5c-4d62a3e3a111"
    for _again in range(2):
        answer = pages.post(path_of(session, address), fields, patient=session.patient, key=key)
        assert (answer.status_code, answer["Location"]) == (302, path_of(session))
    assert getattr(session, rows).count() == before + 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"systolic": "80", "diastolic": "120"}, "Diastolic 120 must be below systolic 80"),
        ({"systolic": "120", "diastolic": ""}, "Blood pressure has two values"),
        ({"systolic": "12/8"}, "Enter a whole number, digits only"),
        ({"heart_rate": "700"}, "cannot be right"),
        ({"at": "23:00"}, "in the future"),
        ({"at": "03:00"}, "before the patient arrived"),
    ],
)
def test_a_refused_reading_says_why_and_keeps_what_was_typed(clinic, typed, sentence):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    before = session.vital_signs.count()
    answer = Pages(clinic.nurse).post(
        path_of(session, "vital-signs"), READING | typed, patient=session.patient
    )
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert all(f'value="{value}"' in answer.content.decode() for value in typed.values() if value)
    assert session.vital_signs.count() == before


def test_an_unusual_pressure_is_stored_once_confirmed(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    pages, unusual = Pages(clinic.nurse), READING | {"systolic": "300", "diastolic": "160"}
    asked = pages.post(path_of(session, "vital-signs"), unusual, patient=session.patient)
    assert asked.status_code == 422
    assert "This is what the monitor shows" in text_of(asked)
    stored = pages.post(
        path_of(session, "vital-signs"), unusual | {"confirmed": "on"}, patient=session.patient
    )
    assert stored.status_code == 302
    assert session.vital_signs.filter(systolic=300, confirmed_unusual=True).count() == 1


def test_a_form_of_another_patient_is_turned_down(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    for other in (None, make_patient(clinic)):
        before = session.vital_signs.count()
        answer = Pages(clinic.nurse).post(path_of(session, "vital-signs"), READING, patient=other)
        assert answer.status_code == 409
        assert "another patient" in text_of(answer)
        assert session.vital_signs.count() == before


def test_a_form_without_its_key_is_turned_down(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    fields = READING | {"for_patient": str(session.patient.public_id)}
    answer = Pages(clinic.nurse).client.post(path_of(session, "vital-signs"), fields)
    assert answer.status_code == 422
    assert "without its key" in text_of(answer)


def test_another_sites_session_does_not_exist(clinic):
    there = session_at(Status.INFUSING, clinic=make_clinic("south"), now=NOON)
    pages = Pages(clinic.nurse)
    assert pages.get(path_of(there)).status_code == 404
    assert pages.post(path_of(there, "vital-signs"), READING, patient=there.patient).status_code == 404


def test_whoever_may_only_look_sees_no_form_and_cannot_write(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    manager = Pages(staff("manager", clinic.site))
    assert "Record reading" not in text_of(manager.get(path_of(session)))
    answer = manager.post(path_of(session, "vital-signs"), READING, patient=session.patient)
    assert answer.status_code == 403
    assert "Record vital signs" in text_of(answer)


def test_the_check_is_worked_off_in_single_taps_until_it_can_be_cleared(clinic):
    session = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    pages = Pages(clinic.nurse)
    start = text_of(pages.get(path_of(session)))
    assert "Open in the check" in start
    for item in session.course.protocol_version.checklist:
        if item["code"] not in {"weight", "baseline-vitals", "consent", "pregnancy"}:
            answer = {"item": item["code"], "outcome": "ok", **TAPS.get(item["code"], {})}
            assert (
                pages.post(path_of(session, "check-answers"), answer, patient=session.patient).status_code
                == 302
            )
    for address, fields in (
        ("weights", {"value": "70", "unit": "kg"}),
        ("vital-signs", READING),
        ("dose", {}),
        ("clear", {}),
        ("start", {}),
    ):
        answer = pages.post(path_of(session, address), fields, patient=session.patient)
        assert answer.status_code == 302, text_of(answer)
    session.refresh_from_db()
    assert session.state is Status.INFUSING


@pytest.mark.parametrize(
    ("value", "unit", "sentence"),
    [("7", "kg", "cannot be right"), ("700", "kg", "cannot be right"), ("x", "kg", "Enter a number")],
)
def test_a_weight_that_cannot_be_is_refused(clinic, value, unit, sentence):
    session = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    answer = Pages(clinic.nurse).post(
        path_of(session, "weights"), {"value": value, "unit": unit}, patient=session.patient
    )
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert not session.weights.exists()


def test_an_override_without_a_reason_is_refused_beside_its_item(clinic):
    session = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    answer = Pages(clinic.nurse).post(
        path_of(session, "check-answers"),
        {"item": "fasting", "outcome": "overridden"},
        patient=session.patient,
    )
    assert answer.status_code == 422
    assert "Say why" in text_of(answer)


def test_a_step_that_is_not_possible_says_everything_that_stands_in_the_way(clinic):
    session = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    answer = Pages(clinic.nurse).post(path_of(session, "clear"), patient=session.patient)
    assert answer.status_code == 409
    text = text_of(answer)
    assert "Identity confirmed by two identifiers" in text
    assert "Weight taken" in text


def test_what_has_happened_anyway_is_recorded_with_its_reason(clinic):
    session = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    pages = Pages(clinic.nurse)
    assert pages.post(path_of(session, "start"), patient=session.patient).status_code == 409
    reason = {"departure_reason": "Started before the tablet came back", "ago": "0"}
    assert pages.post(path_of(session, "start"), reason, patient=session.patient).status_code == 302
    session.refresh_from_db()
    assert session.state is Status.INFUSING
    assert session.departures.get().reason == "Started before the tablet came back"


def test_the_chart_is_signed_reviewed_and_added_to(clinic):
    session = session_at(Status.DISCHARGED, clinic=clinic, now=NOON)
    nurse, prescriber = Pages(clinic.nurse), Pages(clinic.prescriber)
    assert nurse.post(path_of(session, "sign"), patient=session.patient).status_code == 302
    locked = nurse.post(path_of(session, "notes"), {"text": "Late"}, patient=session.patient)
    assert locked.status_code == 409
    assert "signed and locked" in text_of(locked)
    assert nurse.post(path_of(session, "review"), patient=session.patient).status_code == 403
    assert prescriber.post(path_of(session, "review"), patient=session.patient).status_code == 302
    added = nurse.post(path_of(session, "addenda"), {"text": "Phoned at six: well"}, patient=session.patient)
    assert added.status_code == 302
    assert "Phoned at six: well" in text_of(nurse.get(path_of(session)))


def test_a_correction_strikes_the_first_entry_and_keeps_it(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    reading = session.vital_signs.last()
    pages, address = Pages(clinic.nurse), path_of(session, "vital-signs", reading.public_id, "correct")
    assert pages.get(address).status_code == 200
    without_reason = pages.post(address, READING, patient=session.patient)
    assert without_reason.status_code == 422
    told = READING | {"reason": "Cuff slipped", "systolic": "130"}
    assert pages.post(address, told, patient=session.patient).status_code == 302
    assert session.vital_signs.current().filter(systolic=130).count() == 1
    assert session.vital_signs.filter(pk=reading.pk).exists()


def test_the_time_of_an_event_is_corrected_and_the_minutes_follow(clinic):
    session = session_at(Status.RECOVERING, clinic=clinic, now=NOON)
    end = session.infusion_events.get(kind="end")
    earlier = (end.taken_at - timedelta(minutes=5)).astimezone(session.site.zone)
    answer = Pages(clinic.nurse).post(
        path_of(session, "events", end.public_id, "correct"),
        {"at": f"{earlier:%H:%M}", "reason": "Read off the pump"},
        patient=session.patient,
    )
    assert answer.status_code == 302, text_of(answer)
    infused = session.infused_seconds
    session.refresh_from_db()
    assert infused - session.infused_seconds == 300


def test_a_side_effect_is_over_by_one_tap(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    pages = Pages(clinic.nurse)
    pages.post(
        path_of(session, "side-effects"), {"term": "nausea", "severity": "moderate"}, patient=session.patient
    )
    effect = session.side_effects.get()
    fields = {"severity": "moderate", "action_taken": "comfort", "resolved": "on"}
    answer = pages.post(path_of(session, "side-effects", effect.public_id), fields, patient=session.patient)
    assert answer.status_code == 302
    assert effect.entries.last().resolved_at == NOON


def test_the_record_number_is_that_of_the_site(clinic):
    other = make_clinic("south")
    patient = session_at(Status.INFUSING, clinic=clinic, now=NOON).patient
    here = patient.registrations.get().record_number
    Registration.objects.create(patient=patient, site=other.site, record_number="S-900", registered_at=NOON)
    Membership.objects.create(user=clinic.nurse.user, site=other.site, role=role_named("nurse"))
    actor = Actor.of_user(clinic.nurse.user)
    shown = [
        banner_of(patient, actor=actor, today=NOON.date(), site=site).record_number
        for site in (clinic.site, other.site)
    ]
    assert shown == [here, "S-900"]
