"""A reading beyond a limit, on a tablet: the page asks what was done, two taps answer it, no input is covered."""

from typing import Any

import pytest

from clinic.common import clock
from sessions.operations.protocols import CONTENT, draft_version
from sessions.states import Status
from tests.browser.test_story import Story, noon_zone
from tests.sessions.scenes import make_clinic, session_at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser_of(new_context: Any, sign_in: Any, axe: Any) -> Any:
    def enter(actor: Any, scheme: str = "light") -> Story:
        context = new_context(viewport={"width": 820, "height": 1180}, color_scheme=scheme)
        sign_in(context, actor.user)
        return Story(context.new_page(), axe)

    return enter


def test_an_alert_is_answered_with_two_taps(browser_of: Any) -> None:
    now = clock.now()
    clinic = make_clinic(zone=noon_zone(), now=now)
    session = session_at(Status.INFUSING, clinic=clinic, now=now)
    nurse = browser_of(clinic.nurse)
    nurse.open("sessions:session", session.public_id)
    for label, value in (("Systolic", "186"), ("Diastolic", "96"), ("Heart rate", "88")):
        nurse.page.get_by_label(label, exact=True).fill(value)
    nurse.press("Record reading")
    nurse.sees("Systolic pressure 186 mmHg, limit ≥ 180")
    nurse.sees("▲ 1 alert")
    nurse.axe(nurse.page)
    assert nurse.page.evaluate(
        "[...document.querySelectorAll('input:not([type=hidden]), button')].every((one) => {"
        " const panel = document.getElementById('alerts').getBoundingClientRect(), box = one.getBoundingClientRect();"
        " return one.closest('#alerts') || !box.width || box.top >= panel.bottom || box.bottom <= panel.top; })"
    ), "the panel lies over something that is typed into"
    at_night = browser_of(clinic.prescriber, "dark")
    at_night.open("sessions:session", session.public_id)

    nurse.page.get_by_text("Paused at the pump").click()
    nurse.press("Acknowledge")
    nurse.sees("Alert acknowledged.")
    nurse.sees("1 alert answered or over")
    assert nurse.page.locator("#alerts").count() == 0

    for page in ("sessions:alert-report", "sessions:alert-list"):
        at_night.open(page)
    content = {name: getattr(clinic.version, name) for name in CONTENT}
    told = {"protocol": clinic.version.protocol, "content": content, "by": clinic.prescriber}
    at_night.open("sessions:version", draft_version(**told).public_id)
    at_night.sees("There is no infusion yet to try them on.")
