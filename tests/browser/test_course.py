"""The page of a course in a browser: picture and tables say the same, by eye, key and paper; the baseline is chosen."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from clinic.common import clock
from patients.models import ReferringClinician
from patients.operations.assessing import record_assessment
from patients.operations.entries import add_entry
from patients.scoring.registry import CURRENT
from sessions.models import Course
from sessions.operations import monitoring
from sessions.operations.reevaluating import record_reevaluation
from sessions.states import Status
from tests.patients.scenes import phq9
from tests.sessions.scenes import Clinic, booked_session, make_clinic, make_course, session_at

pytestmark = pytest.mark.django_db(transaction=True)

TABLET, DESK = {"width": 820, "height": 1180}, {"width": 1440, "height": 900}
LOOKS = [(size, scheme) for size in (TABLET, DESK) for scheme in ("light", "dark")]
DAYS = (0, 4, 8)
TOTALS = {-9: 12, -2: 20, 21: 10}
"""Totals of the PHQ-9 by the day of the course on which they were recorded."""


@pytest.fixture
def start() -> datetime:
    return clock.now() - timedelta(days=24)


@pytest.fixture
def clinic(start: datetime) -> Clinic:
    return make_clinic(zone="UTC", now=start - timedelta(days=12), chairs=6)


@pytest.fixture
def course(clinic: Clinic, start: datetime) -> Course:
    """Three infusions, the second with side effects; three scores, two of them before the first infusion."""
    course = make_course(clinic, now=start - timedelta(days=11), planned_infusions=6)
    for number, day in enumerate(DAYS):
        moment = start + timedelta(days=day)
        told = {"clinic": clinic, "now": moment, "course": course, "chair": clinic.chairs[number]}
        session = session_at(Status.DISCHARGED, **told)
        if day == 4:
            told = {"session": session, "by": clinic.nurse, "now": moment}
            monitoring.report_side_effect(term="nausea", grade=2, **told)
            monitoring.report_side_effect(term="headache", grade=1, **told)
    for day, total in TOTALS.items():
        scored(clinic, course, start + timedelta(days=day), total)
    record_reevaluation(
        course=course, decision="continue", note="", by=clinic.prescriber, now=start + timedelta(days=9)
    )
    sender = {"name": "Dr Jo Lind", "organisation": "Mill practice", "address": "1 Mill Road\nSalem"}
    add_entry(entry=ReferringClinician(patient=course.patient, **sender), by=clinic.nurse)
    return course


def scored(clinic: Clinic, course: Course, at: datetime, total: int) -> None:
    each, more = divmod(total, 8)
    values = [each + (n < more) for n in range(8)] + [0]
    told = {"patient": course.patient, "instrument": "phq9", "by": clinic.nurse, "now": at}
    record_assessment(answers=phq9(*values), **told)


@pytest.fixture
def opened(clinic: Clinic, course: Course, new_context: Any, sign_in: Any) -> Any:
    """``opened(viewport=..., color_scheme=...)``: the course's page as the prescriber sees it."""

    def open_page(**options: Any) -> Any:
        context = new_context(**{"viewport": DESK, **options})
        sign_in(context, clinic.prescriber.user)
        page = context.new_page()
        page.goto(reverse("sessions:course", args=[course.public_id]))
        return page

    return open_page


def marks(page: Any, *keys: str) -> list[str]:
    """The words of the chart's marks of some kinds, in their order."""
    kinds = ", ".join(f"#scores .chart__mark--{key} > title" for key in keys)
    return [" ".join(words.split()) for words in page.locator(kinds).all_text_contents()]


def cells(page: Any, table: str) -> list[list[str]]:
    """The cells of a table's rows, as they are read."""
    rows = page.locator(f"{table} tbody tr")
    return [
        [" ".join(words.split()) for words in row.locator("th, td").all_inner_texts()] for row in rows.all()
    ]


def day_of(words: str) -> str:
    """``24 Mar`` of words in which a day stands."""
    found = re.search(r"\b\d{1,2} [A-Z][a-z]{2}\b", words)
    assert found, words
    return found[0]


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_picture_and_tables_say_the_same(opened: Any, axe: Any, size: Any, scheme: str) -> None:
    page = opened(viewport=size, color_scheme=scheme)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]

    drawn = [re.fullmatch(r"PHQ-9, (.+): (\d+), (.+)", words) for words in marks(page, "phq9")]
    in_chart = [found.groups() for found in drawn if found]
    rows = cells(page, "#scores table")
    in_table = [(day_of(row[0]), row[1], row[3]) for row in rows]
    assert in_chart == in_table
    assert [total for _day, total, _band in in_chart] == [str(total) for total in TOTALS.values()]

    infusions = [(day_of(words), words.rpartition(": ")[2]) for words in marks(page, "infusion")]
    visits = cells(page, "#sessions table")
    assert [day for day, _dose in infusions] == [day_of(row[1]) for row in visits]
    assert len(infusions) == len(DAYS)
    for (_day, dose), row in zip(infusions, visits, strict=True):
        assert dose.split()[0] in row[3], row

    effects = marks(page, "effect-1", "effect-2", "effect-3")
    matrix = {row[0]: row[2] for row in cells(page, ".matrix") if row[0] != "Asked"}
    assert effects == [
        f"{infusions[1][0]}: " + ", ".join(f"{name}: {_word(cell)}" for name, cell in matrix.items())
    ]
    # What the picture says in one sentence to those who do not see it.
    said = page.locator("#scores svg desc").text_content()
    assert all(f"{day} {total}" in said for day, total, _band in in_table)


