"""What calls for somebody, as the board and the strip of my chairs say it: from signals made by hand."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.template.loader import render_to_string

from clinic.facilities.models import Chair
from sessions.reports.board import lines_of
from sessions.reports.board_day import MEASURED, read_visits
from sessions.reports.my_chairs import strip_of
from sessions.reports.signals import NONE, Signals
from sessions.rules.plausibility import RANGES
from sessions.rules.protocols import LimitLevel
from sessions.states import Status
from tests.pages import text_of
from tests.sessions.scenes import NOON, make_clinic, session_at

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)
"""By then the reading of whoever is infused is overdue."""

AT = NOON - timedelta(minutes=19)
STOP = Signals(alert_level=LimitLevel.STOP, alert_count=2, alert_since=AT)
WARN = Signals(alert_level=LimitLevel.WARN, alert_count=1, alert_since=AT)
WAIT = Signals(waiting_until=NOON + timedelta(minutes=40), waiting_reason="fasting")
RIDE = Signals(ready_since=AT)
OFFLINE = Signals(offline_since=AT)


@pytest.fixture
def clinic():
    return make_clinic()


def line_with(clinic, signals, status=Status.INFUSING, now=LATER):
    session = session_at(status, clinic=clinic, now=NOON)
    visits = read_visits(type(session).objects.all(), Chair.objects.filter(site=clinic.site))
    (line,) = lines_of(visits, {}, {session.pk: signals}, now=now)
    return line


def rendered(template, context):
    return text_of(HttpResponse(render_to_string(f"sessions/{template}.html", context)))


def on_the_board(clinic, line):
    return rendered("_board_line", {"line": line, "site": clinic.site})


def on_the_strip(clinic, line):
    mine = strip_of([line.session], {line.session.pk: line.signals}, clinic.chairs, now=LATER)
    return rendered("_my_chairs", {"mine": mine, "site": clinic.site, "now": LATER})


SAID = [
    (STOP, Status.INFUSING, "▲ Stop alert (2), open since 11:41", "▲ 2 alerts"),
    (WARN, Status.RECOVERING, "▲ Alert, open since 11:41", "▲ 1 alert"),
    (WAIT, Status.ARRIVED, "waiting until 12:40 (fasting)", "waiting until 12:40"),
    (RIDE, Status.RECOVERING, "ready, waiting for ride since 11:41", "ready, waiting for ride"),
    (OFFLINE, Status.INFUSING, "tablet offline since 11:41", "tablet offline since 11:41"),
]


@pytest.mark.parametrize(("signals", "status", "board", "strip"), SAID)
def test_each_signal_is_said_in_words_on_board_and_strip(clinic, signals, status, board, strip):
    line = line_with(clinic, signals, status)
    assert board in on_the_board(clinic, line)
    assert strip in on_the_strip(clinic, line)
    assert board not in on_the_board(clinic, lines_of([line.session], {}, {}, now=LATER)[0])


def test_a_silent_tablet_is_not_called_overdue(clinic):
    line = line_with(clinic, NONE)
    assert line.is_overdue(LATER)
    assert "next reading" in on_the_board(clinic, line)
    (silent,) = lines_of([line.session], {}, {line.session.pk: OFFLINE}, now=LATER)
    assert not silent.is_overdue(LATER)
    text = on_the_board(clinic, silent)
    assert "last known" in text and "next reading" not in text


def test_only_an_alert_of_the_highest_level_is_called_out_above_the_page(clinic):
    line = line_with(clinic, STOP)
    assert "Stop alert Chair 1" in on_the_strip(clinic, line)
    (lower,) = lines_of([line.session], {}, {line.session.pk: WARN}, now=LATER)
    assert "Stop alert" not in on_the_strip(clinic, lower)


@pytest.mark.parametrize(
    ("signals", "moves"),
    [(NONE, True), (OFFLINE, False), (Signals(waiting_until=NOON + timedelta(minutes=1)), True)],
)
def test_a_line_knows_when_it_will_read_otherwise_by_itself(clinic, signals, moves):
    line = line_with(clinic, signals, now=NOON)
    at = line.changes_at(NOON)
    assert (at is not None) is moves
    if signals.waiting_until:
        assert at == signals.waiting_until
    elif moves:
        assert not line.is_overdue(at - timedelta(seconds=1)) and line.is_overdue(at)


def test_a_reading_of_the_board_holds_whatever_a_limit_can_be_about():
    assert {name.removesuffix("_decicelsius") for name in MEASURED} == {"taken_at", *RANGES}
