"""The Today board: who sits where, what is due, and a refresh that costs nothing while nothing changes."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.common.kept import forget
from sessions.operations import monitoring
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.scenes import make_site, staff
from tests.sessions.scenes import NOON, NORMAL, make_chair, make_clinic, session_at

pytestmark = pytest.mark.django_db
ROWS = "/today/rows/"


@pytest.fixture
def clinic():
    with time_machine.travel(NOON, tick=False):
        yield make_clinic(chairs=6)


def version_on(page):
    return page.content.decode().split("?version=")[1].split('"')[0]


def test_every_stage_stands_on_its_line(clinic):
    stages = [Status.ARRIVED, Status.READY, Status.INFUSING, Status.PAUSED, Status.RECOVERING]
    sessions = [
        session_at(stage, clinic=clinic, now=NOON, chair=chair)
        for stage, chair in zip(stages, clinic.chairs, strict=False)
    ]
    text = text_of(Pages(clinic.nurse).get("/"))
    for session in sessions:
        line = text.split(f"{session.chair.name} {session.patient.short_name}")[1]
        assert str(session.state.label) in line[:120]
    assert "2 running" in text
    assert "Chair 6 Free" in text


def test_a_reading_past_its_interval_is_overdue_and_a_new_one_is_not(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    interval = timedelta(minutes=clinic.version.vitals_interval_minutes)
    pages = Pages(clinic.nurse)
    assert "0 readings overdue" in text_of(pages.get("/"))
    later = NOON + interval + timedelta(minutes=5)
    with time_machine.travel(later, tick=False):
        assert "1 reading overdue" in text_of(pages.get("/"))
        monitoring.record_vital_signs(session=session, values=NORMAL, by=clinic.nurse, now=later)
        assert "0 readings overdue" in text_of(pages.get("/"))


def test_a_reading_without_a_pressure_is_a_reading(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    low = {"heart_rate": 84, "oxygen_saturation": 88}
    later = NOON + timedelta(minutes=1)
    with time_machine.travel(later, tick=False):
        monitoring.record_vital_signs(session=session, values=low, by=clinic.nurse, now=later)
        text = text_of(Pages(clinic.nurse).get("/"))
    assert "HR 84 SpO2 88 % limit no pressure" in text
    assert "no reading yet" not in text


def test_nothing_is_sent_while_nothing_changed_and_the_rows_once_something_did(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    pages = Pages(clinic.nurse)
    version = version_on(pages.get("/"))
    again = pages.get(f"{ROWS}?version={version}")
    assert (again.status_code, again.content) == (304, b"")
    monitoring.record_vital_signs(
        session=session, values=NORMAL | {"systolic": 141}, by=clinic.nurse, now=NOON + timedelta(seconds=30)
    )
    changed = pages.get(f"{ROWS}?version={version}")
    assert changed.status_code == 200
    assert "141/76" in text_of(changed)
    assert pages.get(f"{ROWS}?version={version_on(changed)}").status_code == 304


def test_another_sites_day_is_not_on_it(clinic):
    other = make_clinic("south")
    there = session_at(Status.INFUSING, clinic=other, now=NOON)
    assert there.patient.family_name not in text_of(Pages(clinic.nurse).get("/"))


def test_the_number_of_queries_does_not_grow_with_the_rows(clinic):
    pages = Pages(clinic.nurse)

    def queries():
        forget()
        with CaptureQueriesContext(
            connection,
        ) as caught:
            pages.get("/")
        return len(caught)

    session_at(Status.INFUSING, clinic=clinic, now=NOON, chair=clinic.chairs[0])
    session_at(Status.RECOVERING, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    # Each stage has its own facts: one of each, then more of them.
    session_at(Status.ARRIVED, clinic=clinic, now=NOON, chair=make_chair(clinic.site, "Recliner"))
    few = queries()
    session_at(Status.PAUSED, clinic=clinic, now=NOON, chair=clinic.chairs[2])
    session_at(Status.RECOVERING, clinic=clinic, now=NOON, chair=clinic.chairs[3])
    session_at(Status.ARRIVED, clinic=clinic, now=NOON, chair=clinic.chairs[4])
    session_at(Status.SCHEDULED, clinic=clinic, now=NOON, chair=clinic.chairs[5])
    assert queries() == few


def test_same_surnames_are_flagged(clinic):
    first = session_at(Status.ARRIVED, clinic=clinic, now=NOON, chair=clinic.chairs[0])
    second = session_at(Status.READY, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    pages = Pages(clinic.nurse)
    assert "same name" not in text_of(pages.get("/"))
    type(first.patient).objects.filter(pk=second.patient_id).update(family_name=first.patient.family_name)
    assert text_of(pages.get("/")).count("same name") == 2


def test_the_desk_marks_an_arrival_from_the_list_once(clinic):
    session = session_at(Status.SCHEDULED, clinic=clinic, now=NOON - timedelta(minutes=50))
    pages = Pages(clinic.desk)
    assert "Arrived" in text_of(pages.get("/"))
    path = f"/sessions/{session.public_id}/arrive/"
    key = "0b9f6a3e-6f0e-4f5e-9f7b-6a1f3f1f2b11"
    for _again in range(2):
        answer = pages.post(path, {"next": "board"}, patient=session.patient, key=key)
        assert (answer.status_code, answer["Location"]) == (302, "/")
    session.refresh_from_db()
    assert session.state is Status.ARRIVED
    assert session.status_changes.count() == 1


@pytest.mark.parametrize(
    ("role", "goes_to"), [("manager", None), ("administrator", "/staff/"), ("auditor", "/audit/")]
)
def test_whoever_may_not_see_patients_is_taken_to_their_own_page(clinic, role, goes_to):
    answer = Pages(staff(role, clinic.site)).get("/")
    assert answer.get("Location") == goes_to


def test_somebody_without_any_role_reads_why(clinic):
    make_site("west")
    nobody = staff("nurse", clinic.site)
    nobody.user.memberships.all().delete()
    answer = Pages(nobody).get("/")
    assert answer.status_code == 403
    assert "no role at any site" in text_of(answer)


@pytest.mark.parametrize("until", ["soon", "²", "9" * 5000])
def test_a_version_that_none_of_ours_is_gets_the_whole_board(clinic, until):
    """Made by hand: it is answered, and not with "nothing has changed"."""
    assert Pages(clinic.nurse).get(f"/today/rows/?version=x~{until}").status_code == 200
