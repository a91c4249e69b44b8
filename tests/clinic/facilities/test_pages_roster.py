"""The pages of the roster: the week, a shift, a copied week."""

import uuid
from datetime import date, timedelta

import pytest

from clinic.accounts.permissions import DEFAULT_ROLES
from clinic.facilities.models import Shift
from clinic.facilities.operations.opening import set_opening_hours
from clinic.facilities.reports.roster import roster_week
from tests.clinic.facilities.roster_scene import MONDAY, leave, shift, span
from tests.pages import Pages, text_of
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def manager(site):
    return staff("manager", site)


@pytest.fixture
def nurse(site):
    return staff("nurse", site, "ana")


@pytest.fixture
def pages(manager):
    return Pages(manager)


def typed(nurse, **more):
    found = {"user": str(nurse.user.public_id), "day": "2026-03-16", "begins": "08:00", "until": "16:00"}
    return found | more


def week_page(pages, day=MONDAY):
    return pages.get(f"/roster/?week={day.isoformat()}")


def add_path(site):
    return f"/sites/{site.public_id}/shifts/add/"


def stored(site):
    found = Shift.objects.get()
    return [at.astimezone(site.zone).strftime("%d %H:%M") for at in (found.starts_at, found.ends_at)]


@pytest.mark.parametrize("role", DEFAULT_ROLES)
def test_everybody_reads_the_roster_and_who_plans_changes_it(site, manager, nurse, role):
    made = shift(site, nurse, by=manager)
    pages = Pages(staff(role, site))
    plans = 200 if role in {"manager", "administrator"} else 403
    expected = {
        "/roster/": 200,
        add_path(site): plans,
        f"/sites/{site.public_id}/roster/copy/": plans,
        f"/shifts/{made.public_id}/edit/": plans,
        f"/shifts/{made.public_id}/withdraw/": plans,
    }
    assert {path: pages.get(path).status_code for path in expected} == expected
    page = week_page(pages)
    assert "08:00–16:00" in text_of(page)
    assert (f"/shifts/{made.public_id}/" in page.content.decode()) == (plans == 200)
    assert 'href="/roster/"' in page.content.decode()


def test_another_site_is_out_of_reach(site, manager, nurse):
    made = shift(site, nurse, by=manager)
    stranger = Pages(staff("manager", make_site("south")))
    paths = [add_path(site), f"/sites/{site.public_id}/roster/copy/"]
    paths += [f"/shifts/{made.public_id}/{act}/" for act in ("edit", "withdraw")]
    assert {stranger.get(path).status_code for path in paths} == {404}
    assert {stranger.post(path, typed(nurse)).status_code for path in paths} == {404}
    assert "Sam Ana" not in text_of(stranger.get(f"/roster/?site={site.public_id}&week={MONDAY}"))


def test_somebody_without_any_site_is_told_whom_to_ask(site):
    from clinic.accounts.actor import Actor
    from tests.scenes import make_user

    answer = Pages(Actor.of_user(make_user())).get("/roster/")
    assert answer.status_code == 403 and "no role at any site" in text_of(answer)


@pytest.mark.parametrize(
    ("more", "start", "end"),
    [
        ({}, "16 08:00", "16 16:00"),
        ({"begins": "22:00", "until": "06:00"}, "16 22:00", "17 06:00"),
        ({"begins": "00:00", "until": "00:00"}, "16 00:00", "17 00:00"),
        ({"day": "2026-03-07", "begins": "22:00", "until": "06:00"}, "07 22:00", "08 06:00"),
        ({"day": "2026-11-01", "begins": "01:30", "which": "1"}, "01 01:30", "01 16:00"),
    ],
)
def test_a_shift_is_typed_on_the_clocks_of_the_site(site, pages, nurse, more, start, end):
    key = uuid.uuid4()
    for _again in range(2):
        answer = pages.post(add_path(site), typed(nurse, **more), key=key)
        assert answer.status_code == 302
    assert stored(site) == [start, end]
    assert answer["Location"].startswith(f"/roster/?site={site.public_id}&week=2026-")
    if "which" in more:
        assert Shift.objects.get().starts_at.hour == 6


