"""A nurse hands over before a break, on a tablet: offered, accepted with one tap, a gap on the board, taken over."""

from datetime import timedelta
from typing import Any

import pytest

from clinic.common import clock
from clinic.facilities.models import Shift, ShiftBreak
from sessions.states import Status
from tests.browser.test_story import Story, noon_zone
from tests.scenes import staff
from tests.sessions.scenes import make_clinic, session_at

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = {"tablet": (820, 1180), "desk": (1440, 900)}


@pytest.fixture(params=SIZES)
def browser_of(request: Any, new_context: Any, sign_in: Any, axe: Any) -> Any:
    width, height = SIZES[request.param]

    def enter(actor: Any) -> Story:
        context = new_context(viewport={"width": width, "height": height})
        sign_in(context, actor.user)
        return Story(context.new_page(), axe)

    return enter


def on_break(clinic: Any, now: Any) -> None:
    shift = Shift.objects.create(
        site=clinic.site,
        user=clinic.nurse.user,
        starts_at=now - timedelta(minutes=10),
        ends_at=now + timedelta(minutes=40),
    )
    ShiftBreak.objects.create(
        shift=shift, starts_at=now - timedelta(minutes=1), ends_at=now + timedelta(minutes=20)
    )


def fits(story: Story) -> None:
    assert story.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_break_is_covered(browser_of: Any) -> None:
    now = clock.now()
    clinic = make_clinic(zone=noon_zone(), now=now)
    session = session_at(Status.INFUSING, clinic=clinic, now=now)
    other = staff("nurse", clinic.site, "other")
    on_break(clinic, now)
    # Whoever covers is on the roster too.
    Shift.objects.create(
        site=clinic.site,
        user=other.user,
        starts_at=now - timedelta(minutes=10),
        ends_at=now + timedelta(minutes=40),
    )
    nurse, colleague = browser_of(clinic.nurse), browser_of(other)

    colleague.open("sessions:today")
    colleague.sees("nobody covers")
    fits(colleague)

    nurse.open("sessions:handovers")
    fits(nurse)
    nurse.page.get_by_label("To", exact=True).select_option(
        label=f"{other.user.printed_name} (0 patients now)"
    )
    nurse.page.get_by_label("What to look out for").fill("Likes it quiet")
    nurse.press("Offer the handover")
    nurse.sees("They stay yours until it is accepted")
    nurse.axe(nurse.page)

    # The board brings the offer by itself; one tap accepts it.
    colleague.sees("hands over to you")
    colleague.axe(colleague.page)
    fits(colleague)
    colleague.page.get_by_role("link", name="Read it").click()
    colleague.sees("Likes it quiet")
    colleague.axe(colleague.page)
    fits(colleague)
    colleague.open("sessions:session", session.public_id)
    colleague.send(colleague.page.get_by_role("button", name="Accept the handover").first)
    colleague.sees("Accepted. You look after these patients now.")
    colleague.axe(colleague.page)
    fits(colleague)
    session.refresh_from_db()
    assert session.nurse == other.user

    nurse.open("sessions:take-over", session.public_id)
    fits(nurse)
    nurse.page.get_by_label("Reason").fill("Back from the break")
    nurse.press("Take over")
    nurse.sees("You look after")
    nurse.open("sessions:handovers")
    nurse.sees("Back from the break")
