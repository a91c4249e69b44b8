"""What the demo shows of check-ins: sent, answered and missed, through the operations, and once."""

from collections import Counter
from datetime import timedelta

import pytest

from sessions.demo.check_ins import ask_between_sessions
from sessions.models import HomeCheckIn
from sessions.reports.check_ins import Outcome, outcome_of
from tests.sessions.check_ins import DAY_ONE, infused, make_ready
from tests.sessions.scenes import NOON, make_clinic

pytestmark = pytest.mark.django_db(transaction=True)
DAILY = {"from_day": 2, "until_day": 9, "at": "10:00", "ask": ["mood"], "within_hours": 22}


def test_ten_days_of_check_ins(data_dir, settings):
    settings.SMS_BACKEND = "clinic.common.messaging.FileSms"
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    clinic = make_clinic()
    make_ready(clinic.site)
    infused(clinic, DAY_ONE, DAILY)
    now = NOON + timedelta(days=9)
    assert ask_between_sessions(now=now) == 9
    rows = HomeCheckIn.objects.select_related("link")
    found = Counter(outcome_of(check_in, now) for check_in in rows)
    assert found.keys() == {Outcome.ANSWERED, Outcome.MISSED, Outcome.SENT}
    assert ask_between_sessions(now=now) == 0
    assert Counter(outcome_of(check_in, now) for check_in in rows.all()) == found
