"""A licence stated and its words entered in a browser, then read by a nurse and, on a handed-over tablet, a patient."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from clinic.common import clock
from patients.models import Assessment, LicensedWording, SuicideReview
from tests.patients.scenes import registered_patient
from tests.scenes import make_site, staff
from tests.sessions.check_ins import make_ready

pytestmark = pytest.mark.django_db(transaction=True)
TABLET = {"width": 820, "height": 1180}
NUMBERS = ("1", "2", "3", "4", "5", "6", "6b")
LONG = "Yes, in invented words that go on for longer than a tablet is wide, so that they need a second line"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_licence_its_words_and_who_reads_them(
    new_context: Any, sign_in: Any, axe: Any, scheme: str
) -> None:
    site = make_ready(make_site(zone="UTC"))
    keeper, nurse = staff("administrator", site), staff("nurse", site)
    patient = registered_patient(site=site)
    today = clock.now().date()

    def page_of(actor: Any) -> Any:
        context = new_context(viewport=TABLET, color_scheme=scheme)
        sign_in(context, actor.user)
        return context.new_page()

    page = page_of(keeper)
    page.goto(reverse("patients:wordings"))
    axe(page)
    page.get_by_role("link").filter(has_text="C-SSRS screen").click()
    for name, typed in {
        "licence_holder": "North clinic",
        "licence_reference": "L-1",
        "licensed_from": str(today - timedelta(days=1)),
        "licensed_until": str(today + timedelta(days=30)),
        "stem": "Invented words above the questions.\nA second line of them.",
        "common.0": "No, as licensed",
        "common.1": LONG,
    }.items():
        page.locator(f"[name='{name}']").fill(typed)
    for number in NUMBERS[:-1]:
        page.locator(f"[name='items.cssrs_{number}.text']").fill(f"Item {number}, as licensed")
    # The browser would not let an empty field pass; what the server says of it stands beside it.
    page.locator("form.wording").evaluate("form => { form.noValidate = true }")
    page.get_by_role("button", name="Store this version").click()
    page.get_by_text("Enter the words of this item as they stand on the licensed form.").wait_for()
    assert page.locator("[name='items.cssrs_4.text']").input_value() == "Item 4, as licensed"
    axe(page)
    page.locator("[name='items.cssrs_6b.text']").fill("Item 6b, as licensed")
    page.get_by_role("button", name="Store this version").click()
    page.get_by_text("Not approved yet").wait_for()
    axe(page)
    page.get_by_role("button", name="Approve this wording").click()
    page.get_by_text("In use").wait_for()

    page = page_of(nurse)
    page.goto(reverse("patients:assess", args=[patient.public_id, "cssrs"]))
    page.get_by_text("Item 6b, as licensed").wait_for()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= TABLET["width"]

    page.goto(reverse("patients:ask", args=[patient.public_id]))
    page.get_by_label("C-SSRS screen").check()
    page.get_by_role("button", name="Hand over the tablet").click()
    page.get_by_role("button", name="Begin").click()
    page.get_by_text("Item 4, as licensed").wait_for()
    axe(page)
    with page.expect_response(lambda answer: answer.url.endswith("/keep/")):
        page.locator("[name=cssrs_4][value='1']").check()
    page.locator("#help").wait_for(state="visible")
    axe(page)
    wording = LicensedWording.objects.get()
    assert SuicideReview.objects.get().assessment == Assessment.objects.get(wording=wording)