def _word(cell: str) -> str:
    """``moderate`` of a cell that shows a mark and a word."""
    return re.sub(r"[^A-Za-z]", "", cell).lower()


@pytest.mark.parametrize("size", [TABLET, DESK])
def test_the_keyboard_reaches_everything_and_reads_every_mark(opened: Any, size: Any) -> None:
    page = opened(viewport=size)
    wanted = {
        "letter": "a:focus[href$='/letter/']",
        "chart": ".chart-frame:focus",
        "table": "#scores summary:focus",
        "baseline": "a:focus[href*='/baselines/'], #outcomes a:focus",
        "rule": "#outcomes summary:focus",
        "session": "#sessions a:focus",
        "vital signs": "#extremes .table-wrap:focus",
    }
    reached = set()
    for _press in range(120):
        page.keyboard.press("Tab")
        reached |= {name for name, place in wanted.items() if page.locator(place).count()}
        if reached == wanted.keys():
            break
    assert reached == wanted.keys()

    line, hint = page.locator("#scores-read"), page.locator("#scores-read").inner_text()
    page.locator("#scores .chart-frame").focus()
    rows = [
        marks(page, "phq9"),
        marks(page, "infusion"),
        marks(page, "effect-1", "effect-2"),
        marks(page, "look"),
    ]
    assert all(rows)
    for number, row in enumerate(rows):
        if number:
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Home")
        read = [line.inner_text()]
        for _mark in row[1:]:
            page.keyboard.press("ArrowRight")
            read.append(line.inner_text())
        assert read == row
        page.keyboard.press("ArrowRight")
        assert line.inner_text() == row[-1]
    assert page.locator(".chart__mark.is-read").count() == 1
    page.keyboard.press("Escape")
    assert (line.inner_text(), page.locator(".chart__mark.is-read").count()) == (hint, 0)


def test_a_finger_beside_a_mark_reads_it(opened: Any) -> None:
    page = opened(viewport=TABLET, has_touch=True)
    mark = page.locator("#scores .chart__mark--infusion").nth(1)
    box = mark.bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + 6)
    assert page.locator("#scores-read").inner_text() == marks(page, "infusion")[1]


def test_both_tables_and_what_can_be_done_fit_a_tablet(
    clinic: Clinic, course: Course, start: datetime, new_context: Any, sign_in: Any
) -> None:
    scored(clinic, course, start + timedelta(days=22), 17)
    anxiety = {item.code: 2 for item in CURRENT["gad7"].scored_items}
    told = {"patient": course.patient, "instrument": "gad7", "by": clinic.nurse, "now": start}
    record_assessment(answers=anxiety, **told)
    booked_session(clinic, starts_at=clock.now() + timedelta(days=1), course=course, chair=clinic.chairs[3])
    context = new_context(viewport=TABLET)
    sign_in(context, clinic.desk.user)
    page = context.new_page()
    page.goto(reverse("sessions:course", args=[course.public_id]))
    assert page.get_by_text("Moderately severe").last.is_visible()
    assert page.get_by_role("link", name="Move this and later").is_visible()
    beyond = """width => [...document.querySelectorAll("#scores td, #scores th, #sessions td, #sessions a")]
        .filter(each => each.getBoundingClientRect().right > width).map(each => each.textContent.trim())"""
    assert page.evaluate(beyond, TABLET["width"]) == []


def test_on_paper_the_tables_stand_and_nothing_is_to_press(opened: Any) -> None:
    page = opened()
    page.locator("#scores summary").click()
    assert not page.locator("#scores table").first.is_visible()
    page.emulate_media(media="print")
    for shown in ("#scores svg", "#scores table", "#outcomes", "#sessions table", ".matrix"):
        assert page.locator(shown).first.is_visible(), shown
    pressed = page.locator("main .page-head .button, main summary, #scores-read, .nav, main a.no-print")
    assert [one.inner_text() for one in pressed.all() if one.is_visible()] == []


def test_the_letter_is_addressed_and_comes_as_pdf(opened: Any, axe: Any) -> None:
    page = opened(viewport=TABLET)
    page.get_by_role("link", name="Summary letter").click()
    assert page.locator("address").inner_text().split("\n") == [
        "Dr Jo Lind",
        "Mill practice",
        "1 Mill Road",
        "Salem",
    ]
    axe(page)
    address = page.get_by_role("link", name="Open as PDF").get_attribute("href")
    answer = page.request.get(address)
    assert (answer.status, answer.body()[:5]) == (200, b"%PDF-")


def test_another_baseline_is_chosen_with_a_reason_and_the_verdict_changes(opened: Any, axe: Any) -> None:
    page = opened()
    response = page.locator("#outcomes dt", has_text="Response").first
    assert response.locator("b").inner_text() == "yes"
    assert "20 on" in page.locator("#outcomes dd").first.inner_text()

    page.get_by_role("link", name="Choose another baseline").first.click()
    axe(page)
    page.locator("label", has_text="12").first.click()
    page.get_by_role("button", name="Measure against it").click()
    assert page.locator("#id_reason").evaluate("field => field.matches(':invalid')")
    page.locator("#id_reason").fill("The later one was taken after a bad night")
    page.get_by_role("button", name="Measure against it").click()

    page.get_by_text("Recorded.").wait_for()
    assert response.locator("b").inner_text() == "no"
    assert "12 on" in page.locator("#outcomes dd").first.inner_text()
    assert "The later one was taken after a bad night" in page.locator("#outcomes").inner_text()
    assert "baseline 12" in page.locator("#scores svg").text_content()
    axe(page)