def test_breaks_are_typed_in_pairs_and_after_midnight_they_are_on_the_next_day(site, pages, nurse):
    breaks = {
        "break1_from": "23:30",
        "break1_until": "00:15",
        "break2_from": "03:00",
        "break2_until": "03:30",
    }
    pages.post(add_path(site), typed(nurse, begins="22:00", until="06:00", **breaks))
    made = Shift.objects.get()
    found = [(pause.starts_at, pause.ends_at) for pause in made.breaks.all()]
    assert found == [span(site, MONDAY, "23:30-00:15"), span(site, TUESDAY, "03:00-03:30")]
    form = pages.get(f"/shifts/{made.public_id}/edit/").content.decode()
    assert 'name="break1_until" value="00:15"' in form and 'name="break3_from"' in form


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"user": ""}, "This field is required"),
        ({"user": str(uuid.UUID(int=1))}, "not one of the available choices"),
        ({"break1_from": "12:00"}, "Give both times, or neither"),
        ({"break1_from": "17:00", "break1_until": "17:30"}, "outside the shift"),
        ({"break1_from": "12:00", "break1_until": "11:00"}, "ends before it begins"),
        ({"day": "2026-03-08", "begins": "02:30"}, "does not exist in America/New_York"),
        ({"day": "2026-11-01", "begins": "01:30"}, "comes twice in America/New_York"),
    ],
)
def test_what_does_not_fit_is_said_and_the_rest_stays_typed(site, pages, nurse, more, sentence):
    answer = pages.post(add_path(site), typed(nurse, until="15:45") | more)
    assert answer.status_code == 422 and sentence in text_of(answer)
    assert 'value="15:45"' in answer.content.decode()
    assert not Shift.objects.exists()


def test_a_second_shift_of_a_person_is_a_conflict_in_words(site, pages, nurse, manager):
    shift(site, nurse, by=manager)
    answer = pages.post(add_path(site), typed(nurse, begins="12:00", until="18:00"))
    assert answer.status_code == 409
    assert "Sam Ana has a shift from Mon 08:00 to 16:00 already" in text_of(answer)


def test_a_shift_is_edited_and_two_edits_are_compared(site, pages, nurse, manager):
    made = shift(site, nurse, by=manager)
    path = f"/shifts/{made.public_id}/edit/"
    assert pages.post(path, typed(nurse, until="15:00", revision="1")).status_code == 302
    answer = pages.post(path, typed(nurse, until="14:00", revision="1"))
    assert answer.status_code == 409 and "Until 15:00 14:00" in text_of(answer)
    assert pages.post(path, typed(nurse, until="14:00", revision="2")).status_code == 302
    assert stored(site) == ["16 08:00", "16 14:00"]


def test_a_shift_is_withdrawn_once(site, pages, nurse, manager):
    made = shift(site, nurse, by=manager)
    path, key = f"/shifts/{made.public_id}/withdraw/", uuid.uuid4()
    for _again in range(2):
        assert pages.post(path, {"revision": "1"}, key=key).status_code == 302
    assert pages.post(path, {"revision": "2"}).status_code == 409
    assert "08:00–16:00" not in text_of(week_page(pages))


def test_a_week_says_who_is_there_and_when_nobody_is(site, pages, nurse, manager):
    from datetime import time

    set_opening_hours(
        site=site, hours=[(day, time(8), time(17)) for day in (0, 1)], by=manager, expected_revision=1
    )
    shift(site, nurse, breaks=["12:00-12:30"], by=manager)
    shift(site, nurse, "22:00-06:00", day=TUESDAY, by=manager)
    text = text_of(week_page(pages))
    assert "▲ no nurse 12:00–12:30" in text and "▲ no nurse 16:00–17:00" in text
    assert "▲ no nurse 08:00–17:00" in text
    assert "22:00–06:00" in text and "until 06:00" in text and "15 h 30" in text
    assert "Not counted as nurses" in text


