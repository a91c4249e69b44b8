"""The pages about when a site is open."""

import uuid
from datetime import time

import pytest

from clinic.accounts.permissions import DEFAULT_ROLES
from clinic.facilities.models import Closure, OpeningHours
from clinic.facilities.operations.opening import add_closure, set_opening_hours
from tests.clinic.facilities.roster_scene import MONDAY, NOW, span
from tests.pages import Pages, text_of
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db

NOT_SET = "Opening hours are not set, so they are not checked"


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def manager(site):
    return staff("manager", site)


@pytest.fixture
def pages(manager):
    return Pages(manager)


def opening_of(site):
    return f"/sites/{site.public_id}/opening/"


def closed(site, by, reason="Training", day=MONDAY, times="00:00-24:00"):
    start, end = span(site, day, times)
    return add_closure(site=site, reason=reason, starts_at=start, ends_at=end, by=by, now=NOW)


@pytest.mark.parametrize("role", DEFAULT_ROLES)
def test_everybody_reads_and_who_plans_changes(site, manager, role):
    closure = closed(site, manager)
    pages = Pages(staff(role, site))
    plans = 200 if role in {"manager", "administrator"} else 403
    expected = {
        opening_of(site): 200,
        f"{opening_of(site)}hours/": plans,
        f"/sites/{site.public_id}/closures/add/": plans,
        f"/closures/{closure.public_id}/edit/": plans,
        f"/closures/{closure.public_id}/withdraw/": plans,
    }
    assert {path: pages.get(path).status_code for path in expected} == expected
    assert ("/opening/hours/" in pages.get(opening_of(site)).content.decode()) == (plans == 200)


def test_another_site_is_out_of_reach(site, manager):
    closure = closed(site, manager)
    pages = Pages(staff("manager", make_site("south")))
    paths = [opening_of(site), f"{opening_of(site)}hours/", f"/sites/{site.public_id}/closures/add/"]
    paths += [f"/closures/{closure.public_id}/{act}/" for act in ("edit", "withdraw")]
    assert {pages.post(path, {}).status_code for path in paths[1:]} == {404}
    assert {pages.get(path).status_code for path in paths} == {404}


def test_hours_that_are_not_set_are_said_with_a_link(site, pages):
    assert NOT_SET in text_of(pages.get(opening_of(site)))
    listed = Pages(staff("administrator", site)).get("/sites/")
    assert NOT_SET in text_of(listed) and opening_of(site) in listed.content.decode()
    set_opening_hours(
        site=site, hours=[(0, time(8), time(17))], by=staff("manager", site), expected_revision=1
    )
    assert NOT_SET not in text_of(pages.get(opening_of(site)))
    assert NOT_SET not in text_of(Pages(staff("administrator", site)).get("/sites/"))


def test_a_week_is_saved_once_and_shown(site, pages):
    typed = {
        "revision": "1",
        "day0_0_opens": "08:00",
        "day0_0_closes": "12:00",
        "day0_1_opens": "13:00",
        "day0_1_closes": "17:30",
        "day5_0_opens": "20:00",
        "day5_0_closes": "00:00",
    }
    key = uuid.uuid4()
    for _again in range(2):
        answer = pages.post(f"{opening_of(site)}hours/", typed, key=key)
        assert answer["Location"] == opening_of(site)
    assert OpeningHours.objects.count() == 3
    shown = text_of(pages.get(opening_of(site)))
    assert "Monday 08:00–12:00 13:00–17:30 Tuesday closed" in shown and "Saturday 20:00–24:00" in shown
    form = pages.get(f"{opening_of(site)}hours/").content.decode()
    assert 'name="day0_2_opens"' in form and 'name="day5_0_closes" value="00:00"' in form


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"day0_0_opens": "08:00"}, "Give both times, or neither"),
        ({"day0_0_opens": "17:00", "day0_0_closes": "08:00"}, "Monday: the site closes before it opens"),
        ({"day0_0_opens": "25:00", "day0_0_closes": "08:00"}, "Enter a valid time"),
        ({"revision": ""}, "which version it edits"),
    ],
)
def test_what_does_not_fit_is_said_and_stays_typed(site, pages, typed, sentence):
    kept = {"day2_0_opens": "09:15", "day2_0_closes": "10:15", "revision": "1"}
    answer = pages.post(f"{opening_of(site)}hours/", kept | typed)
    assert answer.status_code == 422
    assert sentence in text_of(answer) and 'value="09:15"' in answer.content.decode()
    assert not OpeningHours.objects.exists()


def test_a_day_is_copied_in_the_form_and_nothing_is_stored(site, pages):
    typed = {
        "day0_0_opens": "08:15",
        "day0_0_closes": "12:45",
        "revision": "1",
        "copy": "1",
        "copy_from": "0",
    }
    answer = pages.post(f"{opening_of(site)}hours/", typed | {"copy_to": ["1", "3"]})
    page = answer.content.decode()
    assert answer.status_code == 200 and "not saved yet" in text_of(answer)
    assert page.count('value="08:15"') == 3 and 'name="day3_0_closes" value="12:45"' in page
    assert not OpeningHours.objects.exists()


