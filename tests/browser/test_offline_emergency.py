"""An emergency without network: one tap opens the page that the device has kept, and its steps go out in order."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from sessions.models import EmergencyStep
from sessions.states import Status
from tests.browser import test_offline
from tests.browser.test_offline import Tablet
from tests.browser.wire import Wire
from tests.sessions.scenes import session_at

pytestmark = pytest.mark.django_db(transaction=True)

clinic, session, server, wire = (
    test_offline.clinic,
    test_offline.session,
    test_offline.server,
    test_offline.wire,
)
tablets, tablet = test_offline.tablets, test_offline.tablet


def tap(tablet: Tablet, kind: str) -> None:
    tablet.page.locator("body[data-outbox]").wait_for()
    tablet.press(f"form[data-queue]:has([name=kind][value={kind}])")


def steps_of(session: Any) -> list[str]:
    return list(EmergencyStep.objects.filter(session=session).order_by("pk").values_list("kind", flat=True))


def test_one_tap_without_network_opens_the_kept_page_and_its_steps_wait(
    clinic: Any, session: Any, wire: Wire, tablet: Tablet
) -> None:
    tablet.sign_in(clinic.nurse.user)
    tablet.open(session)
    tablet.keeps_the_page()
    wire.cut()
    tablet.page.get_by_role("button", name="Emergency", exact=True).click()
    tablet.page.get_by_text("Offline copy of").wait_for()
    assert tablet.page.url.endswith(reverse("sessions:emergency", args=[session.public_id]))
    tablet.unsent(1)
    tap(tablet, "called")
    tablet.unsent(2)
    wire.mend()
    tablet.gone_out()
    assert steps_of(session) == ["alarm", "called"]


def test_a_tap_on_the_open_page_when_the_network_goes_is_kept(
    clinic: Any, session: Any, wire: Wire, tablet: Tablet
) -> None:
    tablet.sign_in(clinic.nurse.user)
    tablet.page.goto(reverse("sessions:emergency", args=[session.public_id]))
    tablet.keeps_the_page()
    wire.cut()
    for count, kind in enumerate(("alarm", "oxygen", "called"), 1):
        tap(tablet, kind)
        tablet.unsent(count)
    wire.mend()
    tablet.gone_out()
    assert steps_of(session) == ["alarm", "oxygen", "called"]


def test_the_log_itself_shows_what_is_unsent_and_then_what_the_server_has(
    clinic: Any, session: Any, wire: Wire, tablet: Tablet, axe: Any
) -> None:
    tablet.sign_in(clinic.nurse.user)
    tablet.page.goto(reverse("sessions:emergency", args=[session.public_id]))
    tablet.keeps_the_page()
    log = tablet.page.locator(".emergency__log")
    nothing = log.get_by_text("Nothing is recorded")
    over = tablet.page.get_by_role("button", name="Emergency over")
    expect(over).to_be_hidden()
    wire.cut()
    for count, kind in enumerate(("alarm", "oxygen"), 1):
        tap(tablet, kind)
        tablet.unsent(count)
    lines = log.locator("[data-pending] li")
    expect(lines).to_have_count(2)
    expect(lines.nth(0)).to_contain_text("Emergency unsent")
    expect(lines.nth(1)).to_contain_text("Oxygen given unsent")
    expect(nothing).to_be_hidden()
    # What was tapped says so on its button; what was begun without network can be ended without it.
    expect(tablet.page.locator("[data-tap=oxygen]")).to_contain_text("unsent")
    expect(over).to_be_visible()
    axe(tablet.page)
    tablet.page.reload()
    tablet.page.get_by_text("Offline copy of").wait_for()
    expect(lines).to_have_count(2)
    over.click()
    tablet.unsent(3)
    wire.mend()
    tablet.gone_out()
    assert steps_of(session) == ["alarm", "oxygen", "over"]
    expect(lines).to_have_count(0)
    expect(log).to_contain_text("Oxygen given")
    expect(log).not_to_contain_text("unsent")


def test_who_collapses_before_the_check_in_has_an_emergency_without_network_too(
    clinic: Any, wire: Wire, tablet: Tablet, axe: Any
) -> None:
    awaited = session_at(Status.SCHEDULED, clinic=clinic)
    tablet.sign_in(clinic.desk.user)
    tablet.open(awaited)
    tablet.keeps_the_page()
    axe(tablet.page)
    wire.cut()
    tablet.page.get_by_role("button", name="Emergency", exact=True).click()
    tablet.page.get_by_text("Offline copy of").wait_for()
    tap(tablet, "called")
    tablet.unsent(2)
    wire.mend()
    tablet.gone_out()
    awaited.refresh_from_db()
    assert (steps_of(awaited), awaited.state) == (["alarm", "called"], Status.SCHEDULED)
    tablet.page.get_by_text("Not checked in yet").wait_for()
    axe(tablet.page)
