"""The list page: filters in the address, chosen in the form, totals of all rows, a page at a time."""

import re

import pytest
import time_machine

from sessions.models import InfusionSession, SideEffect
from sessions.states import Status
from tests.pages import Pages, text_of
from tests.scenes import staff
from tests.sessions.reports.scenes import NOW, weeks_of_sessions

LIST = "/sessions/"
REFUSED = {
    "status=asleep": "This filter has no such value: asleep",
    "outcome=asleep": "This filter has no such value: asleep",
    "site=x": "There is no such site",
    "from=soon": "This is not a date: soon",
    "kind=x": "This filter has no such value: x",
    "min_grade=9": "This filter has no such value: 9",
    "unsigned=yes": "This filter has no such value: yes",
}


@pytest.fixture
def weeks(db):
    with time_machine.travel(NOW, tick=False):
        yield weeks_of_sessions()


@pytest.fixture
def pages(weeks):
    return Pages(weeks.manager)


def sessions_in(answer):
    return re.findall(r'<tr>\s*<td class="nowrap"><a href="/sessions/([\w-]+)/"', answer.content.decode())


def ids(sessions):
    return [str(session.public_id) for session in sessions]


def test_everything_is_listed_without_a_filter_latest_first(pages):
    answer = pages.get(LIST)
    stored = InfusionSession.objects.order_by("-scheduled_start", "-pk")
    assert sessions_in(answer) == ids(stored)
    started = stored.filter(infusion_started_at__isnull=False).count()
    patients = stored.order_by().values("patient").distinct().count()
    assert f"{len(stored)} sessions of {patients} patients, {started} with an infusion started" in text_of(
        answer
    )
    assert len(sessions_in(pages.get(f"{LIST}?from=&to=&site=&outcome=&kind="))) == len(stored)
    session = stored.filter(status=Status.DISCHARGED).first()
    page = answer.content.decode()
    for address in (f"sessions/{session.public_id}", f"courses/{session.course.public_id}"):
        assert f'href="/{address}/"' in page
    assert f'href="/patients/{session.patient.public_id}/"' in page
    assert f"{session.scheduled_start.astimezone(session.site.zone):%H:%M}" in text_of(answer)


def test_conditions_add_up_and_stay_chosen(pages, weeks):
    for status in Status:
        answer = pages.get(f"{LIST}?status={status}")
        assert set(sessions_in(answer)) == set(ids(InfusionSession.objects.filter(status=status)))
        chosen = re.findall(r'name="status" value="(\w+)"[^>]* checked', answer.content.decode())
        assert chosen == [status.value]
    query = f"?site={weeks.north.site.public_id}&from=2026-02-01&to=2026-03-20"
    query += "&status=discharged&status=left&started=1&outcome=completed"
    answer = pages.get(LIST + query)
    some = InfusionSession.objects.filter(status__in=["discharged", "left"], end_kind="completed")
    assert set(sessions_in(answer)) == set(ids(some.filter(site=weeks.north.site)))
    page = answer.content.decode()
    assert re.search(r'name="started"\s+value="1"\s+checked', page)
    assert '<option value="completed" selected>' in page and 'value="2026-02-01"' in page
    assert f'<option value="{weeks.north.site.public_id}" selected>' in page


def test_side_effects_by_their_worst_grade(pages):
    for grade in (1, 2, 3):
        answer = pages.get(f"{LIST}?kind=side-effects&min_grade={grade}")
        worst = [max(entry.grade for entry in effect.entries.all()) for effect in SideEffect.objects.all()]
        expected = sum(each >= grade for each in worst)
        assert answer.context["pages"].total == expected > 0
        assert len(re.findall(r"<tr>\s*<td", answer.content.decode())) == expected
        assert f"{sum(each >= 3 for each in worst)} of grade 3 or more" in text_of(answer)
    page = pages.get(f"{LIST}?status=infusing&from=2026-03-01&to=2026-03-20").content.decode()
    other = re.search(r'<a href="\?(kind=side-effects[^"]*)"', page).group(1)
    assert "status=infusing" in other and "from=2026-03-01" in other
    assert pages.get(f"{LIST}?{other.replace('&amp;', '&')}").status_code == 200


def test_a_filter_that_means_nothing_is_said(pages):
    for query, sentence in REFUSED.items():
        answer = pages.get(f"{LIST}?{query}")
        assert (answer.status_code, query) == (422, query)
        assert sentence in text_of(answer) and sessions_in(answer) == []
    assert "Nothing fits this filter." in text_of(pages.get(f"{LIST}?from=2020-01-01&to=2020-01-02"))
    beyond = pages.get(f"{LIST}?status=discharged&page=2")
    assert beyond.status_code == 200 and sessions_in(beyond) == []


def test_other_sites_are_out_of_reach(weeks):
    pages = Pages(staff("manager", weeks.south.site))
    south = InfusionSession.objects.filter(site=weeks.south.site)
    assert set(sessions_in(pages.get(LIST))) == set(ids(south))
    assert sessions_in(pages.get(f"{LIST}?site={weeks.north.site.public_id}")) == []


def test_the_number_of_queries_depends_on_nothing(pages, django_assert_max_num_queries):
    for kind in ("sessions", "side-effects"):
        with django_assert_max_num_queries(12):
            pages.get(f"{LIST}?kind={kind}")