def test_an_older_version_is_shown_beside_the_stored_one(site, pages, manager):
    set_opening_hours(site=site, hours=[(1, time(8), time(17))], by=manager, expected_revision=1)
    mine = {"day0_0_opens": "09:00", "day0_0_closes": "10:00", "revision": "1"}
    answer = pages.post(f"{opening_of(site)}hours/", mine)
    assert answer.status_code == 409
    assert "Opening hours Tuesday 08:00-17:00 Monday 09:00-10:00" in text_of(answer)
    assert 'name="revision" value="2"' in answer.content.decode()
    assert pages.post(f"{opening_of(site)}hours/", mine | {"revision": "2"}).status_code == 302


HOLIDAY = {"kind": "holiday", "reason": "Labour Day", "first": "2026-09-07"}


def test_a_holiday_is_a_whole_day_of_the_site(site, pages):
    key = uuid.uuid4()
    for _again in range(2):
        path = f"/sites/{site.public_id}/closures/add/"
        assert pages.post(path, HOLIDAY, key=key)["Location"] == opening_of(site)
    closure = Closure.objects.get()
    assert closure.public_id == key
    assert (f"{closure.starts_at:%d %H:%M}", f"{closure.ends_at:%d %H:%M}") == ("07 04:00", "08 04:00")
    page = pages.get(f"/closures/{key}/edit/").content.decode()
    assert 'value="2026-09-07"' in page and 'type="time" name="begins"' in page


@pytest.mark.parametrize(
    ("typed", "start", "end"),
    [
        ({"last": "2026-09-08"}, "07 00:00", "09 00:00"),
        ({"begins": "13:00"}, "07 13:00", "08 00:00"),
        ({"begins": "13:00", "until": "17:00"}, "07 13:00", "07 17:00"),
        ({"first": "2026-03-08"}, "08 00:00", "09 00:00"),
        ({"first": "2026-11-01", "begins": "01:30", "which": "0"}, "01 01:30", "02 00:00"),
    ],
)
def test_a_closure_of_other_lengths_and_back_in_its_form(site, pages, typed, start, end):
    pages.post(f"/sites/{site.public_id}/closures/add/", HOLIDAY | typed)
    closure = Closure.objects.get()
    shown = [at.astimezone(site.zone).strftime("%d %H:%M") for at in (closure.starts_at, closure.ends_at)]
    assert shown == [start, end]
    before = (closure.starts_at, closure.ends_at)
    answer = pages.post(f"/closures/{closure.public_id}/edit/", {**HOLIDAY, **typed, "revision": "1"})
    closure.refresh_from_db()
    assert answer.status_code == 302
    assert (closure.starts_at, closure.ends_at) == before


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"reason": ""}, "This field is required"),
        ({"last": "2026-09-06"}, "The end comes before the start"),
        ({"first": "2026-03-08", "begins": "02:30"}, "does not exist in America/New_York"),
        ({"first": "2026-11-01", "begins": "01:30"}, "comes twice in America/New_York"),
        ({"first": "1066-10-14"}, "more than 10 years from today"),
    ],
)
def test_a_closure_that_does_not_fit(site, pages, typed, sentence):
    answer = pages.post(f"/sites/{site.public_id}/closures/add/", HOLIDAY | typed)
    assert answer.status_code == 422 and sentence in text_of(answer)
    assert not Closure.objects.exists()
    assert ('type="radio" name="which"' in answer.content.decode()) == ("twice" in sentence)


def test_of_two_edits_of_one_closure_the_second_sees_the_first(site, pages, manager):
    closure = closed(site, manager)
    path = f"/closures/{closure.public_id}/edit/"
    typed = {"kind": "closure", "reason": "Repair", "first": "2026-03-16", "revision": "1"}
    assert pages.post(path, typed).status_code == 302
    answer = pages.post(path, typed | {"reason": "Paint", "first": "2026-03-17"})
    text = text_of(answer)
    assert answer.status_code == 409 and "Name or reason Repair Paint" in text
    assert "First day 2026-03-16 2026-03-17" in text
    assert pages.post(path, typed | {"reason": "Paint", "revision": "2"}).status_code == 302


def test_a_closure_is_withdrawn_once(site, pages, manager):
    closure = closed(site, manager)
    path, key = f"/closures/{closure.public_id}/withdraw/", uuid.uuid4()
    for _again in range(2):
        assert pages.post(path, {"revision": "1"}, key=key).status_code == 302
    late = pages.post(path, {"revision": "2"})
    assert late.status_code == 409 and "was withdrawn" in text_of(late)
    assert "Training" not in text_of(pages.get(f"{opening_of(site)}?past=1"))


def test_closures_to_come_and_those_that_are_over(site, pages, manager, django_assert_num_queries):
    assert "No closure to come. Add the year's public holidays" in text_of(pages.get(opening_of(site)))
    assert "No closure is over yet" in text_of(pages.get(f"{opening_of(site)}?past=1"))
    closed(site, manager, "Long ago", day=MONDAY.replace(year=2025))
    closed(site, manager, "Some day", day=MONDAY.replace(year=2035))
    assert "Some day" in text_of(pages.get(opening_of(site)))
    assert "Long ago" not in text_of(pages.get(opening_of(site)))
    assert "Long ago" in text_of(pages.get(f"{opening_of(site)}?past=1"))
    for number in range(4):
        closed(site, manager, f"Day {number}", day=MONDAY.replace(year=2035, day=20 + number))
    with django_assert_num_queries(8):
        pages.get(opening_of(site))
