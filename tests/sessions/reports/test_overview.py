"""Figures against a naive second implementation, and against the rows that their links list."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions.models import InfusionSession
from sessions.reports.overview import MEASURES, overview
from sessions.reports.period import Period
from sessions.reports.session_filter import SessionFilter
from sessions.reports.sessions_list import list_rows
from sessions.states import Status
from tests.scenes import staff
from tests.sessions.reports.scenes import NOW, Weeks, weeks_of_sessions

TODAY = date(2026, 3, 20)
ENDED = {"discharged", "not_started", "left", "transferred"}
days = st.dates(TODAY - timedelta(days=40), TODAY + timedelta(days=3))
reading = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10, deadline=None
)


@pytest.fixture
def weeks(db: None) -> Weeks:
    return weeks_of_sessions()


def naive(sessions: list[InfusionSession], period: Period, now: datetime) -> Counter[str]:
    """The figures once more, row by row."""
    counts: Counter[str] = Counter()
    for session in sessions:
        if not period.first <= session.local_date <= period.last:
            continue
        begun = session.infusion_started_at is not None
        over = session.status in ENDED
        expected = session.status != "cancelled" and not (
            session.status == "scheduled" and session.scheduled_start > now
        )
        counts["booked"] += 1
        counts["due"] += expected
        counts["ended"] += over
        counts["delivered"] += begun
        counts["completed"] += session.end_kind == "completed"
        counts["stopped_early"] += session.end_kind == "stopped_early"
        counts["no_shows"] += session.status == "no_show"
        off = session.status == "cancelled"
        counts["cancelled"] += off
        counts["cancelled_late"] += off and session.is_late_cancel
        counts[f"cancelled_{session.cancel_code}"] += off
        counts["against_rules"] += bool(session.booking.overrides)
        counts["unsigned"] += over and not any(s.meaning == "author" for s in session.signatures.all())
        worst = [max(entry.grade for entry in e.entries.all()) for e in session.side_effects.all()]
        counts["with_side_effects"] += begun and bool(worst)
        counts["side_effects"] += len(worst) if begun else 0
        counts["side_effects_not_mild"] += len([grade for grade in worst if grade >= 2]) if begun else 0
        counts[f"status {session.status}"] += 1
    return counts


def loaded(site_ids: set[int]) -> list[InfusionSession]:
    rows = InfusionSession.objects.filter(site__in=site_ids)
    return list(rows.select_related("booking").prefetch_related("signatures", "side_effects__entries"))


def test_the_scene_holds_something_of_everything(weeks):
    found = overview(actor=weeks.manager, site=None, period=Period.ending(TODAY, 42), now=NOW)
    assert [status.status for status in found.statuses if not status.count] == []
    assert [key for key, figure in found.figures.items() if not figure.now.count] == []
    assert (found.figures["side_effects"].now.count, found.figures["side_effects_not_mild"].now.count) == (
        6,
        4,
    )


@reading
@given(days=st.tuples(days, days), which=st.sampled_from([0, 1, None]), hours=st.integers(-900, 48))
def test_figures_are_what_counting_row_by_row_gives(weeks, days, which, hours):
    period, now = Period(min(days), max(days)), NOW + timedelta(hours=hours)
    site = None if which is None else weeks.sites[which]
    found = overview(actor=weeks.manager, site=site, period=period, now=now)
    sessions = loaded({site.pk} if site else {s.pk for s in weeks.sites})
    expected = naive(sessions, period, now)
    assert {s.status: s.count for s in found.statuses} == {s: expected[f"status {s}"] for s in Status}
    for key, figure in found.figures.items():
        of = MEASURES[key].of
        for point in (figure.now, figure.before, *figure.weeks):
            counts = naive(sessions, point.period, now)
            assert (key, point.count) == (key, counts[key])
            assert point.of == (counts[of] if of else None)
            if of and counts[of]:
                assert point.rate == pytest.approx(100 * counts[key] / counts[of], abs=0.0501)
            else:
                assert point.rate is None
        assert sum(point.count for point in figure.weeks) == figure.now.count


@reading
@given(days=st.tuples(days, days), which=st.sampled_from([0, 1, None]))
def test_every_number_lists_exactly_as_many_rows(weeks, days, which):
    period = Period(min(days), max(days))
    site = None if which is None else weeks.sites[which]
    found = overview(actor=weeks.manager, site=site, period=period, now=NOW)
    numbers = [(status.count, status.query) for status in found.statuses]
    for figure in found.figures.values():
        numbers += [(point.count, point.query) for point in (figure.now, figure.before, figure.weeks[-1])]
        numbers += [(figure.now.of, figure.of_query)] if figure.now.of is not None else []
    for count, query in numbers:
        asked = SessionFilter.of_query(query, today=TODAY)
        assert asked.query == query
        listed = list_rows(asked, actor=weeks.manager, now=NOW)
        assert (len(listed.rows), listed.total, query) == (count, count, query)


def test_side_effects_are_listed_as_side_effects(weeks):
    figures = overview(
        actor=weeks.manager, site=weeks.north.site, period=Period.ending(TODAY, 42), now=NOW
    ).figures
    asked = SessionFilter.of_query(figures["side_effects_not_mild"].now.query, today=TODAY)
    rows = list_rows(asked, actor=weeks.manager, now=NOW).rows
    assert sorted((row.term, row.grade, row.worst) for row in rows) == [
        ("dissociation", 2, 2),
        ("nausea", 3, 3),
    ]


def test_rows_tell_what_became_of_a_session(weeks):
    asked = SessionFilter(
        site=str(weeks.north.site.public_id), started=True, with_side_effects=True, outcome=""
    )
    latest, _earlier = list_rows(asked, actor=weeks.manager, now=NOW).rows
    assert (latest.status, latest.number, latest.side_effects, latest.signed) == ("infusing", 1, 1, "")
    assert latest.starts_at.tzinfo == weeks.north.site.zone and latest.record_number
    signed = {row.signed for row in list_rows(SessionFilter(ended=True), actor=weeks.manager, now=NOW).rows}
    assert signed == {"unsigned", "signed"} | signed


def test_change_against_the_period_before(weeks):
    period = Period(date(2026, 3, 9), date(2026, 3, 20))
    figures = overview(actor=weeks.manager, site=weeks.north.site, period=period, now=NOW).figures
    before = figures["no_shows"].before
    assert before.period == Period(date(2026, 2, 25), date(2026, 3, 8))
    assert figures["booked"].change == figures["booked"].now.count - figures["booked"].before.count
    figure = figures["no_shows"]
    assert figure.change == round(figure.now.rate - before.rate, 1)
    far = overview(actor=weeks.manager, site=None, period=Period(date(2020, 1, 1), date(2020, 1, 7)), now=NOW)
    assert far.figures["no_shows"].change is None and far.figures["booked"].change == 0


def test_nothing_of_other_sites_is_counted(weeks):
    elsewhere = staff("manager", weeks.south.site)
    period = Period.ending(TODAY, 42)
    assert (
        overview(actor=elsewhere, site=weeks.north.site, period=period, now=NOW).figures["booked"].now.count
        == 0
    )
    mine = overview(actor=elsewhere, site=None, period=period, now=NOW)
    assert mine.figures["booked"].now.count == len(loaded({weeks.south.site.pk}))
    effects = SessionFilter(kind="side-effects", site=str(weeks.north.site.public_id))
    assert list_rows(effects, actor=elsewhere, now=NOW).total == 0


@pytest.mark.parametrize("days_long", [1, 42, 400])
def test_the_number_of_queries_depends_on_nothing(weeks, django_assert_num_queries, days_long):
    with django_assert_num_queries(4):
        overview(actor=weeks.manager, site=None, period=Period.ending(TODAY, days_long), now=NOW)
    for kind in ("sessions", "side-effects"):
        asked = SessionFilter(kind=kind, period=Period.ending(TODAY, days_long))
        with django_assert_num_queries(2):
            list_rows(asked, actor=weeks.manager, now=NOW)


def test_a_page_of_a_long_list(weeks):
    whole = list_rows(SessionFilter(), actor=weeks.manager, now=NOW)
    part = list_rows(SessionFilter(), actor=weeks.manager, now=NOW, start=5, limit=3)
    assert part.rows == whole.rows[5:8] and part.total == whole.total == len(whole.rows)
