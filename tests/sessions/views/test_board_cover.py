"""Gaps in cover on the Today board: who looks after nobody is said in words, counted, and shown when its time comes."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.common.kept import forget
from clinic.facilities.models import Shift, ShiftBreak, StaffLeave
from sessions.operations import handing_over, monitoring
from sessions.reports.handover_summary import summarise
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.scenes import staff
from tests.sessions.scenes import NOON, NORMAL, make_chair, make_clinic, session_at

pytestmark = pytest.mark.django_db
ROWS = "/today/rows/"
HOUR = timedelta(hours=1)


@pytest.fixture
def clinic():
    with time_machine.travel(NOON, tick=False):
        yield make_clinic(chairs=6)


@pytest.fixture
def session(clinic):
    return session_at(Status.INFUSING, clinic=clinic, now=NOON)


@pytest.fixture
def other(clinic):
    return staff("nurse", clinic.site, "other")


def shift(clinic, actor, *, start=-2 * HOUR, end=4 * HOUR, pause=None):
    made = Shift.objects.create(site=clinic.site, user=actor.user, starts_at=NOON + start, ends_at=NOON + end)
    if pause:
        ShiftBreak.objects.create(shift=made, starts_at=NOON + pause[0], ends_at=NOON + pause[1])


def handed(clinic, other, *, until=None, accepted=True, now=NOON):
    told = {"site": clinic.site, "to_nurse": other.user, "by": clinic.nurse, "until": until}
    offered = handing_over.offer_handover(summarise=summarise, now=now, **told)
    if accepted:
        handing_over.accept_handover(handover=offered, by=other, now=now)
    return offered


def board(actor):
    return text_of(Pages(actor).get("/"))


def test_somebody_who_is_here_without_a_nurse(clinic):
    arrived = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    text = board(clinic.nurse)
    assert "1 without cover" in text
    assert f"▲ No nurse Take over {arrived.patient.short_name}" in text
    handing_over.take_over(session=arrived, reason="At the chair", by=clinic.nurse, now=NOON)
    assert "0 without cover" in board(clinic.nurse)


def test_whoever_may_not_nurse_reads_the_gap_and_is_not_asked_to_take_over(clinic):
    session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    text = board(clinic.desk)
    assert "No nurse" in text
    assert "Take over" not in text


def on_break(clinic):
    shift(clinic, clinic.nurse, pause=(-HOUR / 4, HOUR / 2))


def on_leave(clinic):
    shift(clinic, clinic.nurse)
    told = {"kind": "sick", "starts_at": NOON - HOUR, "ends_at": NOON + HOUR}
    StaffLeave.objects.create(user=clinic.nurse.user, **told)


def after_the_shift(clinic):
    shift(clinic, clinic.nurse, end=-HOUR)


def before_the_shift(clinic):
    shift(clinic, clinic.nurse, start=HOUR)


ABSENCES = {
    on_break: "{name} on break until 12:30, nobody covers",
    on_leave: "{name} on leave, nobody covers",
    after_the_shift: "{name} not on shift, nobody covers",
    before_the_shift: "{name} not on shift before 13:00, nobody covers",
}


@pytest.mark.parametrize("absence", ABSENCES)
def test_a_nurse_who_is_away_by_the_roster(clinic, session, other, absence):
    assert "0 without cover" in board(clinic.nurse)
    absence(clinic)
    text = board(clinic.nurse)
    assert "1 without cover" in text
    assert ABSENCES[absence].format(name=clinic.nurse.user.short_name) in text
    assert "sick" not in text.casefold()
    # Whoever is away gives, everybody else takes.
    patient = session.patient.short_name
    assert f"nobody covers Hand over {patient}" in text
    assert f"nobody covers Take over {patient}" in board(other)
    shift(clinic, other)
    handed(clinic, other, until=NOON + HOUR)
    text = board(clinic.nurse)
    assert "0 without cover" in text
    assert f"{other.user.short_name} for {clinic.nurse.user.short_name} until 13:00" in text


def test_without_a_roster_cover_that_ran_out_is_a_gap_until_the_nurse_says_so(clinic, session, other):
    handed(clinic, other, until=NOON + HOUR)
    assert "0 without cover" in board(clinic.nurse)
    with time_machine.travel(NOON + HOUR, tick=False):
        text = board(clinic.nurse)
        assert "1 without cover" in text
        assert f"Cover by {other.user.short_name} ended at 13:00" in text
        handing_over.take_over(session=session, reason="Back", by=clinic.nurse, now=NOON + HOUR)
        assert "0 without cover" in board(clinic.nurse)


def test_a_roster_that_has_the_nurse_back_closes_the_gap(clinic, session, other):
    shift(clinic, clinic.nurse, pause=(timedelta(), HOUR))
    shift(clinic, other)
    handed(clinic, other, until=NOON + HOUR)
    with time_machine.travel(NOON + HOUR, tick=False):
        assert "0 without cover" in board(clinic.nurse)


def test_the_board_is_sent_again_when_a_break_begins_though_nothing_was_written(clinic, session):
    shift(clinic, clinic.nurse, pause=(HOUR / 2, HOUR))
    pages, shortly = Pages(clinic.nurse), NOON + HOUR / 2 - timedelta(minutes=2)
    with time_machine.travel(shortly, tick=False):
        # Nothing else is due by then: a reading that is would send the board again too.
        monitoring.record_vital_signs(session=session, values=NORMAL, by=clinic.nurse)
        version = pages.get("/").content.decode().split("?version=")[1].split('"')[0]
    for seconds, status in ((-1, 304), (0, 200)):
        with time_machine.travel(NOON + HOUR / 2 + timedelta(seconds=seconds), tick=False):
            answer = pages.get(f"{ROWS}?version={version}")
            assert answer.status_code == status
    assert "on break until 13:00" in text_of(answer)


@pytest.mark.parametrize("version", ["", "x", "20260310-1~", "20260310-1~x", "20260310-1~²", "~"])
def test_a_version_that_nobody_sent_gets_the_rows(clinic, version):
    assert Pages(clinic.nurse).get(f"{ROWS}?version={version}").status_code == 200


def test_an_offer_waits_on_my_board_and_on_nobody_elses(clinic, session, other):
    handed(clinic, other, accepted=False)
    name = clinic.nurse.user.display_name
    assert f"{name} hands over to you : Chair 1, for the rest of the visit" in board(other)
    assert "hands over to you" not in board(clinic.nurse)
    assert "hands over to you" not in board(clinic.prescriber)


def test_an_offer_of_somebody_who_left_or_whose_time_has_passed_waits_no_more(clinic, session, other):
    handed(clinic, other, accepted=False, until=NOON + HOUR)
    with time_machine.travel(NOON + HOUR, tick=False):
        assert "hands over to you" not in board(other)
    handing_over.take_over(session=session, reason="Called away", by=other, now=NOON)
    assert "hands over to you" not in board(other)


def test_the_number_of_queries_does_not_grow_with_cover_and_roster(clinic, other):
    shift(clinic, clinic.nurse, pause=(timedelta(), HOUR))
    shift(clinic, other)
    pages = Pages(other)

    def queries():
        forget()
        with CaptureQueriesContext(connection) as caught:
            pages.get("/")
        return len(caught)

    session_at(Status.INFUSING, clinic=clinic, now=NOON, chair=clinic.chairs[0])
    handed(clinic, other, until=NOON + HOUR)
    session_at(Status.RECOVERING, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    handed(clinic, other, accepted=False)
    session_at(Status.ARRIVED, clinic=clinic, now=NOON, chair=make_chair(clinic.site, "Recliner"))
    few = queries()
    third = staff("nurse", clinic.site, "third")
    for status, chair in zip([Status.PAUSED, Status.READY, Status.ARRIVED], clinic.chairs[2:], strict=False):
        row = session_at(status, clinic=clinic, now=NOON, chair=chair)
        handing_over.take_over(session=row, reason="Called away", by=third, now=NOON)
    told = {"site": clinic.site, "to_nurse": other.user, "by": third, "now": NOON}
    handing_over.offer_handover(summarise=summarise, **told)
    assert queries() == few