def test_colleagues_see_away_and_who_plans_sees_why(site, pages, nurse, manager):
    shift(site, nurse, by=manager)
    leave(site, nurse, by=nurse, kind="sick")
    assert "away , Sick leave" in text_of(week_page(pages))
    assert "away , Sick leave" in text_of(week_page(Pages(nurse)))
    others = text_of(week_page(Pages(staff("nurse", site))))
    assert "away" in others and "Sick" not in others


def test_an_empty_week_says_what_to_do(site, pages, nurse):
    assert "Add a shift, or copy last week" in text_of(week_page(pages))
    assert "not set, so they are not checked" in text_of(week_page(pages))
    assert "Add a shift" not in text_of(week_page(Pages(nurse)))


@pytest.mark.parametrize("week", ["", "x", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_a_week_that_is_none_is_this_one(site, pages, week):
    assert pages.get(f"/roster/?week={week}").status_code == 200
    assert pages.get(f"/sites/{site.public_id}/roster/copy/?week={week}").status_code == 200


def test_somebody_who_left_still_stands_with_their_shift(site, pages, nurse, manager):
    shift(site, nurse, by=manager)
    nurse.user.is_active = False
    nurse.user.save(update_fields=["is_active"])
    assert "does not work here any more" in text_of(week_page(pages))


def test_the_number_of_queries_does_not_grow_with_the_roster(site, pages, manager, django_assert_num_queries):
    def fill(count):
        for _number in range(count):
            who = staff("nurse", site)
            for day in range(5):
                shift(site, who, day=MONDAY + timedelta(days=day), breaks=["12:00-12:30"], by=manager)
            leave(site, who, by=manager)

    fill(1)
    with django_assert_num_queries(16):
        week_page(pages)
    fill(3)
    with django_assert_num_queries(16):
        week_page(pages)


def test_bars_stand_where_their_hours_are(site, nurse, manager):
    shift(site, nurse, "06:30-12:00", by=manager)
    week = roster_week(site, MONDAY, actor=manager)
    row = next(row for row in week.rows if row.person.user == nurse.user)
    assert week.width == 12 * 60
    assert [(bar.kind, bar.x, bar.width) for bar in row.cells[0].bars] == [("shift", 30, 330)]
    assert row.on_duty == timedelta(hours=5, minutes=30)


def test_a_week_is_shown_before_it_is_copied_and_copied_once(site, pages, nurse, manager):
    shift(site, nurse, breaks=["12:00-12:30"], by=manager)
    other = staff("nurse", site, "bea")
    shift(site, other, by=manager)
    leave(site, other, day=MONDAY + timedelta(days=7), by=manager)
    path = f"/sites/{site.public_id}/roster/copy/?week={MONDAY}"
    before = text_of(pages.get(path))
    assert "1 shift will be copied" in before and "Sam Bea is away on Mon 23 Mar" in before
    assert "3 shifts will be copied" in text_of(pages.get(f"{path}&weeks=2"))
    key = uuid.uuid4()
    for _again in range(2):
        answer = pages.post(path, {"weeks": "1"}, key=key)
        assert answer["Location"] == f"/roster/?site={site.public_id}&week=2026-03-23"
    assert Shift.objects.count() == 3
    assert "1 shift is copied. 1 left out." in text_of(pages.get(answer["Location"]))
    again = pages.post(path, {"weeks": "1"})
    assert again.status_code == 409 and "Nothing is left to copy" in text_of(again)


def test_a_week_without_shifts_cannot_be_copied(site, pages):
    path = f"/sites/{site.public_id}/roster/copy/?week={date(2026, 1, 5)}"
    assert "There is no shift in this week to copy" in text_of(pages.get(path))
    assert pages.post(path, {"weeks": "1"}).status_code == 409
    assert pages.post(path, {"weeks": "9"}).status_code == 422
