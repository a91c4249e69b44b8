"""The check of a known patient in a browser: at most fifteen taps; and a prescriber who decides on a phone."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from clinic.common import clock
from patients.models import Contact
from patients.operations.entries import add_entry
from sessions.models import CheckDecision, InfusionSession
from sessions.operations import arriving, checking
from sessions.states import Status
from tests.browser.check_taps import Taps, answer_what_people_say
from tests.browser.test_story import noon_zone
from tests.sessions.scenes import booked_session, make_clinic, make_course, session_at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def known() -> Any:
    """A man who was here three days ago, with an escort on the record and a weight of this week."""
    now = clock.now()
    clinic = make_clinic(zone=noon_zone(), now=now - timedelta(days=30))
    course = make_course(clinic, now=now - timedelta(days=20))
    session_at(Status.DISCHARGED, clinic=clinic, now=now - timedelta(days=3), course=course)
    eva = Contact(patient=course.patient, kind="escort", name="Eva Ruiz", phone="555 0100")
    add_entry(entry=eva, by=clinic.nurse)
    session = booked_session(clinic, starts_at=now - timedelta(minutes=10), course=course)
    arriving.arrive(session=session, by=clinic.desk, now=now - timedelta(minutes=9))
    return clinic, session


def test_a_known_patient_is_checked_in_fifteen_taps_and_a_prescriber_decides_on_a_phone(
    known: Any, new_context: Any, sign_in: Any, axe: Any
) -> None:
    clinic, session = known
    tablet, phone = (
        new_context(viewport={"width": 820, "height": 1180}),
        new_context(viewport={"width": 390, "height": 844}),
    )
    sign_in(tablet, clinic.nurse.user)
    sign_in(phone, clinic.prescriber.user)
    page = tablet.new_page()
    page.goto(reverse("sessions:session", args=[session.public_id]))
    axe(page)
    taps = Taps(page)
    answer_what_people_say(taps, solids="00:15", liquids="09:00", escort="Eva Ruiz")
    taps.reading(systolic="164", diastolic="96", heart_rate="88", oxygen_saturation="97")
    assert taps.count <= 15
    page.locator("#check-baseline-vitals.check__item--stop").wait_for()

    page.get_by_text("Ask a prescriber", exact=True).click()
    page.get_by_label("What should be decided?").fill("164/96, usually 122/76. Go on?")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_text("A prescriber is asked").first.wait_for()
    axe(page)

    hers = phone.new_page()
    hers.goto(reverse("sessions:decisions"))
    axe(hers)
    hers.get_by_role("link", name=re.compile("Go on")).click()
    hers.get_by_text("over the limit").wait_for()
    assert hers.evaluate("document.documentElement.scrollWidth") <= 390
    axe(hers)
    hers.get_by_text("With a change", exact=True).click()
    hers.get_by_text("Observation", exact=True).click()
    hers.get_by_label("To what").fill("90 minutes, measure every 5")
    hers.get_by_role("button", name="Proceed so").click()
    hers.get_by_text("Nothing waits for you").wait_for()
    decided = CheckDecision.objects.get()
    assert (decided.outcome, decided.changes, decided.taken_by) == (
        "change",
        ["observation"],
        clinic.prescriber.user,
    )

    # The nurse's page has asked for the answer by itself.
    page.get_by_role("link", name="The answer has come: go on").click(timeout=30_000)
    page.get_by_text("90 minutes, measure every 5").first.wait_for()
    checking.answer_check_item(
        session=session, item="baseline-vitals", outcome="overridden", note="As decided", by=clinic.nurse
    )
    page.reload()
    page.get_by_role("button", name="Clear for infusion").click()
    page.locator(".pill--ready").first.wait_for()
    axe(page)
    assert InfusionSession.objects.get(pk=session.pk).state is Status.READY
