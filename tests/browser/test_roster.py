"""The roster in a browser: hours set, a shift added, the week copied, somebody ill; with axe on every page."""

import pytest
from django.urls import reverse

from clinic.facilities.models import OpeningHours, Shift, StaffLeave
from clinic.facilities.rules.copying import monday_of
from tests.clinic.facilities.roster_scene import MONDAY, shift
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(transactional_db):
    return make_site()


@pytest.fixture
def manager(site):
    return staff("manager", site)


@pytest.fixture
def nurse(site):
    return staff("nurse", site, "ana")


def pressed(page, name):
    """Press a button, and wait until the page is another one."""
    page.evaluate("document.getElementById('main').dataset.old = 'yes'")
    page.get_by_role("button", name=name, exact=True).first.click()
    page.locator("#main:not([data-old])").wait_for()


def test_a_manager_sets_hours_adds_a_shift_and_copies_the_week(
    page, context, sign_in, axe, site, manager, nurse
):
    sign_in(context, manager.user)
    page.goto(reverse("facilities:opening-hours", args=[site.public_id]))
    page.get_by_label("Monday opens, 1").fill("08:00")
    page.get_by_label("Monday closes, 1").fill("17:00")
    pressed(page, "Copy")
    assert page.get_by_label("Friday closes, 1").input_value() == "17:00"
    axe(page)
    page.get_by_label("Monday closes, 1").press("Enter")
    page.get_by_text("The opening hours are saved.").wait_for()
    axe(page)
    assert OpeningHours.objects.count() == 5

    page.goto(f"{reverse('facilities:roster')}?week={MONDAY}")
    page.get_by_role("link", name="Add a shift for Sam Ana on Mon 16 Mar").click()
    page.get_by_label("From", exact=True).fill("08:00")
    page.get_by_label("Until", exact=True).fill("16:00")
    axe(page)
    pressed(page, "Add the shift")
    page.get_by_text("Every booked hour at North clinic has enough nurses.").wait_for()
    axe(page)
    page.get_by_role("link", name="Copy this week on").click()
    axe(page)
    pressed(page, "Copy the week")
    page.get_by_text("1 shift is copied.").wait_for()
    assert Shift.objects.count() == 2


def test_a_nurse_says_on_the_phone_that_she_is_ill(new_context, sign_in, axe, site, manager, nurse):
    shift(site, nurse, by=manager)
    context = new_context(viewport={"width": 390, "height": 844})
    sign_in(context, nurse.user)
    page = context.new_page()
    page.goto(f"{reverse('facilities:roster')}?week={monday_of(MONDAY)}")
    page.get_by_text("08:00–16:00").first.wait_for()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("link", name="I am ill").click()
    page.get_by_label("First day").fill(MONDAY.isoformat())
    axe(page)
    pressed(page, "Record it")
    page.get_by_text("Every booked hour at North clinic that this person was to cover").wait_for()
    axe(page)
    assert StaffLeave.objects.get().user == nurse.user
    page.goto(reverse("facilities:leave-list"))
    axe(page)
