"""The pages of the check: an answer from what was typed, asking and deciding, the baseline, wishes, overrides."""

from datetime import timedelta

import pytest

from patients.models import Contact, Medication
from patients.operations.entries import add_entry
from sessions.models import CheckAnswer, CheckDecision
from sessions.operations import checking, monitoring
from sessions.operations.check_deciding import ask_prescriber, decide
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.sessions.scenes import NOON, NORMAL, make_clinic, make_course, make_patient, session_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def arrived(clinic):
    return session_at(Status.ARRIVED, clinic=clinic, now=NOON)


def path_of(session, *parts):
    return "/".join(["/sessions", str(session.public_id), *map(str, parts), ""])


def send(actor, session, address, **fields):
    return Pages(actor).post(path_of(session, address), fields, patient=session.patient)


@pytest.mark.parametrize(
    ("fields", "outcome", "details"),
    [
        (
            {"item": "identity", "outcome": "ok", "identifiers": ["name", "photo"]},
            "ok",
            {"identifiers": ["name", "photo"]},
        ),
        (
            {"item": "fasting", "solids": "20:00", "liquids": "09:30"},
            "ok",
            {"solids_at": "2026-03-10T00:00:00+00:00", "liquids_at": "2026-03-10T13:30:00+00:00"},
        ),
        (
            {"item": "fasting", "solids": "07:40", "liquids": "09:30"},
            "wait",
            {"solids_at": "2026-03-10T11:40:00+00:00", "liquids_at": "2026-03-10T13:30:00+00:00"},
        ),
        (
            {"item": "escort", "outcome": "wait", "kind": "arranging", "wait_minutes": "30"},
            "wait",
            {"kind": "arranging"},
        ),
        (
            {
                "item": "medicines",
                "outcome": "ok",
                "changed": "yes",
                "classes": ["opioid"],
                "note": "Codeine once",
            },
            "ok",
            {"changed": True, "classes": ["opioid"]},
        ),
        (
            {"item": "substances", "used": ["alcohol"], "last": "22:00"},
            "ok",
            {"used": ["alcohol"], "last_at": "2026-03-10T02:00:00+00:00"},
        ),
        ({"item": "substances", "outcome": "ok", "asked": "yes"}, "ok", {"used": []}),
        ({"item": "illness", "outcome": "ok"}, "ok", {"found": []}),
        (
            {"item": "illness", "outcome": "advise", "found": ["cardiac"], "note": "Palpitations"},
            "advise",
            {"found": ["cardiac"]},
        ),
        ({"item": "mood", "outcome": "ok", "thoughts": "no"}, "ok", {"thoughts": False}),
        ({"item": "allergies", "outcome": "ok", "changed": "no"}, "ok", {"changed": False}),
        ({"item": "urinary", "outcome": "ok", "symptoms": "no"}, "ok", {"symptoms": False}),
    ],
)
def test_an_answer_keeps_what_was_tapped_and_typed(clinic, arrived, fields, outcome, details):
    assert send(clinic.nurse, arrived, "check-answers", **fields).status_code == 302
    stored = CheckAnswer.objects.get()
    assert (stored.outcome, stored.details) == (outcome, details)
    assert Pages(clinic.nurse).get(path_of(arrived)).status_code == 200


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"item": "fasting", "solids": "20:00"}, "last drank clear liquids"),
        ({"item": "identity", "outcome": "ok", "identifiers": ["name"]}, "two identifiers"),
        ({"item": "mood", "outcome": "stop", "thoughts": "yes"}, "Say why"),
        ({"item": "escort", "outcome": "wait", "note": "Calls back"}, "until when"),
        ({"item": "escort", "outcome": "ok", "kind": "person"}, "Name who takes"),
    ],
)
def test_a_refused_answer_says_why_beside_its_item(clinic, arrived, fields, sentence):
    answer = send(clinic.nurse, arrived, "check-answers", **fields)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert not CheckAnswer.objects.exists()
    if "solids" in fields:
        assert 'value="20:00"' in answer.content.decode()


