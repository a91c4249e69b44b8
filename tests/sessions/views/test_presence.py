"""Who else has a session open: seen within the minute, by device, and only within reach."""

from datetime import timedelta

import pytest
import time_machine

from clinic.audit.models import AuditEvent
from sessions.models import Presence
from sessions.states import Status
from tests.clinic.accounts.shared_device import browser_on, tablet
from tests.pages import Pages, text_of
from tests.scenes import make_site, staff
from tests.sessions.scenes import NOON, make_clinic, session_at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def clinic():
    return make_clinic()


@pytest.fixture
def path(clinic):
    return f"/sessions/{session_at(Status.INFUSING, clinic=clinic, now=NOON).public_id}/here/"


def asked(pages, path):
    return pages.get(path, **{"HX-Request": "true"})


def test_two_people_see_each_other_until_a_minute_after(clinic, path, noon):
    nurse, prescriber = Pages(clinic.nurse), Pages(clinic.prescriber)
    assert "Here too" not in text_of(asked(nurse, path))
    assert f"Here too: {clinic.nurse.label}" in text_of(asked(prescriber, path))
    assert f"Here too: {clinic.prescriber.label}" in text_of(asked(nurse, path))
    noon.shift(timedelta(seconds=61))
    assert "Here too" not in text_of(asked(nurse, path))
    noon.shift(timedelta(minutes=11))
    asked(nurse, path)
    assert Presence.objects.count() == 1


def test_ones_own_other_device_is_named(clinic, path):
    device = tablet(clinic.site, by=clinic.nurse)
    browser_on(device, clinic.nurse).get(path)
    assert "Here too: you (Tablet at chair 3)" in text_of(asked(Pages(clinic.nurse), path))


def test_looking_is_no_act(clinic, path):
    before = AuditEvent.objects.count()
    text = text_of(Pages(clinic.nurse).get(path))
    assert "Nobody else has this session open." in text
    assert AuditEvent.objects.count() == before


def test_out_of_reach(path):
    assert Pages(staff("nurse", make_site("south"))).get(path).status_code == 404
    assert not Presence.objects.exists()


def test_the_page_asks_by_itself(clinic):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    page = Pages(clinic.nurse).get(f"/sessions/{session.public_id}/").content.decode()
    assert f'hx-get="/sessions/{session.public_id}/here/"' in page
