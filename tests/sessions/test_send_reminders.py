"""``manage.py send_reminders``: what it does and says, and that nothing goes out twice, whoever runs or dies."""

import multiprocessing
from datetime import timedelta
from functools import partial
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import connections

from clinic.audit.models import AuditChain, AuditEvent
from clinic.audit.verify import broken_links
from clinic.common.models import JobRun
from sessions.models import Reminder
from sessions.operations.reminding import try_again
from tests.sessions.messages import job, make_text, only_reminder, text_messages, visit
from tests.sessions.races.processes import DONE, PATIENCE, tally
from tests.sessions.scenes import NOON, make_clinic

HOURS = 3
"""Between the beginnings of two visits in one chair."""


@pytest.fixture
def folder(data_dir, settings):
    settings.SMS_BACKEND = "clinic.common.messaging.FileSms"
    return data_dir


@pytest.fixture
def at_noon():
    with time_machine.travel(NOON):
        yield


def send():
    out = StringIO()
    call_command("send_reminders", stdout=out)
    return out.getvalue().strip()


@pytest.mark.django_db
def test_it_queues_sends_and_leaves_a_record_of_the_run(folder, at_noon):
    clinic = make_clinic(now=NOON)
    make_text(clinic)
    visit(clinic)
    visit(clinic, chair=1, reminders_by="")
    assert send() == "1 queued, 1 sent"
    assert send() == "Nothing was due."
    latest, first = JobRun.objects.filter(name="send_reminders").order_by("-started_at", "-pk")
    assert (first.state, first.result, first.done) == ("done", {"queued": 1, "sent": 1}, 2)
    assert (latest.state, latest.result, latest.started_by) == ("done", {}, job(clinic).key)
    assert len(text_messages(folder)) == 1


@pytest.mark.django_db
def test_each_site_is_worked_off_on_its_own_clocks(folder, at_noon):
    """Noon in New York is five in the afternoon in Lisbon: there ten o'clock is over long ago."""
    north, south = make_clinic(now=NOON), make_clinic("south", zone="Europe/Lisbon", now=NOON)
    for clinic in (north, south):
        make_text(clinic)
        visit(clinic)
    assert send() == "2 queued, 2 sent"
    due = Reminder.objects.order_by("due_at").values_list("session__site__code", "due_at__hour")
    assert list(due) == [("south", 10), ("north", 14)]


@pytest.mark.django_db(transaction=True)
def test_several_runs_at_once_send_each_message_once(folder, at_noon):
    clinic = make_clinic(now=NOON)
    make_text(clinic)
    for number in range(6):
        starts_at = NOON + timedelta(days=1, hours=HOURS * (number // 3))
        visit(clinic, starts_at=starts_at, chair=number % 3)
    assert tally([send] * 4) == {DONE: 4}
    assert len(text_messages(folder)) == 6
    assert list(Reminder.objects.values_list("state", "attempts")) == [("sent", 1)] * 6
    for verb in ("reminder.queued", "reminder.handed_over", "reminder.sent"):
        assert AuditEvent.objects.filter(verb=verb).count() == 6
    assert [link for chain in AuditChain.objects.all() for link in broken_links(chain)] == []
    counted = [run.result for run in JobRun.objects.filter(name="send_reminders")]
    assert sum(result.get("sent", 0) for result in counted) == 6


@pytest.mark.django_db(transaction=True)
def test_two_who_try_again_and_two_runs_send_it_once(folder, at_noon, settings):
    clinic = make_clinic(now=NOON)
    make_text(clinic)
    visit(clinic)
    settings.SMS_BACKEND = "tests.sessions.carriers.Refusing"
    send()
    settings.SMS_BACKEND = "clinic.common.messaging.FileSms"
    again = partial(try_again, reminder=only_reminder(), by=clinic.desk)
    assert tally([again, again]) == {DONE: 1, "reminder.not_failed": 1}
    assert tally([send, send]) == {DONE: 2}
    assert len(text_messages(folder)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_run_killed_between_sending_and_noting_leaves_one_that_nobody_sends_again(
    folder, at_noon, settings
):
    clinic = make_clinic(now=NOON)
    make_text(clinic)
    visit(clinic)
    settings.SMS_BACKEND = "tests.sessions.carriers.Killed"
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=send)
    process.start()
    process.join(PATIENCE)
    assert process.exitcode == -9
    reminder = only_reminder()
    assert (reminder.state, reminder.why, reminder.attempts) == ("failed", "unknown", 1)
    assert JobRun.objects.get(name="send_reminders").state == "running"
    settings.SMS_BACKEND = "clinic.common.messaging.FileSms"
    assert send() == "Nothing was due."
    assert len(text_messages(folder)) == 1