def test_a_time_to_wait_until_is_today_or_past_midnight(clinic, arrived):
    send(clinic.nurse, arrived, "check-answers", item="escort", outcome="wait", wait_at="12:40")
    assert CheckAnswer.objects.get().waits_until == NOON + timedelta(minutes=40)
    assert "ride being arranged until 12:40" in text_of(Pages(clinic.nurse).get(path_of(arrived)))
    # Half an hour ago would be tomorrow's, and that is no waiting in a chair.
    answer = send(clinic.nurse, arrived, "check-answers", item="escort", outcome="wait", wait_at="11:30")
    assert answer.status_code == 422


def test_the_page_shows_what_the_record_knows(clinic):
    patient = make_patient(clinic)
    told = {"by": clinic.nurse}
    add_entry(entry=Contact(patient=patient, kind="escort", name="Eva Ruiz", phone="555 1"), **told)
    add_entry(entry=Medication(patient=patient, name="Losartan", is_antihypertensive=True), **told)
    add_entry(entry=Medication(patient=patient, name="Lorazepam", rems_class="benzodiazepine"), **told)
    session = session_at(Status.ARRIVED, clinic=clinic, now=NOON, course=make_course(clinic, patient=patient))
    text = text_of(Pages(clinic.nurse).get(path_of(session)))
    for seen in (
        "Eva Ruiz",
        "Benzodiazepine: Lorazepam",
        "Lowers blood pressure: Losartan",
        "No change, antihypertensive taken",
        "solid food 6 h, clear liquids 2 h",
        "PHQ-9 is due, last never",
        "male from the record",
        "Consent v1, given 10 Mar 2026",
    ):
        assert seen in text, seen


def test_who_has_not_confirmed_the_identity_is_asked_to(clinic):
    ready = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    checking.answer_check_item(
        session=ready,
        item="identity",
        outcome="ok",
        details={"identifiers": ["name", "birth_date"]},
        by=clinic.prescriber,
        now=NOON,
    )
    assert "so confirm it yourself" in text_of(Pages(clinic.nurse).get(path_of(ready)))


def test_a_question_is_answered_on_the_phone_and_the_nurses_page_hears_of_it(clinic, arrived):
    nurse, prescriber = Pages(clinic.nurse), Pages(clinic.prescriber)
    assert send(clinic.nurse, arrived, "decision-requests", question="164/98. Go on?").status_code == 302
    page = text_of(nurse.get(path_of(arrived)))
    assert "A prescriber was asked at 12:00 and has not decided yet" in page
    assert nurse.get(path_of(arrived, "decision")).status_code == 204
    assert "164/98. Go on?" in text_of(prescriber.get("/decide/"))
    assert "164/98. Go on?" in text_of(prescriber.get(path_of(arrived, "decide")))
    refused = send(clinic.prescriber, arrived, "decide", outcome="wait", wait_minutes="20")
    assert refused.status_code == 422
    assert "in a few words" in text_of(refused)
    answered = send(
        clinic.prescriber, arrived, "decide", outcome="wait", wait_minutes="20", words="Measure again"
    )
    assert (answered.status_code, answered["Location"]) == (302, "/decide/")
    heard = nurse.get(path_of(arrived, "decision"))
    assert "Wait until 12:20" in text_of(heard)
    assert "The answer has come" in text_of(heard)
    assert "Nothing waits for you" in text_of(prescriber.get("/decide/"))


def test_a_decision_sent_twice_is_one(clinic, arrived):
    pages, key = Pages(clinic.prescriber), "3f4cf7c4-3a9a-4a39-9f5c-4d62a3e3a111"
    for _again in range(2):
        fields = {"outcome": "proceed"}
        answer = pages.post(path_of(arrived, "decide"), fields, patient=arrived.patient, key=key)
        assert answer.status_code == 302
    assert CheckDecision.objects.count() == 1


