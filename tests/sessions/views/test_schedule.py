"""The schedule's pages: what is asked for in the address, who sees what, and the day as a list to print."""

import re

import pytest
import time_machine

from tests.pages import Pages, text_of
from tests.scenes import make_site, staff
from tests.sessions.busy_day import busy_day
from tests.sessions.scenes import NOON, make_clinic

DAY = "/schedule/?day=2026-03-10"


@pytest.fixture
def busy(db):
    with time_machine.travel(NOON, tick=False):
        yield busy_day()


@pytest.fixture
def pages(busy):
    return Pages(busy.clinic.desk)


def row_of(page, label):
    """The text of one row of a day."""
    rows = re.findall(r'<section class="plan__row.*?</section>', page.content.decode(), re.DOTALL)
    (found,) = [row for row in rows if f'data-label="{label}"' in row]
    return " ".join(re.sub(r"<[^>]+>", " ", found).split())


def test_a_day_by_chair_shows_times_parts_and_marks(busy, pages):
    page = pages.get("/schedule/")
    text = text_of(page)
    assert "Schedule Tue 10 Mar" in text and "12:00 there" in text, "today where nothing is asked for"
    assert "10 visits" in text and "open 09:00–13:00, 14:00–16:45, 17:10–18:00" in text
    assert "closed 16:45–17:10, Training" in text
    third = row_of(page, "Chair 3")
    assert "14:00–16:10 1 of 6" in third and third.count("▲ overbooked") == 3
    assert "? chair at check-in" in text
    body = page.content.decode()
    assert "at-h5 at-m0 for-h2 for-m10" in body, "14:00 is five hours after 09:00"
    parts = re.findall(r"part--(\w+) (for-h\d+ for-m\d+)", body)
    assert parts[:3] == [
        ("preparation", "for-h0 for-m30"),
        ("infusion", "for-h0 for-m40"),
        ("recovery", "for-h1 for-m0"),
    ]
    assert body.count("data-now-line") == 6


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?view=week", "Mon 9 Mar – Sun 15 Mar"),
        ("?day=2026-03-11", "Wed 11 Mar"),
        ("?day=2026-03-11&view=week&by=nurse", "Mon 9 Mar – Sun 15 Mar"),
        ("?day=nonsense&view=year&by=moon", "Tue 10 Mar"),
        ("?day=0001-01-01", "Tue 10 Mar"),
        ("?day=2026-02-31", "Tue 10 Mar"),
    ],
)
def test_what_is_shown_stands_in_the_address(busy, pages, query, words):
    page = pages.get(f"/schedule/{query}")
    assert page.status_code == 200
    assert words in text_of(page)


def test_a_week_shows_every_day_and_by_nurse_who_has_whom(busy, pages):
    week = text_of(pages.get(f"{DAY}&view=week"))
    assert "10 visits" in week and "Training" in week and "closed" in week
    assert week.count("New armrest") == 3
    by_nurse = pages.get(f"{DAY}&by=nurse")
    assert "14:00–16:10" in row_of(by_nurse, busy.second.user.short_name)
    crowd = row_of(by_nurse, "No nurse yet")
    assert "14:30–16:40" in crowd


def test_another_sites_schedule_is_not_there_and_initials_stand_for_names(busy, pages):
    far = make_site("far")
    assert pages.get(f"/schedule/?site={far.public_id}").status_code == 404
    assert "Moreau, Ada" in text_of(pages.get(DAY))
    planner = Pages(staff("administrator", busy.site))
    shown = planner.get(DAY)
    text = text_of(shown)
    assert "A.M." in text and "R.S." in text
    assert "Moreau" not in text and "Silva" not in text and "far away" not in text
    assert "/schedule/visits/" not in shown.content.decode() and "/sessions/" not in shown.content.decode()
    assert planner.get(f"/schedule/visits/{busy.consultation.public_id}/").status_code == 404
    refusal = Pages(staff("auditor", busy.site)).get("/schedule/")
    assert refusal.status_code == 403 and "does not include the schedule" in text_of(refusal)


def test_only_what_was_written_since_is_fetched_again(busy, pages):
    (path,) = re.findall(r'hx-get="(/schedule/rows/[^"]+)"', pages.get(DAY).content.decode())
    path = path.replace("&amp;", "&")
    assert pages.get(path).status_code == 304
    again = pages.get(re.sub(r"version=.*", "version=old", path))
    assert again.status_code == 200 and "<html" not in again.content.decode()


def test_a_page_asks_as_often_with_many_visits_as_with_few(db, django_assert_num_queries):
    with time_machine.travel(NOON, tick=False):
        busy = busy_day()
        pages = Pages(busy.clinic.desk)
        pages.get(DAY)
        for path in (DAY, f"{DAY}&view=week", f"{DAY}&by=nurse"):
            with django_assert_num_queries(16):
                pages.get(path)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [("by=chair", "This site has no chair yet."), ("by=nurse", "Nobody is on duty on this day")],
)
def test_an_empty_day_says_what_to_do_next(db, query, sentence):
    with time_machine.travel(NOON, tick=False):
        clinic = make_clinic(chairs=0)
        assert sentence in text_of(Pages(clinic.desk).get(f"/schedule/?{query}"))


def test_the_day_list_prints_a_page_for_each_day(busy, pages):
    listed = pages.get("/schedule/print/?day=2026-03-10")
    text = text_of(listed)
    assert listed.content.decode().count("day-list__page") == 1
    assert "17:45 –18:15 Chair 2 Moreau, Ada First visit" in text
    assert "Infusion 1 of 6" in text and busy.second.user.short_name in text
    assert "at check-in" in text and "▲ overbooked" in text and "Comes from far away" in text
    assert "Called off or missed" in text and "(Cancelled)" in text
    week = pages.get("/schedule/print/?day=2026-03-10&view=week")
    assert week.content.decode().count("day-list__page") == 7
    assert "Nothing is booked on this day." in text_of(week)
    blind = text_of(Pages(staff("administrator", busy.site)).get("/schedule/print/?day=2026-03-10"))
    assert "A.M." in blind and "Moreau" not in blind and "far away" not in blind
