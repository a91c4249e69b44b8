"""The readiness list in a browser: what is missing is worked off without leaving it, and it prints on one sheet."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from clinic.common import clock
from sessions.models import CallAttempt, ReadinessAnswer
from sessions.operations.booking import book
from tests.sessions.scenes import make_clinic, make_course

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = ({"width": 820, "height": 1180}, {"width": 1440, "height": 900})


def noon_zone() -> str:
    """A zone in which it is between noon and one o'clock now, so that no visit crosses midnight."""
    west = datetime.now(UTC).hour - 12
    return f"Etc/GMT{west:+d}" if west else "UTC"


@pytest.fixture
def clinic() -> Any:
    """Eight visits over today and tomorrow, one of them without a chair and one without a consent."""
    now = clock.now()
    made = make_clinic(zone=noon_zone(), now=now - timedelta(hours=6), chairs=4)
    for number in range(8):
        course = make_course(made, now=now - timedelta(hours=5), consented=number != 1)
        chair = None if number == 2 else made.chairs[number % 4]
        starts_at = now + timedelta(hours=3, days=number // 4)
        book(course=course, chair=chair, starts_at=starts_at, by=made.desk, now=now - timedelta(hours=5))
    return made


@pytest.mark.parametrize("size", SIZES, ids=["tablet", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_missing_is_worked_off_from_the_list(
    clinic: Any, new_context: Any, sign_in: Any, axe: Any, size: Any, scheme: str
) -> None:
    context = new_context(viewport=size, color_scheme=scheme)
    sign_in(context, clinic.desk.user)
    page = context.new_page()
    page.goto(reverse("sessions:readiness"))
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
        "it fits without scrolling sideways"
    )
    row = page.locator(".visit").first
    row.locator("summary").click()
    axe(page)

    ride = row.locator("form").nth(0)
    ride.get_by_label("Settled").check()
    ride.get_by_label("Note").fill("Eva drives")
    ride.get_by_role("button").click()
    page.get_by_text("Stored: Ride home.").wait_for()
    assert "#visit-" in page.url
    page.locator(".visit").first.get_by_text("settled: Eva drives").wait_for()

    row = page.locator(".visit").first
    row.locator("summary").click()
    call = row.locator("form").nth(2)
    call.get_by_label("Left a message").check()
    call.get_by_role("button").click()
    page.get_by_text("The call is noted.").wait_for()
    axe(page)
    assert (ReadinessAnswer.objects.count(), CallAttempt.objects.count()) == (1, 1)

    page.locator(".visit__name").first.click()
    page.get_by_role("heading", name="Answers").wait_for()
    axe(page)


def test_the_huddle_sheet_is_one_page(clinic: Any, new_context: Any, sign_in: Any) -> None:
    context = new_context()
    sign_in(context, clinic.nurse.user)
    page = context.new_page()
    page.goto(reverse("sessions:readiness"))
    assert page.locator(".visit").count() == 8
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_the_worklist_of_courses(clinic: Any, new_context: Any, sign_in: Any, axe: Any) -> None:
    course = make_course(clinic)
    context = new_context(viewport=SIZES[0])
    sign_in(context, clinic.prescriber.user)
    page = context.new_page()
    page.goto(reverse("sessions:courses"))
    axe(page)
    page.get_by_role("link", name=course.patient.full_name).wait_for()
    page.goto(reverse("sessions:reevaluate", args=[course.public_id]))
    axe(page)
