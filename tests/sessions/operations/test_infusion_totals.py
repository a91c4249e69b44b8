"""Pump and chart side by side: which is used, when a gap needs a reason, and what a later correction undoes."""

from datetime import datetime, timedelta

import pytest

from clinic.common.errors import Conflict, Invalid
from sessions.models import InfusionEvent, InfusionSession, InfusionTotals
from sessions.operations import running
from sessions.operations.infusion_totals import record_totals
from sessions.rules.delivery import given_micrograms
from sessions.states import Status
from tests.refusals import refused
from tests.sessions.scenes import NOON, approved_version, session_at


@pytest.fixture
def ended(clinic):
    """35 mg in 100 mL at 150 mL/h, stopped after 20 minutes: 17.5 mg by chart."""
    session = session_at(Status.READY, clinic=clinic, now=NOON)
    running.start(session=session, by=clinic.nurse, now=NOON)
    running.end(session=session, by=clinic.nurse, now=minute(20), reason="Nausea")
    return session


def minute(number: float) -> datetime:
    return NOON + timedelta(minutes=number)


def fresh(session) -> InfusionSession:
    return InfusionSession.objects.select_related("course__protocol_version").get(pk=session.pk)


@pytest.mark.parametrize(
    ("pump", "used", "reason", "refusal"),
    [
        (50_000, "pump", "", None),
        (60_000, "pump", "", None),  # 21 mg: 3.5 mg are just ten percent of the dose.
        (60_003, "pump", "", "totals.gap"),
        (60_003, "pump", "Bag was fuller", None),
        (39_990, "chart", "", "totals.gap"),
        (39_990, "chart", "Pump was reset", None),
        (
            110_000,
            "pump",
            "Overfilled bag",
            None,
        ),  # More than the bag was meant to hold, since the pump says so.
        (200_001, "pump", "Overfilled bag", "totals.impossible"),
        (50_000, "", "", "totals.used"),
        (50_000, "both", "", "totals.used"),
        (None, "", "", "totals.no_pump"),
        (None, "pump", "Pump was switched off", None),
    ],
)
def test_what_is_accepted(clinic, ended, pump, used, reason, refusal):
    told = {"session": ended, "pump_microlitres": pump, "used": used, "reason": reason}
    if refusal:
        with refused(Invalid, refusal):
            record_totals(by=clinic.nurse, now=minute(25), **told)
        assert not InfusionTotals.objects.exists()
        return
    totals = record_totals(by=clinic.nurse, now=minute(25), **told)
    assert (totals.charted_microlitres, totals.charted_micrograms) == (50_000, 17_500)
    uses_pump = used == "pump" and pump is not None
    assert totals.used == fresh(ended).totals_used == ("pump" if uses_pump else "chart")
    given = round(pump * 35_000 / 100_000) if uses_pump else 17_500
    assert given_micrograms(fresh(ended), at=minute(30)) == given


def test_without_a_tolerance_nothing_is_checked(clinic, ended):
    loose = approved_version(by=clinic.director, code="loose", totals_tolerance_percent=None)
    ended.course.__class__.objects.filter(pk=ended.course_id).update(protocol_version=loose)
    totals = record_totals(
        session=ended, pump_microlitres=99_000, used="pump", by=clinic.nurse, now=minute(25)
    )
    assert totals.tolerance_percent is None


def test_it_waits_for_the_end_and_for_a_dose(clinic):
    infusing = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    with refused(Conflict, "totals.running"):
        record_totals(session=infusing, pump_microlitres=1, used="pump", by=clinic.nurse, now=NOON)
    arrived = session_at(Status.ARRIVED, clinic=clinic, now=NOON, chair=clinic.chairs[1])
    with refused(Conflict, "totals.no_dose"):
        record_totals(session=arrived, pump_microlitres=1, used="pump", by=clinic.nurse, now=NOON)


def test_the_latest_entry_stands(clinic, ended):
    for number, pump in enumerate((48_000, 51_000)):
        told = {"pump_microlitres": pump, "used": "pump", "residual_microlitres": 900, "flush_microlitres": 0}
        record_totals(session=ended, by=clinic.nurse, now=minute(25 + number), **told)
    assert fresh(ended).given_micrograms == 17_850
    assert InfusionTotals.objects.filter(session=ended, residual_microlitres=900).count() == 2


def test_a_corrected_time_asks_for_the_comparison_again(clinic, ended):
    record_totals(session=ended, pump_microlitres=50_000, used="pump", by=clinic.nurse, now=minute(25))
    stop = InfusionEvent.objects.get(session=ended, kind="end")
    running.correct_event(event=stop, at=minute(18), reason="Pump's log", by=clinic.nurse, now=minute(30))
    assert (fresh(ended).totals_used, fresh(ended).given_micrograms) == ("", None)
    assert given_micrograms(fresh(ended), at=minute(40)) == 15_750
