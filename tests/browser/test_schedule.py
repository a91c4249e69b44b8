"""The schedule in a browser: a visit moved by keys, by the mouse and by a finger; refused, it stands where it stood."""

import re
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from clinic.common import clock
from clinic.facilities.models import Shift
from sessions.models import InfusionSession
from sessions.operations.blocks import block_chair
from sessions.operations.booking import book
from tests.browser.test_story import noon_zone
from tests.sessions.scenes import make_clinic, make_course

pytestmark = pytest.mark.django_db(transaction=True)
DESK = {"viewport": {"width": 1440, "height": 900}}


class Day:
    """A day to come at a clinic: one session in the first chair from 09:00, another use of the second from 12:00."""

    def __init__(self) -> None:
        now = clock.now()
        self.clinic = make_clinic(zone=noon_zone(), now=now)
        tomorrow = now.astimezone(self.clinic.site.zone).date() + timedelta(days=1)
        # A day that is followed by another one of its week.
        self.day = tomorrow + timedelta(days=tomorrow.weekday() == 6)
        course = make_course(self.clinic, now=now)
        one = {"course": course, "chair": self.clinic.chairs[0], "by": self.clinic.desk}
        self.session = book(starts_at=self.at(9), **one)
        block_chair(
            chair=self.clinic.chairs[1],
            kind="maintenance",
            title="New armrest",
            starts_at=self.at(12),
            ends_at=self.at(14),
            by=self.clinic.desk,
        )

    def at(self, hour: int, minute: int = 0) -> datetime:
        zone = self.clinic.site.time_zone
        return clock.from_local(datetime.combine(self.day, time(hour, minute)), zone)

    @property
    def path(self) -> str:
        return f"/schedule/?day={self.day.isoformat()}"

    def place(self) -> tuple[str, datetime]:
        session = InfusionSession.objects.select_related("chair").get(pk=self.session.pk)
        return session.chair.name, session.scheduled_start


@pytest.fixture
def day() -> Day:
    return Day()


@pytest.fixture
def opened(day: Day, new_context: Any, sign_in: Any) -> Any:
    """A page of somebody at the schedule of the day."""

    def enter(actor: Any, **options: Any) -> Any:
        context = new_context(**{**DESK, **options})
        sign_in(context, actor.user)
        page = context.new_page()
        page.goto(day.path)
        return page

    return enter


def visit(page: Any) -> Any:
    return page.locator("[data-visit]", has_text="Silva")


def told(page: Any, text: str) -> None:
    page.locator(f"#mover-where:has-text('{text}')").wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(820, 1180), (1440, 900)])
def test_every_view_can_be_read_by_everybody(day: Day, opened: Any, axe: Any, theme: str, size: Any) -> None:
    page = opened(day.clinic.nurse, color_scheme=theme, viewport={"width": size[0], "height": size[1]})
    for query in ("", "&view=week", "&by=nurse", "&view=week&by=nurse"):
        page.goto(day.path + query)
        axe(page)
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, "the page itself does not scroll sideways"
    page.goto(day.path)
    visit(page).click()
    page.get_by_role("dialog").get_by_role("button", name="Move").wait_for()
    axe(page)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Keep a chair").click()
    page.get_by_label("In a few words").wait_for()
    axe(page)
    page.goto(day.path.replace("/schedule/", "/schedule/print/"))
    axe(page)


def test_a_visit_is_moved_by_keys(day: Day, opened: Any, axe: Any) -> None:
    page = opened(day.clinic.desk)
    visit(page).focus()
    page.keyboard.press("m")
    told(page, "Moving Silva")
    axe(page)
    for key in ("Shift+ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    told(page, "09:25–11:35, Chair 3")
    page.keyboard.press("Escape")
    assert page.locator("#mover").is_hidden()
    assert page.locator(".plan__ghost").count() == 0
    assert day.place() == ("Chair 1", day.at(9))
    page.keyboard.press("m")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowDown")
    told(page, "09:30–11:40, Chair 2")
    page.keyboard.press("Enter")
    page.get_by_text("Moved to").wait_for()
    assert day.place() == ("Chair 2", day.at(9, 30))
    # The focus is where it was.
    expect(page.locator(":focus")).to_have_attribute("data-who", re.compile("^Silva"))


def test_a_refused_move_is_told_and_the_visit_stands(day: Day, opened: Any, axe: Any) -> None:
    page = opened(day.clinic.desk)
    visit(page).focus()
    page.keyboard.press("M")
    for _ in range(4):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowDown")
    told(page, "11:00–13:10, Chair 2, taken")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Chair 2 is taken from 12:00 to 14:00.").wait_for()
    assert dialog.get_by_label("Reason for booking").count() == 0, "the desk may not book against a rule"
    axe(page)
    assert page.locator(".plan__ghost").count() == 0
    page.keyboard.press("Escape")
    assert page.locator(".is-moving").count() == 0
    assert day.place() == ("Chair 1", day.at(9))


def drag(page: Any, to_row: str, minutes: int) -> None:
    """From the visit's left edge to another row, some minutes later."""
    box = visit(page).bounding_box()
    lane = page.locator(f".plan__lane[data-label='{to_row}']").bounding_box()
    hours = int(page.locator(".plan__body").get_attribute("data-window"))
    across = lane["width"] * minutes / (hours * 60)
    page.mouse.move(box["x"] + 20, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] + 20, steps=3)
    page.mouse.move(box["x"] + 20 + across, lane["y"] + lane["height"] / 2, steps=8)


