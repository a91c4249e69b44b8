"""Where the rooms of the chairside meet: one fact that another room has to know of."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from clinic.common.errors import Conflict, Invalid
from sessions.models import FollowUp, InfusionEvent, InfusionSession, MedicationEffect
from sessions.operations import leaving, monitoring
from sessions.operations.alert_escalating import escalate_alerts
from sessions.operations.alert_sending import test_channels as try_channels
from sessions.operations.effect_sheet import record_effect_sheet
from sessions.operations.medicines import give_medicine, note_effect
from sessions.operations.naming_responsible import name_responsible
from sessions.reports.ambulance_sheet import ambulance_sheet
from sessions.reports.chart import read_chart
from sessions.reports.day_signals import day_signals
from sessions.reports.last_time import helped_by
from sessions.rules.alerts import job_at
from sessions.rules.effect_steps import offered_steps
from sessions.states import Status
from tests.refusals import refused
from tests.sessions.operations.duty import set_rules
from tests.sessions.orders_scene import standing_order
from tests.sessions.scenes import NOON, NORMAL, session_at

NAUSEA = {"term": "nausea", "severity": "moderate"}


@pytest.fixture
def infusing(clinic):
    return session_at(Status.INFUSING, clinic=clinic, now=NOON)


def fresh(session):
    return read_chart(InfusionSession.objects.filter(pk=session.pk).with_number())


def offered(session, clinic):
    return {step.value.partition(":")[0]: step.value for step in offered_steps(session, by=clinic.nurse)}


def responsible(clinic):
    return name_responsible(
        site=clinic.site,
        kind="responsible",
        user=clinic.prescriber.user,
        presence="by_phone",
        phone="555 0142",
        starts_at=NOON - timedelta(hours=1),
        ends_at=NOON + timedelta(hours=8),
        by=clinic.nurse,
        now=NOON - timedelta(hours=1),
    )


def test_nausea_a_slower_rate_and_a_standing_order_are_one_sheet(clinic, infusing):
    order = standing_order(clinic)
    steps = offered(infusing, clinic)
    assert set(steps) == {"pause", "rate", "medicine"}
    chosen = [steps["rate"], steps["medicine"]]
    record_effect_sheet(session=infusing, effect=NAUSEA, steps=chosen, by=clinic.nurse, now=NOON)
    rate = InfusionEvent.objects.get(kind="rate")
    assert rate.rate_microlitres_per_hour == 75_000
    given = infusing.medicines_given.get()
    assert (given.standing_order, given.dose_typed) == (order, "4")
    assert infusing.side_effects.get().latest.action_taken == "slowed"


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("medicine:not-an-id", "side_effect.step"),
        ("rate:0", "rate.above_zero"),
        ("rate:many", "rate.above_zero"),
        ("dance", "side_effect.step"),
    ],
)
def test_a_step_that_cannot_be_leaves_nothing_of_the_sheet(clinic, infusing, step, code):
    with refused(Invalid, code):
        record_effect_sheet(session=infusing, effect=NAUSEA, steps=[step], by=clinic.nurse, now=NOON)
    assert not infusing.side_effects.exists()


def test_a_standing_order_that_is_used_up_refuses_the_whole_sheet(clinic, infusing):
    order = standing_order(clinic, max_session=None)
    told = {"session": infusing, "standing_order": order, "unit": "mg", "by": clinic.nurse, "now": NOON}
    give_medicine(dose=Decimal(4), **told)
    with refused(Conflict, "medicine.over_session"):
        record_effect_sheet(
            session=infusing,
            effect=NAUSEA,
            steps=[offered(infusing, clinic)["medicine"]],
            by=clinic.nurse,
            now=NOON,
        )
    assert not infusing.side_effects.exists()


@pytest.mark.parametrize("status", [Status.INFUSING, Status.PAUSED, Status.RECOVERING])
@pytest.mark.parametrize(
    ("how", "kind"), [("without_escort", "left-unescorted"), ("against_advice", "unmet-criteria")]
)
def test_who_goes_with_something_unmet_is_looked_after_the_same_day(clinic, status, how, kind):
    session = session_at(status, clinic=clinic, now=NOON)
    leaving.leave(session=session, by=clinic.nurse, now=NOON, leaving=how)
    found = FollowUp.objects.get(kind=kind)
    midnight = datetime(2026, 3, 11, tzinfo=clinic.site.zone)
    assert (found.session, found.due_at) == (session, midnight)


def test_who_was_given_nothing_leaves_nothing_open(clinic):
    session = session_at(Status.ARRIVED, clinic=clinic, now=NOON)
    leaving.leave(session=session, by=clinic.desk, now=NOON)
    assert not FollowUp.objects.exists()


def test_an_alert_climbs_to_the_prescriber_of_the_day(clinic, infusing):
    set_rules(clinic.site, alert_escalation_minutes=5)
    responsible(clinic)
    monitoring.record_vital_signs(
        session=infusing, values=NORMAL | {"systolic": 186}, by=clinic.nurse, now=NOON
    )
    for minute in (5, 10, 15):
        now = NOON + timedelta(minutes=minute)
        escalate_alerts(site=clinic.site, by=job_at([clinic.site]), now=now)
    told = {entry.step: entry.to for entry in infusing.alerts.get().entries.filter(kind="escalated")}
    assert told["prescriber"] == clinic.prescriber.user


def test_the_opening_list_is_answered_by_the_record(clinic):
    before = day_signals(clinic.site, actor=clinic.nurse, now=NOON)
    assert (before.prescriber, before.channels, before.unwitnessed, before.unsent) == (None, None, 0, 0)
    responsible(clinic)
    try_channels(site=clinic.site, by=clinic.nurse, now=NOON)
    after = day_signals(clinic.site, actor=clinic.nurse, now=NOON)
    assert "555 0142" in after.prescriber
    assert (after.channels_ok, "works" in after.channels) == (True, True)
    assert day_signals(clinic.site, actor=clinic.nurse, now=NOON + timedelta(days=1)).channels is None


def test_the_ambulance_is_told_what_else_was_given_and_who_answers(clinic, infusing):
    responsible(clinic)
    order = standing_order(clinic)
    told = {"session": infusing, "unit": "mg", "by": clinic.nurse, "now": NOON}
    given = give_medicine(standing_order=order, dose=Decimal(4), **told)
    note_effect(given=given, outcome=MedicationEffect.Outcome.HELPED, by=clinic.nurse, now=NOON)
    sheet = ambulance_sheet(fresh(infusing), actor=clinic.nurse, now=NOON)
    assert [words for _at, words in sheet.medicines_given] == ["ondansetron 4 mg IV"]
    assert sheet.prescriber.user == clinic.prescriber.user
    assert "ondansetron 4 mg IV helped" in helped_by(fresh(infusing))
