"""The pages of leave: the list, one's own sickness, and why somebody is away."""

import uuid

import pytest

from clinic.facilities.models import StaffLeave
from tests.clinic.facilities.roster_scene import MONDAY, leave, shift
from tests.pages import Pages, text_of
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db
LISTED = f"/leave/?first={MONDAY}&last={MONDAY}"


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


def add_path(site):
    return f"/sites/{site.public_id}/leave/add/"


def one(found, act=""):
    return f"/leave/{found.public_id}/{act}"


def test_who_is_ill_says_so_and_chooses_nothing_else(site, nurse):
    pages, key = Pages(nurse), uuid.uuid4()
    form = pages.get(add_path(site))
    assert "I am ill" in text_of(form)
    assert not any(f'name="{name}"' in form.content.decode() for name in ("kind", "user"))
    typed = {"first": "2026-03-16", "kind": "annual", "user": str(uuid.uuid4())}
    for _again in range(2):
        assert pages.post(add_path(site), typed, key=key)["Location"] == f"/leave/{key}/"
    found = StaffLeave.objects.get()
    assert (found.user, found.kind) == (nurse.user, "sick")
    page = text_of(pages.get(f"/leave/{key}/"))
    assert "Sick leave, Mon 16 Mar – Mon 16 Mar" in page and "Withdraw" in page


def test_who_plans_records_leave_of_the_people_of_the_site(site, pages, nurse, manager):
    shift(site, nurse, by=manager)
    typed = {"user": str(nurse.user.public_id), "kind": "training", "first": "2026-03-16", "note": "Course"}
    answer = pages.post(add_path(site), typed)
    page = text_of(pages.get(answer["Location"]))
    assert "Training" in page and "Course" in page and "Mon 16 Mar 08:00–16:00 North clinic" in page
    stranger = staff("nurse", make_site("south"))
    refused = pages.post(add_path(site), typed | {"user": str(stranger.user.public_id)})
    assert refused.status_code == 422


def test_colleagues_see_that_somebody_is_away_and_not_why(site, pages, nurse, manager):
    found = leave(site, nurse, by=nurse, kind="sick", note="Fever")
    assert "Sick leave Fever" in text_of(pages.get(LISTED))
    assert "Sick leave Fever" in text_of(Pages(nurse).get(LISTED))
    colleague = Pages(staff("nurse", site))
    text = text_of(colleague.get(LISTED))
    assert "Sam Ana, RN Mon 16 Mar Mon 16 Mar away" in text and "Sick" not in text and "Fever" not in text
    paths = [one(found), one(found, "edit/"), one(found, "withdraw/"), one(found, "cover/")]
    assert {colleague.get(path).status_code for path in paths} == {404}
    assert {colleague.post(path, {}).status_code for path in paths[1:3]} == {404}


def test_of_another_site_nobody_is_seen(site, nurse):
    found = leave(site, nurse, by=nurse, kind="sick")
    stranger = Pages(staff("manager", make_site("south")))
    assert "Sam Ana" not in text_of(stranger.get(LISTED))
    assert stranger.get(one(found)).status_code == 404
    assert stranger.get(add_path(site)).status_code == 404


def test_leave_is_edited_and_two_edits_are_compared(site, pages, nurse):
    found = leave(site, nurse, by=nurse, kind="sick")
    mine = {"first": "2026-03-16", "last": "2026-03-17", "revision": "1"}
    assert Pages(nurse).post(one(found, "edit/"), mine).status_code == 302
    theirs = {"kind": "sick", "first": "2026-03-16", "last": "2026-03-20", "revision": "1"}
    answer = pages.post(one(found, "edit/"), theirs)
    assert answer.status_code == 409 and "Last day 2026-03-17 2026-03-20" in text_of(answer)
    assert pages.post(one(found, "edit/"), theirs | {"revision": "2"}).status_code == 302


def test_ones_own_annual_leave_is_seen_and_not_changed(site, nurse, manager):
    found = leave(site, nurse, by=manager, kind="annual")
    pages = Pages(nurse)
    assert "Edit" not in text_of(pages.get(one(found)))
    for act in ("edit/", "withdraw/"):
        assert pages.get(one(found, act)).status_code == 403
        assert pages.post(one(found, act), {"first": "2026-03-17", "revision": "1"}).status_code == 403


def test_leave_is_withdrawn_once(site, nurse):
    found, pages, key = leave(site, nurse, by=nurse, kind="sick"), Pages(nurse), uuid.uuid4()
    for _again in range(2):
        assert pages.post(one(found, "withdraw/"), {"revision": "1"}, key=key)["Location"] == "/leave/"
    assert pages.post(one(found, "withdraw/"), {"revision": "2"}).status_code == 409
    assert "This leave was withdrawn" in text_of(pages.get(one(found)))
    assert "Sam Ana" not in text_of(pages.get(LISTED)).replace("Everybody", "").partition("Person From")[2]


def test_the_list_is_filtered_in_the_address(site, pages, nurse, manager):
    other = staff("nurse", site, "bea")
    leave(site, nurse, by=manager)
    leave(site, other, by=manager, day=MONDAY.replace(month=4, day=6))

    def listed(query):
        text = text_of(pages.get(f"/leave/{query}"))
        return [
            name for name in ("Ana", "Bea") if f"Sam {name}, RN" in text.partition("Person From Until")[2]
        ]

    assert listed("?first=2026-03-01") == ["Ana", "Bea"]
    assert listed("?first=2026-03-01&last=2026-03-31") == ["Ana"]
    assert listed(f"?first=2026-03-01&user={other.user.public_id}") == ["Bea"]
    assert listed("?first=2026-03-17&last=2026-04-05") == []
    assert "Widen the filter" in text_of(pages.get("/leave/?first=2026-03-17&last=2026-03-18"))


@pytest.mark.parametrize("query", ["first=9999-12-31", "last=9999-12-31", "first=0001-01-01&last=0001-01-01"])
def test_a_day_at_the_end_of_the_calendar_is_told(site, pages, query):
    answer = pages.get(f"/leave/?{query}")
    assert (answer.status_code, "at the end of the calendar" in text_of(answer)) == (200, True)


def test_an_empty_list_says_what_to_do(site, pages, nurse):
    assert "Record leave as soon as you know of it" in text_of(pages.get("/leave/"))
    assert "Nobody is away from now on" in text_of(Pages(nurse).get("/leave/"))


def test_the_number_of_queries_does_not_grow_with_the_list(site, pages, manager, django_assert_num_queries):
    leave(site, staff("nurse", site), by=manager)
    with django_assert_num_queries(8):
        pages.get(LISTED)
    for _number in range(4):
        leave(site, staff("nurse", site), by=manager)
    with django_assert_num_queries(8):
        pages.get(LISTED)
