"""What is told of a patient who is handed over, and that telling costs the same for any number of them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions.operations import monitoring
from sessions.reports.handover_summary import as_told, summarise
from sessions.states import Status
from tests.sessions.scenes import NOON, NORMAL, make_clinic, session_at


@pytest.fixture
def clinic(db):
    return make_clinic(chairs=4)


def told(session, now=NOON):
    return summarise([session], now)[str(session.public_id)]


def test_an_infusion_under_way(clinic):
    """Started at 11:48, 12 minutes ago; the reading of 11:58 has a systolic of 134 against 122 before the start."""
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    minutes = clinic.version.vitals_interval_minutes
    due = (NOON - timedelta(minutes=2) + timedelta(minutes=minutes)).astimezone(clinic.site.zone)
    found = told(session)
    assert found["stage"] == ["Infusing, 12 of 40 min infused by chart"]
    assert found["dose"] == ["35 mg over 40 min"]
    assert found["reading"][0].startswith("134/76, HR 70, SpO2 98 %")
    assert found["reading"][0].endswith(", 11:58; systolic +12 from baseline")
    assert found["due"] == [due.strftime("%H:%M")]
    assert (found["side_effects"], found["problems"], found["notes"]) == ([], [], [])


def test_side_effects_with_what_has_become_of_them(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    by = {"by": clinic.nurse, "now": NOON}
    nausea = monitoring.report_side_effect(
        session=session, term="nausea", grade=2, action_taken="comfort", **by
    )
    monitoring.report_side_effect(session=session, term="headache", grade=1, note="As usual", **by)
    assert told(session)["side_effects"] == [
        "Nausea: moderate, since 12:00, comfort measures",
        "Headache: mild, since 12:00, As usual",
    ]
    monitoring.update_side_effect(side_effect=nausea, grade=2, resolved_at=NOON, **by)
    assert told(session)["side_effects"][0] == "Nausea: over, since 12:00"


def test_notes_of_the_last_half_hour_as_they_stand(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    for minutes, text in ((30, "Too old"), (29, "Wants music"), (5, "Wants lihgts low")):
        at = NOON - timedelta(minutes=minutes)
        note = monitoring.write_note(session=session, text=text, by=clinic.nurse, now=NOON, taken_at=at)
    monitoring.correct_note(note=note, text="Wants lights low", by=clinic.nurse, reason="Slip", now=NOON)
    name = clinic.nurse.user.short_name
    assert told(session)["notes"] == [f"11:31 {name}: Wants music", f"11:55 {name}: Wants lights low"]


@pytest.mark.parametrize(
    ("status", "after", "problem"),
    [
        (Status.ARRIVED, 0, "Dose not confirmed"),
        (Status.ARRIVED, 0, "Check: 0 of "),
        (Status.INFUSING, 60, "Reading overdue since "),
        (Status.RECOVERING, 0, "discharge criteria open"),
    ],
)
def test_what_is_open(clinic, status, after, problem):
    session = session_at(status, clinic=clinic, now=NOON)
    found = told(session, NOON + timedelta(minutes=after))["problems"]
    assert any(problem in line for line in found), found


def test_a_breached_limit_is_open(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    high = NORMAL | {"systolic": 205, "diastolic": 100}
    monitoring.record_vital_signs(session=session, values=high, by=clinic.nurse, confirmed=True, now=NOON)
    assert any(line.startswith("Limit: ") for line in told(session)["problems"])


def test_before_anything_was_done(clinic):
    found = told(session_at(Status.ARRIVED, clinic=clinic, now=NOON))
    assert (found["stage"], found["dose"], found["reading"]) == (
        ["Checking"],
        ["Not confirmed"],
        ["None yet"],
    )


def test_empty_lines_are_not_shown(clinic):
    session = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    shown = as_told(summarise([session], NOON), session.public_id)
    assert [label for label, _texts in shown] == ["Stage", "Dose", "Last reading", "Open"]
    assert as_told({}, session.public_id) == []


def test_the_number_of_queries_does_not_grow(clinic):
    sessions = [
        session_at(status, clinic=clinic, now=NOON, chair=chair)
        for status, chair in zip(
            [Status.INFUSING, Status.PAUSED, Status.RECOVERING, Status.ARRIVED], clinic.chairs, strict=True
        )
    ]
    for session in sessions:
        monitoring.report_side_effect(session=session, term="nausea", grade=1, by=clinic.nurse, now=NOON)
        monitoring.write_note(session=session, text="Calm", by=clinic.nurse, now=NOON)

    def queries(some):
        with CaptureQueriesContext(connection) as caught:
            summarise(some, NOON)
        return len(caught)

    assert queries(sessions) == queries(sessions[:1])
