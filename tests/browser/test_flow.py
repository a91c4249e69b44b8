"""At the chairside in a browser: a set of readings by the fewest keys, and a stop in one tap."""

import pytest
from django.urls import reverse

from sessions.models import VitalSigns
from sessions.states import Status
from tests.sessions.scenes import make_clinic, session_at

pytestmark = pytest.mark.django_db(transaction=True)

TABLET = {"width": 820, "height": 1180}
KEYS = "128827698"
"""128/82, HR 76, SpO2 98: each digit once, and nothing to say where one value ends and the next begins."""
SET = (128, 82, 76, 98)


def values_of(reading: VitalSigns) -> tuple[int | None, ...]:
    return (reading.systolic, reading.diastolic, reading.heart_rate, reading.oxygen_saturation)


def test_a_set_takes_one_press_a_digit_and_one_to_record(page, sign_in, axe):
    clinic = make_clinic()
    session = session_at(Status.INFUSING, clinic=clinic)
    sign_in(page.context, clinic.nurse.user)
    page.set_viewport_size(TABLET)
    page.goto(reverse("sessions:session", args=[session.public_id]))
    axe(page)
    form = page.locator(".reading-form")

    # By the keys on the page.
    for digit in KEYS:
        form.get_by_role("button", name=digit, exact=True).click()
    assert [
        form.get_by_label(name).input_value() for name in ("Systolic", "Diastolic", "Heart rate", "SpO2")
    ] == [str(value) for value in SET]
    form.get_by_role("button", name="Record reading").click()
    page.get_by_text("Reading recorded.").wait_for()
    assert values_of(session.vital_signs.latest("pk")) == SET

    # By a keyboard: the same digits, and the focus stands on the button when the last one is typed.
    form.get_by_label("Systolic").focus()
    page.keyboard.type(KEYS)
    page.evaluate("document.getElementById('main').dataset.old = 'yes'")
    page.keyboard.press("Enter")
    page.locator("#main:not([data-old])").wait_for()
    assert values_of(session.vital_signs.latest("pk")) == SET
    assert session.vital_signs.count() == 4

    # A slip: back takes the digit away, and from an empty field goes to the one before.
    for key in ("9", "5", "Delete the last digit", "Delete the last digit"):
        form.get_by_role("button", name=key, exact=True).click()
    assert form.get_by_label("Systolic").input_value() == "9"
    page.keyboard.press("Backspace")

    # One tap, stamped at once; the reason is asked for afterwards.
    page.get_by_role("button", name="Record stop").click()
    page.locator(".pill--recovering").first.wait_for()
    why = page.locator("#stop-reason")
    why.get_by_label("Why").fill("Asked to stop")
    axe(page)
    why.get_by_role("button", name="Save").click()
    why.wait_for(state="detached")
    session.refresh_from_db()
    assert (session.state, session.end_kind) == (Status.RECOVERING, "stopped_early")
