"""A shared tablet: a switch in place with a half-typed note, and a session that ended under an open page."""

from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse
from playwright.sync_api import expect

from clinic.accounts.web_session import REST
from clinic.common import clock
from clinic.common.models import Draft
from sessions.models import InfusionEvent, Note, Presence
from sessions.states import Status
from tests.browser.conftest import until
from tests.browser.test_story import Story, noon_zone
from tests.clinic.accounts.shared_device import PIN, cookie_of, tablet, with_pin
from tests.scenes import staff
from tests.sessions.scenes import make_clinic, session_at

pytestmark = pytest.mark.django_db(transaction=True)


class Tablet(Story):
    """A trusted tablet with somebody signed in by their password."""

    def __init__(self, page: Any, axe: Any) -> None:
        super().__init__(page, axe)
        self.door = page.locator("#entering")

    def tap_pin(self, pin: str = PIN) -> None:
        for digit in pin:
            self.door.get_by_role("button", name=digit, exact=True).click()

    def switch_to(self, actor: Any) -> None:
        self.page.get_by_role("link", name="Switch user").click()
        self.door.get_by_role("radio", name=actor.user.display_name).check()
        # As the page below has a number pad of its own.
        assert self.door.locator(".pad").evaluate("pad => getComputedStyle(pad).display") == "block"
        self.axe(self.page)
        self.tap_pin()
        with self.page.expect_navigation():
            self.door.get_by_role("button", name="Enter", exact=True).click()

    def note(self) -> Any:
        self.page.locator("#note").evaluate("details => { details.open = true; }")
        return self.page.locator("#note_text")

    def fall_asleep(self, seconds: int = 3600) -> None:
        """Nobody has touched it for that long, as far as the server knows."""
        (cookie,) = [each for each in self.page.context.cookies() if each["name"] == "sessionid"]
        store = SessionStore(cookie["value"])
        store[REST] = {**store[REST], "since": int(clock.now().timestamp()) - seconds}
        store.save()


@pytest.fixture
def scene(new_context: Any, sign_in: Any, live_server: Any, axe: Any, console: Any) -> Any:
    console.allow(401)
    now = clock.now()
    clinic = make_clinic(zone=noon_zone(), now=now)
    session = session_at(Status.INFUSING, clinic=clinic, now=now)
    mira, jo = with_pin(clinic.nurse), with_pin(staff("nurse", clinic.site, "jo"))
    device = tablet(clinic.site, by=mira, used_by=[jo])
    context = new_context(viewport={"width": 820, "height": 1180})
    sign_in(context, mira.user)
    name, value = cookie_of(device)
    context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
    shown = Tablet(context.new_page(), axe)
    shown.open("sessions:session", session.public_id)
    return shown, session, mira, jo


def test_a_switch_in_place_keeps_each_ones_own_words(scene: Any) -> None:
    shown, session, mira, jo = scene
    address = shown.page.url
    shown.note().fill("Half of what Mira")
    shown.page.locator("#vitals_systolic").fill("118")
    # A form without a draft of its own.
    reason = shown.page.locator("form[data-queue=Rate] [name=reason]")
    reason.evaluate("field => { field.closest('details').open = true; }")
    reason.fill("Light-headed")
    shown.switch_to(jo)
    assert shown.page.url == address
    assert shown.page.locator(".top__end details summary").inner_text().startswith(jo.label)
    # Neither shown to the next person nor lost to its author.
    assert shown.note().input_value() == ""
    assert shown.page.locator("#vitals_systolic").input_value() == ""
    assert reason.input_value() == ""
    # The browser has made its stores those of the next person.
    shown.page.locator("body[data-outbox=ready]").wait_for(state="attached")
    shown.note().fill("Jo was here")
    shown.press("Write note")
    shown.sees("Jo was here")
    assert Note.objects.get().entered_by == jo.user
    shown.switch_to(mira)
    shown.page.get_by_text("Draft restored").first.wait_for()
    assert shown.note().input_value() == "Half of what Mira"
    expect(shown.page.locator("#vitals_systolic")).to_have_value("118")
    expect(reason).to_have_value("Light-headed")
    assert Presence.objects.filter(session=session).count() == 2


