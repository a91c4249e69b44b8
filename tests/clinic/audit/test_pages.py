"""Pages of the audit: filters, words instead of codes, values hidden from whoever opens no records, the check."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from clinic.accounts.models import Membership
from clinic.accounts.operations.roles import give_role
from clinic.accounts.permissions import DEFAULT_ROLES
from clinic.audit.models import AuditChain, AuditEvent
from clinic.facilities.operations.chairs import add_chair
from patients.models import Patient
from tests.pages import Pages, text_of
from tests.patients.scenes import complete_record
from tests.scenes import make_site, role_named, staff

pytestmark = pytest.mark.django_db

# 23:30 on 9 March in New York.
LATE = datetime(2026, 3, 10, 3, 30, tzinfo=UTC)


@pytest.fixture
def north():
    for code in DEFAULT_ROLES:
        role_named(code)
    return make_site()


@pytest.fixture
def admin(north):
    return staff("administrator", north, "ada")


@pytest.fixture
def auditor(north):
    return staff("auditor", north)


def rows_of(answer):
    return re.findall(r"<tr>\s*<td", answer.content.decode())


def patient_of(site) -> Patient:
    return complete_record(site=site, by=staff("nurse", site))


@pytest.mark.parametrize("role", DEFAULT_ROLES)
def test_the_log_opens_for_whoever_may_read_it(north, role):
    pages = Pages(staff(role, north))
    expected = 200 if role in {"administrator", "auditor"} else 403
    assert {pages.get(path).status_code for path in ("/audit/", "/audit/opened/")} == {expected}
    assert pages.post("/audit/check/").status_code == expected
    assert pages.get("/audit/check/").status_code == 405


def test_an_act_is_told_in_words_on_the_clocks_of_its_site(north, admin, auditor):
    add_chair(site=north, name="Chair 9", by=admin, now=LATE)
    text = text_of(Pages(auditor).get("/audit/"))
    assert "Mon 9 Mar 23:30:00 North clinic Chair added" in text
    assert admin.label in text and "Chair 9" in text


@pytest.mark.parametrize(
    ("query", "verbs"),
    [
        ("", {"chair.added", "staff.role_given"}),
        ("verb=chair", {"chair.added"}),
        ("verb=chair.added", {"chair.added"}),
        ("verb=Staff", {"staff.role_given"}),
        ("verb=nothing", set()),
        ("first=2026-03-09&last=2026-03-09", {"chair.added"}),
        ("first=2026-03-10", {"staff.role_given"}),
        ("last=2026-03-08", set()),
        ("person={admin}", {"chair.added", "staff.role_given"}),
        ("person={auditor}", set()),
        ("site={site}", {"chair.added", "staff.role_given"}),
    ],
)
def test_filters(north, admin, auditor, query, verbs):
    add_chair(site=north, name="Chair 9", by=admin, now=LATE)
    nurse = staff("nurse", north)
    give_role(
        user=nurse.user, site=north, role=role_named("manager"), by=admin, now=LATE + timedelta(hours=1)
    )
    ids = {"admin": admin.user.public_id, "auditor": auditor.user.public_id, "site": north.public_id}
    answer = Pages(auditor).get(f"/audit/?{query.format(**ids)}")
    assert answer.status_code == 200
    assert set(re.findall(r'href="\?verb=([\w.]+)"', answer.content.decode())) == verbs
    assert len(rows_of(answer)) == len(verbs)


@pytest.mark.parametrize(
    "query",
    ["first=yesterday", "first=2026-03-10&last=2026-03-09", "person=x", "site=x", "patient=x", "verb=%00"],
)
def test_a_filter_that_means_nothing_is_said(auditor, query):
    assert Pages(auditor).get(f"/audit/?{query}").status_code == 422


def test_nothing_of_other_sites(admin, auditor):
    south = make_site("south")
    add_chair(site=south, name="Chair 1", by=staff("administrator", south))
    answer = Pages(auditor).get("/audit/")
    assert rows_of(answer) == [] and "Nothing was done that fits" in text_of(answer)
    assert Pages(auditor).get(f"/audit/?site={south.public_id}").status_code == 422


def test_values_of_a_record_are_hidden_from_whoever_opens_none(north, auditor):
    patient = patient_of(north)
    page = Pages(auditor).get("/audit/")
    assert patient.family_name not in page.content.decode()
    assert "which your role does not open" in text_of(page)
    Membership.objects.create(user=auditor.user, site=north, role=role_named("manager"))
    page = Pages(auditor).get("/audit/")
    assert patient.family_name in text_of(page)
    assert f"/patients/{patient.public_id}/" in page.content.decode()


def test_who_opened_a_record(north, auditor):
    patient, other = patient_of(north), patient_of(north)
    nurse = staff("nurse", north, "nia")
    with time_machine.travel(LATE, tick=False):
        assert Pages(nurse).get(f"/patients/{patient.public_id}/").status_code == 200
    pages = Pages(auditor)
    assert f'href="/audit/opened/?patient={patient.public_id}"' in pages.get("/audit/").content.decode()
    found = pages.get(f"/audit/opened/?patient={patient.public_id}")
    assert f"Mon 9 Mar 23:30 {nurse.label}" in text_of(found)
    assert len(rows_of(found)) == 1
    assert rows_of(pages.get(f"/audit/opened/?patient={other.public_id}")) == []
    assert rows_of(pages.get("/audit/opened/?first=2026-03-10")) == []


def test_a_long_log_comes_in_pages_and_keeps_its_filter(north, admin, auditor):
    for number in range(53):
        add_chair(site=north, name=f"Seat {number}", by=admin, now=LATE + timedelta(seconds=number))
    pages = Pages(auditor)
    first = pages.get("/audit/?verb=chair")
    assert len(rows_of(first)) == 50 and "1 to 50 of 53" in text_of(first)
    assert "?verb=chair&amp;page=2" in first.content.decode()
    second = pages.get("/audit/?verb=chair&page=2")
    assert len(rows_of(second)) == 3 and "51 to 53 of 53" in text_of(second)
    for odd in ("0", "-1", "x", "²", "999", "9" * 30):
        assert pages.get(f"/audit/?page={odd}").status_code == 200


def test_the_log_asks_the_database_as_often_for_many_rows(
    north, admin, auditor, django_assert_max_num_queries
):
    for number in range(30):
        add_chair(site=north, name=f"Seat {number}", by=admin)
    pages = Pages(auditor)
    with django_assert_max_num_queries(14):
        pages.get("/audit/")


def test_the_check_says_whether_every_chain_is_whole(north, admin, auditor):
    add_chair(site=north, name="Chair 9", by=admin)
    text = text_of(Pages(auditor).post("/audit/check/"))
    assert "1 line was read" in text and "North clinic 1 Unbroken" in text
    AuditChain.objects.filter(key=str(north.public_id)).update(length=2)
    assert AuditEvent.objects.count() == 1
    assert "Broken" in text_of(Pages(auditor).post("/audit/check/"))
