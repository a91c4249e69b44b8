"""The manager's page: whatever number stands on it, the list behind its link has exactly that many rows."""

import re
from html import unescape

import pytest
import time_machine

from clinic.accounts.actor import Actor
from clinic.accounts.models import Membership, PermissionGrant
from clinic.accounts.permissions import DEFAULT_ROLES, Permission
from tests.pages import Pages, text_of
from tests.scenes import make_site, role_named, staff
from tests.sessions.reports.scenes import NOW, weeks_of_sessions

ASKED = [
    ("", "all"),
    ("from=2025-12-20&to=2026-03-20", "north"),
    ("from=2026-03-16&to=2026-03-22", "south"),
    ("from=2020-01-01&to=2020-01-31", "all"),
]


@pytest.fixture
def weeks(db):
    with time_machine.travel(NOW, tick=False):
        yield weeks_of_sessions()


def numbers_of(answer):
    """Each link to a list, and the number that it stands for: its own text, or the end of what is read aloud."""
    found = {}
    for attributes, text in re.findall(r"<a ([^>]*)>([^<]*)</a>", answer.content.decode()):
        address = re.search(r'href="(/sessions/\?[^"]*)"', attributes)
        spoken = re.search(r'aria-label="[^"]*: (\d+)"', attributes)
        if address:
            found.setdefault(unescape(address.group(1)), set()).add(int(spoken.group(1) if spoken else text))
    return found


def rows_behind(pages, address):
    """How many rows a list has, counted over all its pages."""
    rows, page = 0, 1
    while True:
        answer = pages.get(f"{address}&page={page}")
        assert answer.status_code == 200
        rows += len(re.findall(r"<tr>\s*<td", answer.content.decode()))
        if 'rel="next"' not in answer.content.decode():
            return rows
        page += 1


def test_every_number_is_the_number_of_rows_behind_it(weeks):
    pages = Pages(weeks.manager)
    for period, where in ASKED:
        site = "" if where == "all" else getattr(weeks, where).site.public_id
        answer = pages.get(f"/overview/?{period}&site={site}")
        assert answer.status_code == 200
        numbers = numbers_of(answer)
        assert len(numbers) > 15
        for address, told in numbers.items():
            assert told == {rows_behind(pages, address)}, address


def test_figures_in_words_and_a_period_that_has_none(weeks):
    pages = Pages(weeks.manager)
    text = text_of(pages.get("/overview/"))
    assert "All sites , Sat 21 Feb to Fri 20 Mar" in text
    assert "28 days, compared with Sat 24 Jan to Fri 20 Feb" in text
    for words in (
        "Sessions booked",
        "Infusions started",
        "Completed",
        "Stopped early",
        "No-shows",
        "Unsigned",
    ):
        assert words in text
    assert "per 100 infusions" in text and "Moderate or worse" in text and "Week by week" in text
    text = text_of(pages.get("/overview/?from=2020-01-01&to=2020-01-31"))
    assert "Completed – 0 of 0 infusions started" in text


@pytest.mark.parametrize("role", DEFAULT_ROLES)
def test_it_opens_for_whoever_may_open_reports(db, role):
    actor = staff(role, make_site())
    expected = 200 if role in {"prescriber", "manager"} else 403
    assert {Pages(actor).get(path).status_code for path in ("/overview/", "/sessions/")} == {expected}


def test_whoever_opens_no_records_is_told_why_there_are_no_figures(db):
    auditor = staff("auditor", make_site())
    membership = Membership.objects.get(user=auditor.user)
    PermissionGrant.objects.create(membership=membership, permission=Permission.VIEW_REPORTS)
    pages = Pages(auditor)
    for path in ("/overview/", "/sessions/"):
        assert "counted from patients' records" in text_of(pages.get(path))


def test_sites_without_the_right_to_reports_are_not_counted(weeks):
    """A manager of one site who is a nurse at the other: figures and lists are of the first alone."""
    mixed = staff("manager", weeks.north.site)
    Membership.objects.create(user=mixed.user, site=weeks.south.site, role=role_named("nurse"))
    alone = staff("manager", weeks.north.site)
    both = [Pages(Actor.of_user(actor.user)) for actor in (mixed, alone)]
    shown = [numbers_of(pages.get("/overview/")) for pages in both]
    assert shown[0] == shown[1]
    totals = {pages.get("/sessions/").context["pages"].total for pages in both}
    assert len(totals) == 1
    assert {row.site_name for row in both[0].get("/sessions/").context["rows"]} == {"North clinic"}


REFUSED = {
    "from=soon": "This is not a date: soon",
    "from=2026-03-20&to=2026-03-01": "The period ends before it begins",
    "from=2020-01-01&to=2026-03-20": "longer than two years",
}


def test_a_period_that_is_none_is_said_and_stays_typed(weeks):
    for query, sentence in REFUSED.items():
        answer = Pages(weeks.manager).get(f"/overview/?{query}")
        assert answer.status_code == 422
        assert sentence in text_of(answer)
        typed = query.split("=")[1].split("&")[0]
        assert f'value="{typed}"' in answer.content.decode()


def test_the_periods_offered_stand_in_the_address_and_keep_the_site(weeks):
    pages = Pages(weeks.manager)
    site = weeks.north.site.public_id
    page = pages.get(f"/overview/?site={site}").content.decode()
    offered = re.findall(r'<a href="\?(from=[^"]*)"( aria-current="true")?>([^<]+)</a>', page)
    assert [label for _query, _now, label in offered] == ["This week", "Last 4 weeks", "Last 13 weeks"]
    assert [bool(now) for _query, now, _label in offered] == [False, True, False]
    assert all(f"site={site}" in query for query, _now, _label in offered)
    week = pages.get(f"/overview/?{unescape(offered[0][0])}")
    assert "Mon 16 Mar to Sun 22 Mar" in text_of(week) and "Week by week" not in text_of(week)


def test_a_site_out_of_reach_is_not_asked_for(weeks, django_assert_max_num_queries):
    pages = Pages(weeks.manager)
    for site in ("x", "00000000-0000-0000-0000-000000000000"):
        assert "All sites" in text_of(pages.get(f"/overview/?site={site}"))
    for period, _where in ASKED:
        with django_assert_max_num_queries(12):
            pages.get(f"/overview/?{period}")
