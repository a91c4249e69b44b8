"""Periods and filters as they stand in addresses."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from clinic.common.errors import Invalid
from sessions.models import CancelCode
from sessions.reports.period import Period
from sessions.reports.session_filter import FLAGS, SessionFilter
from sessions.states import EndKind, Status

TODAY = date(2026, 3, 20)

periods = st.builds(
    lambda first, days: Period(first, first + timedelta(days=days)),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(0, 730),
)
filters = st.builds(
    SessionFilter,
    kind=st.sampled_from(["sessions", "side-effects"]),
    site=st.sampled_from(["", str(uuid4())]),
    period=st.none() | periods,
    statuses=st.lists(st.sampled_from([s.value for s in Status]), unique=True).map(tuple),
    outcome=st.sampled_from(["", *(kind.value for kind in EndKind)]),
    cancel_code=st.sampled_from(["", *CancelCode.values]),
    min_grade=st.integers(0, 4),
    term=st.sampled_from(["", "nausea", "syncope"]),
    worst=st.integers(0, 3),
    serious=st.booleans(),
    **{name: st.booleans() for name in FLAGS},
)


@given(filters)
def test_a_filter_survives_its_address(asked):
    assert SessionFilter.of_query(QueryDict(asked.query_string), today=TODAY) == asked
    assert SessionFilter.of_query(asked.query, today=TODAY) == asked


@given(periods)
def test_weeks_follow_one_another_from_monday_to_sunday(period):
    weeks = period.weeks
    assert (weeks[0].first, weeks[-1].last) == (period.first, period.last)
    assert sum(week.days for week in weeks) == period.days
    assert all(
        later.first - earlier.last == timedelta(days=1)
        for earlier, later in zip(weeks, weeks[1:], strict=False)
    )
    assert all(week.first.weekday() == 0 for week in weeks[1:])
    assert all(week.last.weekday() == 6 for week in weeks[:-1])


@given(periods)
def test_the_period_before_is_as_long_and_adjoins(period):
    assert period.before.days == period.days
    assert period.before.last + timedelta(days=1) == period.first


def test_four_weeks_up_to_today_unless_told_otherwise():
    assert Period.of_query({}, today=TODAY) == Period(date(2026, 2, 21), TODAY)
    assert Period.of_query({"from": "2026-03-01"}, today=TODAY) == Period(date(2026, 3, 1), TODAY)
    assert Period.of_query({"to": "2026-01-31"}, today=TODAY) == Period(date(2026, 1, 4), date(2026, 1, 31))
    ahead = Period.of_query({"from": "2026-04-01"}, today=TODAY)
    assert ahead == Period(date(2026, 4, 1), date(2026, 4, 1))


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("from=yesterday", "from", "period.date"),
        ("to=2026-02-30", "to", "period.date"),
        ("to=0001-01-01", "to", "period.date"),
        ("from=9999-12-31", "from", "period.date"),
        ("from=2026-03-02&to=2026-03-01", "to", "period.order"),
        ("from=2020-01-01&to=2026-03-01", "from", "period.long"),
        ("status=scheduled&status=gone", "status", "filter.choice"),
        ("outcome=well", "outcome", "filter.choice"),
        ("min_grade=9", "min_grade", "filter.choice"),
        ("cancel_code=nobody", "cancel_code", "filter.choice"),
        ("late_cancel=yes", "late_cancel", "filter.choice"),
        ("unsigned=yes", "unsigned", "filter.choice"),
        ("kind=patients", "kind", "filter.choice"),
        ("site=1", "site", "filter.site"),
    ],
)
def test_what_means_nothing_is_refused_with_its_field(query, field, code):
    with pytest.raises(Invalid) as refusal:
        SessionFilter.of_query(QueryDict(query), today=TODAY)
    assert list(refusal.value.fields) == [field] and refusal.value.code == code


def test_other_parameters_of_a_page_are_left_alone():
    assert SessionFilter.of_query(QueryDict("page=2&sort=day"), today=TODAY) == SessionFilter()
