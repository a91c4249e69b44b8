"""The bar at the top of every page: one row on a tablet, whoever is signed in."""

from typing import Any

import pytest

from clinic.common import clock
from tests.browser.test_story import noon_zone
from tests.scenes import staff
from tests.sessions.scenes import make_clinic

pytestmark = pytest.mark.django_db(transaction=True)

TABLET = {"width": 820, "height": 1180}
TARGETS = ".top :is(.nav > a, .nav summary, .top__end select, .top__switch, .top__end summary)"


@pytest.mark.parametrize("role", ["nurse", "prescriber", "manager"])
def test_it_takes_one_row_on_a_tablet(role: str, new_context: Any, sign_in: Any, axe: Any) -> None:
    clinic = make_clinic(zone=noon_zone(), now=clock.now())
    # Names of more letters than the bar has room for.
    clinic.site.name = "Harbour clinic for interventional psychiatry"
    clinic.site.save(update_fields=["name"])
    who = staff(role, clinic.site, "bartholomew-featherstonehaugh")
    context = new_context(viewport=TABLET)
    sign_in(context, who.user)
    page = context.new_page()
    page.goto("/")
    page.locator(".nav").wait_for()
    bar = page.locator(".top").bounding_box()
    targets = [target.bounding_box() for target in page.locator(TARGETS).all()]
    assert len(targets) >= 6
    assert all(
        box["height"] >= 44 and box["y"] + box["height"] <= bar["y"] + bar["height"] for box in targets
    )
    assert max(box["x"] + box["width"] for box in targets) <= TABLET["width"]
    assert bar["height"] < 60
    assert page.evaluate("document.documentElement.scrollWidth") == TABLET["width"]
    axe(page)
