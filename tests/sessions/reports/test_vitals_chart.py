"""The chart of one session's vital signs."""

from datetime import timedelta

import pytest

from sessions.models import InfusionSession
from sessions.operations import monitoring, running
from sessions.reports.chart import read_chart
from sessions.reports.vitals_chart import vitals_chart
from sessions.states import Status
from tests.sessions.reports.scenes import NOW
from tests.sessions.scenes import NORMAL, Clinic, make_clinic, session_at


@pytest.fixture
def clinic(db: None) -> Clinic:
    return make_clinic(now=NOW - timedelta(days=30))


def loaded(session: InfusionSession) -> InfusionSession:
    found = read_chart(InfusionSession.objects.filter(pk=session.pk))
    assert found is not None
    return found


def test_nothing_to_draw_before_the_first_reading(clinic):
    session = loaded(session_at(Status.ARRIVED, clinic=clinic, now=NOW))
    assert vitals_chart(session, now=NOW) is None


def test_before_the_start_minutes_count_from_the_arrival(clinic):
    chart = vitals_chart(loaded(session_at(Status.READY, clinic=clinic, now=NOW)), now=NOW)
    assert (chart.title, chart.x_title) == ("Vital signs before the infusion", "minutes since arrival")
    assert chart.spans == ()


@pytest.fixture
def paused(clinic: Clinic) -> InfusionSession:
    """Baseline at -18 min, 134 at 10 min, a pause at 15; then pulse only, a side effect, and on at 20 min."""
    session = session_at(Status.PAUSED, clinic=clinic, now=NOW)
    by = {"session": session, "by": clinic.nurse}
    monitoring.record_vital_signs(values={"heart_rate": 92, "oxygen_saturation": 88}, now=NOW, **by)
    monitoring.report_side_effect(term="nausea", grade=1, now=NOW, **by)
    running.resume(now=NOW + timedelta(minutes=2), **by)
    monitoring.record_vital_signs(
        values=NORMAL | {"systolic": 158, "diastolic": 92}, now=NOW + timedelta(minutes=4), **by
    )
    return loaded(session)


def test_it_tells_the_finding_and_the_data(paused):
    chart = vitals_chart(paused, now=NOW + timedelta(minutes=10))
    assert chart.title == f"Blood pressure up to 158/92 at 22 min, {158 - NORMAL['systolic']:+d} from before"
    assert chart.description.count(";") == 3 and "92 /min, 88 %" in chart.description
    assert chart.x_title == "minutes since the start"


def test_a_reading_without_a_value_is_a_gap_in_its_line_only(paused):
    upper, oxygen, *_small = vitals_chart(paused, now=NOW + timedelta(minutes=10)).panels
    drawn = {curve.key: (len(curve.marks), len(curve.paths)) for curve in (*upper.curves, *oxygen.curves)}
    # Silence before the start: three intervals of 15 minutes are not exceeded, so that the lines go through.
    assert drawn == {
        "systolic": (3, 1),
        "diastolic": (3, 1),
        "heart-rate": (4, 1),
        "oxygen-saturation": (4, 1),
    }
    assert [tick.label for tick in oxygen.ticks][-1] == "100"
    assert oxygen.curves[0].marks[2].y == max(mark.y for mark in oxygen.curves[0].marks)


def test_the_infusion_is_shaded_and_the_pause_hatched(paused):
    chart = vitals_chart(paused, now=NOW + timedelta(minutes=10))
    infusion, pause = chart.spans
    assert (infusion.key, infusion.hatched, pause.key, pause.hatched) == ("infusion", False, "pause", True)
    per_minute = infusion.width / 28
    assert pause.width / per_minute == pytest.approx(5, abs=0.2)
    assert [event.label[7:] for event in chart.events] == ["Nausea"]
    assert [name.text for name in chart.event_names] == ["Nausea"]


def test_baseline_and_limits_are_drawn_where_they_are_known(paused):
    """Limits of the infusion only; the lower one of the systolic is a line, as diastolic values run below it."""
    upper, oxygen, *_small = vitals_chart(paused, now=NOW).panels
    assert [level.label for level in upper.levels] == ["systolic < 90", f"before {NORMAL['systolic']}"]
    assert [band.label for band in upper.bands] == ["systolic ≥ 160", "systolic ≥ 180"]
    assert [band.label for band in oxygen.bands] == ["limit ≤ 94", "limit < 92", "limit < 88"]
    wide, narrow, _worst = oxygen.bands
    assert narrow.y == pytest.approx(wide.y + wide.height)


def test_a_long_silence_breaks_the_line(clinic, paused):
    later = NOW + timedelta(minutes=60)
    monitoring.record_vital_signs(session=paused, values=NORMAL, by=clinic.nurse, now=later)
    upper, _oxygen, *_small = vitals_chart(loaded(paused), now=later).panels
    systolic = upper.curves[0]
    assert (len(systolic.marks), len(systolic.paths)) == (4, 1), "the last stands alone after 56 minutes"


def test_it_asks_for_nothing_that_was_loaded(paused, django_assert_num_queries):
    with django_assert_num_queries(0):
        vitals_chart(paused, now=NOW)
