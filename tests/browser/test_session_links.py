"""What leads away from a session's page, and what that page asks for by itself."""

from typing import Any

import pytest

from clinic.common import clock
from sessions.states import Status
from tests.browser.test_story import noon_zone
from tests.sessions.scenes import make_clinic, session_at

pytestmark = pytest.mark.django_db(transaction=True)
TABLET = {"width": 820, "height": 1180}

COURSE = ".bed-head__where a[href*='/courses/']"
STYLES = "[...document.styleSheets].map((sheet) => sheet.href.split('/').pop())"
# What a request that finds no network says, once it has.
HEARD = """new Promise((heard) => document.body.addEventListener(
    "htmx:sendError", ({ detail }) => setTimeout(() => heard(detail.pathInfo.requestPath)), { once: true }))"""


@pytest.fixture
def page(new_context: Any, sign_in: Any) -> Any:
    clinic = make_clinic(zone=noon_zone(), now=clock.now())
    session = session_at(Status.INFUSING, clinic=clinic, now=clock.now())
    context = new_context(viewport=TABLET)
    sign_in(context, clinic.nurse.user)
    page = context.new_page()
    page.goto(f"/sessions/{session.public_id}/")
    return page


def test_a_link_brings_the_other_page_with_its_own_styles(page: Any) -> None:
    assert "course.css" not in page.evaluate(STYLES)
    page.locator(COURSE).click()
    page.wait_for_url("**/courses/**")
    page.wait_for_load_state()
    assert {"course.css", "tokens.css"} <= set(page.evaluate(STYLES))
    assert "chairside.css" not in page.evaluate(STYLES)
    page.go_back()
    page.wait_for_url("**/sessions/**")
    assert "chairside.css" in page.evaluate(STYLES)


def test_what_the_page_asks_by_itself_is_no_loss_of_what_was_typed(page: Any, console: Any) -> None:
    console.allow_failed_requests()
    page.get_by_role("navigation", name="My chairs").get_by_role("link", name="Chair 1").wait_for()
    page.route("**/today/mine/**", lambda route: route.abort())
    assert "/today/mine/" in page.evaluate(HEARD)
    assert page.locator("#toasts").inner_text() == ""
    # Whoever asks for something hears of it, and what is typed stays.
    page.locator("#note summary").click()
    page.locator("#note textarea").fill("Wants the lights low")
    page.evaluate("document.body.classList.add('is-offline')")
    page.route("**/courses/**", lambda route: route.abort())
    page.locator(COURSE).click()
    page.get_by_text("Nothing was stored; what you typed is still here").wait_for()
    assert page.locator("#note textarea").input_value() == "Wants the lights low"
    # The lines of htmx itself about what found no network.
    console.lines[:] = [line for line in console.lines if not line.startswith("htmx:")]


def test_the_rows_of_the_head_follow_each_other_and_whoever_comes_moves_nothing(page: Any) -> None:
    here = page.locator("#who-is-here")
    head = page.locator(".bed-head__where")
    places = [place.bounding_box() for place in head.locator("> :not(#who-is-here)").all()]
    ends = [place["y"] + place["height"] for place in places]
    assert all(link.bounding_box()["height"] >= 44 for link in head.locator("a:visible").all())
    # Two rows of targets without an empty line between them; the line of who is here stands below.
    assert max(ends) - min(place["y"] for place in places) <= 2 * 44
    assert here.bounding_box()["y"] >= max(ends)
    before = head.bounding_box()["height"]
    here.evaluate("line => { line.innerHTML = 'Here too: <b>Sam Jo (Tablet 2)</b>'; }")
    assert head.bounding_box()["height"] == before
