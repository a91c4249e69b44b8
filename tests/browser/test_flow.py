"""At the chairside in a browser: a set of readings by the fewest keys, and a stop in one tap."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clinic.common import clock
from sessions.models import VitalSigns
from sessions.operations import monitoring
from sessions.states import Status
from tests.browser.conftest import until
from tests.sessions.scenes import NORMAL, make_clinic, session_at

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


COVERED = """sheet => {
    const edge = sheet.getBoundingClientRect().left + sheet.clientWidth;
    const [names, ...columns] = sheet.querySelectorAll("thead th");
    const covered = names.getBoundingClientRect().right;
    const cut = (column, line) => {
        const {left, right} = column.getBoundingClientRect();
        return left < line - 1 && right > line + 1;
    };
    return {
        left: columns.filter(each => cut(each, covered)).length,
        right: columns.filter(each => cut(each, edge) && getComputedStyle(each).opacity !== "0").length,
    };
}"""
"""How many columns lie partly under the names of the rows, and are shown in part at the other edge."""

NEWEST_IS_SHOWN = """sheet => {
    const edge = sheet.getBoundingClientRect().left + sheet.clientWidth;
    const covered = sheet.querySelector("thead th").getBoundingClientRect().right;
    const {left, right} = [...sheet.querySelectorAll("th[data-reading]")].at(-1).getBoundingClientRect();
    return left >= covered - 1 && right <= edge + 1;
}"""


@pytest.mark.parametrize("width", [820, 1180, 390])
def test_no_part_of_a_reading_is_ever_taken_for_the_whole(page, sign_in, width):
    """ "31/74" is what is left of "131/74" under the names of the rows, and "9" of "98" at the other edge."""
    clinic = make_clinic()
    session = session_at(Status.INFUSING, clinic=clinic)
    for minutes in range(11, 0, -1):
        # Columns of several widths, as a day has them: a change of one digit, and one of two with a pressure of three.
        values = NORMAL | {"systolic": 95 + minutes * 6, "diastolic": 60 + minutes * 5}
        at = clock.now() - timedelta(minutes=minutes)
        monitoring.record_vital_signs(session=session, values=values, by=clinic.nurse, taken_at=at)
    sign_in(page.context, clinic.nurse.user)
    page.set_viewport_size({"width": width, "height": 1180})
    page.goto(reverse("sessions:session", args=[session.public_id]))
    sheet = page.locator("[data-newest-last]")

    def left() -> float:
        return sheet.evaluate("each => each.scrollLeft")

    def rests() -> None:
        """The sheet moves no more, and stands on whole columns."""
        page.wait_for_function(
            """async sheet => {
                const before = sheet.scrollLeft;
                await new Promise(done => setTimeout(done, 200));
                return sheet.scrollLeft === before;
            }""",
            arg=sheet.element_handle(),
        )
        assert sheet.evaluate(COVERED) == {"left": 0, "right": 0}

    until(page, lambda: sheet.evaluate(NEWEST_IS_SHOWN), "the newest reading is in sight")
    rests()
    assert left() > 0 and sheet.evaluate(NEWEST_IS_SHOWN)
    places = {left()}
    for by in (-37, -61, -150, 45):
        sheet.hover()
        page.mouse.wheel(by, 0)
        rests()
        places.add(left())
    assert len(places) > 2, "it was scrolled by hand"

    # To the very end, where what is planned stands, and back.
    page.mouse.wheel(5000, 0)
    rests()
    assert sheet.evaluate("each => each.scrollLeft + each.clientWidth >= each.scrollWidth - 1")

    # Turned, the tablet shows the newest again, and whole.
    page.set_viewport_size({"width": width + 77, "height": 820})
    until(page, lambda: sheet.evaluate(NEWEST_IS_SHOWN), "the newest reading is in sight again")
    rests()


@pytest.mark.parametrize("status", [Status.READY, Status.INFUSING, Status.RECOVERING])
def test_nothing_moves_away_from_a_finger_when_the_scripts_come(new_context, sign_in, console, status):
    """The page as it is painted first, its scripts on their way, and the page with all of them: one height each."""
    console.allow_failed_requests()
    clinic = make_clinic()
    session = session_at(status, clinic=clinic)

    def places(*, with_scripts):
        context = new_context(viewport=TABLET)
        sign_in(context, clinic.nurse.user)
        page = context.new_page()
        if not with_scripts:
            page.route("**/*.js", lambda route: route.abort())
        page.goto(reverse("sessions:session", args=[session.public_id]), wait_until="networkidle")
        found = page.locator("#main :is(a.button, button, summary):visible")
        return [(one.inner_text(), round(one.bounding_box()["y"])) for one in found.all()]

    painted_first = places(with_scripts=False)
    assert len(painted_first) > 5
    assert places(with_scripts=True) == painted_first
