"""What is seen while the patient is here: readings, notes, side effects, and putting them right."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest

from clinic.audit.models import AuditEvent
from clinic.common.errors import Conflict, Invalid, Refused
from sessions.models import Note, SideEffect, SideEffectEntry, SideEffectInquiry, VitalSigns
from sessions.operations import monitoring
from sessions.rules.plausibility import RANGES
from sessions.states import ENDED, PRESENT, Status
from tests.refusals import refused
from tests.sessions.scenes import NOON, NORMAL, session_at

READING = {"systolic": 134, "diastolic": 82, "heart_rate": 74}


@pytest.fixture
def session(clinic):
    return session_at(Status.INFUSING, clinic=clinic, now=NOON)


def read(session, clinic, **told):
    values = told.pop("values", READING)
    return monitoring.record_vital_signs(
        **{"session": session, "values": values, "by": clinic.nurse, "now": NOON} | told
    )


# Readings

BAD = {
    "diastolic at systolic": ({"systolic": 120, "diastolic": 120}, "vitals.diastolic", "diastolic"),
    "diastolic above systolic": ({"systolic": 80, "diastolic": 120}, "vitals.diastolic", "diastolic"),
    "12/8": ({"systolic": 12, "diastolic": 8}, "vitals.impossible", "systolic"),
    "systolic alone": ({"systolic": 120}, "vitals.pair", "diastolic"),
    "diastolic alone": ({"diastolic": 80}, "vitals.pair", "systolic"),
    "nothing": ({}, "vitals.empty", ""),
    "nothing but blanks": (dict.fromkeys(NORMAL), "vitals.empty", ""),
    "a heart rate of 700": ({"heart_rate": 700}, "vitals.impossible", "heart_rate"),
    "no breath": ({"respiratory_rate": 0}, "vitals.impossible", "respiratory_rate"),
    "SpO2 101": ({"oxygen_saturation": 101}, "vitals.impossible", "oxygen_saturation"),
    "sedation 6": ({"sedation": 6}, "vitals.impossible", "sedation"),
    "dissociation -1": ({"dissociation": -1}, "vitals.impossible", "dissociation"),
    "37 as Fahrenheit": (
        {"temperature": Decimal(37), "temperature_unit": "[degF]"},
        "vitals.impossible",
        "temperature",
    ),
    "98.6 as Celsius": (
        {"temperature": Decimal("98.6"), "temperature_unit": "Cel"},
        "vitals.impossible",
        "temperature",
    ),
    "no number": ({"temperature": Decimal("NaN")}, "temperature.impossible", "temperature"),
    "kelvin": (
        {"temperature": Decimal(310), "temperature_unit": "K"},
        "temperature.unit",
        "temperature_unit",
    ),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("confirmed", [False, True])
def test_bad_input_is_refused_at_its_field_whether_confirmed_or_not(clinic, session, name, confirmed):
    values, code, field = BAD[name]
    before = AuditEvent.objects.count(), VitalSigns.objects.count()
    with refused(Invalid, code) as refusal:
        read(session, clinic, values=values, confirmed=confirmed)
    assert field in refusal.value.fields
    assert all(str(problem) for problem in refusal.value.problems)
    assert (AuditEvent.objects.count(), VitalSigns.objects.count()) == before


@pytest.mark.parametrize(
    "values",
    [
        {"systolic": 300, "diastolic": 160},
        {"systolic": 70, "diastolic": 30},
        {"heart_rate": 200},
        {"oxygen_saturation": 70},
        {"temperature": Decimal("41.2")},
    ],
    ids=str,
)
def test_the_unusual_is_stored_once_confirmed(clinic, session, values):
    with refused(Invalid, "vitals.unusual") as refusal:
        read(session, clinic, values=values)
    assert set(refusal.value.fields) == set(values)
    assert "Check typing" in str(refusal.value)
    stored = VitalSigns.objects.get(pk=read(session, clinic, values=values, confirmed=True).pk)
    assert stored.confirmed_unusual
    assert all(getattr(stored, name) == value for name, value in values.items() if name != "temperature")


def test_both_tiers_of_a_set_are_told_by_field(clinic, session):
    with refused(Invalid) as refusal:
        read(session, clinic, values={"heart_rate": 999, "respiratory_rate": 99, "oxygen_saturation": 70})
    assert {name: problems[0].code for name, problems in refusal.value.fields.items()} == {
        "heart_rate": "vitals.impossible",
        "respiratory_rate": "vitals.impossible",
    }


@pytest.mark.parametrize("name", [name for name in RANGES if name not in {"systolic", "diastolic"}])
def test_the_edges_of_a_range_belong_to_it(clinic, session, name):
    for value in RANGES[name].possible:
        read(
            session,
            clinic,
            values={name: Decimal(int(value)) if name == "temperature" else int(value)},
            confirmed=True,
        )
    for value in RANGES[name].usual:
        read(session, clinic, values={name: Decimal(int(value)) if name == "temperature" else int(value)})


@pytest.mark.parametrize(
    ("typed", "unit", "tenths"),
    [("36.6", "Cel", 366), ("36.66", "Cel", 367), ("98.6", "[degF]", 370), ("100.4", "[degF]", 380)],
)
def test_a_temperature_keeps_what_was_typed_beside_tenths_of_a_degree(clinic, session, typed, unit, tenths):
    values = {"temperature": Decimal(typed), "temperature_unit": unit}
    stored = VitalSigns.objects.get(pk=read(session, clinic, values=values).pk)
    assert (stored.temperature_typed, stored.temperature_unit) == (typed, unit)
    assert stored.temperature_decicelsius == tenths


def test_what_was_not_measured_is_null(clinic, session):
    stored = VitalSigns.objects.get(pk=read(session, clinic).pk)
    assert (stored.systolic, stored.diastolic, stored.heart_rate) == (134, 82, 74)
    assert (stored.respiratory_rate, stored.sedation, stored.temperature_decicelsius) == (None, None, None)
    assert not stored.confirmed_unusual
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.subject_id) == ("vital_signs.recorded", stored.public_id)


def test_a_reading_in_the_future_or_before_arrival(clinic, session):
    with refused(Invalid, "time.future") as refusal:
        read(session, clinic, taken_at=NOON + timedelta(seconds=1))
    assert set(refusal.value.fields) == {"taken_at"}
    with refused(Invalid, "time.before_arrival") as refusal:
        read(session, clinic, taken_at=session.arrived_at - timedelta(seconds=1))
    assert f"{session.arrived_at.astimezone(clinic.site.zone):%H:%M}" in str(refusal.value)
    read(session, clinic, taken_at=session.arrived_at)
    # A time alone would contradict itself: 14:00 of yesterday is before 08:30 of today.
    for days, code, day in ((-1, "time.before_arrival", "Mon 09 Mar"), (2, "time.future", "Thu 12 Mar")):
        with refused(Invalid, code) as refusal:
            read(session, clinic, taken_at=NOON + timedelta(days=days))
        assert day in str(refusal.value)


def test_a_late_entry_keeps_both_times_and_falls_into_its_phase(clinic, session):
    at = session.infusion_started_at - timedelta(minutes=1)
    late = read(session, clinic, taken_at=at)
    assert (late.taken_at, late.entered_at, late.is_late_entry) == (at, NOON, True)
    assert session.phase_at(late.taken_at) == "pre"
    assert not read(session, clinic, taken_at=NOON - timedelta(minutes=5)).is_late_entry


def test_a_reading_made_on_a_tablet_brings_its_own_id(clinic, session):
    key = uuid.uuid4()
    assert read(session, clinic, public_id=key).public_id == key
    assert VitalSigns.objects.filter(public_id=key).count() == 1


def test_a_side_effect_made_on_a_tablet_brings_its_own_id(clinic, session):
    key = uuid.uuid4()
    told = {"session": session, "term": "nausea", "grade": 1, "by": clinic.nurse, "now": NOON}
    assert monitoring.report_side_effect(public_id=key, **told).public_id == key


WRITES = {
    "reading": lambda **told: monitoring.record_vital_signs(values=READING, **told),
    "note": lambda **told: monitoring.write_note(text="Calm", **told),
    "side effect": lambda **told: monitoring.report_side_effect(term="nausea", grade=1, **told),
    "question": monitoring.ask_about_side_effects,
}


@pytest.mark.parametrize("status", Status)
def test_facts_are_written_from_arrival_on_also_after_the_end(clinic, status):
    session = session_at(status, clinic=clinic, now=NOON)
    for write in WRITES.values():
        if status in PRESENT | ENDED:
            write(session=session, by=clinic.nurse, now=NOON)
            continue
        with refused(Conflict, "session.not_present") as refusal:
            write(session=session, by=clinic.nurse, now=NOON)
        assert str(status.label).lower() in str(refusal.value)


@pytest.mark.parametrize("write", WRITES)
def test_facts_are_written_by_those_who_may_into_an_open_chart(clinic, write):
    signed = session_at(Status.DISCHARGED, clinic=clinic, now=NOON, signed=1)
    with refused(Conflict, "chart.signed"):
        WRITES[write](session=signed, by=clinic.nurse, now=NOON)
    with refused(Refused, "permission.missing"):
        WRITES[write](session=signed, by=clinic.desk, now=NOON)


# Notes


def test_a_note_keeps_its_text_as_it_was_typed(clinic, session):
    text = "  Ünïcode, 日本語, =1+1\r\n\ttabs and an end  \n"
    note = monitoring.write_note(session=session, text=text, by=clinic.nurse, now=NOON)
    assert Note.objects.get(pk=note.pk).text == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "note.empty"),
        (" \n ", "note.empty"),
        ("a" * 100_001, "note.too_long"),
        ("é" * 50_001, "note.too_long"),
        ("a\x00b", "text.unreadable"),
        ("\ud83d", "text.unreadable"),
    ],
    ids=["empty", "blank", "over 100 kB", "over 100 kB in two bytes each", "NUL", "half a pair"],
)
def test_a_note_that_is_refused_at_its_field(clinic, session, text, code):
    with refused(Invalid, code) as refusal:
        monitoring.write_note(session=session, text=text, by=clinic.nurse, now=NOON)
    assert set(refusal.value.fields) == {"text"}
    first = monitoring.write_note(session=session, text="ok", by=clinic.nurse, now=NOON)
    with refused(Invalid, code):
        monitoring.correct_note(note=first, text=text, by=clinic.nurse, reason="x", now=NOON)


def test_a_note_of_100_kB_fits(clinic, session):
    monitoring.write_note(session=session, text="é" * 50_000, by=clinic.nurse, now=NOON)


# Side effects


def test_a_side_effect_evolves_by_entries(clinic, session):
    told = {"by": clinic.nurse}
    onset = NOON - timedelta(minutes=4)
    effect = monitoring.report_side_effect(
        session=session, term="nausea", grade=1, onset_at=onset, note="Mild", now=NOON, **told
    )
    later = NOON + timedelta(minutes=10)
    monitoring.update_side_effect(side_effect=effect, grade=2, action_taken="medication", now=later, **told)
    over = NOON + timedelta(minutes=20)
    monitoring.update_side_effect(side_effect=effect, grade=1, resolved_at=over, now=over, **told)
    entries = list(SideEffectEntry.objects.filter(side_effect=effect))
    assert [(entry.grade, entry.action_taken, entry.resolved_at) for entry in entries] == [
        (1, "none", None),
        (2, "medication", None),
        (1, "none", over),
    ]
    assert effect.onset_at == entries[0].taken_at == onset
    assert [entry.entered_at for entry in entries] == [NOON, later, over]
    verbs = AuditEvent.objects.filter(verb__startswith="side_effect.").values_list("verb", flat=True)
    assert sorted(verbs) == ["side_effect.reported", "side_effect.updated", "side_effect.updated"]


@pytest.mark.parametrize(
    ("told", "code", "field"),
    [
        ({"term": "itching-of-the-mind"}, "side_effect.term", "term"),
        ({"grade": 0}, "side_effect.grade", "grade"),
        ({"grade": 5}, "side_effect.grade", "grade"),
        ({"action_taken": "prayer"}, "side_effect.action", "action_taken"),
        ({"note": "\x00"}, "text.unreadable", "note"),
        ({"onset_at": NOON + timedelta(minutes=1)}, "time.future", "taken_at"),
        ({"onset_at": NOON - timedelta(hours=3)}, "time.before_arrival", "taken_at"),
    ],
    ids=str,
)
def test_a_side_effect_that_is_refused_at_its_field(clinic, session, told, code, field):
    asked = {"session": session, "term": "nausea", "grade": 1, "by": clinic.nurse, "now": NOON}
    with refused(Invalid, code) as refusal:
        monitoring.report_side_effect(**asked | told)
    assert set(refusal.value.fields) == {field}
    assert not SideEffect.objects.exists() and not SideEffectEntry.objects.exists()


def test_a_side_effect_is_not_over_before_it_began_nor_in_the_future(clinic, session):
    told = {"by": clinic.nurse, "now": NOON, "grade": 1}
    onset = NOON - timedelta(minutes=5)
    effect = monitoring.report_side_effect(session=session, term="nausea", onset_at=onset, **told)
    for at, code in [
        (onset - timedelta(seconds=1), "side_effect.resolved_early"),
        (NOON + timedelta(seconds=1), "time.future"),
    ]:
        with refused(Invalid, code) as refusal:
            monitoring.update_side_effect(side_effect=effect, resolved_at=at, **told)
        assert set(refusal.value.fields) == {"resolved_at"}
    with refused(Invalid, "side_effect.grade"):
        monitoring.update_side_effect(side_effect=effect, **told | {"grade": 9})
    monitoring.update_side_effect(side_effect=effect, resolved_at=onset, **told)


def test_asked_and_none_is_a_row_of_its_own(clinic, session):
    monitoring.ask_about_side_effects(session=session, by=clinic.nurse, now=NOON)
    assert SideEffectInquiry.objects.get(session=session).taken_by == clinic.nurse.user
    assert AuditEvent.objects.latest("pk").verb == "side_effects.asked_none"
