"""A nurse with two patients on a tablet goes from one to the other in the middle of a word; a wall looks on."""

from typing import Any

import pytest
from playwright.sync_api import expect

from clinic.common import clock
from sessions.operations.monitoring import record_vital_signs
from sessions.operations.wall_screens import make_screen
from sessions.states import Status
from tests.browser.test_story import noon_zone
from tests.scenes import staff
from tests.sessions.scenes import NORMAL, make_clinic, session_at

pytestmark = pytest.mark.django_db(transaction=True)
TABLET, WALL = {"width": 820, "height": 1180}, {"width": 1920, "height": 1080}


@pytest.fixture
def clinic() -> Any:
    return make_clinic(zone=noon_zone(), now=clock.now())


def test_one_tap_switches_and_what_was_typed_is_there_again(
    clinic: Any, new_context: Any, sign_in: Any, axe: Any
) -> None:
    now = clock.now()
    stages = (Status.INFUSING, Status.PAUSED)
    first, second = (
        session_at(stage, clinic=clinic, now=now, chair=chair)
        for stage, chair in zip(stages, clinic.chairs, strict=False)
    )
    context = new_context(viewport=TABLET)
    sign_in(context, clinic.nurse.user)
    page = context.new_page()
    page.goto(f"/sessions/{first.public_id}/")
    strip = page.get_by_role("navigation", name="My chairs")
    strip.get_by_role("link", name="Chair 2").wait_for()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    expect(page.get_by_text("Tap for sound")).to_be_visible()
    page.locator("#note summary").click()
    expect(page.get_by_text("Sound on")).to_be_visible()
    page.locator("#note textarea").fill("Wants the lights low")
    # Before the draft would have been saved by itself.
    strip.get_by_role("link", name="Chair 2").click()
    page.wait_for_url(f"**/{second.public_id}/")
    strip.get_by_role("link", name="Chair 1").click()
    page.wait_for_url(f"**/{first.public_id}/")
    page.locator("#note summary").click()
    expect(page.locator("#note textarea")).to_have_value("Wants the lights low")


def test_a_stop_alert_of_another_patient_stands_once(
    clinic: Any, new_context: Any, sign_in: Any, axe: Any
) -> None:
    now = clock.now()
    here, other = (
        session_at(stage, clinic=clinic, now=now, chair=chair)
        for stage, chair in zip((Status.READY, Status.INFUSING), clinic.chairs, strict=False)
    )
    record_vital_signs(session=other, values=NORMAL | {"oxygen_saturation": 82}, by=clinic.nurse, now=now)
    context = new_context(viewport=TABLET)
    sign_in(context, clinic.nurse.user)
    page = context.new_page()
    page.goto(f"/sessions/{here.public_id}/")
    page.get_by_text("Stop alert").wait_for()
    assert page.locator("[data-elsewhere]:visible").count() == 0
    assert page.locator("[data-elsewhere]").count() >= 1
    # What is next lies in sight without scrolling, below a header of one row.
    start = page.get_by_role("button", name="Start infusion").bounding_box()
    assert start and start["y"] + start["height"] < TABLET["height"]
    assert page.locator(".top").evaluate("top => top.offsetHeight") < 60
    axe(page)


def test_a_wall_is_opened_by_its_code(clinic: Any, new_context: Any, axe: Any) -> None:
    session = session_at(Status.INFUSING, clinic=clinic, now=clock.now())
    _screen, code = make_screen(site=clinic.site, name="Station", by=staff("manager", clinic.site))
    page = new_context(viewport=WALL).new_page()
    page.goto("/wall/")
    axe(page)
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Open").click()
    page.get_by_text("R.S.").wait_for()
    axe(page)
    assert page.get_by_text(session.patient.family_name).count() == 0
    assert page.get_by_role("link").count() == 0
