"""What the tablet at the chair does by itself: it stays awake, dims what is old, shows no white page in the dark, keeps
what is unsent, and sounds."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from clinic.common import clock
from sessions.operations.monitoring import record_vital_signs
from sessions.states import Status
from tests.browser.conftest import until
from tests.browser.test_story import noon_zone
from tests.sessions.scenes import NORMAL, make_clinic, session_at

pytestmark = pytest.mark.django_db(transaction=True)

TABLET = {"width": 820, "height": 1180}


@pytest.fixture
def clinic() -> Any:
    return make_clinic(zone=noon_zone(), now=clock.now())


@pytest.fixture
def opened(clinic: Any, new_context: Any, sign_in: Any) -> Any:
    """``opened(session, script)``: a nurse's page of a session, with a script that listens from its beginning."""

    def open_page(session: Any, script: str = "", **options: Any) -> Page:
        context = new_context(viewport=TABLET, **options)
        sign_in(context, clinic.nurse.user)
        if script:
            context.add_init_script(script)
        page: Page = context.new_page()
        page.goto(reverse("sessions:session", args=[session.public_id]))
        return page

    return open_page


LISTEN_FOR_WAKE_LOCKS = """
    window.asked = [];
    const lock = navigator.wakeLock, request = lock && lock.request.bind(lock);
    if (lock) lock.request = (kind) => { window.asked.push(kind); return request(kind); };
"""


def test_the_screen_is_kept_awake_at_the_chair_and_nowhere_else(clinic: Any, opened: Any) -> None:
    page = opened(session_at(Status.INFUSING, clinic=clinic), LISTEN_FOR_WAKE_LOCKS)
    until(page, lambda: page.evaluate("window.asked.includes('screen')"), "the screen is asked to stay on")
    # A tablet that was put aside and is taken up again: the browser has let go of the lock meanwhile.
    page.evaluate("window.asked = []; document.dispatchEvent(new Event('visibilitychange'))")
    until(page, lambda: page.evaluate("window.asked.includes('screen')"), "the screen is asked to stay on")
    page.goto("/patients/")
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.asked") == []


def test_a_reading_past_its_interval_dims_on_the_open_page(clinic: Any, opened: Any) -> None:
    session = session_at(Status.INFUSING, clinic=clinic)
    record_vital_signs(session=session, values=NORMAL, by=clinic.nurse)
    page = opened(session)
    page.clock.install()
    page.reload()
    newest = page.locator("td[data-dims]").filter(has_text="122/76")
    expect(newest).to_have_count(1)
    expect(newest).not_to_have_class("is-stale")
    ink = newest.evaluate("cell => getComputedStyle(cell).color")
    page.clock.fast_forward(int(timedelta(hours=1).total_seconds()) * 1000)
    expect(newest).to_have_class("is-stale")
    assert newest.evaluate("cell => getComputedStyle(cell).color") != ink
    # Reloaded, the server's clock says that it is fresh.
    page.reload()
    expect(page.locator("td.is-stale")).to_have_count(0)


@pytest.mark.parametrize(("system", "chosen"), [("dark", ""), ("light", "dark")])
def test_in_the_dark_no_page_is_white_before_its_styles_have_come(
    clinic: Any, opened: Any, system: str, chosen: str
) -> None:
    page = opened(session_at(Status.READY, clinic=clinic), color_scheme=system)
    if chosen:
        page.get_by_text(clinic.nurse.user.printed_name).last.click()
        page.get_by_role("button", name="Dark", exact=True).click()
    page.locator(".bed-head").wait_for()
    # The page as it stands while no style sheet has arrived yet: the canvas is what the page asks of the browser.
    page.evaluate("for (const sheet of document.styleSheets) sheet.disabled = true")
    paper = page.evaluate(
        "() => { const box = document.body.appendChild(document.createElement('div'));"
        " box.style.backgroundColor = 'Canvas'; return getComputedStyle(box).backgroundColor; }"
    )
    assert sum(map(int, paper.removeprefix("rgb(").removesuffix(")").split(","))) < 3 * 60


def test_the_browser_is_asked_to_keep_what_is_unsent_and_the_answer_is_told(clinic: Any, opened: Any) -> None:
    asks = """
        window.asked = 0;
        const store = navigator.storage, persist = store && store.persist.bind(store);
        if (store) store.persist = () => { window.asked += 1; return persist(); };
    """
    page = opened(session_at(Status.READY, clinic=clinic), asks)
    page.goto("/")
    line = page.locator("[data-storage]")
    expect(line).not_to_be_empty()
    kept = page.evaluate("navigator.storage.persisted()")
    assert kept or page.evaluate("window.asked") == 1
    expect(line).to_contain_text("kept safely" if kept else "may delete unsent entries")


LISTEN_FOR_TONES = """
    window.tones = 0;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...at) { window.tones += 1; return start.apply(this, at); };
"""


def test_a_stop_alert_sounds_unless_this_device_has_switched_it_off(clinic: Any, opened: Any) -> None:
    session = session_at(Status.INFUSING, clinic=clinic)
    page = opened(session, LISTEN_FOR_TONES)
    page.goto("/")
    page.get_by_role("heading", level=1).click()
    switch = page.locator("[data-sound-switch]")
    expect(switch).to_have_text("Sound on")
    page.get_by_role("button", name="Test the sound").click()
    until(page, lambda: page.evaluate("window.tones") == 3, "the test is heard")
    # The board asks again by itself, and what it brings is heard.
    record_vital_signs(session=session, values=NORMAL | {"oxygen_saturation": 82}, by=clinic.nurse)
    until(page, lambda: page.evaluate("window.tones") > 3, "the alert is heard")

    switch.click()
    expect(switch).to_have_text("Sound off")
    page.reload()
    page.get_by_role("heading", level=1).click()
    expect(switch).to_have_text("Sound off")
    page.locator("[data-stop-call]").first.wait_for(state="attached")
    # Two of its rounds: it would have been heard.
    page.wait_for_timeout(3000)
    assert page.evaluate("window.tones") == 0


def test_a_tablet_whose_clock_is_off_is_told_so_and_still_works(clinic: Any, opened: Any) -> None:
    session = session_at(Status.INFUSING, clinic=clinic)
    page = opened(session)
    page.clock.install(time=clock.now() + timedelta(minutes=12))
    page.reload()
    expect(page.get_by_text("The clock of this tablet is 12 min fast")).to_be_visible()
    form = page.locator(".reading-form")
    for name, value in (("Systolic", 128), ("Diastolic", 82), ("Heart rate", 76), ("SpO2", 98)):
        form.get_by_label(name).fill(str(value))
    form.get_by_role("button", name="Record reading").click()
    page.get_by_text("Reading recorded.").wait_for()
    reading = session.vital_signs.get(systolic=128, diastolic=82)
    assert abs(reading.taken_at - clock.now()) < timedelta(minutes=2), "by the server's clock"


def test_a_board_that_is_not_refreshed_says_since_when(clinic: Any, opened: Any, console: Any) -> None:
    console.allow_failed_requests()
    page = opened(session_at(Status.INFUSING, clinic=clinic))
    page.clock.install()
    page.goto("/")
    line = page.locator("[data-fresh]")
    expect(line).to_contain_text("updated")
    page.context.set_offline(True)
    page.clock.fast_forward(30_000)
    expect(line).to_contain_text("not refreshed since")
    expect(page.locator("body")).to_have_class(re.compile(r"\bis-stale\b"))
    page.context.set_offline(False)
    page.clock.fast_forward(6_000)
    expect(line).to_contain_text("updated")
