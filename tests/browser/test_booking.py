"""One booking in a browser: a time of the chairs, the hour that comes twice, two who move it, and calling it off."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from clinic.common import clock
from sessions.models import InfusionSession
from sessions.operations.booking import book, move_booking
from sessions.states import Status
from tests.sessions.scenes import Clinic, make_clinic, make_course

pytestmark = pytest.mark.django_db(transaction=True)
ZONE = "America/New_York"
TABLET = {"width": 820, "height": 1180}


@pytest.fixture
def clinic(transactional_db: None) -> Clinic:
    return make_clinic(zone=ZONE, now=clock.now())


@pytest.fixture
def desk(page: Any, sign_in: Any, clinic: Clinic) -> Any:
    sign_in(page.context, clinic.desk.user)
    page.set_viewport_size(TABLET)
    return page


def night_of_two_hours() -> date:
    """The next one on which the site's clocks go back, or the one after where that is today."""
    today = clock.local_date(clock.now(), ZONE)
    days = (today + timedelta(days=number) for number in range(1, 367))
    lengths = ((day, clock.day_range(day, ZONE)) for day in days)
    return next(day for day, (start, end) in lengths if end - start > timedelta(hours=24))


def ahead(clinic: Clinic, days: int = 3) -> InfusionSession:
    at = clock.day_range(clock.local_date(clock.now(), ZONE) + timedelta(days=days), ZONE)[0]
    return book(
        course=make_course(clinic, now=clock.now()),
        chair=clinic.chair,
        starts_at=at + timedelta(hours=10),
        by=clinic.desk,
    )


def test_a_free_time_is_booked_and_the_visit_called_off(desk: Any, axe: Any, clinic: Clinic) -> None:
    course = make_course(clinic, now=clock.now())
    tomorrow = clock.local_date(clock.now(), ZONE) + timedelta(days=1)
    desk.goto(f"{reverse('sessions:book', args=[course.public_id])}?day={tomorrow}")
    axe(desk)
    desk.get_by_role("link", name="09:00, Chair 2").click()
    expect(desk.get_by_role("radio", name="Chair 2")).to_be_checked()
    desk.get_by_role("button", name="Book session").click()
    expect(desk.get_by_text(re.compile("^Booked for .* 09:00"))).to_be_visible()
    session = InfusionSession.objects.get()
    desk.goto(reverse("sessions:cancel", args=[session.public_id]))
    axe(desk)
    desk.get_by_label("Reason").fill("Has a cold")
    desk.get_by_label("The patient").check()
    desk.get_by_role("button", name="Cancel session").click()
    expect(desk.get_by_text("Chair and time are free again.")).to_be_visible()
    session.refresh_from_db()
    assert session.state is Status.CANCELLED


def test_the_hour_that_comes_twice_is_asked_about(desk: Any, axe: Any, clinic: Clinic) -> None:
    course, night = make_course(clinic, now=clock.now()), night_of_two_hours()
    desk.goto(f"{reverse('sessions:book', args=[course.public_id])}?day={night}")
    desk.get_by_label("Starts at").fill("01:30")
    desk.get_by_role("radio", name="Chair 1").check()
    desk.get_by_role("button", name="Book session").click()
    second = desk.get_by_label("The second, after it")
    expect(second).to_be_visible()
    axe(desk)
    second.check()
    desk.get_by_role("button", name="Book session").click()
    expect(desk.get_by_text(re.compile("^Booked for .* 01:30"))).to_be_visible()
    assert clock.fold_of(InfusionSession.objects.get().scheduled_start, ZONE) == 1


@pytest.mark.parametrize("where", ["booking", "schedule"])
def test_two_who_move_one_visit_see_both(desk: Any, axe: Any, clinic: Clinic, where: str) -> None:
    session = ahead(clinic)
    path = {
        "booking": reverse("sessions:move", args=[session.public_id]),
        "schedule": reverse("sessions:move-visit", args=[session.booking.public_id]),
    }[where]
    desk.goto(path)
    theirs = {"chair": clinic.chairs[2], "starts_at": session.scheduled_start + timedelta(hours=2)}
    move_booking(session=session, by=clinic.nurse, expected_revision=session.revision, **theirs)
    desk.get_by_label("Starts at").fill("15:00")
    button = re.compile("^Move( session)?$")
    desk.get_by_role("button", name=button).click()
    expect(desk.get_by_text("Yours, not stored")).to_be_visible()
    axe(desk)
    desk.get_by_role("button", name=button).last.click()
    expect(desk.get_by_text(re.compile("^Moved to .* 15:00"))).to_be_visible()
    session.refresh_from_db()
    assert f"{session.scheduled_start.astimezone(clinic.site.zone):%H:%M}" == "15:00"


def test_an_open_chair_is_assigned(desk: Any, axe: Any, clinic: Clinic) -> None:
    session = ahead(clinic)
    move_booking(
        session=session,
        chair=None,
        starts_at=session.scheduled_start,
        by=clinic.desk,
        expected_revision=session.revision,
    )
    desk.goto(reverse("sessions:visit", args=[session.booking.public_id]))
    axe(desk)
    desk.get_by_role("link", name="Assign chair").click()
    axe(desk)
    desk.get_by_label("Chair 3").check()
    desk.get_by_role("button", name="Assign chair").click()
    expect(desk.get_by_text(re.compile("^Chair 3 is assigned to"))).to_be_visible()
    axe(desk)
