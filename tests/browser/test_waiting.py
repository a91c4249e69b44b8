"""The waiting list in a browser: wishes are typed, a visit is cancelled, and its time is given away with one click."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from clinic.common import clock
from sessions.models import WaitingEntry
from tests.browser.test_story import noon_zone
from tests.sessions.scenes import make_clinic, make_course
from tests.sessions.waiting_scene import booked, closed

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_cancelled_time_is_given_to_somebody_who_waits(page: Any, sign_in: Any, axe: Any) -> None:
    now = clock.now()
    clinic = make_clinic(zone=noon_zone(), now=now - timedelta(hours=6))
    course = make_course(clinic, now=now)
    visit = booked(clinic, now + timedelta(days=2), now=now)
    sign_in(page.context, clinic.desk.user)
    page.set_viewport_size({"width": 820, "height": 1180})

    page.goto(reverse("sessions:waiting"))
    axe(page)
    page.get_by_role("link", name="Add a patient").click()
    axe(page)
    page.get_by_role("link", name=f"Add {course.patient.full_name}").click()
    page.get_by_label("Notice").fill("12")
    page.get_by_label("Greater need").check()
    page.get_by_label("Note").fill("Lives near by")
    axe(page)
    page.get_by_role("button", name="Put on the list").click()
    expect(page.get_by_text("On the waiting list.")).to_be_visible()

    page.goto(reverse("sessions:cancel", args=[visit.public_id]))
    page.get_by_label("The patient").check()
    page.get_by_label("Reason").fill("Has a cold")
    page.get_by_role("button", name="Cancel session").click()
    page.get_by_role("link", name="1 person is waiting for it.").click()
    expect(page.locator(".free-time:target")).to_be_visible()
    axe(page)
    page.get_by_role("button", name=re.compile(f"^Book {re.escape(course.patient.full_name)}")).click()
    expect(page.get_by_text(re.compile("is booked for .* in Chair 1"))).to_be_visible()
    axe(page)
    assert WaitingEntry.objects.get().session.course == course


def test_a_conflict_is_resolved_by_a_proposal_from_the_keyboard(page: Any, sign_in: Any, axe: Any) -> None:
    now = clock.now()
    clinic = make_clinic(zone=noon_zone(), now=now - timedelta(hours=6))
    start = now + timedelta(days=2)
    visit = booked(clinic, start, now=now)
    closed(clinic.site, start, start + timedelta(hours=3))
    sign_in(page.context, clinic.nurse.user)
    page.set_viewport_size({"width": 820, "height": 1180})

    page.goto(reverse("sessions:conflicts"))
    axe(page)
    proposal = page.locator(".conflict-row a", has_text=re.compile("Chair 1$")).first
    proposal.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Move session").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("^Moved to"))).to_be_visible()
    page.goto(reverse("sessions:conflicts"))
    expect(page.get_by_text("Nothing is in the way of the bookings")).to_be_visible()
    visit.refresh_from_db()
    assert visit.scheduled_start != start
    closed(clinic.site, visit.scheduled_start, visit.scheduled_end)
    page.goto(reverse("sessions:conflicts"))
    page.get_by_role("link", name="Keep as planned").click()
    axe(page)
    page.get_by_label("Why does it stay as it is?").fill("The side door is open")
    page.get_by_role("button", name="Keep as planned").click()
    expect(page.get_by_text("Kept as planned.")).to_be_visible()
