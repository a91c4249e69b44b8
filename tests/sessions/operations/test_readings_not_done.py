"""A planned reading that was not taken: the due clock goes on from there, and the grid says why."""

from datetime import timedelta

import pytest

from clinic.common.errors import Invalid
from sessions.models import InfusionSession, ReadingNotDone
from sessions.operations.monitoring import correct_vital_signs, record_vital_signs
from sessions.operations.readings_not_done import record_reading_not_done
from sessions.reports.chairside import chairside
from sessions.reports.chart import read_chart
from sessions.reports.flow import flow
from sessions.rules.monitoring import next_reading_due
from sessions.states import Status
from tests.refusals import refused
from tests.sessions.scenes import NOON, NORMAL, session_at


@pytest.fixture
def infusing(clinic):
    """Started twelve minutes before noon, the last reading two minutes before it; the next is due at minute 8."""
    return session_at(Status.INFUSING, clinic=clinic, now=NOON)


def minute(number: float):
    return NOON + timedelta(minutes=number)


def shown(session, clinic, at):
    """The grid as the page shows it: {time: state}, and {row: its cells' words}."""
    chart = read_chart(InfusionSession.objects.filter(pk=session.pk).with_number())
    page = chairside(chart, actor=clinic.nurse, now=at)
    return flow(chart, page.readings, due_at=page.due_at, now=at).sheet


def due(session, clinic):
    chart = read_chart(InfusionSession.objects.filter(pk=session.pk))
    return next_reading_due(chart, latest=chart.vital_signs.last())


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ({"reason": " "}, "reason.missing"),
        ({"parameter": "mood"}, "reading.parameter"),
        ({"due_at": minute(13)}, "time.future"),
        ({"due_at": minute(-60)}, "time.before_arrival"),
    ],
)
def test_what_is_refused(clinic, infusing, told, refusal):
    given = {"due_at": minute(8), "reason": "Asleep", "session": infusing, "by": clinic.nurse}
    with refused(Invalid, refusal):
        record_reading_not_done(now=minute(12), **given | told)
    assert not ReadingNotDone.objects.exists()


def test_the_clock_goes_on_and_the_reason_stands_in_the_grid(clinic, infusing):
    assert due(infusing, clinic) == minute(8)
    sheet = shown(infusing, clinic, minute(12))
    assert sheet.due_now == ["BP", "HR", "SpO2"]
    assert [(at, state) for at, state, _words in sheet.open_moments] == [(minute(8), "overdue")]
    record_reading_not_done(
        session=infusing, due_at=minute(8), reason="Asleep", by=clinic.nurse, now=minute(12)
    )
    assert due(infusing, clinic) == minute(18)
    sheet = shown(infusing, clinic, minute(13))
    assert (sheet.due_now, sheet.open_moments) == ([], [])
    column = next(number for number, one in enumerate(sheet.columns) if one.state == "not_done")
    assert sheet.rows[0][2][column].reason == "Asleep"


def test_of_one_parameter_the_others_stay_due(clinic, infusing):
    told = {"session": infusing, "by": clinic.nurse, "now": minute(12), "reason": "Cuff off"}
    record_reading_not_done(due_at=minute(8), parameter="blood_pressure", **told)
    assert shown(infusing, clinic, minute(12)).due_now == ["HR", "SpO2"]
    assert due(infusing, clinic) == minute(8)


def test_a_corrected_value_a_late_entry_and_the_change_from_before_are_in_the_grid(clinic, infusing):
    told = {"session": infusing, "by": clinic.nurse}
    values = NORMAL | {"systolic": 143, "diastolic": 82}
    first = record_vital_signs(values=values, taken_at=minute(8), now=minute(14), **told)
    right = values | {"systolic": 134}
    correct_vital_signs(reading=first, values=right, reason="Swapped", by=clinic.nurse, now=minute(15))
    sheet = shown(infusing, clinic, minute(16))
    label, _unit, cells = sheet.rows[0]
    assert str(label) == "BP"
    (cell,) = [one for one in cells if one.was]
    assert (cell.text, cell.change) == ("134/82", 12)
    assert [(before, row.correction_reason) for before, row in cell.was] == [("143/82", "Swapped")]
    late = [column.at for column in sheet.columns if column.is_late_entry]
    assert late == [minute(8)]
    assert [column.is_baseline for column in sheet.columns if column.reading] == [True, False, False]
