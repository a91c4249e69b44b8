"""An entry that the server refused goes back into its form, whole, and is sent again from there."""

from typing import Any

import pytest

from sessions.models import SideEffect
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

TICKED = ["hospitalisation", "important-event"]


def ticked(sheet: Any, name: str) -> list[str]:
    values: list[str] = sheet.locator(f"[name={name}]:checked").evaluate_all(
        "fields => fields.map((field) => field.value)"
    )
    return values


def test_all_ticks_of_one_question_come_back_and_are_sent(
    clinic: Any, session: Any, wire: Wire, tablet: Tablet
) -> None:
    tablet.sign_in(clinic.nurse.user)
    tablet.open(session)
    tablet.keeps_the_page()
    wire.cut()
    sheet = tablet.page.locator("#side-effect")
    sheet.locator("summary").first.click()
    sheet.get_by_text("Moderate", exact=True).click()
    sheet.get_by_text("Serious, time, remark").click()
    sheet.locator("[name=serious][value=yes]").check(force=True)
    for value in TICKED:
        sheet.locator(f"[name=serious_criteria][value={value}]").check()
    sheet.get_by_label("Remark").fill("Chest pain")
    # Nobody said what it is: the server will ask.
    sheet.get_by_role("button", name="Record side effect").click()
    tablet.unsent(1)
    wire.mend()
    tablet.page.get_by_text("The server refused it").wait_for()
    tablet.page.locator("#outbox summary").click()
    tablet.page.get_by_role("button", name="Correct").click()

    assert ticked(sheet, "serious_criteria") == TICKED
    assert (ticked(sheet, "severity"), ticked(sheet, "serious")) == (["moderate"], ["yes"])
    assert sheet.get_by_label("Remark").input_value() == "Chest pain"
    sheet.get_by_text("Nausea", exact=True).click()
    sheet.get_by_role("button", name="Record side effect").click()
    tablet.gone_out()
    tablet.page.get_by_text("Side effect recorded").first.wait_for()
    assert SideEffect.objects.get(session=session).latest.serious_criteria == TICKED
