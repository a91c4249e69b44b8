"""Alerts that nobody acknowledges are passed on: once each step, by whoever comes by, and told without a name."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import IntegrityError, transaction

from clinic.audit.models import AuditEvent
from clinic.common.errors import Refused
from sessions.models import Alert, AlertChannelTest, AlertEntry
from sessions.operations import alert_sending
from sessions.operations.acknowledging import acknowledge_alert, note_read
from sessions.operations.alert_escalating import escalate_alerts, people_for
from sessions.operations.monitoring import record_vital_signs
from sessions.rules.alerts import job_at
from sessions.states import Status
from tests.refusals import refused
from tests.scenes import staff
from tests.sessions.messages import text_messages
from tests.sessions.operations.duty import hours, on_duty, set_rules
from tests.sessions.scenes import NOON, NORMAL, make_clinic, session_at


@pytest.fixture
def clinic(db):
    found = make_clinic()
    set_rules(found.site, alert_escalation_minutes=5)
    return found


@pytest.fixture
def session(clinic):
    return session_at(Status.INFUSING, clinic=clinic, now=NOON)


@pytest.fixture
def other(clinic):
    """Another nurse, on duty."""
    found = staff("nurse", clinic.site)
    on_duty(clinic, found, hours(-3, 5))
    return found


@pytest.fixture
def alert(session, clinic, other):
    record_vital_signs(session=session, values=NORMAL | {"systolic": 186}, by=clinic.nurse, now=NOON)
    return session.alerts.get()


def escalate(clinic, minute):
    now = NOON + timedelta(minutes=minute)
    return escalate_alerts(site=clinic.site, by=job_at([clinic.site]), now=now)


def told(alert):
    return [(entry.kind, entry.step, entry.to, entry.channel) for entry in alert.entries.order_by("pk")]


def test_it_goes_to_another_nurse_on_duty_and_shows_that_nobody_else_is_named(alert, clinic, other):
    assert [escalate(clinic, minute) for minute in (4, 5, 5, 9)] == [0, 1, 0, 0]
    nurse = [("escalated", "nurse", other.user, ""), ("delivered", "nurse", other.user, "screen")]
    assert told(alert) == nurse
    manager = staff("manager", clinic.site)
    assert escalate(clinic, 10) == 3
    assert told(alert)[2:] == [
        ("escalated", "prescriber", None, ""),
        ("escalated", "on_call", None, ""),
        ("escalated", "manager", manager.user, ""),
        ("delivered", "manager", manager.user, "screen"),
    ]
    event = AuditEvent.objects.filter(verb="alert.escalated").latest("pk")
    assert (event.actor_kind, event.details["after"]) == (
        "job",
        {"steps": ["prescriber", "on_call", "manager"]},
    )


def test_the_nurses_are_those_on_duty_and_those_who_look_after_somebody(session, clinic, other):
    off = staff("nurse", clinic.site)
    found = people_for(clinic.site, NOON)
    assert found.nurses == (other.user.pk, clinic.nurse.user.pk), "the one with the fewest patients first"
    assert off.user.pk not in found.nurses
    assert (found.prescriber, found.on_call, found.managers) == (None, None, ())


def normal(session, clinic):
    record_vital_signs(session=session, values=NORMAL, by=clinic.nurse, now=NOON + timedelta(minutes=2))


def acknowledged(session, clinic):
    acknowledge_alert(alert=session.alerts.get(), actions=["paused"], by=clinic.nurse, now=NOON)


def no_minutes(session, clinic):
    set_rules(clinic.site, alert_escalation_minutes=0)


@pytest.mark.parametrize("settle", [normal, acknowledged, no_minutes])
def test_nothing_is_passed_on_that_is_over_or_answered_or_not_to_be(alert, session, clinic, settle):
    settle(session, clinic)
    assert escalate(clinic, 60) == 0


def test_an_alert_for_review_pages_nobody(session, clinic, other):
    late = {"by": clinic.nurse, "now": NOON + timedelta(minutes=30)}
    record_vital_signs(session=session, values=NORMAL, **late)
    taken = NOON + timedelta(minutes=1)
    record_vital_signs(session=session, values=NORMAL | {"systolic": 186}, taken_at=taken, **late)
    assert not session.alerts.get().is_live
    assert escalate(clinic, 60) == 0


def test_a_milder_alert_is_not_passed_on_beside_the_worse(alert, session, clinic):
    low = {"values": NORMAL | {"systolic": 185, "oxygen_saturation": 88}, "by": clinic.nurse}
    record_vital_signs(session=session, now=NOON + timedelta(minutes=1), **low)
    escalate(clinic, 6)
    assert [row.level for row in Alert.objects.filter(entries__kind="escalated")] == ["pause", "stop"]


def test_the_database_refuses_a_step_taken_twice(alert, clinic):
    escalate(clinic, 5)
    with pytest.raises(IntegrityError), transaction.atomic():
        AlertEntry.objects.create(alert=alert, kind="escalated", step="nurse", at=NOON)
    with refused(Refused, "permission.missing"):
        escalate_alerts(site=clinic.site, by=clinic.desk, now=NOON)


def test_whoever_was_told_and_opens_it_has_read_it(alert, clinic, other):
    escalate(clinic, 5)
    loaded = Alert.objects.select_related("session__site", "session__patient").prefetch_related("entries")
    assert note_read(alerts=loaded, by=clinic.nurse, now=NOON) == 0
    assert note_read(alerts=loaded, by=other, now=NOON) == 1
    assert note_read(alerts=loaded.all(), by=other, now=NOON) == 0
    assert told(alert)[-1] == ("read", "nurse", other.user, "screen")


# Text messages and e-mails


@pytest.fixture
def by_sms(clinic, other, data_dir, settings):
    set_rules(clinic.site, alert_by_sms=True)
    settings.SMS_BACKEND = "clinic.common.messaging.FileSms"
    other.user.phone = "555 0199"
    other.user.save()
    return data_dir


def run(minute):
    out = StringIO()
    with time_machine.travel(NOON + timedelta(minutes=minute), tick=False):
        call_command("escalate_alerts", stdout=out)
    return out.getvalue().strip()


def test_the_timer_passes_on_and_sends_each_once_without_a_name(alert, session, clinic, other, by_sms):
    assert [run(minute) for minute in (4, 5, 6)] == [
        "Nothing was due.",
        "1 passed on, 1 delivered",
        "Nothing was due.",
    ]
    assert text_messages(by_sms) == [
        "555 0199\n\nNorth clinic, Chair 1: an alert waits. Open the clinic's board.\n"
    ]
    assert told(alert)[2:] == [
        ("sending", "nurse", other.user, "sms"),
        ("delivered", "nurse", other.user, "sms"),
    ]


@pytest.mark.parametrize(
    ("carrier", "why"),
    [("Busy", "503 busy"), ("Quoting", "ValueError")],
)
def test_what_is_not_delivered_is_said(alert, clinic, by_sms, settings, carrier, why):
    settings.SMS_BACKEND = f"tests.sessions.carriers.{carrier}"
    assert run(5) == "1 passed on, 1 failed"
    assert alert.entries.last().note == why
    assert run(6) == "Nothing was due."


def test_a_person_without_a_number_is_not_told_and_that_is_said(alert, clinic, by_sms, other):
    other.user.phone = ""
    other.user.save()
    assert run(5) == "1 passed on, 1 failed"
    assert alert.entries.last().note == "No telephone number is known."


def test_the_channels_are_tried_with_a_message_to_oneself(clinic, by_sms, other, settings):
    rows = alert_sending.test_channels(site=clinic.site, by=other, now=NOON)
    assert [(row.channel, row.is_ok) for row in rows] == [("screen", True), ("sms", True)]
    assert "Test of the alerts of North clinic" in text_messages(by_sms)[0]
    settings.SMS_BACKEND = "tests.sessions.carriers.Refusing"
    alert_sending.test_channels(site=clinic.site, by=other, now=NOON)
    assert AlertChannelTest.objects.get(is_ok=False).why == "550 no such number"
    with refused(Refused, "permission.missing"):
        alert_sending.test_channels(site=clinic.site, by=clinic.desk, now=NOON)