def test_a_session_that_ended_is_taken_up_over_the_page(scene: Any) -> None:
    shown, _session, mira, _jo = scene
    shown.note().fill("Calm, music helps")
    key = shown.page.locator("#note input[name=idempotency_key]").input_value()
    shown.fall_asleep()
    shown.page.get_by_role("button", name="Write note").click()
    shown.door.get_by_text("Signed out after 30 minutes of rest").wait_for()
    shown.axe(shown.page)
    shown.tap_pin()
    shown.send(shown.door.get_by_role("button", name="Go on", exact=True).first)
    note = Note.objects.get()
    assert (note.text, note.entered_by, str(note.public_id)) == ("Calm, music helps", mira.user, key)
    assert not Draft.objects.exists()


def test_a_tap_of_somebody_signed_out_is_recorded_once_when_they_are_back(scene: Any) -> None:
    shown, session, mira, _jo = scene
    shown.page.locator("body[data-outbox=ready]").wait_for()
    shown.fall_asleep()
    shown.page.locator("form[data-event=pause] button").click()
    shown.tap_pin()
    shown.send(shown.door.get_by_role("button", name="Go on", exact=True).first)
    shown.page.locator(".bed-head .pill--paused").wait_for()
    pause = InfusionEvent.objects.get(session=session, kind="pause")
    assert pause.entered_by == mira.user
    assert "Not recorded" not in shown.page.locator("#main").inner_text()
    assert not Draft.objects.exists()


def test_the_page_that_tells_of_itself_is_nobody_at_work(scene: Any) -> None:
    shown, session, _mira, _jo = scene
    shown.page.locator("body[data-outbox=ready]").wait_for()
    with shown.page.expect_request(reverse("sessions:contact", args=[session.public_id])) as told:
        shown.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert told.value.headers["clinic-poll"] == "1"


def test_what_was_on_its_way_is_not_sent_by_somebody_else(scene: Any) -> None:
    shown, _session, mira, jo = scene
    shown.page.locator("body[data-outbox=ready]").wait_for()
    shown.note().fill("Calm, music helps")
    shown.fall_asleep()
    shown.page.get_by_role("button", name="Write note").click()
    shown.door.get_by_role("link", name="I am somebody else").click()
    shown.door.get_by_role("radio", name=jo.user.display_name).check()
    shown.tap_pin()
    with shown.page.expect_navigation():
        shown.door.get_by_role("button", name="Enter", exact=True).click()
    assert shown.note().input_value() == ""
    assert not Note.objects.exists()
    shown.page.locator("#outbox [data-state]").get_by_text(f"Sign in as {mira.user.printed_name}").wait_for()
    shown.switch_to(mira)
    shown.page.locator("#outbox").wait_for(state="hidden")
    shown.page.get_by_text("Calm, music helps").first.wait_for()
    # The page shows what is on its way before it is stored.
    until(shown.page, Note.objects.exists, "the note is stored")
    assert Note.objects.get().entered_by == mira.user
    # The device had kept it: nobody is told that it was lost.
    assert not shown.page.get_by_text("was not stored").count()


def test_a_page_that_is_left_by_its_form_waits_too_and_warns_before(scene: Any) -> None:
    shown, _session, mira, _jo = scene
    shown.page.goto(reverse("accounts:device-trust"))
    shown.page.get_by_label("Name of the device").fill("Tablet at the desk")
    shown.fall_asleep(29 * 60 + 30)
    shown.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    shown.page.get_by_role("button", name="Stay signed in").click()
    shown.page.locator("#idle-warning").wait_for(state="hidden")
    shown.fall_asleep()
    shown.page.get_by_role("button", name="Trust this device").click()
    shown.door.get_by_text("Signed out after").wait_for()
    assert shown.page.get_by_label("Name of the device").input_value() == "Tablet at the desk"
    shown.tap_pin()
    shown.door.get_by_role("button", name="Go on", exact=True).first.click()
    # A PIN is not enough to trust a device, and what was typed is kept meanwhile.
    shown.page.get_by_role("heading", name="This needs your password").wait_for()
    assert Draft.objects.filter(owner=f"user:{mira.user_id}", form__startswith="unsent:").exists()
