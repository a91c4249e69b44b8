"""A screen on a wall: opened by a code that counts once, shows little, can do nothing, ends when it is revoked."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from clinic.audit.models import AuditEvent
from clinic.common.errors import Invalid
from clinic.facilities.operations.sites import edit_site
from sessions.models import WallScreen
from sessions.operations import monitoring
from sessions.operations.wall_screens import make_screen, open_wall_screen, revoke_screen
from sessions.reports.wall import ANY_SCREEN
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.refusals import refused
from tests.scenes import staff
from tests.sessions.scenes import NOON, NORMAL, session_at

pytestmark = pytest.mark.django_db
KEY = "4b0f6a3e-6f0e-4f5e-9f7b-6a1f3f1f2b11"


@pytest.fixture
def manager(clinic):
    return staff("manager", clinic.site)


@pytest.fixture
def screen(clinic, manager):
    """A browser that nobody has signed in to, and that is a screen."""
    _row, code = make_screen(site=clinic.site, name="Station", by=manager, now=NOON)
    browser = Client()
    opened = browser.post("/wall/open/", {"code": code, "idempotency_key": KEY})
    assert (opened.status_code, opened["Location"]) == (302, "/wall/")
    return browser


def test_the_code_is_shown_once_and_opens_one_browser(clinic, manager):
    page = Pages(manager).post("/wall/screens/", {"name": "Station"})
    code = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", text_of(page)).group()
    assert page.status_code == 201
    assert code not in text_of(Pages(manager).get("/wall/screens/"))
    first, second = Client(), Client()
    assert "Open a wall screen" in text_of(first.get("/wall/"))
    opened = first.post("/wall/open/", {"code": code.lower().replace("-", " "), "idempotency_key": KEY})
    assert (opened.status_code, opened["Location"]) == (302, "/wall/")
    assert clinic.site.name in text_of(first.get("/wall/"))
    again = second.post("/wall/open/", {"code": code, "idempotency_key": KEY[:-1] + "2"})
    assert again.status_code == 422
    assert "Open a wall screen" in text_of(second.get("/wall/"))
    assert set(AuditEvent.objects.values_list("verb", flat=True)) >= {
        "wall_screen.made",
        "wall_screen.opened",
    }


@pytest.mark.parametrize("spoil", ["late", "revoked", "wrong"])
def test_a_code_that_opens_nothing(clinic, manager, spoil):
    row, code = make_screen(site=clinic.site, name="Station", by=manager, now=NOON)
    now = NOON + timedelta(minutes=15 if spoil == "late" else 14)
    if spoil == "revoked":
        revoke_screen(screen=row, by=manager, now=NOON)
    typed = code[::-1] + "2" if spoil == "wrong" else code
    with refused(Invalid, "wall.code"):
        open_wall_screen(code=typed, by=ANY_SCREEN, now=now)


def test_it_shows_who_sits_where_and_no_more(clinic, manager, screen):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    monitoring.record_vital_signs(
        session=session, values=NORMAL | {"systolic": 143}, by=clinic.nurse, now=NOON
    )
    page = screen.get("/wall/")
    text = text_of(page)
    assert "R.S." in text and "Infusing" in text
    assert session.patient.family_name not in text
    assert str(session.public_id) not in page.content.decode()
    assert "143/" not in text
    rules = {"wall_shows_numbers": True}
    administrator = staff("administrator", clinic.site)
    edit_site(
        site=clinic.site,
        changes={"policy": rules},
        by=administrator,
        expected_revision=clinic.site.revision,
        now=NOON,
    )
    assert "143/76" in text_of(screen.get("/wall/"))


def test_it_reaches_nothing_else_and_writes_nothing(clinic, screen):
    session = session_at(Status.INFUSING, clinic=clinic, now=NOON)
    assert clinic.site.name in text_of(screen.get("/wall/"))
    for path in ("/", "/today/rows/", "/patients/", f"/sessions/{session.public_id}/", "/wall/screens/"):
        assert screen.get(path).status_code == 302, path
    assert screen.get("/api/v1/board/", {"site": str(clinic.site.public_id)}).status_code == 401
    before = AuditEvent.objects.count()
    assert screen.post(f"/sessions/{session.public_id}/notes/", {"text": "x"}).status_code == 302
    assert screen.post("/wall/").status_code == 405
    assert AuditEvent.objects.count() == before


def test_it_asks_again_cheaply_does_not_time_out_and_ends_when_revoked(clinic, manager, screen):
    version = screen.get("/wall/").content.decode().split("version=")[1].split('"')[0]
    assert screen.get(f"/wall/rows/?version={version}").status_code == 304
    with time_machine.travel(NOON + timedelta(days=200), tick=False):
        assert clinic.site.name in text_of(screen.get("/wall/"))
    row = WallScreen.objects.get()
    path = f"/wall/screens/{row.public_id}/revoke/"
    assert Pages(clinic.nurse).post(path).status_code == 404
    assert Pages(manager).post(path).status_code == 302
    gone = screen.get(f"/wall/rows/?version={version}")
    assert "revoked" in text_of(gone) and "hx-get" not in gone.content.decode()
    assert "Open a wall screen" in text_of(screen.get("/wall/"))


@pytest.mark.parametrize("role", ["nurse", "front_desk", "prescriber", "auditor"])
def test_only_who_plans_the_days_makes_one(clinic, role):
    actor = staff(role, clinic.site, "other")
    assert Pages(actor).post("/wall/screens/", {"name": "Station"}).status_code == 403
    assert not WallScreen.objects.exists()
