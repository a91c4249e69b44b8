"""Orders and drugs in a browser, at the tablet and in the dark room: few taps, no rule of WCAG broken."""

from typing import Any

import pytest
from django.urls import reverse

from clinic.common import clock
from sessions.models import DoseCheck, MedicationGiven
from sessions.states import Status
from tests.scenes import staff
from tests.sessions.orders_scene import prepared, standing_order, verbal_order
from tests.sessions.scenes import make_clinic, session_at

pytestmark = pytest.mark.django_db(transaction=True)

TABLET = {"width": 820, "height": 1180}


@pytest.fixture
def clinic() -> Any:
    return make_clinic(now=clock.now())


def at(name: str, session: Any) -> str:
    return reverse(f"sessions:{name}", args=[session.public_id])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_medicine_is_given_and_an_order_co_signed(
    clinic: Any, new_context: Any, sign_in: Any, axe: Any, scheme: str
) -> None:
    session = session_at(Status.INFUSING, clinic=clinic)
    standing_order(clinic)
    verbal_order(session, clinic, now=clock.now(), words="Half of lorazepam under the tongue")
    context = new_context(viewport=TABLET, color_scheme=scheme)
    sign_in(context, clinic.nurse.user)
    page = context.new_page()
    page.goto(at("session", session))
    page.get_by_role("link", name="Medicine given").click()
    page.get_by_role("heading", name="By which order?").wait_for()
    axe(page)
    # It opens in its place; what else is on the page stays folded.
    page.locator(".order-fold summary").last.click()
    axe(page)
    page.locator(".order-fold[open]").get_by_role("button", name="Record as given").click()
    page.get_by_text("Recorded as given.").wait_for()
    page.get_by_role("button", name="Helped").click()
    page.get_by_text("Effect recorded.").wait_for()
    axe(page)
    assert MedicationGiven.objects.get().effects.get().outcome == "helped"

    other = new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    sign_in(other, clinic.prescriber.user)
    phone = other.new_page()
    phone.goto(reverse("sessions:cosign"))
    phone.get_by_text("Half of lorazepam under the tongue").wait_for()
    axe(phone)
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.get_by_role("button", name="Co-sign").click()
    phone.get_by_text("Nothing waits for your co-signature.").wait_for()


def test_drug_is_accounted_for_and_its_dose_computed_by_another(
    clinic: Any, new_context: Any, sign_in: Any, axe: Any
) -> None:
    session = session_at(Status.READY, clinic=clinic)
    prepared(session, clinic, now=clock.now())
    context = new_context(viewport=TABLET)
    sign_in(context, clinic.nurse.user)
    page = context.new_page()
    page.goto(at("preparation", session))
    axe(page)
    page.get_by_label("Wasted").fill("500")
    page.get_by_role("button", name="Record what became of it").click()
    page.get_by_text("witness missing").wait_for()

    second = new_context(viewport=TABLET)
    sign_in(second, staff("nurse", clinic.site).user)
    page = second.new_page()
    page.goto(at("preparation", session))
    page.get_by_role("button", name="I saw it").click()
    page.get_by_text("accounted for").wait_for()
    page.goto(at("second-check", session))
    axe(page)
    for label, value in (("Weight dosed by", "70"), ("Dose", "53"), ("Pump rate", "150")):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Compare").click()
    page.get_by_text("The two do not agree.").wait_for()
    axe(page)
    assert not DoseCheck.objects.get().agrees
    for name in ("responsible", "standing-orders", "preparations", "safety-worklist"):
        page.goto(reverse(f"sessions:{name}"))
        axe(page)
