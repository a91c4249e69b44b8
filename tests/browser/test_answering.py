"""A patient's phone: 320 pixels wide, by keyboard, without JavaScript, and the help that appears when it is touched."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from clinic.common import clock
from patients.models import Assessment, LinkAnswer, SuicideReview
from patients.operations.one_time_links import make_link
from tests.browser.conftest import until
from tests.browser.test_story import noon_zone
from tests.sessions.check_ins import make_ready
from tests.sessions.scenes import make_clinic, make_patient

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = {"width": 320, "height": 640}


@pytest.fixture
def address(clinic: Any) -> str:
    patient = make_patient(clinic, now=clock.now())
    told = {"parts": ["phq9", "mood"], "purpose": "asked", "expires_at": clock.now() + timedelta(days=2)}
    _link, secret = make_link(patient=patient, site=clinic.site, by=clinic.nurse, **told)
    return f"/q/{secret}/"


@pytest.fixture
def clinic() -> Any:
    clinic = make_clinic(zone=noon_zone(), now=clock.now())
    make_ready(clinic.site)
    return clinic


def fits(page: Any) -> bool:
    """Nothing has to be scrolled sideways."""
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width <= PHONE["width"]


def test_touching_the_last_question_shows_help_at_once(page: Any, address: str, axe: Any) -> None:
    page.set_viewport_size(PHONE)
    page.goto(address)
    axe(page)
    assert fits(page)
    expect(page.get_by_role("link", name="Lifeline 988").first).to_have_attribute("href", "tel:988")
    page.get_by_role("button", name="Begin").click()
    axe(page)
    assert fits(page)
    expect(page.get_by_text("You are not alone with this")).to_be_hidden()
    last = page.get_by_role("group", name="Thoughts that you would be better off dead")
    last.get_by_label("Several days").check()
    expect(page.get_by_role("alert")).to_contain_text("You are not alone with this")
    expect(page.get_by_role("alert").get_by_role("link", name="Lifeline 988")).to_be_visible()
    expect(page.get_by_role("heading", name="You are not alone with this")).to_be_in_viewport()
    axe(page)
    assert SuicideReview.objects.count() == 1
    expect(page.get_by_text("Kept", exact=True)).to_be_visible()


def test_the_whole_by_keyboard_and_what_was_chosen_survives_a_closed_page(
    page: Any, address: str, axe: Any
) -> None:
    page.set_viewport_size(PHONE)
    page.goto(address)
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.textContent.trim()") != "Begin":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Part 1 of 2")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    until(page, lambda: LinkAnswer.objects.filter(answers={"phq9_1": 1}).exists(), "the answer is kept")
    page.goto("about:blank")
    page.goto(address)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("group", name="Little interest").get_by_label("Several days")).to_be_checked()
    page.get_by_role("button", name="Next").click()
    page.get_by_label("7", exact=True).check()
    axe(page)
    assert fits(page)
    page.get_by_role("button", name="Send the answers").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    axe(page)
    assert Assessment.objects.get(instrument_code="mood").total == 7


def test_what_is_chosen_before_the_page_can_keep_it_is_kept_all_the_same(page: Any, address: str) -> None:
    """A slow network: the questions are there, what keeps the answers is still on its way."""
    on_its_way: list[Any] = []
    page.route("**/answering*.js", lambda route: on_its_way.append(route))
    page.goto(address)
    page.get_by_role("button", name="Begin").click(no_wait_after=True)
    last = page.get_by_role("group", name="Thoughts that you would be better off dead")
    last.get_by_label("Several days").check()
    until(page, lambda: on_its_way, "the browser asks for what keeps the answers")
    assert not LinkAnswer.objects.exists()
    on_its_way[0].continue_()
    expect(page.get_by_role("alert")).to_contain_text("You are not alone with this")
    assert LinkAnswer.objects.get().answers == {"phq9_9": 1}


def test_without_javascript(new_context: Any, address: str) -> None:
    page = new_context(java_script_enabled=False, viewport=PHONE).new_page()
    page.goto(address)
    page.get_by_role("button", name="Begin").click()
    last = page.get_by_role("group", name="Thoughts that you would be better off dead")
    last.get_by_label("Nearly every day").check()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("alert")).to_contain_text("You are not alone with this")
    assert SuicideReview.objects.get().reasons == ["highest", "no_plan"]
    page.get_by_role("button", name="Back").click()
    expect(last.get_by_label("Nearly every day")).to_be_checked()


def test_a_network_that_is_away_loses_nothing(page: Any, address: str, console: Any) -> None:
    console.allow_failed_requests()
    page.goto(address)
    page.get_by_role("button", name="Begin").click()
    page.locator("form[data-keep]").wait_for()
    page.wait_for_load_state()
    page.context.set_offline(True)
    page.get_by_role("group", name="Little interest").get_by_label("Several days").check()
    expect(page.get_by_text("Not kept yet.")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("group", name="Feeling down").get_by_label("Several days").check()
    until(
        page, lambda: LinkAnswer.objects.filter(answers={"phq9_1": 1, "phq9_2": 1}).exists(), "both are kept"
    )


def test_a_wrong_address_and_the_tablet(page: Any, clinic: Any, sign_in: Any, axe: Any, console: Any) -> None:
    console.allow(404)
    page.goto("/q/this-is-not-a-link/")
    expect(page.get_by_role("link", name="555 0100")).to_be_visible()
    axe(page)
    patient = make_patient(clinic, now=clock.now())
    sign_in(page.context, clinic.nurse.user)
    page.set_viewport_size({"width": 820, "height": 1180})
    page.goto(reverse("patients:ask", args=[patient.public_id]))
    axe(page)
    page.get_by_label("Mood today").check()
    page.get_by_role("button", name="Hand over the tablet").click()
    expect(page.get_by_role("heading", name="Hello Rui")).to_be_visible()
    there = page.url
    page.goto(reverse("patients:detail", args=[patient.public_id]))
    assert page.url == there
    page.go_back()
    expect(page.get_by_text(patient.family_name)).to_have_count(0)
    page.get_by_role("link", name="Staff: take the tablet back").click()
    expect(page.get_by_label("User name")).to_be_visible()
    axe(page)