def test_a_nurse_does_not_decide_what_a_prescriber_was_asked(clinic, arrived):
    ask_prescriber(session=arrived, question="Go on?", by=clinic.nurse, now=NOON)
    answer = send(clinic.nurse, arrived, "decisions", outcome="proceed")
    assert answer.status_code == 403
    assert "A prescriber decides here" in text_of(answer)
    for address in ("/decide/", path_of(arrived, "decide")):
        assert Pages(clinic.nurse).get(address).status_code == 403


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("decide", 404),
        ("decision", 405),
        ("decisions", 404),
        ("decision-requests", 404),
        ("baseline", 404),
        ("wishes", 404),
    ],
)
def test_another_sites_session_does_not_exist(clinic, address, status):
    there = session_at(Status.ARRIVED, clinic=make_clinic("south"), now=NOON)
    pages = Pages(clinic.prescriber)
    assert pages.post(path_of(there, address), {}, patient=there.patient).status_code == status
    if address in {"decide", "decision"}:
        assert pages.get(path_of(there, address)).status_code == 404


def test_the_nurse_names_the_baseline(clinic, arrived):
    told = {"session": arrived, "by": clinic.nurse}
    first = monitoring.record_vital_signs(values=NORMAL, now=NOON, **told)
    monitoring.record_vital_signs(values=NORMAL | {"systolic": 150}, now=NOON, **told)
    page = text_of(Pages(clinic.nurse).get(path_of(arrived)))
    assert "This is the baseline" in page
    assert send(clinic.nurse, arrived, "baseline", reading=str(first.public_id)).status_code == 302
    assert arrived.baseline_choices.get().reading == first
    other = session_at(Status.INFUSING, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    strange = str(other.vital_signs.first().public_id)
    assert send(clinic.nurse, arrived, "baseline", reading=strange).status_code == 404


def test_wishes_are_shown_at_every_stage(clinic, arrived):
    fields = {"kinds": ["lights_low", "own_music"], "words": "Her own blanket"}
    assert send(clinic.nurse, arrived, "wishes", **fields).status_code == 302
    text = text_of(Pages(clinic.nurse).get(path_of(arrived)))
    assert "Lights low, Own music. Her own blanket" in text


def test_what_helped_last_time_is_shown(clinic):
    course = make_course(clinic, now=NOON - timedelta(days=9))
    before = session_at(Status.RECOVERING, clinic=clinic, now=NOON - timedelta(days=3), course=course)
    monitoring.report_side_effect(
        session=before,
        term="nausea",
        grade=2,
        action_taken="medication",
        by=clinic.nurse,
        now=NOON - timedelta(days=3),
    )
    session = session_at(Status.ARRIVED, clinic=clinic, now=NOON, course=course)
    text = text_of(Pages(clinic.nurse).get(path_of(session)))
    assert "What was done Nausea: medicine given" in text


def test_overrides_are_counted_and_every_count_opens_its_rows(clinic, arrived):
    for item, reason in (("escort", "Waits in the lobby"), ("fasting", "Dr Lee agrees")):
        checking.answer_check_item(
            session=arrived, item=item, outcome="overridden", note=reason, by=clinic.nurse, now=NOON
        )
    decide(session=arrived, outcome="proceed", by=clinic.nurse, now=NOON)
    pages = Pages(clinic.director)
    assert pages.get("/check-overrides/").status_code == 200
    text = text_of(pages.get("/check-overrides/"))
    assert "2 All items 1 Escort and ride home arranged 1 Fasting as instructed" in text
    only = text_of(pages.get("/check-overrides/?item=escort"))
    assert "Waits in the lobby" in only
    assert "Dr Lee agrees" not in only
    assert "No override" in text_of(pages.get("/check-overrides/?from=2026-01-01&to=2026-01-02"))
    assert pages.get("/check-overrides/?from=2026-13-01").status_code == 422
    assert Pages(clinic.nurse).get("/check-overrides/").status_code == 403
