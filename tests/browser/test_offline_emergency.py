"""An emergency without network: one tap opens the page that the device has kept, and its steps go out in order."""

from typing import Any

import pytest
from django.urls import reverse

from sessions.models import EmergencyStep
from tests.browser import test_offline
from tests.browser.test_offline import Tablet
from tests.browser.wire import Wire

pytestmark = pytest.mark.django_db(transaction=True)

clinic, session, server, wire = (
    test_offline.clinic,
    test_offline.session,
    test_offline.server,
    test_offline.wire,
)
tablets, tablet = test_offline.tablets, test_offline.tablet


def tap(tablet: Tablet, kind: str) -> None:
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