def test_a_visit_is_dragged_and_asked_about(day: Day, opened: Any) -> None:
    page = opened(day.clinic.nurse)
    drag(page, "Chair 3", 63)
    assert page.locator(".plan__ghost").text_content() == "10:05–12:15, Chair 3"
    page.mouse.up()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Move", exact=True).wait_for()
    assert dialog.get_by_label("Starts at").input_value() == "10:05"
    dialog.get_by_role("link", name="Leave it").click()
    expect(page.locator(".plan__ghost")).to_have_count(0)
    assert day.place() == ("Chair 1", day.at(9))
    drag(page, "Chair 2", 120)
    assert "taken" in page.locator(".plan__ghost").text_content()
    page.mouse.up()
    dialog.get_by_role("button", name="Move", exact=True).click()
    dialog.get_by_label("Reason for booking").fill("Agreed with the technician")
    dialog.get_by_role("button", name="Move", exact=True).click()
    page.get_by_text("Moved to").wait_for()
    assert day.place() == ("Chair 2", day.at(11))
    page.locator(".visit--flagged", has_text="overbooked").wait_for()


def test_a_finger_opens_a_visit_and_taps_the_new_place(day: Day, opened: Any) -> None:
    page = opened(day.clinic.desk, viewport={"width": 820, "height": 1180}, has_touch=True)
    visit(page).tap()
    page.get_by_role("dialog").get_by_role("button", name="Move").tap()
    told(page, "09:00–11:10, Chair 1")
    lane = page.locator(".plan__lane[data-label='Chair 3']")
    lane.tap(position={"x": 4, "y": 20})
    page.locator("#mover-where", has_text=re.compile(", Chair 3$")).wait_for()
    page.get_by_role("button", name="Later").tap()
    page.get_by_role("button", name="Move here").tap()
    page.get_by_text("Moved to").wait_for()
    assert day.place()[0] == "Chair 3"


def test_in_a_week_a_visit_goes_to_another_day(day: Day, opened: Any) -> None:
    page = opened(day.clinic.desk)
    page.goto(f"{day.path}&view=week")
    visit(page).focus()
    for key in ("m", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    told(page, "09:00, Chair 2")
    page.keyboard.press("Enter")
    page.get_by_text("Moved to").wait_for()
    assert day.place() == ("Chair 2", day.at(9) + timedelta(days=1))


def test_a_nurse_is_given_by_keys_and_taken_back_in_the_dialog(day: Day, opened: Any) -> None:
    nurse, shift = day.clinic.nurse.user, {"starts_at": day.at(8), "ends_at": day.at(16)}
    Shift.objects.create(site=day.clinic.site, user=nurse, **shift)
    page = opened(day.clinic.desk)
    page.goto(f"{day.path}&by=nurse")
    visit(page).focus()
    for key in ("m", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    told(page, nurse.short_name)
    page.keyboard.press("Enter")
    page.get_by_text(f"Nurse of this visit: {nurse.short_name}.").wait_for()
    assert InfusionSession.objects.get(pk=day.session.pk).nurse == nurse
    assert day.place() == ("Chair 1", day.at(9)), "by nurse only the nurse is changed"
    visit(page).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Nurse").select_option("Nobody yet")
    dialog.get_by_role("button", name="Assign").click()
    page.get_by_text("Nurse of this visit: nobody yet.").wait_for()
    assert InfusionSession.objects.get(pk=day.session.pk).nurse is None


def test_without_javascript_every_step_is_a_page(day: Day, opened: Any) -> None:
    page = opened(day.clinic.desk, java_script_enabled=False)
    visit(page).click()
    page.get_by_role("link", name="Find another day").wait_for()
    page.goto(page.url + "move/")
    page.get_by_label("Starts at").fill("10:00")
    page.get_by_role("button", name="Move", exact=True).click()
    page.get_by_text("Moved to").wait_for()
    assert day.place() == ("Chair 1", day.at(10))
