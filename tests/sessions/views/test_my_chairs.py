"""The strip of my chairs on chairside pages, and what a refresh of it and of the board costs."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.common.kept import forget
from sessions.operations import handing_over, monitoring
from sessions.rules.monitoring import next_reading_due
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.scenes import staff
from tests.sessions.scenes import NOON, NORMAL, session_at

pytestmark = pytest.mark.django_db
STRIP = "/today/mine/"


@pytest.fixture
def sessions(clinic):
    stages = (Status.INFUSING, Status.PAUSED, Status.RECOVERING)
    return [
        session_at(stage, clinic=clinic, now=NOON, chair=chair)
        for stage, chair in zip(stages, clinic.chairs, strict=True)
    ]


def version_on(page):
    return page.content.decode().split("version=")[1].split('"')[0]


@pytest.mark.parametrize("below", ["", "pause/", "chair/"])
def test_a_page_of_a_session_has_the_strip(clinic, sessions, below):
    page = Pages(clinic.nurse).get(f"/sessions/{sessions[0].public_id}/{below}")
    assert f"{STRIP}?here={sessions[0].public_id}" in page.content.decode()


def test_each_of_my_chairs_says_what_it_needs_and_where_i_am(clinic, sessions):
    here = sessions[1]
    page = Pages(clinic.nurse).get(f"{STRIP}?here={here.public_id}")
    text = text_of(page)
    for session in sessions:
        assert f"{session.chair.name} {session.patient.short_name}" in text
    assert "Paused" in text and "reading" in text
    assert page.content.decode().count('aria-current="page"') == 1
    assert "No patient of yours" in text_of(Pages(staff("nurse", clinic.site, "other")).get(STRIP))
    assert "No patient of yours" in text_of(Pages(clinic.prescriber).get(STRIP))


def test_a_patient_taken_over_moves_to_the_other_strip(clinic, sessions):
    other = staff("nurse", clinic.site, "other")
    handing_over.take_over(session=sessions[0], reason="Called away", by=other, now=NOON)
    name = sessions[0].patient.short_name
    assert name in text_of(Pages(other).get(STRIP))
    assert name not in text_of(Pages(clinic.nurse).get(STRIP))


def test_nothing_is_sent_until_something_changed_or_a_reading_is_overdue(clinic, sessions):
    pages = Pages(clinic.nurse)
    sent = f"{STRIP}?version={version_on(pages.get(STRIP))}"
    assert pages.get(sent).status_code == 304
    # A version is of one person and of one minute: another's answer is not mine.
    assert Pages(staff("nurse", clinic.site, "other")).get(sent).status_code == 200
    monitoring.record_vital_signs(session=sessions[0], values=NORMAL, by=clinic.nurse, now=NOON)
    assert pages.get(sent).status_code == 200
    with time_machine.travel(NOON + timedelta(minutes=1), tick=False):
        assert pages.get(f"{STRIP}?version={version_on(pages.get(STRIP))}").status_code == 304


def test_the_board_is_sent_again_when_a_reading_becomes_overdue_though_nothing_was_written(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    reading = monitoring.record_vital_signs(session=session, values=NORMAL, by=clinic.nurse, now=NOON)
    pages = Pages(clinic.nurse)
    sent = f"/today/rows/?version={version_on(pages.get('/'))}"
    overdue_at = next_reading_due(session, latest=reading) + timedelta(minutes=1)
    for seconds, status in ((-1, 304), (0, 200)):
        with time_machine.travel(overdue_at + timedelta(seconds=seconds), tick=False):
            answer = pages.get(sent)
            assert answer.status_code == status
    assert "1 reading overdue" in text_of(answer)


@pytest.mark.parametrize("path", ["/", STRIP])
def test_the_queries_do_not_grow_with_the_readings(clinic, sessions, path):
    pages = Pages(clinic.nurse)

    def queries():
        forget()
        with CaptureQueriesContext(connection) as caught:
            pages.get(path)
        return len(caught)

    few = queries()
    for session in sessions:
        for second in range(8):
            at = NOON - timedelta(seconds=second)
            monitoring.record_vital_signs(
                session=session, values=NORMAL, taken_at=at, by=clinic.nurse, now=NOON
            )
    assert queries() == few


def test_nothing_new_costs_the_sign_in_and_two_looks(clinic, sessions):
    pages = Pages(clinic.nurse)
    for path, page in (("/today/rows/", "/"), (STRIP, STRIP)):
        version = version_on(pages.get(page))
        with CaptureQueriesContext(connection) as caught:
            assert pages.get(f"{path}?version={version}").status_code == 304
        # Four of the sign-in; what was written at the site, and which tablets are silent, which nobody writes.
        assert len(caught) == 6
