"""The demo goes on by itself: from ready to gone, by the clock alone, and never over what somebody did."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from sessions.demo.live import go_on
from sessions.models import InfusionSession
from sessions.operations import running
from sessions.states import Status
from tests.sessions.scenes import NOON, make_clinic, session_at


@pytest.fixture
def clinic(db):
    clinic = make_clinic()
    clinic.nurse.user.is_demo = True
    clinic.nurse.user.save(update_fields=["is_demo"])
    return clinic


def state_of(session):
    return InfusionSession.objects.get(pk=session.pk).state


def test_a_visit_goes_on_to_its_end_as_the_clock_does(clinic):
    session = session_at(Status.READY, clinic=clinic, now=NOON)
    seen = []
    for minute in range(0, 180, 2):
        go_on(now=NOON + timedelta(minutes=minute))
        if not seen or seen[-1] is not state_of(session):
            seen.append(state_of(session))
    assert seen == [Status.READY, Status.INFUSING, Status.RECOVERING, Status.DISCHARGED]
    assert session.vital_signs.count() > 5
    assert session.infusion_totals.exists() and session.ready_marks.count() == 1
    assert session.ready_marks.get().taken_at < InfusionSession.objects.get(pk=session.pk).closed_at


@pytest.mark.parametrize("status", [Status.PAUSED, Status.SCHEDULED, Status.ARRIVED, Status.LEFT])
def test_what_waits_for_somebody_is_left_to_them(clinic, status):
    session = session_at(status, clinic=clinic, now=NOON)
    assert sum(go_on(now=NOON + timedelta(minutes=minute)) for minute in range(0, 120, 5)) == 0
    assert state_of(session) is status


def test_a_neglected_patient_stays_neglected(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    assert go_on(now=NOON + timedelta(minutes=40)) == 0
    assert state_of(session) is Status.INFUSING


def test_what_a_visitor_did_counts(clinic):
    session = session_at(Status.READY, clinic=clinic, now=NOON)
    running.start(session=session, by=clinic.nurse, now=NOON + timedelta(minutes=2))
    for minute in range(3, 60):
        go_on(now=NOON + timedelta(minutes=minute))
    assert state_of(session) is Status.RECOVERING


@pytest.mark.django_db
def test_only_a_demo_goes_on(settings, capsys):
    with pytest.raises(CommandError, match="Only a demo"):
        call_command("go_on_with_demo", once=True)
    settings.DEMO = True
    call_command("go_on_with_demo", once=True)
    assert "Took 0 steps." in capsys.readouterr().out
